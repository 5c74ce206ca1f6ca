//! What an instance can be put into.

use crate::codec::family::Family;
use crate::codec::htj2k::{HTJ2K_LOSSLESS, HTJ2K_LOSSLESS_RPCL};
use crate::transfer_syntax::{EXPLICIT_VR_LITTLE_ENDIAN, PixelEncoding, TransferSyntax};
use crate::uid::Uid;

/// The transfer syntaxes an instance can be put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceSyntax {
    /// Explicit VR Little Endian.
    ExplicitLittle,
    /// HTJ2K, lossless only.
    Htj2kLossless,
    /// HTJ2K with RPCL options, lossless only.
    Htj2kLosslessRpcl,
}

impl InstanceSyntax {
    /// Every one, the Standard's default first.
    pub const ALL: [Self; 3] = [Self::ExplicitLittle, Self::Htj2kLosslessRpcl, Self::Htj2kLossless];

    /// Its UID.
    pub const fn uid(self) -> &'static str {
        match self {
            Self::ExplicitLittle => EXPLICIT_VR_LITTLE_ENDIAN,
            Self::Htj2kLossless => HTJ2K_LOSSLESS,
            Self::Htj2kLosslessRpcl => HTJ2K_LOSSLESS_RPCL,
        }
    }

    /// The one of that UID.
    pub fn of(uid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|syntax| syntax.uid() == uid)
    }

    /// Whether pixels are compressed in it.
    pub(super) fn is_compressed(self) -> bool {
        self != Self::ExplicitLittle
    }

    /// Whether an instance in the transfer syntax `stored` can most likely be put into this one, by what an index of
    /// the archive knows. Its pixels have the last word.
    pub fn can_carry(self, stored: &Uid, has_pixels: bool, bits_allocated: Option<u32>) -> bool {
        let known = TransferSyntax::of(stored);
        let decodable = Family::of(stored.as_str()).is_ok();
        match self {
            Self::ExplicitLittle if !has_pixels || known.pixels == PixelEncoding::Native => known.known,
            Self::ExplicitLittle => decodable,
            Self::Htj2kLossless | Self::Htj2kLosslessRpcl => {
                has_pixels && decodable && matches!(bits_allocated, Some(8 | 16))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn video_and_the_unknown_stay_as_they_are() {
        let carries =
            |syntax: InstanceSyntax, uid: &str| syntax.can_carry(&Uid::parse(uid).unwrap(), true, Some(8));
        for uid in ["1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.999", "1.2.3"] {
            assert!(
                InstanceSyntax::ALL
                    .into_iter()
                    .all(|syntax| !carries(syntax, uid)),
                "{uid}"
            );
        }
        for uid in [
            "1.2.840.10008.1.2",
            "1.2.840.10008.1.2.4.90",
            "1.2.840.10008.1.2.1.99",
        ] {
            assert!(
                InstanceSyntax::ALL.into_iter().all(|syntax| carries(syntax, uid)),
                "{uid}"
            );
        }
        let report = Uid::parse("1.2.840.10008.1.2").unwrap();
        assert!(InstanceSyntax::ExplicitLittle.can_carry(&report, false, None));
        assert!(!InstanceSyntax::Htj2kLossless.can_carry(&report, false, None));
    }
}
