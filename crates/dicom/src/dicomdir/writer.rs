//! Writes the directory record by record, and fills in where the next one is when it is known.

use super::file_id::FileId;
use super::keys::Said;
use super::kind::{Kind, PATIENT, SERIES, STUDY, kind_of};
use crate::frames::FrameIndex;
use crate::index::InstanceIndex;
use crate::tag::Tag;
use crate::transfer_syntax::EXPLICIT_VR_LITTLE_ENDIAN;
use crate::writing::{ElementWriter, write_file_meta};
use dicom_core::VR;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

/// Media Storage Directory Storage.
const MEDIA_DIRECTORY: &str = "1.2.840.10008.1.3.10";

const FILE_SET_ID: Tag = Tag::new(0x0004, 0x1130);
const FIRST_RECORD: Tag = Tag::new(0x0004, 0x1200);
const LAST_RECORD: Tag = Tag::new(0x0004, 0x1202);
const CONSISTENCY_FLAG: Tag = Tag::new(0x0004, 0x1212);
const RECORD_SEQUENCE: Tag = Tag::new(0x0004, 0x1220);
const NEXT_RECORD: Tag = Tag::new(0x0004, 0x1400);
const IN_USE_FLAG: Tag = Tag::new(0x0004, 0x1410);
const LOWER_RECORD: Tag = Tag::new(0x0004, 0x1420);
const RECORD_TYPE: Tag = Tag::new(0x0004, 0x1430);
const PRIVATE_RECORD_UID: Tag = Tag::new(0x0004, 0x1432);
const REFERENCED_FILE_ID: Tag = Tag::new(0x0004, 0x1500);
const REFERENCED_SOP_CLASS_UID: Tag = Tag::new(0x0004, 0x1510);
const REFERENCED_SOP_INSTANCE_UID: Tag = Tag::new(0x0004, 0x1511);
const REFERENCED_TRANSFER_SYNTAX_UID: Tag = Tag::new(0x0004, 0x1512);

/// Why a record could not be added.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The directory is as large as its 32-bit offsets can say.
    #[error("a DICOMDIR holds at most 4 GiB of records; export in several parts")]
    Full,
    /// The directory could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A DICOMDIR on its way to a file.
#[derive(Debug)]
pub struct DirectoryWriter<F: Write + Seek> {
    out: ElementWriter<BufWriter<F>>,
    /// Where the offset of the root's first record stands; that of the last one follows it.
    first_at: u64,
    last_at: u64,
    /// The open record of each level: patient, study, series, and the last instance.
    open: [Option<Record>; 4],
    last_file: Option<FileId>,
}

/// Where a record begins, and where its offsets stand.
#[derive(Debug, Clone, Copy)]
struct Record {
    start: u32,
    next_at: u64,
    lower_at: u64,
}

impl<F: Write + Seek> DirectoryWriter<F> {
    /// Begins a directory in `file`, which is empty. `file_set_id` is a label of at most 16 capitals, digits and
    /// underscores.
    pub fn begin(file: F, sop_instance_uid: &str, file_set_id: &str) -> io::Result<Self> {
        let mut out = ElementWriter::new(BufWriter::new(file));
        write_file_meta(
            &mut out,
            MEDIA_DIRECTORY,
            sop_instance_uid,
            EXPLICIT_VR_LITTLE_ENDIAN,
        )?;
        out.text(FILE_SET_ID, VR::CS, file_set_id)?;
        out.element(FIRST_RECORD, VR::UL, &[0; 4])?;
        let first_at = out.position() - 4;
        out.element(LAST_RECORD, VR::UL, &[0; 4])?;
        let last_at = out.position() - 4;
        out.element(CONSISTENCY_FLAG, VR::US, &[0; 2])?;
        out.begin(RECORD_SEQUENCE, VR::SQ)?;
        Ok(Self {
            out,
            first_at,
            last_at,
            open: [None; 4],
            last_file: None,
        })
    }

    /// Adds the record of an instance, and those of its patient, study and series when they are not the last one's.
    ///
    /// Errors: [`DirectoryError::Full`].
    pub fn add(&mut self, index: &InstanceIndex, file: &FileId) -> Result<(), DirectoryError> {
        let class = index.attributes.sop_class_uid.as_str();
        let kind = kind_of(class, index.frames != FrameIndex::None);
        let shared = match &self.last_file {
            Some(last) => last.shared_levels(file),
            None => 0,
        };
        let kinds = [PATIENT, STUDY, SERIES, kind];
        let wanted: Vec<Tag> = kinds[shared..]
            .iter()
            .flat_map(|kind| kind.keys.iter().map(|key| key.tag()))
            .collect();
        let said = Said::read(&index.metadata_json, &wanted)?;
        for (level, kind) in kinds.into_iter().enumerate().skip(shared) {
            let referenced = (level == 3).then_some((index, file));
            self.record(level, kind, &said, referenced)?;
        }
        self.last_file = Some(file.clone());
        Ok(())
    }

    /// Ends the directory and gives its file back, written but not synced.
    pub fn finish(mut self) -> io::Result<F> {
        self.out.end()?;
        let last = self.open[0].map_or(0, |record| record.start);
        self.patch(self.last_at, last)?;
        self.out
            .into_inner()
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
    }

    fn record(
        &mut self,
        level: usize,
        kind: Kind,
        said: &Said,
        referenced: Option<(&InstanceIndex, &FileId)>,
    ) -> Result<(), DirectoryError> {
        // Room for the record itself: it is far below a megabyte but for hostile keys, which the index bounds.
        let start = u32::try_from(self.out.position()).map_err(|_| DirectoryError::Full)?;
        let out = &mut self.out;
        out.begin_item()?;
        out.element(NEXT_RECORD, VR::UL, &[0; 4])?;
        let next_at = out.position() - 4;
        out.element(IN_USE_FLAG, VR::US, &[0xff, 0xff])?;
        out.element(LOWER_RECORD, VR::UL, &[0; 4])?;
        let lower_at = out.position() - 4;
        out.text(RECORD_TYPE, VR::CS, kind.name)?;
        if let Some((index, file)) = referenced {
            let class = index.attributes.sop_class_uid.as_str();
            if kind.name == "PRIVATE" {
                out.text(PRIVATE_RECORD_UID, VR::UI, class)?;
            }
            out.text(REFERENCED_FILE_ID, VR::CS, &file.components().join("\\"))?;
            out.text(REFERENCED_SOP_CLASS_UID, VR::UI, class)?;
            let instance = index.attributes.sop_instance_uid.as_str();
            out.text(REFERENCED_SOP_INSTANCE_UID, VR::UI, instance)?;
            let syntax = index.meta.transfer_syntax_uid.as_str();
            out.text(REFERENCED_TRANSFER_SYNTAX_UID, VR::UI, syntax)?;
        }
        said.write(kind.keys, out)?;
        out.end_item()?;

        let known_from = match (level, self.open[level]) {
            (_, Some(before)) => before.next_at,
            (0, None) => self.first_at,
            (_, None) => self.open[level - 1].map_or(self.first_at, |above| above.lower_at),
        };
        self.patch(known_from, start)?;
        self.open[level] = Some(Record {
            start,
            next_at,
            lower_at,
        });
        self.open[level + 1..].fill(None);
        Ok(())
    }

    /// Writes an offset where it was left open.
    fn patch(&mut self, at: u64, offset: u32) -> io::Result<()> {
        let end = self.out.position();
        let file = self.out.get_mut();
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&offset.to_le_bytes())?;
        file.seek(SeekFrom::Start(end))?;
        Ok(())
    }
}
