//! The audit trail's hash chain: append-only, and provably so.
//!
//! **Invariant:** a row's hash covers its own fields and the hash before it, so an edited, removed or
//! re-ordered row breaks the chain from there on.

use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Actor, CaseId, Principal, TenantId};

mod action;
mod checkpoint;

pub use action::AuditAction;
pub use checkpoint::{Agreement, Checkpoint};

/// How the recorded attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused.
    Denied,
}

impl Outcome {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "SUCCESS",
            Self::Denied => "DENIED",
        }
    }
}

/// What the actor of an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// A person.
    User,
    /// A machine with a key.
    ApiKey,
    /// An application that speaks DICOM with us.
    Node,
    /// The program itself.
    System,
    /// Somebody of another tenant, who is not named in this one.
    Stranger,
}

impl ActorKind {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::ApiKey => "API_KEY",
            Self::Node => "NODE",
            Self::System => "SYSTEM",
            Self::Stranger => "STRANGER",
        }
    }
}

/// One event: who did what to which object, when, from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// When, to the microsecond.
    pub at: DateTime<Utc>,
    /// What the actor is.
    pub actor_kind: ActorKind,
    /// The actor's wire id, or `system`, or `stranger`.
    pub actor_id: String,
    /// The actor's name at that moment.
    pub actor_name: String,
    /// What was done.
    pub action: AuditAction,
    /// The object's wire id; never a patient's name or number.
    pub object: String,
    /// The case it concerns, so that a case's trail can be read alone.
    pub case: Option<Uuid>,
    /// How it ended.
    pub outcome: Outcome,
    /// The peer's address.
    pub address: Option<String>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// Further facts as text, free of patient data.
    pub detail: Option<String>,
}

impl AuditEvent {
    /// An event of `actor`, successful and without detail.
    pub fn of(actor: &Actor, at: DateTime<Utc>, action: AuditAction, object: impl ToString) -> Self {
        let (actor_kind, actor_name) = match actor.principal() {
            Principal::User { name, .. } => (ActorKind::User, name.clone()),
            Principal::ApiKey { name, .. } => (ActorKind::ApiKey, name.clone()),
            Principal::Node { name, .. } => (ActorKind::Node, name.clone()),
            Principal::System { .. } => (ActorKind::System, "telerad".to_owned()),
        };
        Self {
            at,
            actor_kind,
            actor_id: actor.to_string(),
            actor_name,
            action,
            object: object.to_string(),
            case: None,
            outcome: Outcome::Success,
            address: actor.origin().address.clone(),
            user_agent: actor.origin().user_agent.clone(),
            detail: None,
        }
    }

    /// As [`AuditEvent::of`], for the trail of a tenant that `actor` is none of: it does not say who they are.
    pub fn of_stranger(actor: &Actor, at: DateTime<Utc>, action: AuditAction, object: impl ToString) -> Self {
        Self {
            actor_kind: ActorKind::Stranger,
            actor_id: "stranger".to_owned(),
            actor_name: "somebody of another organisation".to_owned(),
            ..Self::of(actor, at, action, object)
        }
    }

    /// The same event, refused.
    #[must_use]
    pub fn denied(self) -> Self {
        Self {
            outcome: Outcome::Denied,
            ..self
        }
    }

    /// The same event, with further facts.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// The same event, filed under a case, if there is one.
    #[must_use]
    pub fn case(self, case: impl Into<Option<CaseId>>) -> Self {
        Self {
            case: case.into().map(CaseId::uuid),
            ..self
        }
    }
}

/// The fields of one stored row that its hash covers.
#[derive(Debug, Clone, Copy)]
pub struct ChainedRow<'a> {
    /// The tenant whose chain it is.
    pub tenant: TenantId,
    /// The place in the chain, from 1.
    pub sequence: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The text fields in this order: actor kind, actor id, actor name, action, object, outcome.
    pub required: [&'a str; 6],
    /// The optional fields in this order: case, address, user agent, detail.
    pub optional: [Option<&'a str>; 4],
}

/// The hash before the first row.
pub const GENESIS: [u8; 32] = [0; 32];

/// The hash of a row that follows `previous`.
///
/// Every field is preceded by its length, so that no two different rows can spell the same bytes.
pub fn chain(previous: &[u8; 32], row: &ChainedRow<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(row.tenant.uuid().as_bytes());
    hash.update(row.sequence.to_be_bytes());
    hash_field(
        &mut hash,
        Some(&row.at.to_rfc3339_opts(SecondsFormat::Micros, true)),
    );
    for field in row.required {
        hash_field(&mut hash, Some(field));
    }
    for field in row.optional {
        hash_field(&mut hash, field);
    }
    hash.finalize().into()
}

fn hash_field(hash: &mut Sha256, field: Option<&str>) {
    match field {
        None => hash.update([0]),
        Some(text) => {
            hash.update([1]);
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row<'a>(required: [&'a str; 6], optional: [Option<&'a str>; 4]) -> ChainedRow<'a> {
        ChainedRow {
            tenant: TenantId::from_uuid(Uuid::nil()),
            sequence: 1,
            at: DateTime::UNIX_EPOCH,
            required,
            optional,
        }
    }

    proptest! {
        #[test]
        fn moving_text_from_one_field_to_the_next_changes_the_hash(a in ".{0,8}", b in ".{1,8}") {
            let joined = format!("{a}{b}");
            let split = row([&a, &b, "", "", "", ""], [None; 4]);
            let moved = row([&joined, "", "", "", "", ""], [None; 4]);
            prop_assert_ne!(chain(&GENESIS, &split), chain(&GENESIS, &moved));
        }
    }

    #[test]
    fn an_absent_field_is_not_an_empty_one() {
        let absent = row([""; 6], [None; 4]);
        let empty = row([""; 6], [Some(""), None, None, None]);
        assert_ne!(chain(&GENESIS, &absent), chain(&GENESIS, &empty));
    }
}
