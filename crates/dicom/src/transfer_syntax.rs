//! What a transfer syntax says about bytes.

use crate::uid::Uid;

/// How the elements of a data set are written (PS3.5 annex A).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Implicit VR Little Endian.
    ImplicitLittle,
    /// Explicit VR Little Endian.
    ExplicitLittle,
    /// Explicit VR Big Endian (retired).
    ExplicitBig,
}

/// The kind of pixel data a transfer syntax carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PixelEncoding {
    /// Uncompressed samples.
    Native,
    /// One or more fragments for each frame.
    Encapsulated,
    /// One bit stream for all frames.
    Video,
}

/// A transfer syntax, as far as reading a file needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferSyntax {
    /// How elements are written.
    pub encoding: Encoding,
    /// Whether the data set is deflated.
    pub deflated: bool,
    /// How pixels are written.
    pub pixels: PixelEncoding,
    /// Whether this crate knows the UID. Unknown ones are read as Explicit VR Little Endian, which all
    /// encapsulated and all future transfer syntaxes use (PS3.5 §10).
    pub known: bool,
    /// Samples are big-endian words although the elements are not (a private syntax of GE).
    pub big_endian_pixels: bool,
}

/// Implicit VR Little Endian, the default transfer syntax.
pub const IMPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2";
/// Explicit VR Little Endian.
pub const EXPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";
/// Explicit VR Big Endian.
pub const EXPLICIT_VR_BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
/// Deflated Explicit VR Little Endian.
pub const DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1.99";
/// HTJ2K with RPCL options, lossless only: the viewing rendition.
pub const HTJ2K_LOSSLESS_RPCL: &str = "1.2.840.10008.1.2.4.202";

impl TransferSyntax {
    /// What is known about `uid`.
    pub fn of(uid: &Uid) -> Self {
        let explicit = Self {
            encoding: Encoding::ExplicitLittle,
            deflated: false,
            pixels: PixelEncoding::Encapsulated,
            known: true,
            big_endian_pixels: false,
        };
        let native = Self {
            pixels: PixelEncoding::Native,
            ..explicit
        };
        let Some(tail) = uid.as_str().strip_prefix("1.2.840.10008.1.2") else {
            return match uid.as_str() {
                // GE: Implicit VR Little Endian with big-endian pixel data.
                "1.2.840.113619.5.2" => Self {
                    encoding: Encoding::ImplicitLittle,
                    big_endian_pixels: true,
                    ..native
                },
                _ => Self {
                    known: false,
                    ..native
                },
            };
        };
        match tail {
            "" => Self {
                encoding: Encoding::ImplicitLittle,
                ..native
            },
            ".1" => native,
            ".2" => Self {
                encoding: Encoding::ExplicitBig,
                ..native
            },
            ".1.99" => Self {
                deflated: true,
                ..native
            },
            // JPIP Referenced Deflate and JPIP HTJ2K Referenced Deflate: pixels are elsewhere.
            ".4.95" | ".4.205" => Self {
                deflated: true,
                ..explicit
            },
            ".1.98" | ".5" | ".8.1" | ".4.94" | ".4.204" | ".6.1" | ".6.2" => explicit,
            ".4.50" | ".4.51" | ".4.52" | ".4.53" | ".4.54" | ".4.55" | ".4.56" | ".4.57" | ".4.58"
            | ".4.59" | ".4.60" | ".4.61" | ".4.62" | ".4.63" | ".4.64" | ".4.65" | ".4.66" | ".4.70"
            | ".4.80" | ".4.81" | ".4.90" | ".4.91" | ".4.92" | ".4.93" | ".4.110" | ".4.111" | ".4.112"
            | ".4.201" | ".4.202" | ".4.203" => explicit,
            _ if [
                ".4.100", ".4.101", ".4.102", ".4.103", ".4.104", ".4.105", ".4.106", ".4.107", ".4.108",
                ".7.",
            ]
            .iter()
            .any(|video| tail.starts_with(video)) =>
            {
                Self {
                    pixels: PixelEncoding::Video,
                    ..explicit
                }
            }
            _ => Self {
                known: false,
                ..explicit
            },
        }
    }
}

impl Encoding {
    /// The transfer syntax that says just this and no compression.
    pub fn transfer_syntax_uid(self) -> &'static str {
        match self {
            Self::ImplicitLittle => IMPLICIT_VR_LITTLE_ENDIAN,
            Self::ExplicitLittle => EXPLICIT_VR_LITTLE_ENDIAN,
            Self::ExplicitBig => EXPLICIT_VR_BIG_ENDIAN,
        }
    }

    pub(crate) fn is_big_endian(self) -> bool {
        self == Self::ExplicitBig
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(uid: &str) -> TransferSyntax {
        TransferSyntax::of(&Uid::parse(uid).unwrap())
    }

    #[test]
    fn the_encoding_follows_the_uid() {
        assert_eq!(of("1.2.840.10008.1.2").encoding, Encoding::ImplicitLittle);
        assert_eq!(of("1.2.840.10008.1.2.2").encoding, Encoding::ExplicitBig);
        assert!(of("1.2.840.10008.1.2.1.99").deflated);
        assert_eq!(of("1.2.840.10008.1.2.4.202").pixels, PixelEncoding::Encapsulated);
        assert_eq!(of("1.2.840.10008.1.2.4.102").pixels, PixelEncoding::Video);
        assert_eq!(of("1.2.840.10008.1.2.4.100.1").pixels, PixelEncoding::Video);
    }

    #[test]
    fn an_unknown_syntax_is_read_as_explicit_little_endian() {
        let unknown = of("1.2.840.10008.1.2.4.999");
        assert!(!unknown.known);
        assert_eq!(unknown.encoding, Encoding::ExplicitLittle);
    }
}
