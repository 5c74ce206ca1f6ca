//! People, facilities, invitations and keys.

use app::identity::{
    InvitationView, NewApiKey, NewFacility, NewInvitation,
    rows::{ApiKeyRow, FacilityRow, MemberRow},
};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{ApiScope, CallerContext, Role, context::parse_id, enums::InvitationState, graphql_error};

/// An imaging centre.
#[derive(Debug, Clone, SimpleObject)]
pub struct Facility {
    id: ID,
    name: String,
    code: String,
    /// Where the links to its reports are mailed.
    report_email: Option<String>,
    created_at: DateTime<Utc>,
}

impl From<FacilityRow> for Facility {
    fn from(row: FacilityRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            name: row.name,
            code: row.code,
            report_email: row.report_email,
            created_at: row.created_at,
        }
    }
}

fn facilities(rows: Vec<FacilityRow>) -> Vec<Facility> {
    rows.into_iter().map(Facility::from).collect()
}

/// An organisation on the platform.
#[derive(Debug, Clone, SimpleObject)]
pub struct Tenant {
    id: ID,
    slug: String,
    name: String,
}

/// The signed-in person.
#[derive(Debug, Clone, SimpleObject)]
pub struct Me {
    id: ID,
    name: String,
    email: String,
    role: Role,
    /// Null for an operator.
    tenant: Option<Tenant>,
    /// The facilities they may see.
    facilities: Vec<Facility>,
}

/// Somebody who works for the tenant.
#[derive(Debug, Clone, SimpleObject)]
pub struct Member {
    user_id: ID,
    name: String,
    email: String,
    role: Role,
    facilities: Vec<Facility>,
    disabled: bool,
    last_sign_in_at: Option<DateTime<Utc>>,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            user_id: row.user.to_string().into(),
            name: row.name,
            email: row.email,
            role: row.role.into(),
            facilities: facilities(row.facilities),
            disabled: row.disabled,
            last_sign_in_at: row.last_sign_in_at,
        }
    }
}

/// An invitation by mail.
#[derive(Debug, Clone, SimpleObject)]
pub struct Invitation {
    id: ID,
    email: String,
    role: Role,
    facilities: Vec<Facility>,
    expires_at: DateTime<Utc>,
    state: InvitationState,
}

impl From<InvitationView> for Invitation {
    fn from(view: InvitationView) -> Self {
        Self {
            id: view.row.id.to_string().into(),
            email: view.row.email,
            role: view.row.role.into(),
            facilities: facilities(view.facilities),
            expires_at: view.row.expires_at,
            state: view.state.into(),
        }
    }
}

/// A machine's key.
#[derive(Debug, Clone, SimpleObject)]
pub struct ApiKey {
    id: ID,
    name: String,
    scopes: Vec<ApiScope>,
    /// How the secret begins.
    prefix: String,
    created_at: DateTime<Utc>,
    /// To within five minutes.
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl From<ApiKeyRow> for ApiKey {
    fn from(row: ApiKeyRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            name: row.name,
            scopes: row.scopes.into_iter().map(ApiScope::from).collect(),
            prefix: row.prefix,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// A key that was just made.
#[derive(Debug, SimpleObject)]
pub struct CreatedApiKey {
    api_key: ApiKey,
    /// Shown this once.
    secret: String,
}

#[derive(Debug, InputObject)]
pub struct InviteMemberInput {
    email: String,
    role: Role,
    facility_ids: Option<Vec<ID>>,
}

#[derive(Debug, InputObject)]
pub struct RevokeInvitationInput {
    invitation_id: ID,
}

#[derive(Debug, InputObject)]
pub struct SetMemberDisabledInput {
    user_id: ID,
    disabled: bool,
}

#[derive(Debug, InputObject)]
pub struct AddFacilityInput {
    name: String,
    code: String,
    report_email: Option<String>,
}

#[derive(Debug, InputObject)]
pub struct CreateApiKeyInput {
    name: String,
    scopes: Vec<ApiScope>,
    facility_id: Option<ID>,
}

#[derive(Debug, InputObject)]
pub struct RevokeApiKeyInput {
    api_key_id: ID,
}

#[derive(Debug, Default)]
pub struct IdentityQuery;

#[Object]
impl IdentityQuery {
    /// The signed-in person.
    async fn me(&self, ctx: &Context<'_>) -> Result<Me> {
        let me = ctx.app()?.me(ctx.actor()?).await.map_err(graphql_error)?;
        Ok(Me {
            id: me.account.id.to_string().into(),
            name: me.account.name,
            email: me.account.email,
            role: me.role.into(),
            tenant: me.tenant.map(|row| Tenant {
                id: row.id.to_string().into(),
                slug: row.slug,
                name: row.name,
            }),
            facilities: facilities(me.facilities),
        })
    }

    /// The facilities the caller may see, by name.
    async fn facilities(&self, ctx: &Context<'_>) -> Result<Vec<Facility>> {
        Ok(facilities(
            ctx.app()?.facilities(ctx.actor()?).await.map_err(graphql_error)?,
        ))
    }

    /// Everybody who works for the tenant, by name.
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<Member>> {
        let members = ctx.app()?.members(ctx.actor()?).await.map_err(graphql_error)?;
        Ok(members.into_iter().map(Member::from).collect())
    }

    /// All invitations, newest first.
    async fn invitations(&self, ctx: &Context<'_>) -> Result<Vec<Invitation>> {
        let invitations = ctx
            .app()?
            .invitations(ctx.actor()?)
            .await
            .map_err(graphql_error)?;
        Ok(invitations.into_iter().map(Invitation::from).collect())
    }

    /// All API keys, newest first.
    async fn api_keys(&self, ctx: &Context<'_>) -> Result<Vec<ApiKey>> {
        let keys = ctx.app()?.api_keys(ctx.actor()?).await.map_err(graphql_error)?;
        Ok(keys.into_iter().map(ApiKey::from).collect())
    }
}

#[derive(Debug, Default)]
pub struct IdentityMutation;

#[Object]
impl IdentityMutation {
    /// Invites somebody by mail; an older open invitation to the same address is withdrawn.
    async fn invite_member(&self, ctx: &Context<'_>, input: InviteMemberInput) -> Result<Invitation> {
        let ids = input.facility_ids.unwrap_or_default();
        let facilities = ids
            .iter()
            .map(|id| parse_id("facilityIds", id))
            .collect::<Result<_>>()?;
        let input = NewInvitation {
            email: input.email,
            role: input.role.into(),
            facilities,
        };
        Ok(ctx
            .app()?
            .invite_member(ctx.actor()?, input)
            .await
            .map_err(graphql_error)?
            .into())
    }

    /// Withdraws an invitation.
    async fn revoke_invitation(&self, ctx: &Context<'_>, input: RevokeInvitationInput) -> Result<Invitation> {
        let id = parse_id("invitationId", &input.invitation_id)?;
        Ok(ctx
            .app()?
            .revoke_invitation(ctx.actor()?, id)
            .await
            .map_err(graphql_error)?
            .into())
    }

    /// Disables a member, which ends all their sessions at once, or enables them again.
    async fn set_member_disabled(&self, ctx: &Context<'_>, input: SetMemberDisabledInput) -> Result<Member> {
        let user = parse_id("userId", &input.user_id)?;
        let member = ctx
            .app()?
            .set_member_disabled(ctx.actor()?, user, input.disabled)
            .await;
        Ok(member.map_err(graphql_error)?.into())
    }

    /// Adds a facility.
    async fn add_facility(&self, ctx: &Context<'_>, input: AddFacilityInput) -> Result<Facility> {
        let input = NewFacility {
            name: input.name,
            code: input.code,
            report_email: input.report_email,
        };
        Ok(ctx
            .app()?
            .add_facility(ctx.actor()?, input)
            .await
            .map_err(graphql_error)?
            .into())
    }

    /// Makes an API key; its secret is shown this once.
    async fn create_api_key(&self, ctx: &Context<'_>, input: CreateApiKeyInput) -> Result<CreatedApiKey> {
        let facility = input
            .facility_id
            .map(|id| parse_id("facilityId", &id))
            .transpose()?;
        let scopes = input.scopes.into_iter().map(domain::ApiScope::from).collect();
        let input = NewApiKey {
            name: input.name,
            scopes,
            facility,
        };
        let created = ctx
            .app()?
            .create_api_key(ctx.actor()?, input)
            .await
            .map_err(graphql_error)?;
        Ok(CreatedApiKey {
            api_key: created.key.into(),
            secret: created.secret,
        })
    }

    /// Revokes an API key; the next request with it is refused.
    async fn revoke_api_key(&self, ctx: &Context<'_>, input: RevokeApiKeyInput) -> Result<ApiKey> {
        let id = parse_id("apiKeyId", &input.api_key_id)?;
        Ok(ctx
            .app()?
            .revoke_api_key(ctx.actor()?, id)
            .await
            .map_err(graphql_error)?
            .into())
    }
}
