//! Whose images are: what tells one patient from another. Pure.
//!
//! **Invariant:** two Patient IDs, two issuers or two birth dates never are one person's. What an image does not
//! say contradicts nothing.
//!
//! **Invariant:** what a study's images say is put together value by value, and the first one who says a value says
//! it for all; so an image fits exactly if it fits what all that were taken say together, in whatever order they came.

use domain::FacilityId;
use store::{PatientIdentity, PatientRow};

use super::facts::PatientFacts;

/// Who a study's images say its patient is, as far as they say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Identity {
    /// Patient ID.
    pub patient_id: Option<String>,
    /// Who issued it; of no use without it.
    pub issuer: Option<String>,
    /// Patient's Birth Date, when it is one.
    pub birth_date: Option<String>,
}

impl Identity {
    /// What one image says.
    pub fn of(patient: &PatientFacts) -> Self {
        Self {
            patient_id: patient.patient_id.clone(),
            issuer: patient
                .issuer
                .clone()
                .filter(|issuer| patient.patient_id.is_some() && !stands_in(issuer)),
            birth_date: patient.birth_date.clone().filter(|date| is_date(date)),
        }
    }

    /// What the images of a stored study say: its patient's row, and the birth date they name themselves.
    pub fn of_stored(patient: &PatientRow, birth_date: Option<String>) -> Self {
        Self {
            patient_id: Some(patient.patient_id.clone()).filter(|id| !id.is_empty()),
            issuer: Some(patient.issuer.clone()).filter(|issuer| !stands_in(issuer)),
            birth_date,
        }
    }

    /// Whether both say something, and not the same.
    pub fn contradicts(&self, other: &Self) -> bool {
        differ(self.patient_id.as_deref(), other.patient_id.as_deref())
            || differ(self.issuer.as_deref(), other.issuer.as_deref())
            || differ(self.birth_date.as_deref(), other.birth_date.as_deref())
    }

    /// Takes over what was not known.
    pub fn learn(&mut self, other: &Self) {
        for (known, told) in [
            (&mut self.patient_id, &other.patient_id),
            (&mut self.issuer, &other.issuer),
            (&mut self.birth_date, &other.birth_date),
        ] {
            if known.is_none() {
                known.clone_from(told);
            }
        }
    }

    /// The patient of a study: whom its issuer, or for want of one its facility, knows by this id. Two patients
    /// without an id are not one.
    pub fn of_study(&self, facility: FacilityId, study_instance_uid: &str) -> PatientIdentity {
        PatientIdentity {
            issuer: self.issuer.clone().unwrap_or_else(|| facility.to_string()),
            patient_id: self.patient_id.clone().unwrap_or_default(),
            lone_study_uid: match self.patient_id {
                Some(_) => String::new(),
                None => study_instance_uid.to_owned(),
            },
        }
    }
}

/// Whether a patient that is known by an id may be the one who comes under the same id: ids are typed, and some
/// are counted from one again each year. Birth dates decide; where one is missing, names that have no part in common
/// are two people's.
pub(super) fn may_be_one_person(known: &PatientRow, birth_date: Option<&str>, name: Option<&str>) -> bool {
    let known_date = known.birth_date.as_deref().filter(|date| is_date(date));
    match (known_date, birth_date.filter(|date| is_date(date))) {
        (Some(known), Some(came)) => known == came,
        _ => {
            let (known, came) = (parts(&known.name), parts(name.unwrap_or_default()));
            known.is_empty() || came.is_empty() || known.iter().any(|part| came.contains(part))
        }
    }
}

/// The parts of a name in all its writings, folded.
fn parts(name: &str) -> Vec<String> {
    name.split(|character: char| {
        matches!(character, '^' | '=' | ',' | '-' | '.') || character.is_whitespace()
    })
    .filter(|part| !part.is_empty())
    .map(str::to_lowercase)
    .collect()
}

/// A facility stands in for an issuer that nobody named; so an image that names one of ours as its issuer names none.
fn stands_in(issuer: &str) -> bool {
    issuer.parse::<FacilityId>().is_ok()
}

fn differ(one: Option<&str>, other: Option<&str>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

/// Eight digits; what else stands in the field says nothing.
fn is_date(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use domain::PatientId;
    use uuid::Uuid;

    use super::*;

    fn known(name: &str, birth_date: Option<&str>) -> PatientRow {
        PatientRow {
            id: PatientId::from_uuid(Uuid::nil()),
            issuer: "facility".to_owned(),
            patient_id: "1".to_owned(),
            name: name.to_owned(),
            birth_date: birth_date.map(str::to_owned),
            sex: None,
        }
    }

    #[test]
    fn an_issuer_that_is_a_facility_of_ours_is_none() {
        let facility = FacilityId::from_uuid(Uuid::from_u128(1));
        let said = PatientFacts {
            patient_id: Some("1".to_owned()),
            issuer: Some(facility.to_string()),
            ..Default::default()
        };
        let row = PatientRow {
            issuer: Identity::of(&said).of_study(facility, "2.25.1").issuer,
            ..known("", None)
        };
        assert_eq!(
            Identity::of(&said),
            Identity::of_stored(&row, None),
            "as it is read back"
        );
    }

    #[test]
    fn an_id_alone_makes_nobody_one_person() {
        let doe = known("Doe^Jane", Some("19700101"));
        assert!(
            may_be_one_person(&doe, Some("19700101"), Some("Roe^Jane")),
            "she married"
        );
        assert!(!may_be_one_person(&doe, Some("19800101"), Some("Doe^Jane")));
        assert!(
            may_be_one_person(&doe, None, Some("DOE^J")),
            "nothing contradicts"
        );
        assert!(!may_be_one_person(&doe, None, Some("Smith^John")));
        assert!(
            may_be_one_person(&doe, Some("unknown"), None),
            "what is no date says nothing"
        );
        let yamada = known("Yamada^Tarou=山田^太郎", None);
        assert!(may_be_one_person(&yamada, Some("19700101"), Some("=山田^太郎")));
    }
}
