//! `multipart/related` bodies (RFC 2046 §5.1, RFC 2387), as STOW-RS sends and WADO-RS answers them.
//!
//! **Invariant:** the reader holds one chunk and a boundary at most, the writer nothing; parts of any size pass.

mod error;
mod headers;
mod reader;
mod writer;

pub use error::MultipartError;
pub use headers::PartHeaders;
pub use reader::{Event, MultipartReader};
pub use writer::MultipartWriter;
