//! The demo's studies: phantoms, announced and sent as a facility's gateway does.

use anyhow::{Context as _, bail};
use app::{
    App,
    archive::{AnnouncedInstance, Announcement, IngestTarget, PartOutcome},
};
use bytes::Bytes;
use dicom::{
    Uid,
    phantom::{PhantomInstance, PhantomKind, PhantomOptions, PhantomPatient, PhantomStudy},
};
use domain::{Actor, FacilityId, Priority, ProtocolFlag};

/// One study of the demo.
struct Case {
    kind: PhantomKind,
    instances: Option<u32>,
    priority: Priority,
    protocol_flag: Option<ProtocolFlag>,
    indication: &'static str,
    patient: (&'static str, &'static str, &'static str),
}

const CASES: &[Case] = &[
    Case {
        kind: PhantomKind::HeadCt,
        instances: Some(60),
        priority: Priority::Stat,
        protocol_flag: Some(ProtocolFlag::Stroke),
        indication: "Sudden left hemiparesis, onset 70 minutes ago. Haemorrhage?",
        patient: ("DEMO-1001", "19530412", "M"),
    },
    Case {
        kind: PhantomKind::ChestRadiograph,
        instances: None,
        priority: Priority::Routine,
        protocol_flag: None,
        indication: "Cough for three weeks. Infiltrate?",
        patient: ("DEMO-1002", "19871123", "F"),
    },
    Case {
        kind: PhantomKind::KneeMr,
        instances: None,
        priority: Priority::Urgent,
        protocol_flag: None,
        indication: "Twisted the knee at football. Meniscal tear?",
        patient: ("DEMO-1003", "19990630", "F"),
    },
    Case {
        kind: PhantomKind::CardiacUltrasound,
        instances: None,
        priority: Priority::Asap,
        protocol_flag: None,
        indication: "Dyspnoea on exertion. Ventricular function?",
        patient: ("DEMO-1004", "19610219", "M"),
    },
];

/// Files of one request.
const BATCH: usize = 20;

/// Sends the studies that are not there yet, through the use cases every sender goes through. Gives how many.
pub async fn seed(app: &App, actor: &Actor, sender: &Actor) -> anyhow::Result<usize> {
    let facilities = app.facilities(sender).await?;
    let facility = facilities.first().context("the key's facility")?.id;
    let mut sent = 0;
    for (number, case) in (1..).zip(CASES) {
        let study = case.study(number);
        if is_complete(app, actor, &study).await? {
            continue;
        }
        send(app, sender, facility, case, study)
            .await
            .with_context(|| format!("{:?}", case.kind))?;
        sent += 1;
    }
    Ok(sent)
}

impl Case {
    fn study(&self, number: u64) -> PhantomStudy {
        let (id, birth_date, sex) = self.patient;
        let options = PhantomOptions {
            seed: number,
            patient: PhantomPatient {
                name: None,
                id: id.to_owned(),
                birth_date: birth_date.to_owned(),
                sex: sex.to_owned(),
            },
            accession_number: format!("DEMO{number:04}"),
            institution: "Lakeside Imaging".to_owned(),
            instances: self.instances,
            ..PhantomOptions::default()
        };
        PhantomStudy::new(self.kind, options)
    }
}

async fn is_complete(app: &App, actor: &Actor, study: &PhantomStudy) -> anyhow::Result<bool> {
    let stored = app
        .store
        .read(actor)
        .await?
        .study_of_uid(&study.study_instance_uid())
        .await?;
    Ok(stored.is_some_and(|stored| stored.instance_count >= study.instance_count()))
}

async fn send(
    app: &App,
    sender: &Actor,
    facility: FacilityId,
    case: &Case,
    study: PhantomStudy,
) -> anyhow::Result<()> {
    // Drawing takes seconds of a processor; the server goes on serving meanwhile.
    let drawn = tokio::task::spawn_blocking(move || study.collect::<Result<Vec<_>, _>>()).await??;
    let announcement = Announcement {
        facility,
        priority: case.priority,
        protocol_flag: case.protocol_flag,
        indication: Some(case.indication.to_owned()),
        instances: drawn.iter().map(announced).collect::<anyhow::Result<_>>()?,
        refused: Vec::new(),
    };
    let upload = app.announce_upload(sender, announcement).await?.upload;
    for batch in drawn.chunks(BATCH) {
        let target = IngestTarget {
            instance: None,
            upload: Some(upload),
            ..IngestTarget::default()
        };
        let mut ingest = app.begin_ingest(sender, target).await?;
        for instance in batch {
            ingest.begin_part(Some(&instance.sop_instance_uid)).await?;
            ingest.write(Bytes::copy_from_slice(&instance.bytes)).await?;
            ingest.end_part().await?;
        }
        for part in ingest.commit().await?.parts {
            if let PartOutcome::Refused { text, .. } = part.outcome {
                bail!("an instance was refused: {text}");
            }
        }
    }
    app.finish_upload(sender, upload).await?;
    Ok(())
}

fn announced(instance: &PhantomInstance) -> anyhow::Result<AnnouncedInstance> {
    let uid = |text: &str| Uid::parse(text).map_err(|error| anyhow::anyhow!("{text}: {error}"));
    Ok(AnnouncedInstance {
        study_instance_uid: uid(&instance.study_instance_uid)?,
        series_instance_uid: uid(&instance.series_instance_uid)?,
        sop_instance_uid: uid(&instance.sop_instance_uid)?,
        bytes: instance.bytes.len() as u64,
        sha256: None,
    })
}
