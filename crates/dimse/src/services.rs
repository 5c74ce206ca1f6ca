//! The SOP classes of the services that are spoken here.

use dicom::{EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, TransferSyntax, Uid};

/// Verification (PS3.4 annex A).
pub const VERIFICATION: &str = "1.2.840.10008.1.1";
/// Storage Commitment Push Model (PS3.4 annex J).
pub const STORAGE_COMMITMENT: &str = "1.2.840.10008.1.20.1";
/// The one instance of it.
pub const STORAGE_COMMITMENT_INSTANCE: &str = "1.2.840.10008.1.20.1.1";

/// The Standard's own UIDs begin like this.
const STANDARD: &str = "1.2.840.10008.";
/// Storage SOP classes of images, reports and what else belongs to a patient (PS3.4 §B.5).
const STORAGE: &str = "1.2.840.10008.5.1.4.1.1.";
/// Storage SOP classes elsewhere: RT instructions, and what belongs to no patient (PS3.4 §GG.3).
const STORAGE_ELSEWHERE: &[&str] = &[
    "1.2.840.10008.5.1.4.34.1",
    "1.2.840.10008.5.1.4.34.7",
    "1.2.840.10008.5.1.4.34.10",
    "1.2.840.10008.5.1.4.38.1",
    "1.2.840.10008.5.1.4.39.1",
    "1.2.840.10008.5.1.4.43.1",
    "1.2.840.10008.5.1.4.44.1",
    "1.2.840.10008.5.1.4.45.1",
];

/// Which tree a query walks (PS3.4 §C.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Root {
    /// From the patient down.
    Patient,
    /// From the study down.
    Study,
}

/// A service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// C-ECHO
    Verification,
    /// C-STORE of a SOP class of the Standard.
    Storage,
    /// C-STORE of anybody's own SOP class.
    PrivateStorage,
    /// C-FIND
    Find(Root),
    /// C-MOVE
    Move(Root),
    /// C-GET
    Get(Root),
    /// N-ACTION and N-EVENT-REPORT of a storage commitment.
    Commitment,
}

impl Service {
    /// The service of a SOP class; none of those that are not spoken here.
    pub fn of(sop_class_uid: &str) -> Option<Self> {
        Some(match sop_class_uid {
            VERIFICATION => Self::Verification,
            STORAGE_COMMITMENT => Self::Commitment,
            "1.2.840.10008.5.1.4.1.2.1.1" => Self::Find(Root::Patient),
            "1.2.840.10008.5.1.4.1.2.1.2" => Self::Move(Root::Patient),
            "1.2.840.10008.5.1.4.1.2.1.3" => Self::Get(Root::Patient),
            "1.2.840.10008.5.1.4.1.2.2.1" => Self::Find(Root::Study),
            "1.2.840.10008.5.1.4.1.2.2.2" => Self::Move(Root::Study),
            "1.2.840.10008.5.1.4.1.2.2.3" => Self::Get(Root::Study),
            uid if uid.starts_with(STORAGE) || STORAGE_ELSEWHERE.contains(&uid) => Self::Storage,
            uid if uid.starts_with(STANDARD) || Uid::parse(uid).is_err() => return None,
            _ => Self::PrivateStorage,
        })
    }

    /// Whether it is about storing instances.
    pub const fn is_storage(self) -> bool {
        matches!(self, Self::Storage | Self::PrivateStorage)
    }

    /// The SOP class; none of storage, which has hundreds.
    pub const fn sop_class_uid(self) -> Option<&'static str> {
        Some(match self {
            Self::Verification => VERIFICATION,
            Self::Commitment => STORAGE_COMMITMENT,
            Self::Find(Root::Patient) => "1.2.840.10008.5.1.4.1.2.1.1",
            Self::Move(Root::Patient) => "1.2.840.10008.5.1.4.1.2.1.2",
            Self::Get(Root::Patient) => "1.2.840.10008.5.1.4.1.2.1.3",
            Self::Find(Root::Study) => "1.2.840.10008.5.1.4.1.2.2.1",
            Self::Move(Root::Study) => "1.2.840.10008.5.1.4.1.2.2.2",
            Self::Get(Root::Study) => "1.2.840.10008.5.1.4.1.2.2.3",
            Self::Storage | Self::PrivateStorage => return None,
        })
    }

    /// Which of the proposed transfer syntaxes is taken. An instance may come in any we can read, and the first
    /// that is proposed is the one its sender likes best, but for Implicit VR, which loses the VRs of private
    /// attributes. Messages are written one way or the other.
    pub fn choose(self, proposed: &[String]) -> Option<&str> {
        let is_known = |uid: &&str| Uid::parse(uid).is_ok_and(|uid| TransferSyntax::of(&uid).known);
        let mut proposed = proposed.iter().map(String::as_str).filter(is_known);
        if self.is_storage() {
            let mut first = None;
            for uid in proposed {
                if uid != IMPLICIT_VR_LITTLE_ENDIAN {
                    return Some(uid);
                }
                first = Some(uid);
            }
            return first;
        }
        let is_plain = |uid: &&str| [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN].contains(uid);
        let plain: Vec<&str> = proposed.by_ref().filter(is_plain).collect();
        let explicit = plain.iter().find(|uid| **uid == EXPLICIT_VR_LITTLE_ENDIAN);
        explicit.or(plain.first()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_is_what_has_instances_to_keep() {
        assert_eq!(Service::of("1.2.840.10008.5.1.4.1.1.2"), Some(Service::Storage));
        assert_eq!(
            Service::of("1.2.840.10008.5.1.4.1.1.9999"),
            Some(Service::Storage)
        );
        assert_eq!(Service::of("1.3.12.2.1107.5.9.1"), Some(Service::PrivateStorage));
        assert_eq!(Service::of("1.2.840.10008.5.1.4.31"), None);
        assert_eq!(Service::of("../x"), None);
        assert_eq!(Service::of(VERIFICATION), Some(Service::Verification));
    }

    #[test]
    fn a_sender_gets_what_it_likes_best_that_we_can_read() {
        let proposed = |uids: &[&str]| uids.iter().map(|uid| (*uid).to_owned()).collect::<Vec<_>>();
        let jpeg = "1.2.840.10008.1.2.4.70";
        let choose = |uids: &[&str]| Service::Storage.choose(&proposed(uids)).map(str::to_owned);
        assert_eq!(
            choose(&["1.2.3", IMPLICIT_VR_LITTLE_ENDIAN, jpeg]).as_deref(),
            Some(jpeg)
        );
        assert_eq!(
            choose(&[IMPLICIT_VR_LITTLE_ENDIAN]).as_deref(),
            Some(IMPLICIT_VR_LITTLE_ENDIAN)
        );
        assert_eq!(choose(&["1.2.3"]), None);
        let find = Service::Find(Root::Study);
        let both = proposed(&[jpeg, IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN]);
        assert_eq!(find.choose(&both), Some(EXPLICIT_VR_LITTLE_ENDIAN));
        assert_eq!(find.choose(&proposed(&[jpeg])), None);
    }

    #[test]
    fn every_service_is_found_by_its_sop_class() {
        for root in [Root::Patient, Root::Study] {
            for service in [Service::Find(root), Service::Move(root), Service::Get(root)] {
                assert_eq!(service.sop_class_uid().and_then(Service::of), Some(service));
            }
        }
    }
}
