//! What PS3.15 table E.1-1 says of well-known attributes, one by one, against what is done to them.

use super::action::{Action, action};
use super::profile::{Profile, ProfileOption};
use crate::tag::Tag;
use Action::{Dummy as D, Empty as Z, Keep as K, NewUid as U, Remove as X};
use ProfileOption::{
    CleanDescriptors as Descriptors, CleanGraphics as Graphics, RetainDeviceIdentity as Device,
    RetainInstitutionIdentity as Institution, RetainModifiedDates as Dates,
    RetainPatientCharacteristics as Characteristics, RetainUids as Uids,
};

const MOVED: Action = Action::Shift { or_remove: false };
const MOVED_OR_GONE: Action = Action::Shift { or_remove: true };
const CLEANED: Action = Action::Clean { or_remove: false };
const CLEANED_OR_GONE: Action = Action::Clean { or_remove: true };

/// The attribute, the table's basic profile in its own letters, what that comes to, and the option that says otherwise.
type Row = (
    &'static str,
    &'static str,
    Action,
    Option<(ProfileOption, Action)>,
);

/// A conditional action is the one that leaves a data set valid whatever the attribute's type: D before Z before X.
const SAYS: &[Row] = &[
    ("AccessionNumber", "Z", Z, None),
    ("StudyID", "Z", Z, None),
    ("PatientBirthDate", "Z", Z, None),
    ("PatientBirthTime", "X", X, None),
    ("PatientAddress", "X", X, None),
    ("OtherPatientIDs", "X", X, None),
    ("OtherPatientNames", "X", X, None),
    ("OtherPatientIDsSequence", "X", X, None),
    ("PatientMotherBirthName", "X", X, None),
    ("PatientTelephoneNumbers", "X", X, None),
    ("PatientReligiousPreference", "X", X, None),
    ("MilitaryRank", "X", X, None),
    ("IssuerOfPatientID", "X", X, None),
    ("ReferringPhysicianName", "Z", Z, None),
    ("ReferringPhysicianAddress", "X", X, None),
    ("PerformingPhysicianName", "X", X, None),
    ("PhysiciansOfRecord", "X", X, None),
    ("OperatorsName", "X/Z/D", D, None),
    ("RequestingPhysician", "X", X, None),
    ("ResponsiblePerson", "X", X, None),
    ("ContentCreatorName", "Z/D", D, None),
    ("PersonName", "D", D, None),
    ("VerifyingObserverName", "D", D, None),
    ("OriginalAttributesSequence", "X", X, None),
    ("DigitalSignaturesSequence", "X", X, None),
    ("IconImageSequence", "X", X, None),
    ("ReferencedPatientSequence", "X", X, Some((Uids, X))),
    ("ContentSequence", "D", D, None),
    ("AcquisitionContextSequence", "X/Z", Z, None),
    ("ClinicalTrialSubjectID", "D", D, None),
    ("ClinicalTrialProtocolName", "Z", Z, None),
    ("EncapsulatedDocument", "D", D, None),
    ("StudyInstanceUID", "U", U, Some((Uids, K))),
    ("SeriesInstanceUID", "U", U, Some((Uids, K))),
    ("SOPInstanceUID", "U", U, Some((Uids, K))),
    ("FrameOfReferenceUID", "U", U, Some((Uids, K))),
    ("ReferencedSOPInstanceUID", "U", U, Some((Uids, K))),
    ("ReferencedStudySequence", "X/Z", Z, Some((Uids, K))),
    ("ReferencedImageSequence", "X/Z/U*", K, Some((Uids, K))),
    ("SourceImageSequence", "X/Z/U*", K, Some((Uids, K))),
    ("UID", "U", U, Some((Uids, U))),
    ("StudyDate", "Z", Z, Some((Dates, MOVED))),
    ("SeriesDate", "X/D", D, Some((Dates, MOVED))),
    ("AcquisitionDate", "X/Z", Z, Some((Dates, MOVED))),
    ("ContentDate", "Z/D", D, Some((Dates, MOVED))),
    ("AcquisitionDateTime", "X/Z/D", D, Some((Dates, MOVED))),
    ("StudyTime", "Z", Z, Some((Dates, MOVED))),
    ("LastMenstrualDate", "X", X, Some((Dates, MOVED_OR_GONE))),
    ("DateOfLastCalibration", "X", X, Some((Dates, MOVED_OR_GONE))),
    ("StudyDescription", "X", X, Some((Descriptors, CLEANED_OR_GONE))),
    ("SeriesDescription", "X", X, Some((Descriptors, CLEANED_OR_GONE))),
    ("ProtocolName", "X/D", D, Some((Descriptors, CLEANED))),
    ("ContrastBolusAgent", "Z/D", D, Some((Descriptors, CLEANED))),
    ("ImageComments", "X", X, Some((Descriptors, CLEANED_OR_GONE))),
    ("PatientComments", "X", X, Some((Descriptors, CLEANED_OR_GONE))),
    ("ROIName", "Z", Z, Some((Descriptors, CLEANED))),
    ("StructureSetLabel", "D", D, Some((Descriptors, CLEANED))),
    ("RequestAttributesSequence", "X", X, Some((Descriptors, K))),
    ("StationName", "X/Z/D", D, Some((Device, K))),
    ("DeviceSerialNumber", "X/Z/D", D, Some((Device, K))),
    ("DetectorID", "X/D", D, Some((Device, K))),
    ("PlateID", "X", X, Some((Device, K))),
    ("DeviceUID", "U", U, Some((Device, K))),
    ("PerformedStationName", "X", X, Some((Device, K))),
    ("ScheduledStationAETitle", "X", X, Some((Device, X))),
    ("InstitutionName", "X/Z/D", D, Some((Institution, K))),
    ("InstitutionAddress", "X", X, Some((Institution, K))),
    ("InstitutionalDepartmentName", "X", X, Some((Institution, K))),
    ("ClinicalTrialSiteName", "Z", Z, Some((Institution, K))),
    ("PatientSex", "Z", Z, Some((Characteristics, K))),
    ("PatientAge", "X", X, Some((Characteristics, K))),
    ("PatientSize", "X", X, Some((Characteristics, K))),
    ("PatientWeight", "X", X, Some((Characteristics, K))),
    ("EthnicGroup", "X", X, Some((Characteristics, K))),
    ("SmokingStatus", "X", X, Some((Characteristics, K))),
    ("PregnancyStatus", "X", X, Some((Characteristics, K))),
    ("Allergies", "X", X, Some((Characteristics, CLEANED_OR_GONE))),
    ("SpecialNeeds", "X", X, Some((Characteristics, CLEANED_OR_GONE))),
    ("GraphicAnnotationSequence", "D", D, Some((Graphics, K))),
    ("UnformattedTextValue", "D", D, Some((Graphics, CLEANED))),
    // What the table does not list stays.
    ("Modality", "", K, None),
    ("SOPClassUID", "", K, None),
    ("PixelSpacing", "", K, None),
    ("WindowCenter", "", K, None),
    ("BodyPartExamined", "", K, None),
    ("PixelData", "", K, None),
];

fn with(options: &[ProfileOption]) -> Profile {
    Profile {
        options: options.iter().copied().collect(),
        ..Profile::default()
    }
}

fn done(profile: &Profile, keyword: &str) -> Action {
    let tag = Tag::parse(keyword).unwrap_or_else(|| panic!("{keyword} is no keyword"));
    action(profile, tag, tag.dictionary_vr(false).unwrap(), None)
}

#[test]
fn each_attribute_meets_what_the_standard_says_of_it() {
    for (keyword, letters, basic, option) in SAYS {
        assert_eq!(done(&Profile::default(), keyword), *basic, "{keyword}: {letters}");
        if let Some((option, expected)) = option {
            assert_eq!(
                done(&with(&[*option]), keyword),
                *expected,
                "{keyword}: {letters} with {}",
                option.as_str()
            );
        }
    }
}

#[test]
fn an_option_changes_nothing_that_it_is_not_about() {
    for (keyword, _, basic, named) in SAYS {
        for option in ProfileOption::ALL {
            let is_named = named.is_some_and(|(named, _)| named == *option);
            // Attributes that two columns of the table speak of.
            let is_in_two = matches!(
                (*keyword, option),
                ("Allergies", Descriptors) | ("DeviceUID", Uids)
            );
            if !is_named && !is_in_two {
                assert_eq!(
                    done(&with(&[*option]), keyword),
                    *basic,
                    "{keyword} with {}",
                    option.as_str()
                );
            }
        }
    }
}
