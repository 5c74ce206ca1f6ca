//! Lossy copies for slow lines: derived objects with UIDs of their own, made for one export and kept nowhere.
//!
//! **Invariant:** without a policy of the organisation nothing lossy is made. Originals are read, and that is all.

use dicom::{
    codec::{CodecReply, CodecRequest, Derivation, Source, Work},
    deidentify::Pseudonyms,
    index_instance,
};
use domain::{
    Actor, ErrorCode, Permission,
    audit::{AuditAction, AuditEvent},
    lossy::{LossyPolicy, PSNR_DB},
};
use store::StudyRow;

use super::{Export, Spooled, blocking, copy::of_refusal, deidentified::limits, spool_error};
use crate::{App, AppError, ports};

/// By which policy copies are lossy, and whence their UIDs.
#[derive(Debug, Clone)]
pub(super) struct Lossy {
    pub policy: LossyPolicy,
    uids: Pseudonyms,
}

impl Lossy {
    /// The same copy of the same object has the same UID whenever it is made: the codec and the promise decide.
    fn uid(&self, uid: &str) -> String {
        let kept = self.policy.least_psnr_db;
        self.uids.uid(&format!("lossy copy, HTJ2K 9/7, {kept} dB: {uid}"))
    }
}

impl App {
    /// What the tenant decided about lossy copies; none while they are forbidden.
    pub async fn lossy_policy(&self, actor: &Actor) -> Result<Option<LossyPolicy>, AppError> {
        self.authorise(actor, Permission::ManageArchive)?;
        Ok(self.store.read(actor).await?.lossy_policy().await?)
    }

    /// Allows lossy copies, or forbids them.
    ///
    /// Errors: `INVALID_INPUT`.
    pub async fn decide_lossy(
        &self,
        actor: &Actor,
        policy: Option<LossyPolicy>,
    ) -> Result<Option<LossyPolicy>, AppError> {
        self.authorise(actor, Permission::ManageArchive)?;
        let policy = policy.map(checked).transpose()?;
        let detail = match &policy {
            None => "lossy copies: never".to_owned(),
            Some(policy) => format!(
                "lossy copies: of {} after {} days, at least {} dB",
                policy.modalities.join(", "),
                policy.after_days,
                policy.least_psnr_db
            ),
        };
        let mut tx = self.store.begin(actor).await?;
        tx.set_lossy_policy(policy.as_ref()).await?;
        let event = AuditEvent::of(actor, self.clock.now(), AuditAction::ArchivePolicy, "archive");
        tx.audit(event.detail(detail));
        tx.commit().await?;
        Ok(policy)
    }

    /// How an export is lossy that asks for it.
    ///
    /// Errors: `LOSSY_NOT_ALLOWED` without a policy, or when it does not speak of `study` yet.
    pub(super) async fn lossy_of(&self, actor: &Actor, study: Option<&StudyRow>) -> Result<Lossy, AppError> {
        let refused = |why: &str| AppError::refused(ErrorCode::LossyNotAllowed, why);
        let policy = self.store.read(actor).await?.lossy_policy().await?.ok_or_else(|| {
            refused(
                "this organisation allows no lossy copies, and nothing was exported; take the originals, or ask an \
                 administrator",
            )
        })?;
        let now = self.clock.now();
        if study.is_some_and(|study| !policy.speaks_of(study.last_received_at, now)) {
            return Err(refused(
                "this study is too young for lossy copies, and nothing was exported; take the originals",
            ));
        }
        Ok(Lossy {
            policy,
            uids: self.pseudonyms(actor).await?,
        })
    }
}

impl Export {
    /// The lossy copy of `original`, or the original where the policy does not allow one or none can keep its promise.
    pub(super) async fn with_loss(&self, original: Spooled, lossy: &Lossy) -> Result<Spooled, AppError> {
        let now = self.app.clock.now();
        let modality = original.index.attributes.modality.as_deref().unwrap_or_default();
        if !lossy.policy.allows(modality) || !lossy.policy.speaks_of(self.study()?.last_received_at, now) {
            return Ok(original);
        }
        let copy = self.app.spool_file("lossy");
        let attributes = &original.index.attributes;
        let request = CodecRequest {
            source: Source::File {
                path: std::path::absolute(original.file.path()).map_err(spool_error)?,
                offset: 0,
                length: original.length,
            },
            work: Work::Lossy {
                output: std::path::absolute(copy.path()).map_err(spool_error)?,
                derivation: Derivation {
                    sop_instance_uid: lossy.uid(attributes.sop_instance_uid.as_str()),
                    series_instance_uid: lossy.uid(attributes.series_instance_uid.as_str()),
                    least_psnr_db: lossy.policy.least_psnr_db,
                },
            },
        };
        let made = self.app.codec.run(request).await;
        let told = if made.is_ok() { "made" } else { "impossible" };
        metrics::counter!("telerad_lossy_copies_total", "outcome" => told).increment(1);
        match made {
            // Small pictures, and originals that are compressed well without loss: a copy would cost and save nothing.
            Ok(CodecReply::Lossy(written)) if written.bytes >= original.length => Ok(original),
            Ok(CodecReply::Lossy(written)) => {
                tracing::debug!(
                    lossy.ratio = written.ratio,
                    lossy.psnr_db = written.psnr_db,
                    "a lossy copy"
                );
                let path = copy.path().to_owned();
                let index = blocking(move || {
                    let mut file = std::io::BufReader::new(std::fs::File::open(path)?);
                    Ok(index_instance(&mut file, written.bytes, &limits()))
                });
                Ok(Spooled {
                    file: copy,
                    length: written.bytes,
                    index: index.await?.map_err(|refusal| of_refusal(&refusal))?,
                })
            }
            Ok(_) => Err(AppError::Internal {
                what: "the codec answered something else".to_owned(),
            }),
            Err(ports::CodecError::Damaged | ports::CodecError::Failed { .. }) => Err(AppError::refused(
                ErrorCode::PixelsUnreadable,
                "no lossy copy could be made of it",
            )),
            // No pixels, a palette, lossy already: the original says all that a copy could.
            Err(_) => Ok(original),
        }
    }
}

fn checked(policy: LossyPolicy) -> Result<LossyPolicy, AppError> {
    const MOST_DAYS: u32 = 36_500;
    const MOST_MODALITIES: usize = 50;
    if policy.after_days > MOST_DAYS {
        let text = format!("{MOST_DAYS} days at the most");
        return Err(AppError::invalid("afterDays", text));
    }
    if !PSNR_DB.contains(&policy.least_psnr_db) {
        let text = format!("between {} and {} dB", PSNR_DB.start(), PSNR_DB.end());
        return Err(AppError::invalid("leastPsnrDb", text));
    }
    if !(1..=MOST_MODALITIES).contains(&policy.modalities.len()) {
        return Err(AppError::invalid("modalities", "one at the least, such as CT"));
    }
    let mut modalities = Vec::with_capacity(policy.modalities.len());
    for modality in policy.modalities {
        let modality = crate::archive::checked_modality(Some(modality))?;
        modalities.extend(modality.filter(|modality| !modalities.contains(modality)));
    }
    Ok(LossyPolicy { modalities, ..policy })
}
