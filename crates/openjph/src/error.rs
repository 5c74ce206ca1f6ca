//! What can go wrong at the binding.

/// Why an image could not be encoded or a codestream could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The description of the image contradicts itself or leaves what this binding carries.
    #[error("invalid image: {0}")]
    InvalidImage(&'static str),
    /// A sample does not fit the declared number of bits.
    #[error("sample {index} is {value}, outside the declared bit depth")]
    SampleOutOfRange {
        /// Position in the interleaved samples.
        index: usize,
        /// The value found there.
        value: i32,
    },
    /// The codestream, or the image in it, is larger than allowed.
    #[error("larger than allowed")]
    TooLarge,
    /// A legal JPEG 2000 codestream that this binding does not carry.
    #[error("unsupported codestream: {0}")]
    Unsupported(String),
    /// OpenJPH refused; its words follow.
    #[error("OpenJPH: {0}")]
    Codec(String),
}
