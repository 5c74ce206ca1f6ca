//! Names, UIDs and days that follow from a secret: the same for the same, another for everybody else's.
//!
//! All are keyed BLAKE3 of a purpose and the original. Who has not the key can neither undo them nor find out by
//! trying; who has it gives the same study the same new UIDs years later.
//!
//! **Invariant:** without its key nothing is derived from an original; what is derived names its purpose, so that no
//! value serves two.

use super::dates::Days;
use std::fmt;

/// The key of a tenant's pseudonyms.
#[derive(Clone)]
pub struct Pseudonyms {
    key: [u8; 32],
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pseudonyms(key withheld)")
    }
}

/// Dates move by at least so many days, and at most by that and [`SPREAD_DAYS`].
const LEAST_DAYS: u32 = 30;
const SPREAD_DAYS: u32 = 3650;

impl Pseudonyms {
    /// The pseudonyms of a key, which should be random.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The UID that stands in for `original`. The Standard's own UIDs, such as a well-known frame of reference, stay:
    /// they identify nobody and mean something.
    pub fn uid(&self, original: &str) -> String {
        const STANDARD_ROOT: &str = "1.2.840.10008.";
        if original.starts_with(STANDARD_ROOT) {
            return original.to_owned();
        }
        // PS3.5 §B.2: below 2.25 stands a UUID as one number. Version 8 is for UUIDs that others derive (RFC 9562).
        let mut bytes = self.derive("uid", original);
        bytes[6] = bytes[6] & 0x0f | 0x80;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        format!("2.25.{}", u128::from_be_bytes(bytes))
    }

    /// Patient ID (0010,0020) of a patient: `TR` and 16 digits or letters.
    pub fn patient_id(&self, patient: &str) -> String {
        let bytes = self.derive("patient", patient);
        let digits: String = bytes[..8].iter().map(|byte| format!("{byte:02X}")).collect();
        format!("TR{digits}")
    }

    /// How far the dates of a patient move, always into the past.
    pub(super) fn days(&self, patient: &str) -> Days {
        let [a, b, c, d, ..] = self.derive("days", patient);
        Days::back(LEAST_DAYS + u32::from_be_bytes([a, b, c, d]) % SPREAD_DAYS)
    }

    fn derive(&self, purpose: &str, original: &str) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(purpose.as_bytes());
        hasher.update(&[0]);
        hasher.update(original.as_bytes());
        let mut out = [0; 16];
        hasher.finalize_xof().fill(&mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uid::Uid;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_pseudonym_is_the_same_for_the_same_and_differs_by_key(
            root in 3_u32..40, number: u64, key: [u8; 32], other: [u8; 32],
        ) {
            let original = format!("1.2.{root}.{number}");
            let (ours, theirs) = (Pseudonyms::new(key), Pseudonyms::new(other));
            let uid = ours.uid(&original);
            prop_assert!(Uid::parse(&uid).is_ok());
            prop_assert_eq!(&uid, &Pseudonyms::new(key).uid(&original));
            prop_assert_eq!(ours.patient_id(&original), Pseudonyms::new(key).patient_id(&original));
            prop_assert_eq!(uid == theirs.uid(&original), key == other);
            prop_assert_eq!(ours.patient_id(&original) == theirs.patient_id(&original), key == other);
        }
    }

    #[test]
    fn the_standards_uids_stay() {
        let pseudonyms = Pseudonyms::new([1; 32]);
        assert_eq!(pseudonyms.uid("1.2.840.10008.1.4.1.1"), "1.2.840.10008.1.4.1.1");
        assert!(!format!("{pseudonyms:?}").contains('1'));
    }
}
