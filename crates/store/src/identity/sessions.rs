//! Sessions: families of refresh tokens.

use chrono::{DateTime, Utc};
use domain::{FacilityId, Role, SessionId, UserId};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, sea_query::SimpleExpr};
use uuid::Uuid;

use super::role_named;
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{membership, refresh_token, session, user_account},
    tenant::{one_row, tenant_owned},
};

tenant_owned!(session, refresh_token);

/// One refresh token, by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshTokenRow {
    /// Its id.
    pub id: Uuid,
    /// The family it belongs to.
    pub session: SessionId,
    /// SHA-256 of the secret.
    pub token_hash: [u8; 32],
    /// Since when.
    pub issued_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// When it was exchanged for the next.
    pub used_at: Option<DateTime<Utc>>,
}

/// What is known now of a person behind an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What they are in the tenant now.
    pub role: Role,
    /// The facilities they work at.
    pub facilities: Vec<FacilityId>,
    /// Whether the session or the membership has ended.
    pub ended: bool,
}

impl TenantRead {
    /// The person of a session as they are now. None when the session is not this person's.
    pub async fn signed_in(&self, user: UserId, session: SessionId) -> Result<Option<SignedIn>, StoreError> {
        let Some(session) = self
            .find::<session::Entity>()
            .filter(session::Column::Id.eq(session.uuid()))
            .filter(session::Column::UserId.eq(user.uuid()))
            .one(&self.conn)
            .await?
        else {
            return Ok(None);
        };
        let membership = self
            .find::<membership::Entity>()
            .filter(membership::Column::UserId.eq(user.uuid()))
            .one(&self.conn)
            .await?;
        let account = self
            .member_accounts()
            .filter(user_account::Column::Id.eq(user.uuid()))
            .one(&self.conn)
            .await?;
        let (Some(membership), Some(account)) = (membership, account) else {
            return Ok(None);
        };
        let role = role_named("membership", user, &membership.role)?;
        let facilities = match role {
            Role::FacilityStaff => self.facilities_of(user).await?,
            Role::Operator | Role::TenantAdmin | Role::Radiologist => Vec::new(),
        };
        Ok(Some(SignedIn {
            user,
            name: account.name,
            email: account.email,
            role,
            facilities,
            ended: session.revoked_at.is_some() || membership.disabled_at.is_some(),
        }))
    }

    /// The person a session belongs to.
    pub async fn session_user(&self, session: SessionId) -> Result<Option<UserId>, StoreError> {
        let row = self
            .find::<session::Entity>()
            .filter(session::Column::Id.eq(session.uuid()))
            .one(&self.conn)
            .await?;
        Ok(row.map(|row| UserId::from_uuid(row.user_id)))
    }

    /// The refresh token of that hash.
    pub async fn refresh_token(&self, token_hash: &[u8; 32]) -> Result<Option<RefreshTokenRow>, StoreError> {
        let row = self
            .find::<refresh_token::Entity>()
            .filter(refresh_token::Column::TokenHash.eq(token_hash.as_slice()))
            .one(&self.conn)
            .await?;
        Ok(row.map(|row| RefreshTokenRow {
            id: row.id,
            session: SessionId::from_uuid(row.session_id),
            token_hash: *token_hash,
            issued_at: row.issued_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
        }))
    }
}

impl TenantTx {
    /// Begins a session and notes the sign-in on the membership.
    pub async fn insert_session(
        &self,
        id: SessionId,
        user: UserId,
        address: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.insert::<session::Entity>(session::ActiveModel {
            id: Set(id.uuid()),
            user_id: Set(user.uuid()),
            address: Set(address.map(str::to_owned)),
            created_at: Set(now),
            revoked_at: Set(None),
            ..Default::default()
        })
        .exec_without_returning(&self.conn)
        .await?;
        let updated = self
            .update::<membership::Entity>()
            .filter(membership::Column::UserId.eq(user.uuid()))
            .set(membership::ActiveModel {
                last_sign_in_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("membership", updated.rows_affected)
    }

    /// Adds a refresh token to its family.
    pub async fn insert_refresh_token(&self, token: &RefreshTokenRow) -> Result<(), StoreError> {
        self.insert::<refresh_token::Entity>(refresh_token::ActiveModel {
            id: Set(token.id),
            session_id: Set(token.session.uuid()),
            token_hash: Set(token.token_hash.to_vec()),
            issued_at: Set(token.issued_at),
            expires_at: Set(token.expires_at),
            used_at: Set(token.used_at),
            ..Default::default()
        })
        .exec_without_returning(&self.conn)
        .await?;
        Ok(())
    }

    /// Uses up a refresh token. False when somebody else just did.
    pub async fn use_refresh_token(&self, id: Uuid, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let used = self.use_up(refresh_token::Column::Id.eq(id), now).await?;
        Ok(used == 1)
    }

    /// Uses up the tokens of a session that are left, which went out in answers that were lost.
    pub async fn use_other_refresh_tokens(
        &self,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.use_up(refresh_token::Column::SessionId.eq(session.uuid()), now)
            .await?;
        Ok(())
    }

    async fn use_up(&self, which: SimpleExpr, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let updated = self
            .update::<refresh_token::Entity>()
            .filter(which)
            .filter(refresh_token::Column::UsedAt.is_null())
            .set(refresh_token::ActiveModel {
                used_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(updated.rows_affected)
    }

    /// Ends a session. False when it had ended.
    pub async fn revoke_session(&self, id: SessionId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let updated = self
            .update::<session::Entity>()
            .filter(session::Column::Id.eq(id.uuid()))
            .filter(session::Column::RevokedAt.is_null())
            .set(session::ActiveModel {
                revoked_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// Ends every session a person has in this tenant; how many there were.
    pub async fn revoke_sessions_of(&self, user: UserId, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let updated = self
            .update::<session::Entity>()
            .filter(session::Column::UserId.eq(user.uuid()))
            .filter(session::Column::RevokedAt.is_null())
            .set(session::ActiveModel {
                revoked_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(updated.rows_affected)
    }
}
