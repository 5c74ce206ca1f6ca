//! The outside world behind the ports of app.

pub mod blob_store;
pub mod codec_pool;
pub mod dicom_peers;
pub mod mailer;
pub mod passwords;
pub mod printer;
pub mod system;
pub mod tokens;
