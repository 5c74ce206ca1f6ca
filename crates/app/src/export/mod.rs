//! Taking studies out: plain Part 10 files with a DICOMDIR, as they came or de-identified.
//!
//! [`App::begin_export`] gives an [`Export`] that yields one file after the other; [`zip`] makes a stream of them.
//!
//! **Invariant:** one instance is in the spool at a time; whatever an archive holds, memory holds a few rows.
//!
//! **Invariant:** before a byte of a study is handed out the audit trail says so.
//!
//! **Invariant:** what is not handed out is named, with the reason: what cannot be read or de-identified, what lies in the
//! trash, what was set aside. It never stops the rest, and an export is never smaller without saying so.

mod copy;
mod deidentified;
mod left_out;
mod lossy;
mod object;
mod zip;

use std::{collections::VecDeque, fs::File};

use chrono::{DateTime, Utc};
use dicom::{
    deidentify::{Profile, Pseudonyms},
    dicomdir::{DirectoryWriter, FileIds},
};
use domain::{
    Actor, ErrorCode, Permission,
    audit::{AuditAction, AuditEvent},
};
use store::{InstanceRow, StudyRow};

pub use object::DeidentifiedObject;
pub use zip::ZipExport;

use self::{
    copy::{Spooled, blocking, of_refusal, spool_error},
    deidentified::Disguise,
    left_out::{LeftOut, Reason},
    lossy::Lossy,
};
use crate::{App, AppError, renditions::SpoolFile};

/// Rows that are read at a time.
const ROWS_AT_A_TIME: u64 = 100;
/// The label of the media (File-set ID).
const FILE_SET_ID: &str = "TELERAD";
/// The list of what is not there.
const LEFT_OUT: &str = "LEFTOUT.TXT";

/// What is taken out, and how.
#[derive(Debug, Clone, Default)]
pub struct ExportRequest {
    /// One study only, by its Study Instance UID.
    pub study_instance_uid: Option<String>,
    /// Only studies of which something came then or later.
    pub since: Option<DateTime<Utc>>,
    /// De-identified so; as they came when absent.
    pub deidentify: Option<Profile>,
    /// Whether images go as lossy copies, as far as the organisation's policy allows; not together with the above.
    pub quality: Quality,
}

/// What images are taken out as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Quality {
    /// The originals.
    #[default]
    Original,
    /// Lossy copies, which are other objects.
    Lossy,
}

/// One file of an export.
#[derive(Debug)]
pub struct ExportedFile {
    /// Its place below the root, with slashes.
    pub path: String,
    /// Its bytes.
    pub file: SpoolFile,
    /// How many they are.
    pub length: u64,
}

/// What an export came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportSummary {
    /// Studies of which something was taken out.
    pub studies: u64,
    /// Instances that were taken out.
    pub instances: u64,
    /// Instances that should have been and could not; the list names them.
    pub left_out: u64,
    /// Instances in the trash, which the list names, too.
    pub trashed: u64,
    /// Files that were set aside under the UIDs of others, likewise.
    pub set_aside: u64,
    /// Bytes of the instances that were taken out.
    pub bytes: u64,
}

/// An export under way.
#[derive(Debug)]
pub struct Export {
    app: App,
    actor: Actor,
    request: ExportRequest,
    /// How copies are de-identified; as they came when absent.
    disguise: Option<Disguise>,
    /// How copies are lossy; originals when absent.
    lossy: Option<Lossy>,
    studies: VecDeque<StudyRow>,
    /// The last study that was read, to go on from; none when all have been.
    read_up_to: Option<StudyRow>,
    all_read: bool,
    study: Option<StudyRow>,
    /// Whether the trail says that the study is taken out.
    is_recorded: bool,
    instances: VecDeque<InstanceRow>,
    ids: FileIds,
    /// None while, or after, adding to it failed.
    directory: Option<DirectoryWriter<File>>,
    directory_file: SpoolFile,
    left_out: LeftOut,
    summary: ExportSummary,
}

impl App {
    /// Begins to take studies out.
    ///
    /// Errors: `NOT_FOUND` for a study that is not the actor's, `STUDY_DELETED` for one that lies in the trash,
    /// `LOSSY_NOT_ALLOWED`.
    pub async fn begin_export(&self, actor: &Actor, request: ExportRequest) -> Result<Export, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let mut studies = VecDeque::new();
        if let Some(uid) = &request.study_instance_uid {
            studies.push_back(self.study_to_export(actor, uid).await?);
        }
        let lossy = match request.quality {
            Quality::Original => None,
            // What a de-identified copy may keep was weighed for originals only.
            Quality::Lossy if request.deidentify.is_some() => {
                return Err(AppError::invalid(
                    "lossy",
                    "a de-identified export has no lossy copies",
                ));
            }
            Quality::Lossy => Some(self.lossy_of(actor, studies.front()).await?),
        };
        let disguise = match &request.deidentify {
            Some(profile) => Some(Disguise {
                profile: profile.clone(),
                pseudonyms: self.pseudonyms(actor).await?,
            }),
            None => None,
        };
        let directory_file = self.spool_file("dicomdir");
        let path = directory_file.path().to_owned();
        let uid = format!("2.25.{}", self.ids.next().as_u128());
        let directory =
            blocking(move || DirectoryWriter::begin(File::create_new(path)?, &uid, FILE_SET_ID)).await?;
        Ok(Export {
            all_read: request.study_instance_uid.is_some(),
            left_out: LeftOut::new(self.spool_file("left-out")),
            app: self.clone(),
            actor: actor.clone(),
            request,
            disguise,
            lossy,
            studies,
            read_up_to: None,
            study: None,
            is_recorded: false,
            instances: VecDeque::new(),
            ids: FileIds::default(),
            directory: Some(directory),
            directory_file,
            summary: ExportSummary::default(),
        })
    }

    async fn study_to_export(&self, actor: &Actor, uid: &str) -> Result<StudyRow, AppError> {
        let tx = self.store.read(actor).await?;
        let found = tx.study_of_uid_in_trash_too(uid).await?;
        match found.filter(|(study, _)| actor.facilities().contains(study.facility)) {
            Some((study, false)) => Ok(study),
            Some((_, true)) => Err(AppError::refused(
                ErrorCode::StudyDeleted,
                "the study was deleted and lies in the trash: nothing was exported; an administrator can restore it",
            )),
            None => Err(AppError::NotFound { what: "study" }),
        }
    }

    /// The pseudonyms of the actor's tenant: the same whenever they are asked for.
    async fn pseudonyms(&self, actor: &Actor) -> Result<Pseudonyms, AppError> {
        let tx = self.store.begin(actor).await?;
        let fresh = self.randomness.secret();
        let key = tx.pseudonym_key(fresh, self.clock.now()).await?;
        tx.commit().await?;
        Ok(Pseudonyms::new(key))
    }
}

impl Export {
    /// The next file, or none after the last instance; then [`Export::finish`] has the directory.
    ///
    /// Errors: `STORAGE_FULL` and `STORAGE_UNAVAILABLE`, after which the export is incomplete.
    pub async fn next(&mut self) -> Result<Option<ExportedFile>, AppError> {
        loop {
            let Some(instance) = self.next_instance().await? else {
                return Ok(None);
            };
            if instance.deletion.is_some() {
                self.summary.trashed += 1;
                self.leave_out(&instance.sop_instance_uid, &Reason::trashed())
                    .await?;
                continue;
            }
            self.record().await?;
            match self.copy(&instance).await {
                Ok(copy) => {
                    let file = self.place(&instance, copy).await?;
                    self.summary.instances += 1;
                    self.summary.bytes += file.length;
                    metrics::counter!("telerad_export_instances_total", "outcome" => "exported").increment(1);
                    return Ok(Some(file));
                }
                Err(AppError::Refused { code, message, .. }) => {
                    self.summary.left_out += 1;
                    let reason = Reason { code, text: message };
                    self.leave_out(&instance.sop_instance_uid, &reason).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends the export: the DICOMDIR, and the list of what was left out when something was.
    pub async fn finish(self) -> Result<(Vec<ExportedFile>, ExportSummary), AppError> {
        let Self {
            directory,
            directory_file,
            left_out,
            summary,
            ..
        } = self;
        let directory = directory.ok_or_else(copy::lost_directory)?;
        let length = blocking(move || Ok(directory.finish()?.metadata()?.len())).await?;
        let mut files = vec![ExportedFile {
            path: "DICOMDIR".to_owned(),
            file: directory_file,
            length,
        }];
        if let Some((file, length)) = left_out.finish() {
            files.push(ExportedFile {
                path: LEFT_OUT.to_owned(),
                file,
                length,
            });
        }
        Ok((files, summary))
    }

    /// Puts an instance on the list of those that are not in the export, under the UID it would have there.
    async fn leave_out(&mut self, sop_instance_uid: &str, reason: &Reason) -> Result<(), AppError> {
        metrics::counter!("telerad_export_instances_total", "outcome" => "left_out").increment(1);
        let name = match &self.disguise {
            Some(disguise) => disguise.uid(sop_instance_uid),
            None => sop_instance_uid.to_owned(),
        };
        self.left_out.add(&name, reason).await
    }

    async fn next_instance(&mut self) -> Result<Option<InstanceRow>, AppError> {
        loop {
            if let Some(instance) = self.instances.pop_front() {
                if self.instances.is_empty() {
                    self.read_instances(Some(&instance)).await?;
                }
                return Ok(Some(instance));
            }
            if !self.next_study().await? {
                return Ok(None);
            }
            self.read_instances(None).await?;
        }
    }

    async fn read_instances(&mut self, after: Option<&InstanceRow>) -> Result<(), AppError> {
        let study = self.study()?.id;
        let after = after.map(|instance| (instance.series, instance.id));
        let tx = self.app.store.read(&self.actor).await?;
        let rows = tx.instances_in_series_order(study, after, ROWS_AT_A_TIME).await?;
        self.instances = rows.into();
        Ok(())
    }

    /// Goes on to the next study, and lists what was set aside of it.
    async fn next_study(&mut self) -> Result<bool, AppError> {
        if self.studies.is_empty() && !self.all_read {
            let tx = self.app.store.read(&self.actor).await?;
            let after = self.read_up_to.as_ref().map(|study| (study.patient, study.id));
            let rows = tx
                .studies_by_patient(self.actor.facilities(), self.request.since, after, ROWS_AT_A_TIME)
                .await?;
            self.all_read = (rows.len() as u64) < ROWS_AT_A_TIME;
            self.read_up_to = rows.last().cloned().or(self.read_up_to.take());
            self.studies = rows.into();
        }
        let Some(study) = self.studies.pop_front() else {
            return Ok(false);
        };
        self.left_out.stay().await?;
        self.list_set_aside(&study).await?;
        self.study = Some(study);
        self.is_recorded = false;
        Ok(true)
    }

    async fn list_set_aside(&mut self, study: &StudyRow) -> Result<(), AppError> {
        let mut after = None;
        loop {
            let tx = self.app.store.read(&self.actor).await?;
            let rows = tx.quarantined_of_study(study, after, ROWS_AT_A_TIME).await?;
            drop(tx);
            for row in &rows {
                self.summary.set_aside += 1;
                self.leave_out(&row.sop_instance_uid, &Reason::set_aside())
                    .await?;
            }
            match rows.last() {
                Some(last) if rows.len() as u64 == ROWS_AT_A_TIME => after = Some(last.id),
                _ => return Ok(()),
            }
        }
    }

    /// Says in the trail that the study is taken out, before the first of it is.
    async fn record(&mut self) -> Result<(), AppError> {
        if self.is_recorded {
            return Ok(());
        }
        let study = self.study()?.id;
        let mut tx = self.app.store.begin(&self.actor).await?;
        let case = tx.case_of_study(study).await?.map(|row| row.case.id);
        let how = match (&self.disguise, &self.lossy) {
            (None, None) => "as it came".to_owned(),
            (None, Some(lossy)) => format!(
                "lossy copies of {}, at least {} dB",
                lossy.policy.modalities.join(", "),
                lossy.policy.least_psnr_db
            ),
            (Some(disguise), _) => format!("de-identified; {}", disguise.profile.summary()),
        };
        let now = self.app.clock.now();
        let event = AuditEvent::of(&self.actor, now, AuditAction::StudyExport, study).detail(how);
        tx.audit(event.case(case));
        tx.commit().await?;
        self.is_recorded = true;
        self.summary.studies += 1;
        Ok(())
    }

    fn study(&self) -> Result<&StudyRow, AppError> {
        self.study.as_ref().ok_or_else(|| AppError::Internal {
            what: "an instance is of a study".to_owned(),
        })
    }
}

/// The directory has no room for more.
fn full(error: &dicom::dicomdir::DirectoryError) -> AppError {
    AppError::refused(ErrorCode::PayloadTooLarge, error.to_string())
}
