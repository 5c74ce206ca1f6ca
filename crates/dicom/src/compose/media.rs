//! From the media type of a body part to the transfer syntax of the pixel data in it (PS3.18 §8.7.3.3).

use crate::media_type::MediaType;

/// Each media type, the transfer syntax it means by default, and the others it can have.
const TYPES: &[(&str, &str, &[&str])] = &[
    (
        "image/jpeg",
        "1.2.840.10008.1.2.4.70",
        &[
            "1.2.840.10008.1.2.4.50",
            "1.2.840.10008.1.2.4.51",
            "1.2.840.10008.1.2.4.57",
        ],
    ),
    ("image/jls", "1.2.840.10008.1.2.4.80", &["1.2.840.10008.1.2.4.81"]),
    ("image/jp2", "1.2.840.10008.1.2.4.90", &["1.2.840.10008.1.2.4.91"]),
    ("image/jpx", "1.2.840.10008.1.2.4.92", &["1.2.840.10008.1.2.4.93"]),
    (
        "image/jphc",
        "1.2.840.10008.1.2.4.201",
        &["1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203"],
    ),
    (
        "image/jxl",
        "1.2.840.10008.1.2.4.110",
        &["1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112"],
    ),
    ("image/dicom-rle", "1.2.840.10008.1.2.5", &[]),
    (
        "video/mpeg",
        "1.2.840.10008.1.2.4.100",
        &["1.2.840.10008.1.2.4.101"],
    ),
    (
        "video/mp4",
        "1.2.840.10008.1.2.4.102",
        &[
            "1.2.840.10008.1.2.4.103",
            "1.2.840.10008.1.2.4.104",
            "1.2.840.10008.1.2.4.105",
            "1.2.840.10008.1.2.4.106",
        ],
    ),
    (
        "video/h265",
        "1.2.840.10008.1.2.4.107",
        &["1.2.840.10008.1.2.4.108"],
    ),
];

/// The transfer syntax of a codestream of this media type; `Ok(None)` for plain values. `head` is how it begins: a
/// JPEG says itself which one it is.
///
/// Errors: the media type is none of bulk data, or cannot have the transfer syntax it names.
pub fn bulk_transfer_syntax(media_type: Option<&MediaType>, head: &[u8]) -> Result<Option<&'static str>, ()> {
    let Some(media_type) = media_type else {
        return Ok(None);
    };
    let named = media_type.parameter("transfer-syntax");
    if media_type.essence == "application/octet-stream" {
        return match named {
            None | Some("*" | crate::EXPLICIT_VR_LITTLE_ENDIAN | crate::IMPLICIT_VR_LITTLE_ENDIAN) => {
                Ok(None)
            }
            // A codestream may come as plain bytes when it says what it is.
            Some(named) => known(named).map(Some).ok_or(()),
        };
    }
    let Some((_, default, others)) = TYPES.iter().find(|(essence, ..)| *essence == media_type.essence) else {
        // What is no pixel data, such as a document, is stored as it is.
        return if named.is_none() { Ok(None) } else { Err(()) };
    };
    let of_type = |uid: &str| {
        std::iter::once(default)
            .chain(others.iter())
            .find(|known| **known == uid)
            .copied()
    };
    match named.filter(|named| *named != "*") {
        Some(named) => of_type(named).map(Some).ok_or(()),
        None if media_type.essence == "image/jpeg" => Ok(Some(jpeg_syntax(head).unwrap_or(default))),
        None => Ok(Some(default)),
    }
}

fn known(uid: &str) -> Option<&'static str> {
    TYPES
        .iter()
        .flat_map(|(_, default, others)| std::iter::once(default).chain(others.iter()))
        .find(|known| **known == uid)
        .copied()
}

/// By the first start of frame (ITU-T T.81 table B.1).
fn jpeg_syntax(head: &[u8]) -> Option<&'static str> {
    let mut at = 2;
    loop {
        let (marker, length) = (head.get(at..at + 2)?, head.get(at + 2..at + 4)?);
        if marker[0] != 0xff {
            return None;
        }
        match marker[1] {
            0xc0 => return Some("1.2.840.10008.1.2.4.50"),
            0xc1 => return Some("1.2.840.10008.1.2.4.51"),
            // With selection value 1 it is .70, with others .57; both are decoded alike.
            0xc3 => return Some("1.2.840.10008.1.2.4.57"),
            0xff => at += 1,
            _ => at += 2 + usize::from(u16::from_be_bytes([length[0], length[1]])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn syntax(media_type: &str, head: &[u8]) -> Result<Option<&'static str>, ()> {
        bulk_transfer_syntax(MediaType::parse(media_type).as_ref(), head)
    }

    #[test]
    fn a_media_type_means_a_transfer_syntax() {
        assert_eq!(syntax("application/octet-stream", &[]), Ok(None));
        assert_eq!(syntax("image/jls", &[]), Ok(Some("1.2.840.10008.1.2.4.80")));
        assert_eq!(
            syntax("image/jp2; transfer-syntax=1.2.840.10008.1.2.4.91", &[]),
            Ok(Some("1.2.840.10008.1.2.4.91"))
        );
        assert_eq!(
            syntax("image/jp2; transfer-syntax=1.2.840.10008.1.2.4.50", &[]),
            Err(())
        );
        assert_eq!(
            syntax(
                "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.5",
                &[]
            ),
            Ok(Some("1.2.840.10008.1.2.5"))
        );
        assert_eq!(syntax("application/pdf", b"%PDF"), Ok(None));
    }

    #[test]
    fn a_jpeg_says_itself_which_one_it_is() {
        let head = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc0, 0, 4];
        assert_eq!(syntax("image/jpeg", &head), Ok(Some("1.2.840.10008.1.2.4.50")));
        assert_eq!(
            syntax("image/jpeg", &[0xff, 0xd8, 0xff]),
            Ok(Some("1.2.840.10008.1.2.4.70"))
        );
    }
}
