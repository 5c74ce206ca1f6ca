//! Who wants to hear of which work items (PS3.18 §11.10 to §11.12).

use dicom::query::{Level, Query};
use domain::{
    Actor, ErrorCode, Permission, Principal,
    audit::{AuditAction, AuditEvent},
};
use store::{SubscriptionRow, TenantRead};

use crate::{App, AppError};

/// The well-known UID of a subscription to all work items (PS3.4 §CC.3.1.2).
pub const ALL_WORKITEMS: &str = "1.2.840.10008.5.1.4.34.5";
/// The well-known UID of a subscription to those that match a filter.
pub const FILTERED_WORKITEMS: &str = "1.2.840.10008.5.1.4.34.5.1";

/// The longest AE title (PS3.5 §6.2) and the longest filter.
const LONGEST_TITLE: usize = 16;
const LONGEST_FILTER: usize = 4 << 10;

impl App {
    /// Subscribes an AE title to one work item, to all or to those that match `filter`.
    ///
    /// Errors: `NOT_FOUND` for a work item that is not there, `BAD_REQUEST` for what is no AE title or filter.
    pub async fn subscribe_to_workitems(
        &self,
        actor: &Actor,
        subscriber: &str,
        target: &str,
        filter: Option<&str>,
    ) -> Result<(), AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let subscriber = title(subscriber)?;
        let refused = |text: String| AppError::refused(ErrorCode::BadRequest, text);
        let filter = match target {
            FILTERED_WORKITEMS => {
                let filter = filter.unwrap_or_default();
                if filter.len() > LONGEST_FILTER {
                    return Err(refused("the filter is too long".to_owned()));
                }
                Query::parse(Level::Instance, filter).map_err(|error| refused(error.to_string()))?;
                Some(filter.to_owned())
            }
            _ => None,
        };
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        if !matches!(target, ALL_WORKITEMS | FILTERED_WORKITEMS)
            && tx.workitem(target, actor.facilities()).await?.is_none()
        {
            self.task_at(&tx, actor, target, now).await?;
        }
        self.expect_own(&tx, actor, &subscriber).await?;
        let row = SubscriptionRow {
            subscriber,
            target: target.to_owned(),
            filter,
            owner: owner_of(actor),
        };
        tx.put_subscription(&row, now).await?;
        tx.audit(AuditEvent::of(actor, now, AuditAction::WorkitemSubscribe, target));
        tx.commit().await?;
        Ok(())
    }

    /// Ends a subscription, or with a well-known UID the one to what comes newly.
    ///
    /// Errors: `NOT_FOUND` when there is none.
    pub async fn unsubscribe_from_workitems(
        &self,
        actor: &Actor,
        subscriber: &str,
        target: &str,
    ) -> Result<(), AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let subscriber = title(subscriber)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        self.expect_own(&tx, actor, &subscriber).await?;
        if !tx.remove_subscription(&subscriber, target).await? {
            return Err(AppError::NotFound { what: "subscription" });
        }
        tx.audit(AuditEvent::of(
            actor,
            now,
            AuditAction::WorkitemUnsubscribe,
            target,
        ));
        tx.commit().await?;
        Ok(())
    }

    /// Somebody else's AE title answers like one that does not exist.
    pub(super) async fn expect_own(
        &self,
        tx: &TenantRead,
        actor: &Actor,
        subscriber: &str,
    ) -> Result<(), AppError> {
        let owner = owner_of(actor);
        let all = tx.subscriptions(subscriber).await?;
        if all.iter().all(|row| row.owner == owner) {
            Ok(())
        } else {
            Err(AppError::NotFound { what: "subscriber" })
        }
    }
}

/// An AE title: 1 to 16 characters without controls and backslashes (PS3.5 §6.2).
pub(super) fn title(text: &str) -> Result<String, AppError> {
    let text = text.trim();
    let is_title = (1..=LONGEST_TITLE).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\' || byte == b' ');
    if is_title {
        Ok(text.to_owned())
    } else {
        let text = "an AE title has 1 to 16 characters";
        Err(AppError::refused(ErrorCode::BadRequest, text))
    }
}

fn owner_of(actor: &Actor) -> String {
    match actor.principal() {
        Principal::User { id, .. } => id.to_string(),
        Principal::ApiKey { id, .. } => id.to_string(),
        Principal::Node { id, .. } => id.to_string(),
        Principal::System { .. } => "system".to_owned(),
    }
}
