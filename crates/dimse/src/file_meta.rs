//! The file meta information of what comes by C-STORE (PS3.10 §7.1): the data set came without one.

use crate::{AeTitle, IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, StoreRequest};

/// Preamble, prefix and file meta, as the association says; the data set's own bytes follow.
pub fn file_meta(request: &StoreRequest, source: &AeTitle) -> Vec<u8> {
    let mut meta = Vec::with_capacity(400);
    // OB has a long length, the others a short one.
    meta.extend(b"\x02\0\x01\0OB\0\0\x02\0\0\0\0\x01");
    element(&mut meta, 0x0002, *b"UI", &request.sop_class_uid);
    element(&mut meta, 0x0003, *b"UI", &request.sop_instance_uid);
    element(&mut meta, 0x0010, *b"UI", &request.transfer_syntax_uid);
    element(&mut meta, 0x0012, *b"UI", IMPLEMENTATION_CLASS_UID);
    element(&mut meta, 0x0013, *b"SH", IMPLEMENTATION_VERSION_NAME);
    element(&mut meta, 0x0016, *b"AE", source.as_str());
    let mut file = vec![0; 128];
    file.extend(b"DICM\x02\0\0\0UL\x04\0");
    file.extend((meta.len() as u32).to_le_bytes());
    file.extend(meta);
    file
}

fn element(out: &mut Vec<u8>, element: u16, vr: [u8; 2], text: &str) {
    let padding = if &vr == b"UI" { 0 } else { b' ' };
    let length = text.len() + text.len() % 2;
    out.extend(0x0002u16.to_le_bytes());
    out.extend(element.to_le_bytes());
    out.extend(vr);
    // UIDs and titles have 64 characters at the most.
    out.extend((length as u16).to_le_bytes());
    out.extend(text.as_bytes());
    out.resize(out.len() + text.len() % 2, padding);
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn what_is_written_is_read_as_file_meta() {
        let request = StoreRequest {
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.7".to_owned(),
            sop_instance_uid: "1.2.3.45".to_owned(),
            transfer_syntax_uid: dicom::EXPLICIT_VR_LITTLE_ENDIAN.to_owned(),
        };
        let mut file = file_meta(&request, &AeTitle::parse("CT 1").unwrap());
        let offset = file.len() as u64;
        for (tag, uid) in [(0x16u16, "1.2.840.10008.5.1.4.1.1.7\0"), (0x18, "1.2.3.45")] {
            file.extend([8, 0]);
            file.extend(tag.to_le_bytes());
            file.extend(b"UI");
            file.extend((uid.len() as u16).to_le_bytes());
            file.extend(uid.as_bytes());
        }
        for (element, uid) in [(0x0du16, "1.2.3.4\0"), (0x0e, "1.2.3.5\0")] {
            file.extend([0x20, 0]);
            file.extend(element.to_le_bytes());
            file.extend(b"UI\x08\0");
            file.extend(uid.as_bytes());
        }
        let length = file.len() as u64;
        let index = dicom::index_instance(&mut Cursor::new(file), length, &dicom::Limits::default()).unwrap();
        assert_eq!(index.meta.dataset_offset, offset);
        assert_eq!(
            index.meta.source_application_entity_title.as_deref(),
            Some("CT 1")
        );
        assert_eq!(
            index.meta.transfer_syntax_uid.as_str(),
            dicom::EXPLICIT_VR_LITTLE_ENDIAN
        );
        assert_eq!(
            index.meta.implementation_class_uid.as_deref(),
            Some(IMPLEMENTATION_CLASS_UID)
        );
    }
}
