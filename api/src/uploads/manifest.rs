//! What a sender announces, as it comes over the wire.

use app::{
    AppError,
    archive::{AnnouncedInstance, Announcement},
};
use dicom::Uid;
use domain::{ErrorCode, FacilityId, Priority, ProtocolFlag};
use serde::Deserialize;

use crate::{Problem, bodies};

#[derive(Debug, Deserialize)]
struct Manifest {
    facility_id: String,
    priority: String,
    protocol_flag: Option<String>,
    indication: Option<String>,
    studies: Vec<ManifestStudy>,
    #[serde(default)]
    refused: Vec<SetAside>,
}

#[derive(Debug, Deserialize)]
struct ManifestStudy {
    study_instance_uid: String,
    series: Vec<ManifestSeries>,
}

#[derive(Debug, Deserialize)]
struct ManifestSeries {
    series_instance_uid: String,
    instances: Vec<ManifestInstance>,
}

#[derive(Debug, Deserialize)]
struct ManifestInstance {
    sop_instance_uid: String,
    bytes: u64,
    /// In hexadecimal digits. With it, what is stored already need not be sent.
    sha256: Option<String>,
}

#[derive(Debug, Deserialize)]
struct SetAside {
    name: String,
    reason: String,
}

/// What a manifest announces.
pub fn parse(body: &[u8]) -> Result<Announcement, Problem> {
    let manifest: Manifest = bodies::parse(body, "a manifest")?;
    let facility: FacilityId = manifest
        .facility_id
        .parse()
        .map_err(|_| AppError::invalid("facility_id", "this is not the id of a facility"))?;
    let priority = Priority::from_name(&manifest.priority)
        .ok_or_else(|| AppError::invalid("priority", "ROUTINE, URGENT, ASAP or STAT"))?;
    let protocol_flag = match manifest.protocol_flag.as_deref() {
        None | Some("") => None,
        Some(name) => Some(
            ProtocolFlag::from_name(name)
                .ok_or_else(|| AppError::invalid("protocol_flag", "STROKE, TRAUMA or CRITICAL"))?,
        ),
    };
    let mut instances = Vec::new();
    for study in manifest.studies {
        let study_instance_uid = uid(&study.study_instance_uid)?;
        for series in study.series {
            let series_instance_uid = uid(&series.series_instance_uid)?;
            for instance in series.instances {
                instances.push(AnnouncedInstance {
                    study_instance_uid: study_instance_uid.clone(),
                    series_instance_uid: series_instance_uid.clone(),
                    sop_instance_uid: uid(&instance.sop_instance_uid)?,
                    bytes: instance.bytes,
                    sha256: instance.sha256.as_deref().map(sha256).transpose()?,
                });
            }
        }
    }
    let refused = manifest
        .refused
        .into_iter()
        .map(|file| (file.name, file.reason))
        .collect();
    Ok(Announcement {
        facility,
        priority,
        protocol_flag,
        indication: manifest.indication,
        instances,
        refused,
    })
}

fn uid(text: &str) -> Result<Uid, Problem> {
    Uid::parse(text).map_err(|error| {
        Problem::new(
            ErrorCode::InvalidUid,
            format!("a UID of the manifest is not valid: {error}"),
        )
    })
}

fn sha256(digits: &str) -> Result<[u8; 32], Problem> {
    let mut hash = [0; 32];
    hex::decode_to_slice(digits, &mut hash)
        .map_err(|_| AppError::invalid("sha256", "a SHA-256 has 64 hexadecimal digits"))?;
    Ok(hash)
}
