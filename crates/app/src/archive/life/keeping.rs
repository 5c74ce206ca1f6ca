//! How long studies are kept, by the rules of their tenant, and the tenant's other decisions about its archive.
//!
//! **Invariant:** a rule only puts studies into the trash, as a person would; there they can be restored, and there a
//! legal hold still wins.

use domain::{
    Actor, ErrorCode, Permission, RetentionRuleId,
    audit::{AuditAction, AuditEvent},
    deletion::ReportedStudies,
    retention::{CountedFrom, RetentionRule, SHORTEST_KEEP_DAYS, outlived},
};
use store::{AgingStudy, ArchivePolicy};
use uuid::Uuid;

use super::StudyDeletion;
use crate::{App, AppError, jobs::program_actor};

/// Studies looked at together.
const AT_ONCE: u64 = 200;

/// A rule as an administrator writes it.
#[derive(Debug, Clone)]
pub struct NewRetentionRule {
    /// Of studies with a series of this modality; of all when none.
    pub modality: Option<String>,
    /// For so many days.
    pub keep_days: u32,
    /// From when on.
    pub counted_from: CountedFrom,
}

/// Everything a tenant decided about its archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveDecisions {
    /// Trash and tiers.
    pub policy: ArchivePolicy,
    /// How long studies are kept; for ever without a rule.
    pub rules: Vec<RetentionRule>,
}

/// What rules would delete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RetentionPreview {
    /// How many studies.
    pub studies: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The oldest of them.
    pub first: Vec<AgingStudy>,
}

impl App {
    /// What the tenant decided about its archive.
    pub async fn archive_decisions(&self, actor: &Actor) -> Result<ArchiveDecisions, AppError> {
        self.authorise(actor, Permission::ManageArchive)?;
        let read = self.store.read(actor).await?;
        Ok(ArchiveDecisions {
            policy: self.policy_of(&read).await?,
            rules: read.retention_rules().await?,
        })
    }

    pub(super) async fn policy_of(&self, read: &store::TenantRead) -> Result<ArchivePolicy, AppError> {
        Ok(read.archive_policy().await?.unwrap_or(ArchivePolicy {
            trash_days: self.settings.trash_days,
            cold_after_days: None,
        }))
    }

    /// Replaces what the tenant decided. What lies in the trash already keeps its day.
    ///
    /// Errors: `INVALID_INPUT`.
    pub async fn decide_archive(
        &self,
        actor: &Actor,
        policy: ArchivePolicy,
        rules: Vec<NewRetentionRule>,
    ) -> Result<ArchiveDecisions, AppError> {
        self.authorise(actor, Permission::ManageArchive)?;
        let policy = self.checked_policy(policy)?;
        let rules: Vec<RetentionRule> = rules
            .into_iter()
            .map(|rule| {
                Ok(RetentionRule {
                    id: RetentionRuleId::from_uuid(self.ids.next()),
                    modality: checked_modality(rule.modality)?,
                    keep_days: checked_days("keepDays", rule.keep_days, SHORTEST_KEEP_DAYS)?,
                    counted_from: rule.counted_from,
                })
            })
            .collect::<Result<_, AppError>>()?;
        const MOST_RULES: usize = 50;
        if rules.len() > MOST_RULES {
            return Err(AppError::invalid(
                "rules",
                format!("{MOST_RULES} rules at the most"),
            ));
        }
        let mut tx = self.store.begin(actor).await?;
        tx.set_archive_policy(policy).await?;
        tx.set_retention_rules(&rules).await?;
        let detail = format!(
            "trash: {} days; slow store: {}; rules: {}",
            policy.trash_days,
            policy
                .cold_after_days
                .map_or_else(|| "never".to_owned(), |days| format!("after {days} days")),
            rules
                .iter()
                .map(|rule| format!(
                    "{} {} days from {}",
                    rule.modality.as_deref().unwrap_or("any"),
                    rule.keep_days,
                    rule.counted_from.as_str()
                ))
                .collect::<Vec<_>>()
                .join(", ")
        );
        tx.audit(
            AuditEvent::of(actor, self.clock.now(), AuditAction::ArchivePolicy, "archive").detail(detail),
        );
        tx.commit().await?;
        Ok(ArchiveDecisions { policy, rules })
    }

    /// What the tenant's rules would put into the trash now. Changes nothing.
    pub async fn preview_retention(&self, actor: &Actor) -> Result<RetentionPreview, AppError> {
        const SHOWN: usize = 100;
        self.authorise(actor, Permission::ManageArchive)?;
        let mut preview = RetentionPreview::default();
        let mut after = Uuid::nil();
        loop {
            let (outlived, next) = self.outlived_after(actor, after).await?;
            for study in outlived {
                preview.studies += 1;
                preview.bytes += study.study.stored_bytes;
                if preview.first.len() < SHOWN {
                    preview.first.push(study);
                }
            }
            match next {
                Some(next) => after = next,
                None => return Ok(preview),
            }
        }
    }

    /// Puts what has outlived the rules of its tenant into the trash; gives the number of studies.
    pub async fn apply_retention(&self) -> Result<u64, AppError> {
        let mut deleted = 0;
        for tenant in self.store.read_sign_in().await?.audited_tenants().await? {
            let actor = program_actor(tenant);
            let mut after = Uuid::nil();
            loop {
                let (outlived, next) = self.outlived_after(&actor, after).await?;
                for study in outlived {
                    deleted += u64::from(self.retire(&actor, &study).await?);
                }
                match next {
                    Some(next) => after = next,
                    None => break,
                }
            }
        }
        Ok(deleted)
    }

    async fn retire(&self, actor: &Actor, aging: &AgingStudy) -> Result<bool, AppError> {
        let order = StudyDeletion {
            study: aging.study.id,
            reason: "a retention rule".to_owned(),
            reported: ReportedStudies::Delete,
        };
        match self.delete_study(actor, order).await {
            Ok(_) => Ok(true),
            // Between our look and its lock somebody placed a hold, opened it or deleted it.
            Err(error)
                if matches!(
                    error.code(),
                    ErrorCode::LegalHold | ErrorCode::StudyInUse | ErrorCode::NotFound
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// The outlived ones of the next studies, and where to go on from.
    async fn outlived_after(
        &self,
        actor: &Actor,
        after: Uuid,
    ) -> Result<(Vec<AgingStudy>, Option<Uuid>), AppError> {
        let now = self.clock.now();
        let read = self.store.read(actor).await?;
        let rules = read.retention_rules().await?;
        let Some(shortest) = rules.iter().map(|rule| rule.keep_days).min() else {
            return Ok((Vec::new(), None));
        };
        let before = now - chrono::TimeDelta::days(i64::from(shortest));
        let some = read.aging_studies(before, after, AT_ONCE).await?;
        let next = some.last().map(|last| last.study.id.uuid());
        let outlived = some
            .into_iter()
            .filter(|aging| outlived(&rules, &aging.kept, now).is_some())
            .collect();
        Ok((outlived, next))
    }

    fn checked_policy(&self, policy: ArchivePolicy) -> Result<ArchivePolicy, AppError> {
        if policy.cold_after_days.is_some() && self.cold.is_none() {
            return Err(AppError::invalid(
                "coldAfterDays",
                "this installation has no slow store; ask who runs it",
            ));
        }
        Ok(ArchivePolicy {
            trash_days: checked_days("trashDays", policy.trash_days, 1)?,
            cold_after_days: policy
                .cold_after_days
                .map(|days| checked_days("coldAfterDays", days, 1))
                .transpose()?,
        })
    }
}

fn checked_days(field: &'static str, days: u32, least: u32) -> Result<u32, AppError> {
    const MOST: u32 = 36_500;
    if (least..=MOST).contains(&days) {
        Ok(days)
    } else {
        Err(AppError::invalid(
            field,
            format!("between {least} and {MOST} days"),
        ))
    }
}

/// A modality as DICOM writes it (CS): at most 16 capital letters, digits and underscores.
pub(crate) fn checked_modality(modality: Option<String>) -> Result<Option<String>, AppError> {
    let Some(modality) = modality.map(|text| text.trim().to_uppercase()) else {
        return Ok(None);
    };
    let fits = (1..=16).contains(&modality.len())
        && modality
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if fits {
        Ok(Some(modality))
    } else {
        Err(AppError::invalid("modality", "such as CT, or nothing for all"))
    }
}
