//! How pixels are compressed, by transfer syntax.

use super::CodecError;

/// Compression families by transfer syntax (PS3.5 §10, PS3.6 Annex A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Native samples, in fragments or not.
    Native,
    /// Native little endian samples, each frame deflated (Deflated Image Frame Compression).
    DeflatedFrame,
    Rle,
    Jpeg,
    JpegLs,
    Jpeg2000,
    JpegXl,
}

impl Family {
    /// Errors: [`CodecError::UnsupportedTransferSyntax`], for video, JPIP and what is unknown.
    pub(crate) fn of(transfer_syntax_uid: &str) -> Result<Self, CodecError> {
        let suffix = transfer_syntax_uid.strip_prefix("1.2.840.10008.1.2");
        Ok(match suffix {
            Some("" | ".1" | ".1.98" | ".1.99" | ".2") => Self::Native,
            Some(".8.1") => Self::DeflatedFrame,
            Some(".5") => Self::Rle,
            Some(".4.50" | ".4.51" | ".4.53" | ".4.55" | ".4.57" | ".4.70") => Self::Jpeg,
            Some(".4.80" | ".4.81") => Self::JpegLs,
            Some(".4.90" | ".4.91" | ".4.201" | ".4.202" | ".4.203") => Self::Jpeg2000,
            Some(".4.110" | ".4.111" | ".4.112") => Self::JpegXl,
            _ => {
                return Err(CodecError::UnsupportedTransferSyntax {
                    uid: transfer_syntax_uid.chars().take(64).collect(),
                });
            }
        })
    }
}
