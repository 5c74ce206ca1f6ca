//! Writes elements in Explicit VR Little Endian (PS3.5 §A.2), forward only.

use std::io::{Seek, SeekFrom, Write};

use dicom_core::VR;

use super::survey::Survey;
use crate::IMPLEMENTATION_CLASS_UID;
use crate::codec::CodecError;
use crate::prescan::has_long_length;
use crate::tag::{Tag, tags};

/// Most bytes that an instance may have in another transfer syntax. The spool folder holds it until it is sent.
const MAX_BYTES: u64 = 4 << 30;

const UNDEFINED: u32 = u32::MAX;

/// PS3.10 §7.1: fifteen bytes at most and a byte to pad.
const IMPLEMENTATION_VERSION_NAME: &str = "TELERAD";

/// Elements on their way into a file.
pub(super) struct ExplicitWriter<W> {
    out: W,
    written: u64,
}

impl<W: Write + Seek> ExplicitWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, written: 0 }
    }

    /// The file and how many bytes went into it.
    pub(super) fn finish(self) -> (W, u64) {
        (self.out, self.written)
    }

    /// Preamble and file meta information (PS3.10 §7.1).
    pub(super) fn file_meta(
        &mut self,
        survey: &Survey,
        sop_instance_uid: &str,
        transfer_syntax_uid: &str,
    ) -> Result<(), CodecError> {
        let mut group: Vec<(Tag, VR, Vec<u8>)> = vec![
            (Tag::new(0x0002, 0x0001), VR::OB, vec![0, 1]),
            (
                tags::MEDIA_STORAGE_SOP_CLASS_UID,
                VR::UI,
                survey.sop_class_uid.clone().into(),
            ),
            (
                tags::MEDIA_STORAGE_SOP_INSTANCE_UID,
                VR::UI,
                sop_instance_uid.into(),
            ),
            (tags::TRANSFER_SYNTAX_UID, VR::UI, transfer_syntax_uid.into()),
            (
                tags::IMPLEMENTATION_CLASS_UID,
                VR::UI,
                IMPLEMENTATION_CLASS_UID.into(),
            ),
            (
                tags::IMPLEMENTATION_VERSION_NAME,
                VR::SH,
                IMPLEMENTATION_VERSION_NAME.into(),
            ),
        ];
        if let Some(title) = survey.opening.value(tags::SOURCE_APPLICATION_ENTITY_TITLE) {
            group.push((tags::SOURCE_APPLICATION_ENTITY_TITLE, VR::AE, title.into()));
        }
        let length: usize = group
            .iter()
            .map(|(_, vr, value)| if has_long_length(*vr) { 12 } else { 8 } + value.len().next_multiple_of(2))
            .sum();
        self.bytes(&[0; 128])?;
        self.bytes(b"DICM")?;
        let length = u32::try_from(length).map_err(|_| CodecError::too_large("file meta information"))?;
        self.element(Tag::new(0x0002, 0x0000), VR::UL, &length.to_le_bytes())?;
        for (tag, vr, value) in &group {
            self.element(*tag, *vr, value)?;
        }
        Ok(())
    }

    /// A whole element; its value is padded to an even length.
    pub(super) fn element(&mut self, tag: Tag, vr: VR, value: &[u8]) -> Result<(), CodecError> {
        let length = u32::try_from(value.len()).map_err(|_| CodecError::too_large("value"))?;
        self.header(tag, vr, length)?;
        self.bytes(value)?;
        self.pad(vr, length)
    }

    /// The header of an element whose `length` bytes, and what [`ExplicitWriter::pad`] adds, follow.
    pub(super) fn header(&mut self, tag: Tag, vr: VR, length: u32) -> Result<(), CodecError> {
        let padded = length
            .checked_next_multiple_of(2)
            .filter(|padded| *padded != UNDEFINED)
            .ok_or_else(|| CodecError::too_large("value"))?;
        match u16::try_from(padded) {
            Ok(short) if !has_long_length(vr) => {
                self.tag(tag)?;
                self.bytes(vr.to_string().as_bytes())?;
                self.bytes(&short.to_le_bytes())
            }
            // What is too long for the short form goes as UN (PS3.5 §6.2.2, note 6).
            _ => {
                let vr = if has_long_length(vr) { vr } else { VR::UN };
                self.long_header(tag, vr, padded)
            }
        }
    }

    /// The byte that makes a value of `length` bytes even.
    pub(super) fn pad(&mut self, vr: VR, length: u32) -> Result<(), CodecError> {
        let padding: &[u8] = match vr {
            _ if length.is_multiple_of(2) => b"",
            VR::UI | VR::OB | VR::UN | VR::OW | VR::AT => &[0],
            _ => b" ",
        };
        self.bytes(padding)
    }

    pub(super) fn sequence_start(&mut self, tag: Tag) -> Result<(), CodecError> {
        self.long_header(tag, VR::SQ, UNDEFINED)
    }

    pub(super) fn item_start(&mut self) -> Result<(), CodecError> {
        self.item(UNDEFINED)
    }

    pub(super) fn item_end(&mut self) -> Result<(), CodecError> {
        self.tag(tags::ITEM_DELIMITATION)?;
        self.bytes(&[0; 4])
    }

    pub(super) fn sequence_end(&mut self) -> Result<(), CodecError> {
        self.tag(tags::SEQUENCE_DELIMITATION)?;
        self.bytes(&[0; 4])
    }

    /// The header of encapsulated pixel data; items and [`ExplicitWriter::sequence_end`] follow.
    pub(super) fn fragments_start(&mut self, tag: Tag, vr: VR) -> Result<(), CodecError> {
        self.long_header(tag, vr, UNDEFINED)
    }

    /// The header of an item of so many bytes.
    pub(super) fn item(&mut self, length: u32) -> Result<(), CodecError> {
        self.tag(tags::ITEM)?;
        self.bytes(&length.to_le_bytes())
    }

    /// Where the next byte goes.
    pub(super) fn position(&self) -> u64 {
        self.written
    }

    /// Writes over bytes that stand at `position` already.
    pub(super) fn overwrite(&mut self, position: u64, bytes: &[u8]) -> Result<(), CodecError> {
        self.out.seek(SeekFrom::Start(position))?;
        self.out.write_all(bytes)?;
        self.out.seek(SeekFrom::Start(self.written))?;
        Ok(())
    }

    /// Bytes of a value.
    ///
    /// Errors: [`CodecError::TooLarge`] beyond [`MAX_BYTES`].
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), CodecError> {
        self.written += bytes.len() as u64;
        if self.written > MAX_BYTES {
            return Err(CodecError::too_large("instance in another transfer syntax"));
        }
        self.out.write_all(bytes)?;
        Ok(())
    }

    fn long_header(&mut self, tag: Tag, vr: VR, length: u32) -> Result<(), CodecError> {
        self.tag(tag)?;
        self.bytes(vr.to_string().as_bytes())?;
        self.bytes(&[0, 0])?;
        self.bytes(&length.to_le_bytes())
    }

    fn tag(&mut self, tag: Tag) -> Result<(), CodecError> {
        self.bytes(&tag.group().to_le_bytes())?;
        self.bytes(&tag.element().to_le_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn written(write: impl FnOnce(&mut ExplicitWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
        let mut writer = ExplicitWriter::new(Cursor::new(Vec::new()));
        write(&mut writer);
        let (out, bytes) = writer.finish();
        assert_eq!(out.get_ref().len() as u64, bytes);
        out.into_inner()
    }

    #[test]
    fn values_are_padded_by_their_vr() {
        let uid = written(|writer| writer.element(tags::SOP_CLASS_UID, VR::UI, b"1.2").unwrap());
        assert_eq!(uid, b"\x08\0\x16\0UI\x04\x001.2\0");
        let text = written(|writer| writer.element(tags::MODALITY, VR::CS, b"OCT").unwrap());
        assert_eq!(text, b"\x08\0\x60\0CS\x04\0OCT ");
    }

    #[test]
    fn a_value_too_long_for_its_vr_goes_as_unknown() {
        let long = written(|writer| {
            writer
                .element(tags::WINDOW_CENTER, VR::DS, &[b'1'; 70_000])
                .unwrap()
        });
        assert_eq!(&long[4..8], b"UN\0\0");
        assert_eq!(long[8..12], 70_000_u32.to_le_bytes());
    }

    #[test]
    fn what_stands_there_can_be_corrected() {
        let file = written(|writer| {
            writer.element(tags::ROWS, VR::US, &[0, 0]).unwrap();
            writer.overwrite(8, &[7, 0]).unwrap();
            writer.element(tags::COLUMNS, VR::US, &[9, 0]).unwrap();
        });
        assert_eq!(file, b"\x28\0\x10\0US\x02\0\x07\0\x28\0\x11\0US\x02\0\x09\0");
    }
}
