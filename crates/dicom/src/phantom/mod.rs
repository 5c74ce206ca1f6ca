//! Studies of people who do not exist, for demonstrations, tests and benchmarks.
//!
//! They look like what they are (a head CT, a chest radiograph, a knee MR, a beating heart), carry the noise of real
//! machines so that codecs behave as on real images, and say PHANTOM wherever a name is expected.
//!
//! ```
//! use dicom::phantom::{PhantomKind, PhantomOptions, PhantomStudy};
//!
//! let options = PhantomOptions { instances: Some(2), edge: Some(64), ..PhantomOptions::default() };
//! for instance in PhantomStudy::new(PhantomKind::HeadCt, options) {
//!     let instance = instance.unwrap();
//!     assert_eq!(&instance.bytes[128..132], b"DICM");
//! }
//! ```
//!
//! **Invariant:** the same kind and options give the same bytes, on every machine and in every order.
//! **Invariant:** one instance is in memory at a time.

mod attributes;
mod chest;
mod encode;
mod font;
mod head_ct;
mod knee_mr;
mod noise;
mod part10;
mod shapes;
mod ultrasound;

use crate::codec::CodecError;

/// What is imaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhantomKind {
    /// Axial CT of a head with a small haematoma: signed 16 bits, rescaled to Hounsfield units.
    HeadCt,
    /// Frontal and lateral digital radiograph of a chest: 12 bits, a series each.
    ChestRadiograph,
    /// Sagittal proton density MR of a knee: 12 bits.
    KneeMr,
    /// Cine loop of a heart in one multi-frame RGB instance.
    CardiacUltrasound,
}

impl PhantomKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [
        Self::HeadCt,
        Self::ChestRadiograph,
        Self::KneeMr,
        Self::CardiacUltrasound,
    ];

    /// A name whose family name says what it is, as Patient's Name (0010,0010) spells it.
    pub fn patient_name(self) -> &'static str {
        match self {
            Self::HeadCt => "Phantom^Head",
            Self::ChestRadiograph => "Phantom^Chest",
            Self::KneeMr => "Phantom^Knee",
            Self::CardiacUltrasound => "Phantom^Heart",
        }
    }
}

/// Transfer syntax of generated instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PhantomTransferSyntax {
    /// 1.2.840.10008.1.2
    ImplicitVrLittleEndian,
    /// 1.2.840.10008.1.2.1
    #[default]
    ExplicitVrLittleEndian,
    /// 1.2.840.10008.1.2.5
    RleLossless,
    /// 1.2.840.10008.1.2.4.80
    JpegLsLossless,
    /// 1.2.840.10008.1.2.4.202
    HtJ2kLosslessRpcl,
    /// 1.2.840.10008.1.2.4.50, for 8-bit images only.
    JpegBaseline,
}

impl PhantomTransferSyntax {
    /// The transfer syntax UID.
    pub fn uid(self) -> &'static str {
        match self {
            Self::ImplicitVrLittleEndian => "1.2.840.10008.1.2",
            Self::ExplicitVrLittleEndian => "1.2.840.10008.1.2.1",
            Self::RleLossless => "1.2.840.10008.1.2.5",
            Self::JpegLsLossless => "1.2.840.10008.1.2.4.80",
            Self::HtJ2kLosslessRpcl => crate::codec::HTJ2K_LOSSLESS_RPCL,
            Self::JpegBaseline => "1.2.840.10008.1.2.4.50",
        }
    }
}

/// Who is imaged. Keep it obviously synthetic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhantomPatient {
    /// Patient's Name with up to three component groups, in UTF-8; the kind's own when absent.
    pub name: Option<String>,
    /// Patient ID.
    pub id: String,
    /// Patient's Birth Date, `YYYYMMDD`.
    pub birth_date: String,
    /// Patient's Sex: `F`, `M` or `O`.
    pub sex: String,
}

/// How a study is generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhantomOptions {
    /// Shapes, noise and UIDs follow from it.
    pub seed: u64,
    /// UIDs are made below this root, at most 22 characters; below 2.25 (UUID-derived) when absent.
    pub uid_root: Option<String>,
    /// Who.
    pub patient: PhantomPatient,
    /// Study Date, `YYYYMMDD`.
    pub study_date: String,
    /// Study Time, `HHMMSS`.
    pub study_time: String,
    /// Accession Number, at most 16 characters.
    pub accession_number: String,
    /// Institution Name.
    pub institution: String,
    /// Slices of CT and MR, frames of ultrasound, 1 to 2000; 30, 24 and 30 when absent. Chests have two views.
    pub instances: Option<u32>,
    /// Columns of CT, MR and radiograph, 16 to 2048; 512, 320 and 1024 when absent.
    pub edge: Option<u32>,
    /// Encoding.
    pub transfer_syntax: PhantomTransferSyntax,
}

impl Default for PhantomOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            uid_root: None,
            patient: PhantomPatient {
                name: None,
                id: "PHANTOM-1".to_owned(),
                birth_date: "19700101".to_owned(),
                sex: "O".to_owned(),
            },
            study_date: "20260102".to_owned(),
            study_time: "101500".to_owned(),
            accession_number: "PHANTOM1".to_owned(),
            institution: "Phantom Hospital".to_owned(),
            instances: None,
            edge: None,
            transfer_syntax: PhantomTransferSyntax::default(),
        }
    }
}

/// One generated Part 10 file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhantomInstance {
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// Series Instance UID.
    pub series_instance_uid: String,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// SOP Class UID.
    pub sop_class_uid: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The instances of a study, made one by one as they are asked for.
#[derive(Debug, Clone)]
pub struct PhantomStudy {
    kind: PhantomKind,
    options: PhantomOptions,
    next: u32,
}

impl PhantomStudy {
    /// A study of `kind`. Nothing is rendered yet.
    pub fn new(kind: PhantomKind, options: PhantomOptions) -> Self {
        Self {
            kind,
            options,
            next: 0,
        }
    }

    /// Study Instance UID.
    pub fn study_instance_uid(&self) -> String {
        attributes::uid(&self.options, self.kind, "study", 0)
    }

    /// How many instances the whole study has.
    pub fn instance_count(&self) -> u32 {
        match self.kind {
            PhantomKind::HeadCt | PhantomKind::KneeMr => self.slices(),
            PhantomKind::ChestRadiograph => 2,
            PhantomKind::CardiacUltrasound => 1,
        }
    }

    fn slices(&self) -> u32 {
        let usual = match self.kind {
            PhantomKind::KneeMr => 24,
            _ => 30,
        };
        self.options.instances.unwrap_or(usual).clamp(1, 2000)
    }

    fn edge(&self) -> usize {
        let usual = match self.kind {
            PhantomKind::HeadCt => 512,
            PhantomKind::KneeMr => 320,
            PhantomKind::ChestRadiograph | PhantomKind::CardiacUltrasound => 1024,
        };
        self.options.edge.unwrap_or(usual).clamp(16, 2048) as usize
    }

    /// Makes the instance `index`, from 0.
    ///
    /// Errors: [`CodecError::Unsuitable`] for a transfer syntax that cannot carry this kind;
    /// [`CodecError::FrameOutOfRange`] beyond the last instance.
    pub fn instance(&self, index: u32) -> Result<PhantomInstance, CodecError> {
        let count = self.instance_count();
        if index >= count {
            return Err(CodecError::FrameOutOfRange {
                frame: index,
                frames: count,
            });
        }
        let picture = self.render(index);
        attributes::write(self.kind, &self.options, index, picture)
    }

    fn render(&self, index: u32) -> Picture {
        let seed = self.options.seed;
        let edge = self.edge();
        let count = self.slices() as f32;
        let number = u64::from(index);
        let place = |(low, high): (f32, f32)| low + (high - low) * (index as f32 + 0.5) / count;
        match self.kind {
            PhantomKind::HeadCt => {
                let at = place(head_ct::RANGE);
                let samples = head_ct::slice(seed, at, edge, number);
                let geometry = Geometry::square(edge, head_ct::FIELD_OF_VIEW, at, head_ct::RANGE, count);
                Picture::Gray { samples, geometry }
            }
            PhantomKind::KneeMr => {
                let at = place(knee_mr::RANGE);
                let samples = knee_mr::slice(seed, at, edge, number);
                let geometry = Geometry::square(edge, knee_mr::FIELD_OF_VIEW, at, knee_mr::RANGE, count);
                Picture::Gray { samples, geometry }
            }
            PhantomKind::ChestRadiograph => {
                let (width, height) = chest::FIELD;
                let rows = (edge as f32 * height / width) as usize;
                let samples = match index {
                    0 => chest::frontal(seed, edge, rows),
                    _ => chest::lateral(seed, edge, rows),
                };
                Picture::Gray {
                    samples,
                    geometry: Geometry {
                        rows,
                        columns: edge,
                        spacing: width / edge as f32,
                        position: 0.0,
                        thickness: 0.0,
                    },
                }
            }
            PhantomKind::CardiacUltrasound => {
                let frames = (0..self.slices())
                    .map(|frame| ultrasound::frame(seed, frame as f32 / count, frame.into()))
                    .collect();
                Picture::Rgb { frames }
            }
        }
    }
}

impl Iterator for PhantomStudy {
    type Item = Result<PhantomInstance, CodecError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.instance_count() {
            return None;
        }
        self.next += 1;
        Some(self.instance(self.next - 1))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.instance_count() - self.next) as usize;
        (left, Some(left))
    }
}

/// A rendered instance before it is written.
enum Picture {
    Gray { samples: Vec<i32>, geometry: Geometry },
    Rgb { frames: Vec<Vec<u8>> },
}

/// Where a plane lies.
struct Geometry {
    rows: usize,
    columns: usize,
    /// Millimetres between pixels.
    spacing: f32,
    /// Along the normal, in millimetres.
    position: f32,
    thickness: f32,
}

impl Geometry {
    fn square(edge: usize, field: f32, position: f32, (low, high): (f32, f32), count: f32) -> Self {
        Self {
            rows: edge,
            columns: edge,
            spacing: field / edge as f32,
            position,
            thickness: (high - low) / count,
        }
    }
}
