//! Ids: UUIDv7 newtypes, with a prefix on the wire (`case_0192…`).
//!
//! **Invariant:** an id of one kind cannot be passed where another is meant, neither in code nor on
//! the wire: `parse` checks the prefix.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the kind `{expected}_…`")]
pub struct IdError {
    /// The prefix that was expected.
    pub expected: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// What stands before the underscore on the wire.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps a raw id; only for rows that come from the store and for fresh ids.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The bare id, for the store.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|rest| rest.len() == 32)
                    .and_then(|rest| Uuid::try_parse(rest).ok())
                    .map(Self)
                    .ok_or(IdError { expected: $prefix })
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    )*};
}

ids! {
    /// The organisation that signs the contract with us; every row of data belongs to exactly one.
    TenantId = "tenant";
    /// One person, who may be a member of several tenants.
    UserId = "user";
    /// A signed-in session: a family of refresh tokens.
    SessionId = "session";
    /// A machine's key.
    ApiKeyId = "key";
    /// An invitation by mail.
    InvitationId = "invitation";
    /// An imaging centre inside a tenant.
    FacilityId = "facility";
    /// A patient as one issuer knows them.
    PatientId = "patient";
    /// An imaging study.
    StudyId = "study";
    /// A series of a study.
    SeriesId = "series";
    /// A stored instance.
    InstanceId = "instance";
    /// An immutable object that holds the originals of one request.
    BatchId = "batch";
    /// An instance that was set aside because its UID is taken by other bytes.
    QuarantineId = "quarantine";
    /// A study, series or instance in the trash: who put it there, when and why.
    DeletionId = "deletion";
    /// A rule that says how long studies are kept.
    RetentionRuleId = "rule";
    /// A legal hold on a study.
    LegalHoldId = "hold";
    /// An announced upload and its manifest.
    UploadId = "upload";
    /// One thing to read: the unit of work and of sale.
    CaseId = "case";
    /// One task on a case.
    WorkItemId = "work";
    /// What the holder of a claim shows with every write; made from secret randomness.
    ClaimToken = "claim";
    /// The report of a case.
    ReportId = "report";
    /// One signed, immutable version of a report.
    ReportVersionId = "version";
    /// A report template.
    TemplateId = "template";
    /// An image the reader marked for the report.
    KeyImageId = "keyimage";
    /// One recipient's copy of a report on its way.
    DeliveryId = "delivery";
    /// An application that speaks DICOM with us.
    DicomNodeId = "node";
    /// A storage commitment that was asked for.
    CommitmentId = "commitment";
    /// A background job.
    JobId = "job";
}

impl TenantId {
    /// The platform itself: operators are its members, and their trail is its chain. It is no customer,
    /// and no images are ever its.
    pub const PLATFORM: Self = Self(Uuid::nil());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_wire_and_refuses_another_kind() {
        let id = CaseId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse::<CaseId>(), Ok(id));
        assert_eq!(
            id.to_string().parse::<StudyId>(),
            Err(IdError { expected: "study" })
        );
        assert!("case_../../etc/passwd".parse::<CaseId>().is_err());
        assert!(
            format!("case_{}", id.uuid()).parse::<CaseId>().is_err(),
            "one spelling only"
        );
    }
}
