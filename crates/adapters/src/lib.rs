//! The outside world behind the ports of app.

pub mod blob_store;
pub mod codec_pool;
pub mod passwords;
pub mod system;
pub mod tokens;
