//! What is wrong with a body.

/// Why a body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MultipartError {
    /// The Content-Type is not `multipart/related` with a usable boundary.
    #[error("the content type must be multipart/related with a boundary of 1 to 70 characters")]
    ContentType,
    /// No boundary where the body should begin.
    #[error("the body does not begin with its boundary")]
    NoBoundary,
    /// A boundary line with something else on it.
    #[error("a boundary is followed by something else than a line end")]
    BoundaryLine,
    /// Part headers that are too long or not headers.
    #[error("the headers of part {0} are not valid")]
    Headers(u64),
    /// A part larger than the limit.
    #[error("part {part} is larger than {limit} bytes")]
    PartTooLarge {
        /// Which part, from 1.
        part: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The body ended inside a part.
    #[error("the body ends inside part {0}")]
    Truncated(u64),
}
