//! First start and the command line: tenants and accounts that nobody invited.

use domain::{
    Actor, ErrorCode, TenantId, UserId,
    audit::{AuditAction, AuditEvent},
};
use store::TenantRow;

use super::{
    email::{parse_email, parse_name},
    unless_taken,
};
use crate::{App, AppError};

/// Slugs that mean something else in addresses and at sign-in.
const RESERVED_SLUGS: &[&str] = &["platform", "studies"];
const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 10..=200;

impl App {
    /// Founds a tenant and gives it its report templates.
    ///
    /// Errors: `INVALID_INPUT`; `NAME_TAKEN` when the slug is used.
    pub async fn create_tenant(&self, slug: &str, name: &str) -> Result<TenantRow, AppError> {
        let now = self.clock.now();
        let row = TenantRow {
            id: TenantId::from_uuid(self.ids.next()),
            slug: parse_slug(slug)?,
            name: parse_name("name", name)?,
            created_at: now,
        };
        let tx = self.store.begin_setup().await?;
        unless_taken(tx.insert_tenant(&row).await, || {
            AppError::refused(ErrorCode::NameTaken, "a tenant of this slug exists already")
        })?;
        tx.commit().await?;
        let system = Actor::system(row.id, None);
        let mut tx = self.store.begin(&system).await?;
        self.furnish_reading_room(&tx, now).await?;
        tx.audit(AuditEvent::of(&system, now, AuditAction::TenantCreate, row.id));
        tx.commit().await?;
        Ok(row)
    }

    /// The tenant of a slug.
    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Option<TenantRow>, AppError> {
        Ok(self.store.read_sign_in().await?.tenant_by_slug(slug).await?)
    }

    /// Every tenant, by slug; for commands of who runs the machine.
    pub async fn all_tenants(&self) -> Result<Vec<TenantRow>, AppError> {
        Ok(self.store.read_sign_in().await?.tenants().await?)
    }

    /// The account of an address.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<UserId>, AppError> {
        let email = parse_email("email", email)?;
        Ok(self
            .store
            .read_sign_in()
            .await?
            .account_by_email(&email)
            .await?
            .map(|account| account.id))
    }
}

/// Errors unless `password` is long enough to be worth hashing and is not the address.
pub(super) fn check_password(field: &'static str, password: &str, email: &str) -> Result<(), AppError> {
    if !PASSWORD_CHARACTERS.contains(&password.chars().count()) {
        return Err(AppError::invalid(
            field,
            "use 10 to 200 characters; a sentence is a good password",
        ));
    }
    if password.eq_ignore_ascii_case(email) {
        return Err(AppError::invalid(field, "the e-mail address is no secret"));
    }
    Ok(())
}

fn parse_slug(text: &str) -> Result<String, AppError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let shaped = (2..=63).contains(&text.len())
        && text.bytes().all(allowed)
        && !text.starts_with('-')
        && !text.ends_with('-');
    if !shaped || RESERVED_SLUGS.contains(&text) {
        return Err(AppError::invalid(
            "slug",
            "use 2 to 63 lower-case letters, digits and hyphens",
        ));
    }
    Ok(text.to_owned())
}
