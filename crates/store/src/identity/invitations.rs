//! Invitations by mail: used once, for a while.

use chrono::{DateTime, Utc};
use domain::{FacilityId, InvitationId, Role};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::role_named;
use crate::{StoreError, TenantRead, TenantTx, entity::invitation, tenant::tenant_owned};

tenant_owned!(invitation);

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// Its id.
    pub id: InvitationId,
    /// Who is invited.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Where.
    pub facilities: Vec<FacilityId>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl InvitationRow {
    /// Whether it can be accepted at `now`.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none() && now < self.expires_at
    }
}

impl TryFrom<invitation::Model> for InvitationRow {
    type Error = StoreError;

    fn try_from(row: invitation::Model) -> Result<Self, StoreError> {
        let facilities: Vec<Uuid> =
            serde_json::from_value(row.facility_ids).map_err(|_| StoreError::Inconsistent {
                table: "invitation",
                id: row.id.to_string(),
                what: "facility_ids is a list of ids",
            })?;
        Ok(Self {
            id: InvitationId::from_uuid(row.id),
            email: row.email,
            role: role_named("invitation", row.id, &row.role)?,
            facilities: facilities.into_iter().map(FacilityId::from_uuid).collect(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            accepted_at: row.accepted_at,
            revoked_at: row.revoked_at,
        })
    }
}

impl TenantRead {
    /// All invitations, newest first.
    pub async fn invitations(&self) -> Result<Vec<InvitationRow>, StoreError> {
        let rows = self
            .find::<invitation::Entity>()
            .order_by_desc(invitation::Column::Id)
            .all(&self.conn)
            .await?;
        rows.into_iter().map(InvitationRow::try_from).collect()
    }

    /// One invitation.
    pub async fn invitation(&self, id: InvitationId) -> Result<Option<InvitationRow>, StoreError> {
        let row = self
            .find::<invitation::Entity>()
            .filter(invitation::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        row.map(InvitationRow::try_from).transpose()
    }

    /// The invitation of that secret's hash.
    pub async fn invitation_by_token(
        &self,
        token_hash: &[u8; 32],
    ) -> Result<Option<InvitationRow>, StoreError> {
        let row = self
            .find::<invitation::Entity>()
            .filter(invitation::Column::TokenHash.eq(token_hash.as_slice()))
            .one(&self.conn)
            .await?;
        row.map(InvitationRow::try_from).transpose()
    }
}

impl TenantTx {
    /// Adds an invitation, still without a secret, and withdraws older open ones to the same address.
    pub async fn insert_invitation(&self, row: &InvitationRow) -> Result<(), StoreError> {
        self.update::<invitation::Entity>()
            .filter(invitation::Column::Email.eq(row.email.as_str()))
            .filter(invitation::Column::AcceptedAt.is_null())
            .filter(invitation::Column::RevokedAt.is_null())
            .set(invitation::ActiveModel {
                revoked_at: Set(Some(row.created_at)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        self.insert::<invitation::Entity>(invitation::ActiveModel {
            id: Set(row.id.uuid()),
            email: Set(row.email.clone()),
            role: Set(row.role.as_str().to_owned()),
            facility_ids: Set(row
                .facilities
                .iter()
                .map(|facility| facility.uuid().to_string())
                .collect()),
            token_hash: Set(None),
            created_at: Set(row.created_at),
            expires_at: Set(row.expires_at),
            accepted_at: Set(None),
            revoked_at: Set(None),
            ..Default::default()
        })
        .exec_without_returning(&self.conn)
        .await?;
        Ok(())
    }

    /// Gives an open invitation a fresh secret; the one before is void. False when it is not open.
    pub async fn set_invitation_token(
        &self,
        id: InvitationId,
        token_hash: &[u8; 32],
    ) -> Result<bool, StoreError> {
        self.change_open(
            id,
            invitation::ActiveModel {
                token_hash: Set(Some(token_hash.to_vec())),
                ..Default::default()
            },
        )
        .await
    }

    /// Uses an invitation up. False when it is not open.
    pub async fn accept_invitation(&self, id: InvitationId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.change_open(
            id,
            invitation::ActiveModel {
                accepted_at: Set(Some(now)),
                ..Default::default()
            },
        )
        .await
    }

    /// Withdraws an invitation. False when it is not open.
    pub async fn revoke_invitation(&self, id: InvitationId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.change_open(
            id,
            invitation::ActiveModel {
                revoked_at: Set(Some(now)),
                ..Default::default()
            },
        )
        .await
    }

    async fn change_open(
        &self,
        id: InvitationId,
        change: invitation::ActiveModel,
    ) -> Result<bool, StoreError> {
        let updated = self
            .update::<invitation::Entity>()
            .filter(invitation::Column::Id.eq(id.uuid()))
            .filter(invitation::Column::AcceptedAt.is_null())
            .filter(invitation::Column::RevokedAt.is_null())
            .set(change)
            .exec(&self.conn)
            .await?;
        Ok(updated.rows_affected == 1)
    }
}
