//! Accounts of people, which belong to no tenant, and the memberships that tie them to tenants.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{Role, TenantId, UserId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select, sea_query::Query,
};

use super::{TenantRow, role_named};
use crate::{
    PlatformTx, StoreError, TenantRead, TenantTx,
    entity::{membership, session, tenant, user_account},
};

/// One person's account.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Whose.
    pub id: UserId,
    /// The address they sign in with, in lower case.
    pub email: String,
    /// Their name.
    pub name: String,
    /// The PHC string of their password.
    pub password_hash: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

impl std::fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountRow")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl From<user_account::Model> for AccountRow {
    fn from(row: user_account::Model) -> Self {
        Self {
            id: UserId::from_uuid(row.id),
            email: row.email,
            name: row.name,
            password_hash: row.password_hash,
            created_at: row.created_at,
        }
    }
}

impl AccountRow {
    fn to_row(&self) -> user_account::ActiveModel {
        user_account::ActiveModel {
            id: Set(self.id.uuid()),
            email: Set(self.email.clone()),
            name: Set(self.name.clone()),
            password_hash: Set(self.password_hash.clone()),
            created_at: Set(self.created_at),
        }
    }
}

/// What a person is in one tenant, seen before they chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipRow {
    /// The tenant's id; the nil id for the platform.
    pub tenant: TenantId,
    /// The tenant; none for the platform.
    pub row: Option<TenantRow>,
    /// The role there.
    pub role: Role,
    /// Whether an administrator disabled it.
    pub disabled: bool,
}

impl TenantRead {
    /// Accounts of the tenant's members, also of disabled ones: their names stand under old reports.
    #[expect(
        clippy::disallowed_methods,
        reason = "accounts have no tenant; the membership filters"
    )]
    pub(super) fn member_accounts(&self) -> Select<user_account::Entity> {
        let members = Query::select()
            .column(membership::Column::UserId)
            .from(membership::Entity)
            .and_where(membership::Column::TenantId.eq(self.tenant().uuid()))
            .to_owned();
        user_account::Entity::find().filter(user_account::Column::Id.in_subquery(members))
    }

    /// The account of a member.
    pub async fn account(&self, user: UserId) -> Result<Option<AccountRow>, StoreError> {
        let row = self
            .member_accounts()
            .filter(user_account::Column::Id.eq(user.uuid()))
            .one(&self.conn)
            .await?;
        Ok(row.map(AccountRow::from))
    }

    /// The names of members, for those of `users` that are.
    pub async fn user_names(&self, users: &[UserId]) -> Result<HashMap<UserId, String>, StoreError> {
        if users.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(uuid::Uuid, String)> = self
            .member_accounts()
            .filter(user_account::Column::Id.is_in(users.iter().map(|user| user.uuid())))
            .select_only()
            .column(user_account::Column::Id)
            .column(user_account::Column::Name)
            .into_tuple()
            .all(&self.conn)
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, name)| (UserId::from_uuid(id), name))
            .collect())
    }
}

impl TenantTx {
    /// Adds the account of somebody who accepts an invitation.
    ///
    /// Errors: a unique violation when the address has an account.
    #[expect(clippy::disallowed_methods, reason = "accounts have no tenant")]
    pub async fn insert_account(&self, account: &AccountRow) -> Result<(), StoreError> {
        user_account::Entity::insert(account.to_row())
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }
}

impl PlatformTx {
    /// Adds an account.
    ///
    /// Errors: a unique violation when the address has one.
    pub async fn insert_account(&self, account: &AccountRow) -> Result<(), StoreError> {
        self.insert_row::<user_account::Entity>(account.to_row())
            .exec_without_returning(self.conn())
            .await?;
        Ok(())
    }

    /// The account of an address in lower case.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<AccountRow>, StoreError> {
        let row = self
            .all_rows::<user_account::Entity>()
            .filter(user_account::Column::Email.eq(email))
            .one(self.conn())
            .await?;
        Ok(row.map(AccountRow::from))
    }

    /// Everything a person is a member of.
    pub async fn memberships_of(&self, user: UserId) -> Result<Vec<MembershipRow>, StoreError> {
        let rows = self
            .all_rows::<membership::Entity>()
            .filter(membership::Column::UserId.eq(user.uuid()))
            .all(self.conn())
            .await?;
        let mut tenants: HashMap<_, _> = self
            .all_rows::<tenant::Entity>()
            .filter(tenant::Column::Id.is_in(rows.iter().map(|row| row.tenant_id)))
            .all(self.conn())
            .await?
            .into_iter()
            .map(|row| (row.id, TenantRow::from(row)))
            .collect();
        rows.into_iter()
            .map(|row| {
                Ok(MembershipRow {
                    tenant: TenantId::from_uuid(row.tenant_id),
                    row: tenants.remove(&row.tenant_id),
                    role: role_named("membership", row.user_id, &row.role)?,
                    disabled: row.disabled_at.is_some(),
                })
            })
            .collect()
    }

    /// Whether `user` signed in from `address` since `since`, in one of `tenants`.
    pub async fn signed_in_from(
        &self,
        user: UserId,
        tenants: &[TenantId],
        address: &str,
        since: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let row = self
            .all_rows::<session::Entity>()
            .filter(session::Column::TenantId.is_in(tenants.iter().map(|tenant| tenant.uuid())))
            .filter(session::Column::UserId.eq(user.uuid()))
            .filter(session::Column::Address.eq(address))
            .filter(session::Column::CreatedAt.gte(since))
            .one(self.conn())
            .await?;
        Ok(row.is_some())
    }
}

impl MembershipRow {
    /// The tenant's name in addresses; `platform` for the platform, which no tenant may be called.
    pub fn slug(&self) -> &str {
        self.row.as_ref().map_or("platform", |tenant| &tenant.slug)
    }

    /// The tenant's name for people.
    pub fn name(&self) -> &str {
        self.row.as_ref().map_or("Platform", |tenant| &tenant.name)
    }
}
