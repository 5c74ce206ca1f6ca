//! What is asked for: the options of the profile, and what is blacked out.

use super::action::Column;
use std::collections::BTreeSet;

/// An option of the Basic Application Level Confidentiality Profile (PS3.15 §E.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProfileOption {
    /// UIDs stay (§E.3.9).
    RetainUids,
    /// Dates are moved by the patient's own number of days instead of removed (§E.3.6).
    RetainModifiedDates,
    /// Descriptions keep the words of a list of harmless ones instead of being removed (§E.3.5).
    CleanDescriptors,
    /// Annotations keep their shapes, and of their texts what [`Self::CleanDescriptors`] would keep (§E.3.3).
    /// Overlays and curves go: they may draw anything.
    CleanGraphics,
    /// Private attributes that are known to be safe stay (§E.3.10).
    RetainSafePrivate,
    /// Serial numbers and names of devices stay (§E.3.8).
    RetainDeviceIdentity,
    /// Names and addresses of institutions stay (§E.3.11).
    RetainInstitutionIdentity,
    /// Sex, age, size, weight and the like stay (§E.3.7).
    RetainPatientCharacteristics,
}

impl ProfileOption {
    /// Every option.
    pub const ALL: &'static [Self] = &[
        Self::RetainUids,
        Self::RetainModifiedDates,
        Self::CleanDescriptors,
        Self::CleanGraphics,
        Self::RetainSafePrivate,
        Self::RetainDeviceIdentity,
        Self::RetainInstitutionIdentity,
        Self::RetainPatientCharacteristics,
    ];

    /// The name on the command line and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RetainUids => "retain-uids",
            Self::RetainModifiedDates => "retain-modified-dates",
            Self::CleanDescriptors => "clean-descriptors",
            Self::CleanGraphics => "clean-graphics",
            Self::RetainSafePrivate => "retain-safe-private",
            Self::RetainDeviceIdentity => "retain-device-identity",
            Self::RetainInstitutionIdentity => "retain-institution-identity",
            Self::RetainPatientCharacteristics => "retain-patient-characteristics",
        }
    }

    /// The option of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|option| option.as_str() == name)
    }

    /// Code and meaning in the context group of methods (PS3.16 CID 7050).
    pub(super) const fn code(self) -> (&'static str, &'static str) {
        match self {
            Self::RetainUids => ("113110", "Retain UIDs Option"),
            Self::RetainModifiedDates => (
                "113107",
                "Retain Longitudinal Temporal Information Modified Dates Option",
            ),
            Self::CleanDescriptors => ("113105", "Clean Descriptors Option"),
            Self::CleanGraphics => ("113103", "Clean Graphics Option"),
            Self::RetainSafePrivate => ("113111", "Retain Safe Private Option"),
            Self::RetainDeviceIdentity => ("113109", "Retain Device Identity Option"),
            Self::RetainInstitutionIdentity => ("113112", "Retain Institution Identity Option"),
            Self::RetainPatientCharacteristics => ("113108", "Retain Patient Characteristics Option"),
        }
    }

    /// The option's column in table E.1-1.
    pub(super) const fn column(self) -> Column {
        match self {
            Self::RetainUids => Column::Uids,
            Self::RetainModifiedDates => Column::ModifiedDates,
            Self::CleanDescriptors => Column::Descriptors,
            Self::CleanGraphics => Column::Graphics,
            Self::RetainSafePrivate => Column::SafePrivate,
            Self::RetainDeviceIdentity => Column::Device,
            Self::RetainInstitutionIdentity => Column::Institution,
            Self::RetainPatientCharacteristics => Column::Patient,
        }
    }
}

/// A rectangle of an image that is blacked out in every frame, in pixels from the upper left corner. What lies
/// outside the image is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Columns to its left.
    pub left: u32,
    /// Rows above it.
    pub top: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Region {
    /// Reads `left,top,width,height`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(',').map(|number| number.trim().parse::<u32>().ok());
        let region = Self {
            left: numbers.next()??,
            top: numbers.next()??,
            width: numbers.next()??,
            height: numbers.next()??,
        };
        (numbers.next().is_none() && region.width > 0 && region.height > 0).then_some(region)
    }
}

/// What becomes of an image whose Burned In Annotation (0028,0301) is YES when nothing is blacked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BurnedIn {
    /// It is refused.
    #[default]
    Refuse,
    /// Its pixels stay, as the one who asks has looked at them. It still says YES.
    Keep,
}

/// How instances are de-identified.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// The options.
    pub options: BTreeSet<ProfileOption>,
    /// What is blacked out in every image (Clean Pixel Data Option, PS3.15 §E.3.1).
    pub black_out: Vec<Region>,
    /// What becomes of images that say they show text.
    pub burned_in: BurnedIn,
}

impl Profile {
    /// Whether instances keep their UIDs.
    pub fn retains_uids(&self) -> bool {
        self.has(ProfileOption::RetainUids)
    }

    /// The options and regions in a line, for the audit trail.
    pub fn summary(&self) -> String {
        let options: Vec<&str> = self.options.iter().map(|option| option.as_str()).collect();
        let options = if options.is_empty() {
            "no options".to_owned()
        } else {
            options.join(" ")
        };
        let looked_at = match self.burned_in {
            BurnedIn::Refuse => "",
            BurnedIn::Keep => ", burned-in annotation kept",
        };
        format!(
            "{options}, {} regions blacked out{looked_at}",
            self.black_out.len()
        )
    }

    pub(super) fn has(&self, option: ProfileOption) -> bool {
        self.options.contains(&option)
    }

    /// The methods in the words of PS3.16 CID 7050, the profile itself first.
    pub(super) fn methods(&self, cleans_pixels: bool) -> Vec<(&'static str, &'static str)> {
        let mut methods = vec![("113100", "Basic Application Confidentiality Profile")];
        if cleans_pixels {
            methods.push(("113101", "Clean Pixel Data Option"));
        }
        methods.extend(self.options.iter().map(|option| option.code()));
        methods
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_found_by_its_name() {
        for option in ProfileOption::ALL {
            assert_eq!(ProfileOption::from_name(option.as_str()), Some(*option));
        }
        assert_eq!(ProfileOption::from_name("retain-full-dates"), None);
    }

    #[test]
    fn a_region_is_four_numbers() {
        let region = Region {
            left: 1,
            top: 2,
            width: 30,
            height: 4,
        };
        assert_eq!(Region::parse("1, 2,30,4"), Some(region));
        for wrong in ["", "1,2,3", "1,2,3,4,5", "1,2,0,4", "-1,2,3,4", "a,b,c,d"] {
            assert_eq!(Region::parse(wrong), None, "{wrong}");
        }
    }
}
