//! Writes elements in Explicit VR Little Endian (PS3.5 §A.2), and the beginning of a Part 10 file (PS3.10 §7.1).
//!
//! **Invariant:** values have even length, and a value too long for the short form is written as UN (PS3.5 §6.2.2).

use crate::prescan::has_long_length;
use crate::tag::{Tag, tags};
use dicom_core::VR;
use std::io::{self, Write};

/// Longest value of the short form, in bytes.
const LONGEST_SHORT: u64 = 0xffff;
const UNDEFINED: u32 = 0xffff_ffff;

/// Elements on their way to `out`, which counts what was written.
#[derive(Debug)]
pub(crate) struct ElementWriter<W> {
    out: W,
    written: u64,
}

impl<W: Write> ElementWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, written: 0 }
    }

    /// Bytes written so far.
    pub(crate) fn position(&self) -> u64 {
        self.written
    }

    pub(crate) fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    pub(crate) fn into_inner(self) -> W {
        self.out
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// The header of a value of `length` bytes, which is even.
    ///
    /// Errors: `InvalidInput` for a length beyond 32 bits.
    pub(crate) fn header(&mut self, tag: Tag, vr: VR, length: u64) -> io::Result<()> {
        let long = u32::try_from(length)
            .ok()
            .filter(|length| *length != UNDEFINED)
            .ok_or(io::ErrorKind::InvalidInput)?;
        self.tag(tag)?;
        if has_long_length(vr) || length > LONGEST_SHORT {
            let vr = if has_long_length(vr) { vr } else { VR::UN };
            self.raw(vr.to_string().as_bytes())?;
            self.raw(&[0, 0])?;
            self.raw(&long.to_le_bytes())
        } else {
            self.raw(vr.to_string().as_bytes())?;
            self.raw(&(long as u16).to_le_bytes())
        }
    }

    /// A whole element; the value is padded to even length (PS3.5 §6.2).
    pub(crate) fn element(&mut self, tag: Tag, vr: VR, value: &[u8]) -> io::Result<()> {
        self.header(tag, vr, (value.len() as u64).next_multiple_of(2))?;
        self.raw(value)?;
        if value.len() % 2 == 1 {
            self.raw(&[padding(vr)])?;
        }
        Ok(())
    }

    pub(crate) fn text(&mut self, tag: Tag, vr: VR, value: &str) -> io::Result<()> {
        self.element(tag, vr, value.as_bytes())
    }

    /// Begins a sequence or encapsulated pixel data of undefined length.
    pub(crate) fn begin(&mut self, tag: Tag, vr: VR) -> io::Result<()> {
        self.tag(tag)?;
        self.raw(vr.to_string().as_bytes())?;
        self.raw(&[0, 0])?;
        self.raw(&UNDEFINED.to_le_bytes())
    }

    pub(crate) fn begin_item(&mut self) -> io::Result<()> {
        self.delimiter(tags::ITEM, UNDEFINED)
    }

    /// An item of encapsulated pixel data; its bytes follow.
    pub(crate) fn fragment(&mut self, length: u32) -> io::Result<()> {
        self.delimiter(tags::ITEM, length)
    }

    pub(crate) fn end_item(&mut self) -> io::Result<()> {
        self.delimiter(tags::ITEM_DELIMITATION, 0)
    }

    /// Ends a sequence or encapsulated pixel data.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.delimiter(tags::SEQUENCE_DELIMITATION, 0)
    }

    fn delimiter(&mut self, tag: Tag, length: u32) -> io::Result<()> {
        self.tag(tag)?;
        self.raw(&length.to_le_bytes())
    }

    fn tag(&mut self, tag: Tag) -> io::Result<()> {
        self.raw(&tag.group().to_le_bytes())?;
        self.raw(&tag.element().to_le_bytes())
    }
}

/// What makes a value of this VR even (PS3.5 §6.2).
pub(crate) fn padding(vr: VR) -> u8 {
    use VR::{AE, AS, CS, DA, DS, DT, IS, LO, LT, PN, SH, ST, TM, UC, UR, UT};
    match vr {
        AE | AS | CS | DA | DS | DT | IS | LO | LT | PN | SH | ST | TM | UC | UR | UT => b' ',
        _ => 0,
    }
}

/// Preamble and file meta information of a file of this program (PS3.10 §7.1).
pub fn file_meta(sop_class_uid: &str, sop_instance_uid: &str, transfer_syntax_uid: &str) -> Vec<u8> {
    let mut out = ElementWriter::new(Vec::new());
    // Writing to memory fails only for a UID that is longer than an element can be.
    let _ = write_file_meta(&mut out, sop_class_uid, sop_instance_uid, transfer_syntax_uid);
    out.out
}

/// Writes preamble and file meta information of a file of this program. The preamble is zeros: what stood in
/// another one may be a program of its own.
pub(crate) fn write_file_meta<W: Write>(
    out: &mut ElementWriter<W>,
    sop_class_uid: &str,
    sop_instance_uid: &str,
    transfer_syntax_uid: &str,
) -> io::Result<()> {
    let mut meta = ElementWriter::new(Vec::new());
    meta.element(tags::FILE_META_INFORMATION_VERSION, VR::OB, &[0, 1])?;
    meta.text(tags::MEDIA_STORAGE_SOP_CLASS_UID, VR::UI, sop_class_uid)?;
    meta.text(tags::MEDIA_STORAGE_SOP_INSTANCE_UID, VR::UI, sop_instance_uid)?;
    meta.text(tags::TRANSFER_SYNTAX_UID, VR::UI, transfer_syntax_uid)?;
    meta.text(
        tags::IMPLEMENTATION_CLASS_UID,
        VR::UI,
        crate::IMPLEMENTATION_CLASS_UID,
    )?;
    meta.text(
        tags::IMPLEMENTATION_VERSION_NAME,
        VR::SH,
        crate::IMPLEMENTATION_VERSION_NAME,
    )?;
    out.raw(&[0; 128])?;
    out.raw(b"DICM")?;
    let length = u32::try_from(meta.out.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    out.element(tags::FILE_META_GROUP_LENGTH, VR::UL, &length.to_le_bytes())?;
    out.raw(&meta.out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_padded_and_a_long_one_becomes_un() {
        let mut writer = ElementWriter::new(Vec::new());
        writer.text(tags::PATIENT_ID, VR::LO, "abc").unwrap();
        writer.text(tags::SOP_CLASS_UID, VR::UI, "1.2").unwrap();
        assert_eq!(
            *writer.get_mut(),
            b"\x10\0\x20\0LO\x04\0abc \x08\0\x16\0UI\x04\x001.2\0"
        );
        let mut writer = ElementWriter::new(Vec::new());
        writer.element(tags::PATIENT_ID, VR::LO, &[b'x'; 70_000]).unwrap();
        assert_eq!(writer.get_mut()[4..12], *b"UN\0\0\x70\x11\x01\0");
        assert_eq!(writer.position(), 70_012);
    }

    #[test]
    fn the_file_meta_is_as_long_as_it_says() {
        let mut writer = ElementWriter::new(Vec::new());
        write_file_meta(&mut writer, "1.2.3", "1.2.3.4", "1.2.840.10008.1.2.1").unwrap();
        let file = writer.get_mut();
        assert_eq!(file[128..132], *b"DICM");
        let declared = u32::from_le_bytes(file[140..144].try_into().unwrap());
        assert_eq!(file.len(), 144 + declared as usize);
    }
}
