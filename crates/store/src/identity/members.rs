//! Who is what in a tenant.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{FacilityId, FacilityScope, Role, UserId};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter};
use uuid::Uuid;

use super::{FacilityRow, role_named};
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{membership, membership_facility},
    tenant::{one_row, tenant_owned},
};

tenant_owned!(membership, membership_facility);

/// A member of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// The facilities they work at.
    pub facilities: Vec<FacilityRow>,
    /// Whether an administrator disabled them.
    pub disabled: bool,
    /// When they last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

/// Somebody who becomes a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: Role,
    /// Where.
    pub facilities: Vec<FacilityId>,
}

impl TenantRead {
    /// The members, by name.
    pub async fn members(&self) -> Result<Vec<MemberRow>, StoreError> {
        let rows = self.find::<membership::Entity>().all(&self.conn).await?;
        self.describe(rows).await
    }

    /// One member.
    pub async fn member(&self, user: UserId) -> Result<Option<MemberRow>, StoreError> {
        let rows = self
            .find::<membership::Entity>()
            .filter(membership::Column::UserId.eq(user.uuid()))
            .all(&self.conn)
            .await?;
        Ok(self.describe(rows).await?.pop())
    }

    /// The facilities a member works at.
    pub async fn facilities_of(&self, user: UserId) -> Result<Vec<FacilityId>, StoreError> {
        let rows = self
            .find::<membership_facility::Entity>()
            .filter(membership_facility::Column::UserId.eq(user.uuid()))
            .all(&self.conn)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| FacilityId::from_uuid(row.facility_id))
            .collect())
    }

    async fn describe(&self, rows: Vec<membership::Model>) -> Result<Vec<MemberRow>, StoreError> {
        let mut places: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for row in self.find::<membership_facility::Entity>().all(&self.conn).await? {
            places.entry(row.user_id).or_default().push(row.facility_id);
        }
        let facilities = self.facilities(&FacilityScope::All).await?;
        let mut accounts: HashMap<Uuid, _> = self
            .member_accounts()
            .all(&self.conn)
            .await?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
        let mut members = rows
            .into_iter()
            .map(|row| {
                let account = accounts
                    .remove(&row.user_id)
                    .ok_or_else(|| StoreError::Inconsistent {
                        table: "membership",
                        id: row.user_id.to_string(),
                        what: "every member has an account",
                    })?;
                let places = places.remove(&row.user_id).unwrap_or_default();
                Ok(MemberRow {
                    user: UserId::from_uuid(row.user_id),
                    name: account.name,
                    email: account.email,
                    role: role_named("membership", row.user_id, &row.role)?,
                    facilities: facilities
                        .iter()
                        .filter(|one| places.contains(&one.id.uuid()))
                        .cloned()
                        .collect(),
                    disabled: row.disabled_at.is_some(),
                    last_sign_in_at: row.last_sign_in_at,
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        members.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(members)
    }
}

impl TenantTx {
    /// Makes somebody a member.
    ///
    /// Errors: a unique violation when they are one.
    pub async fn insert_member(&self, member: &NewMember, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.insert::<membership::Entity>(membership::ActiveModel {
            user_id: Set(member.user.uuid()),
            role: Set(member.role.as_str().to_owned()),
            disabled_at: Set(None),
            last_sign_in_at: Set(None),
            created_at: Set(now),
            ..Default::default()
        })
        .exec_without_returning(&self.conn)
        .await?;
        if !member.facilities.is_empty() {
            let places = member
                .facilities
                .iter()
                .map(|facility| membership_facility::ActiveModel {
                    user_id: Set(member.user.uuid()),
                    facility_id: Set(facility.uuid()),
                    ..Default::default()
                });
            self.insert_many::<membership_facility::Entity, _>(places)
                .exec_without_returning(&self.conn)
                .await?;
        }
        Ok(())
    }

    /// Disables a member, or enables them again.
    pub async fn set_member_disabled(
        &self,
        user: UserId,
        since: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        let updated = self
            .update::<membership::Entity>()
            .filter(membership::Column::UserId.eq(user.uuid()))
            .set(membership::ActiveModel {
                disabled_at: Set(since),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("membership", updated.rows_affected)
    }
}
