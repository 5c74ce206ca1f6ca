//! What the use cases need from the outside world. The `adapters` crate implements them.

mod blob_store;
mod codec;
mod dicom_peers;
mod mailer;
mod passwords;
mod printer;
mod seal;
mod tokens;

pub use blob_store::{BlobError, BlobStore, BlobStream, FoundObject, ObjectKey, ObjectWalk};
pub use codec::{CodecError, PixelCodec};
pub use dicom_peers::{
    DicomPeers, Exchanged, InstanceBytes, InstanceSink, PeerError, PeerQuestion, PeerStudy,
};
pub use mailer::{Mail, MailError, Mailer};
pub use passwords::{PasswordHashError, PasswordHasher};
pub use printer::{PrintError, PrintableImage, PrintablePart, PrintableReport, ReportPrinter, code_points};
pub use seal::TrailSeal;
pub use tokens::{AccessClaims, AccessTokens, TokenError};
