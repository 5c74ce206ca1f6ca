//! Images to send: made once, then sent under ever new names.

use bytes::Bytes;
use dicom::phantom::{PhantomInstance, PhantomKind, PhantomOptions, PhantomPatient, PhantomStudy};
use telerad_tests::{node::Image, related_body};

/// Where the header of a generated file ends at the latest.
const HEADER_BYTES: usize = 8192;
/// How much of a UID's end says which copy it is.
const COPY_DIGITS: usize = 8;
/// What stands for the copy's number in names.
const COPY: &str = "00000000";
/// Replaced by the copy's own date.
const DATE: &str = "20260102";

/// One STOW request.
#[derive(Debug, Clone)]
pub struct Body {
    /// With the boundary.
    pub content_type: String,
    /// All parts.
    pub bytes: Bytes,
}

impl Body {
    /// A request of these files.
    pub fn of<F: AsRef<[u8]>>(files: &[F]) -> Self {
        let (content_type, bytes) = related_body("application/dicom", files);
        Self {
            content_type,
            bytes: bytes.into(),
        }
    }
}

/// A study to copy: each copy has other UIDs, another patient, accession number and date, and the same pixels.
#[derive(Debug)]
pub struct Sample {
    instances: Vec<PhantomInstance>,
}

impl Sample {
    /// A CT as machines make them: 512 × 512, 16 bits, with noise.
    pub fn ct(slices: u32) -> anyhow::Result<Self> {
        Self::made(PhantomKind::HeadCt, slices, None)
    }

    /// The smallest study there is: for many of them.
    pub fn tiny() -> anyhow::Result<Self> {
        Self::made(PhantomKind::HeadCt, 1, Some(16))
    }

    /// A cine loop in one instance.
    pub fn cine(frames: u32) -> anyhow::Result<Self> {
        Self::made(PhantomKind::CardiacUltrasound, frames, None)
    }

    fn made(kind: PhantomKind, instances: u32, edge: Option<u32>) -> anyhow::Result<Self> {
        let options = PhantomOptions {
            seed: 7,
            patient: PhantomPatient {
                name: Some(format!("Phantom^N{COPY}")),
                id: format!("ID{COPY}"),
                birth_date: "19600229".to_owned(),
                sex: "F".to_owned(),
            },
            study_date: DATE.to_owned(),
            accession_number: format!("A{COPY}"),
            instances: Some(instances),
            edge,
            ..PhantomOptions::default()
        };
        let instances = PhantomStudy::new(kind, options).collect::<Result<_, _>>()?;
        Ok(Self { instances })
    }

    /// Copy `number`, file by file.
    pub fn files(&self, number: u32) -> impl Iterator<Item = Vec<u8>> {
        self.instances
            .iter()
            .map(move |instance| copied(instance, number))
    }

    /// Copy `number` as an application holds it that sends over associations.
    pub fn images(&self, number: u32) -> anyhow::Result<Vec<Image>> {
        let copies = self.instances.iter().map(|instance| PhantomInstance {
            sop_instance_uid: renumbered(&instance.sop_instance_uid, number),
            bytes: copied(instance, number),
            ..instance.clone()
        });
        copies.map(|copy| Image::of(&copy)).collect()
    }

    /// Copy `number` as one request.
    pub fn body(&self, number: u32) -> Body {
        Body::of(&self.files(number).collect::<Vec<_>>())
    }

    /// The study of copy `number` as an address below the archive's root.
    pub fn study_path(&self, number: u32) -> String {
        format!(
            "/studies/{}",
            renumbered(&self.instances[0].study_instance_uid, number)
        )
    }

    /// Its series.
    pub fn series_path(&self, number: u32) -> String {
        let series = renumbered(&self.instances[0].series_instance_uid, number);
        format!("{}/series/{series}", self.study_path(number))
    }

    /// Its instances, in their order.
    pub fn instance_paths(&self, number: u32) -> Vec<String> {
        let series = self.series_path(number);
        let uids = self.instances.iter().map(|instance| &instance.sop_instance_uid);
        uids.map(|uid| format!("{series}/instances/{}", renumbered(uid, number)))
            .collect()
    }

    /// Bytes of all files of a copy.
    pub fn bytes(&self) -> usize {
        self.instances.iter().map(|instance| instance.bytes.len()).sum()
    }
}

/// Study Date of a copy: spread over ten years.
pub fn date_of(number: u32) -> String {
    let (year, month, day) = (2015 + number % 10, 1 + number / 10 % 12, 1 + number / 120 % 28);
    format!("{year}{month:02}{day:02}")
}

fn copied(instance: &PhantomInstance, number: u32) -> Vec<u8> {
    let mut file = instance.bytes.clone();
    let header = file.len().min(HEADER_BYTES);
    let header = &mut file[..header];
    for uid in [
        &instance.study_instance_uid,
        &instance.series_instance_uid,
        &instance.sop_instance_uid,
    ] {
        replace(header, uid, &renumbered(uid, number));
    }
    for before in ["^N", "ID", "A"] {
        replace(
            header,
            &format!("{before}{COPY}"),
            &format!("{before}{number:08}"),
        );
    }
    replace(header, DATE, &date_of(number));
    file
}

fn renumbered(uid: &str, number: u32) -> String {
    format!("{}{number:08}", &uid[..uid.len() - COPY_DIGITS])
}

/// Puts a text of the same length wherever another stands.
fn replace(bytes: &mut [u8], from: &str, to: &str) {
    debug_assert_eq!(from.len(), to.len());
    let mut at = 0;
    while at + from.len() <= bytes.len() {
        if bytes[at..].starts_with(from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
            at += from.len();
        } else {
            at += 1;
        }
    }
}
