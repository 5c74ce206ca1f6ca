//! The imaging centres of a tenant.

use domain::{
    Actor, ErrorCode, FacilityId, Permission,
    audit::{AuditAction, AuditEvent},
    change::{Change, ChangeTopic},
};
use store::FacilityRow;

use super::{
    email::{parse_email, parse_name},
    unless_taken,
};
use crate::{App, AppError};

/// A facility to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFacility {
    /// Its name.
    pub name: String,
    /// Its short code.
    pub code: String,
    /// Where the links to its reports are mailed.
    pub report_email: Option<String>,
}

impl App {
    /// The facilities the actor may see, by name.
    pub async fn facilities(&self, actor: &Actor) -> Result<Vec<FacilityRow>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        Ok(self
            .store
            .read(actor)
            .await?
            .facilities(actor.facilities())
            .await?)
    }

    /// Adds a facility.
    ///
    /// Errors: `INVALID_INPUT`; `NAME_TAKEN` when the name or the code is used.
    pub async fn add_facility(&self, actor: &Actor, input: NewFacility) -> Result<FacilityRow, AppError> {
        self.authorise(actor, Permission::ManageFacilities)?;
        let now = self.clock.now();
        let facility = FacilityRow {
            id: FacilityId::from_uuid(self.ids.next()),
            name: parse_name("name", &input.name)?,
            code: parse_code(&input.code)?,
            report_email: input
                .report_email
                .map(|email| parse_email("reportEmail", &email))
                .transpose()?,
            created_at: now,
        };
        let mut tx = self.store.begin(actor).await?;
        unless_taken(tx.insert_facility(&facility).await, || {
            AppError::refused(
                ErrorCode::NameTaken,
                "a facility of this name or code exists already",
            )
        })?;
        tx.audit(AuditEvent::of(actor, now, AuditAction::FacilityAdd, facility.id));
        tx.announce(Change {
            topic: ChangeTopic::Facility,
            object: facility.id.uuid(),
            facility: Some(facility.id),
        });
        tx.commit().await?;
        Ok(facility)
    }
}

fn parse_code(text: &str) -> Result<String, AppError> {
    let code = text.trim().to_uppercase();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if code.is_empty() || code.len() > 32 || !code.bytes().all(allowed) {
        return Err(AppError::invalid("code", "use 1 to 32 letters, digits, - and _"));
    }
    Ok(code)
}
