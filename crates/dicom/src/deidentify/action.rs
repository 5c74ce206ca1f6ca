//! Which action meets which attribute.
//!
//! Without the information object definition at hand, a conditional action (`X/Z/D` …) is the one of its actions
//! that leaves a data set valid whichever type the attribute has there: a dummy rather than nothing, an empty
//! value rather than no attribute.
//!
//! **Invariant:** an attribute that neither the table nor the dictionary knows is removed.

use super::profile::{Profile, ProfileOption};
use super::safe_private;
use super::table::ROWS;
use crate::tag::{Tag, tags};
use dicom_core::VR;

/// The action of the basic profile (PS3.15 table E.1-1a).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basic {
    /// Replaced by a dummy.
    D,
    /// Emptied.
    Z,
    /// Removed.
    X,
    /// Replaced by a UID of ours, the same for the same.
    U,
    /// Z or D.
    ZD,
    /// X or Z.
    XZ,
    /// X or D.
    XD,
    /// X, Z or D.
    Xzd,
    /// X, Z or the sequence with its UIDs replaced.
    Xzu,
}

/// A column of options of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    SafePrivate = 0,
    Uids = 1,
    Device = 2,
    Institution = 3,
    Patient = 4,
    ModifiedDates = 6,
    Descriptors = 7,
    Graphics = 9,
}

/// What happens to an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// It stays; of a sequence each item is looked through.
    Keep,
    Remove,
    Empty,
    Dummy,
    NewUid,
    /// The patient's pseudonym stands in for it.
    Pseudonym,
    /// Dates are moved, times of day stay. What is no date is replaced by a dummy, or removed.
    Shift {
        or_remove: bool,
    },
    /// Harmless words stay. When none is left it is replaced by a dummy, or removed.
    Clean {
        or_remove: bool,
    },
}

/// The action for an element at any level of nesting. `creator` is the private creator of a private element.
pub(super) fn action(profile: &Profile, tag: Tag, vr: VR, creator: Option<&str>) -> Action {
    match tag.group() {
        // Command and directory elements have no place in an instance, nor has file meta inside a data set.
        0..=0x0007 => return Action::Remove,
        group if group % 2 == 1 => return private(profile, tag, creator),
        // Curves and overlays, whole groups: what is left of one without its data is not one (PS3.3 §C.9.2).
        group if matches!(group >> 8, 0x50 | 0x60) => return Action::Remove,
        _ => {}
    }
    match tag {
        tags::PATIENT_NAME | tags::PATIENT_ID => return Action::Pseudonym,
        // Written anew at the outermost level, and about another file's making elsewhere.
        tags::PATIENT_IDENTITY_REMOVED
        | tags::DEIDENTIFICATION_METHOD
        | tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE
        | tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED => return Action::Remove,
        _ => {}
    }
    match ROWS.binary_search_by_key(&tag.0, |row| row.0) {
        Ok(at) => listed(profile, vr, ROWS[at].1, &ROWS[at].2),
        Err(_) => unlisted(profile, tag, vr),
    }
}

fn listed(profile: &Profile, vr: VR, basic: Basic, columns: &[u8; 10]) -> Action {
    let or_remove = basic == Basic::X;
    let says = |option: ProfileOption| {
        if profile.has(option) {
            columns[option.column() as usize]
        } else {
            b'.'
        }
    };
    // A date that stays while others move tells how far they moved.
    if says(ProfileOption::RetainModifiedDates) == b'C' {
        return Action::Shift { or_remove };
    }
    let options = profile.options.iter().map(|option| says(*option));
    let (mut keeps, mut cleans) = (false, false);
    for said in options {
        keeps |= said == b'K';
        cleans |= said == b'C';
    }
    // What removes dates removes those of devices, too.
    let is_date = columns[Column::ModifiedDates as usize] == b'C';
    match (keeps && !is_date, cleans, vr) {
        (true, ..) => Action::Keep,
        // The items' own texts are cleaned.
        (_, true, VR::SQ) => Action::Keep,
        (_, true, VR::LO | VR::LT | VR::SH | VR::ST | VR::UC | VR::UT) => Action::Clean { or_remove },
        _ => plain(basic, vr),
    }
}

/// The basic profile's own action.
fn plain(basic: Basic, vr: VR) -> Action {
    match basic {
        Basic::X => Action::Remove,
        Basic::Z | Basic::XZ => Action::Empty,
        Basic::U if vr == VR::UI => Action::NewUid,
        Basic::U | Basic::D | Basic::ZD | Basic::XD | Basic::Xzd => Action::Dummy,
        Basic::Xzu if vr == VR::SQ => Action::Keep,
        Basic::Xzu => Action::Empty,
    }
}

/// What the table does not list stays, but names and dates are never left to that.
fn unlisted(profile: &Profile, tag: Tag, vr: VR) -> Action {
    match vr {
        VR::PN => Action::Dummy,
        VR::DA | VR::DT if profile.has(ProfileOption::RetainModifiedDates) => {
            Action::Shift { or_remove: false }
        }
        VR::DA | VR::DT => Action::Dummy,
        _ if tag.standard_vr().is_none() => Action::Remove,
        _ => Action::Keep,
    }
}

fn private(profile: &Profile, tag: Tag, creator: Option<&str>) -> Action {
    let safe = profile.has(ProfileOption::RetainSafePrivate)
        && creator.is_some_and(|creator| match tag.element() {
            0x10..=0xff => safe_private::is_known(tag.group(), creator),
            element => safe_private::is_safe(tag.group(), creator, element as u8),
        });
    if safe { Action::Keep } else { Action::Remove }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn with(options: &[ProfileOption]) -> Profile {
        Profile {
            options: options.iter().copied().collect::<BTreeSet<_>>(),
            ..Profile::default()
        }
    }

    fn of(profile: &Profile, keyword: &str) -> Action {
        let tag = Tag::parse(keyword).unwrap();
        action(profile, tag, tag.dictionary_vr(false).unwrap(), None)
    }

    #[test]
    fn the_table_is_in_order_and_holds_what_it_should() {
        assert!(ROWS.is_sorted_by(|a, b| a.0 < b.0), "sorted, and no tag twice");
        assert_eq!(ROWS.len(), 652);
        for (tag, _, columns) in ROWS {
            assert!(columns.iter().all(|action| b".KCX".contains(action)), "{tag:08X}");
            // The two ways to retain dates come together (PS3.15 §E.3.6).
            assert_eq!(columns[5] == b'K', columns[6] == b'C', "{tag:08X}");
        }
    }

    #[test]
    fn the_basic_profile_takes_away_what_identifies() {
        let basic = Profile::default();
        assert_eq!(of(&basic, "PatientName"), Action::Pseudonym);
        assert_eq!(of(&basic, "PatientBirthDate"), Action::Empty);
        assert_eq!(of(&basic, "StudyInstanceUID"), Action::NewUid);
        assert_eq!(of(&basic, "StudyDescription"), Action::Remove);
        assert_eq!(of(&basic, "OtherPatientIDsSequence"), Action::Remove);
        assert_eq!(of(&basic, "ReferencedImageSequence"), Action::Keep);
        assert_eq!(of(&basic, "ContentDate"), Action::Dummy);
        assert_eq!(of(&basic, "SOPClassUID"), Action::Keep);
        assert_eq!(of(&basic, "Rows"), Action::Keep);
        let private = action(&basic, Tag::new(0x0009, 0x1001), VR::LO, Some("ACME"));
        assert_eq!(private, Action::Remove);
        let unknown = action(&basic, Tag::new(0x0008, 0xfff0), VR::LO, None);
        assert_eq!(unknown, Action::Remove);
        let overlay = action(&basic, Tag::new(0x6002, 0x3000), VR::OW, None);
        assert_eq!(overlay, Action::Remove);
    }

    #[test]
    fn options_retain_and_clean() {
        assert_eq!(
            of(&with(&[ProfileOption::RetainUids]), "StudyInstanceUID"),
            Action::Keep
        );
        let dates = with(&[ProfileOption::RetainModifiedDates]);
        assert_eq!(of(&dates, "StudyDate"), Action::Shift { or_remove: false });
        assert_eq!(of(&dates, "PatientBirthDate"), Action::Empty);
        let cleaned = with(&[ProfileOption::CleanDescriptors]);
        assert_eq!(
            of(&cleaned, "StudyDescription"),
            Action::Clean { or_remove: true }
        );
        let patient = with(&[ProfileOption::RetainPatientCharacteristics]);
        assert_eq!(of(&patient, "PatientSex"), Action::Keep);
        assert_eq!(of(&patient, "PatientName"), Action::Pseudonym);
        let institution = with(&[ProfileOption::RetainInstitutionIdentity]);
        assert_eq!(of(&institution, "InstitutionName"), Action::Keep);
    }

    #[test]
    fn a_devices_dates_never_tell_how_far_others_moved() {
        let both = with(&[
            ProfileOption::RetainDeviceIdentity,
            ProfileOption::RetainModifiedDates,
        ]);
        assert_eq!(
            of(&both, "DateOfLastCalibration"),
            Action::Shift { or_remove: true }
        );
        let device = with(&[ProfileOption::RetainDeviceIdentity]);
        assert_eq!(of(&device, "DeviceSerialNumber"), Action::Keep);
        assert_eq!(of(&device, "DateOfLastCalibration"), Action::Remove);
    }
}
