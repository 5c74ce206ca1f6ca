//! The beginning of a file: preamble, file meta information, and how the data set is written.
//!
//! dicom-rs refuses much of what stands here in real files; this reader takes what pydicom takes: no preamble,
//! no meta, no group length, odd lengths.

use super::header::{note, peek_header, recognise_encoding};
use super::stream::Window;
use crate::refusal::{Hostility, Refusal, Warning};
use crate::tag::{Tag, tags};
use crate::transfer_syntax::{Encoding, TransferSyntax};
use crate::uid::Uid;

/// Longest value of file meta that is kept, in bytes.
const META_VALUE_BYTES: u32 = 1 << 10;
/// Most elements of file meta; PS3.10 §7.1 defines 14.
const META_ELEMENTS: usize = 256;

/// What the file says about itself before its data set.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    pub has_preamble: bool,
    pub values: Vec<(Tag, String)>,
    pub transfer_syntax: TransferSyntax,
    pub transfer_syntax_uid: Uid,
    pub declared: bool,
    pub dataset_offset: u64,
}

impl Opening {
    /// The text of a file meta element, without padding.
    pub(crate) fn value(&self, tag: Tag) -> Option<&str> {
        text_of(&self.values, tag)
    }
}

/// Reads up to the data set.
pub(crate) fn read_opening(window: &mut Window<'_>, warnings: &mut Vec<Warning>) -> Result<Opening, Refusal> {
    let left = window.left();
    let head = window.peek(132)?;
    if head.is_empty() {
        return Err(Refusal::Empty);
    }
    let has_preamble = head.get(128..132) == Some(b"DICM");
    if has_preamble {
        window.skip(132, "the preamble")?;
    } else if head.starts_with(b"DICM") {
        window.skip(4, "the preamble")?;
        warnings.push(Warning::NoPreamble);
    } else if starts_like_a_data_set(head, left) {
        warnings.push(Warning::NoPreamble);
    } else {
        return Err(Refusal::NotDicom(
            "it has neither a DICOM preamble nor a DICOM data set",
        ));
    }

    let values = read_meta(window, warnings)?;
    if values.is_empty() {
        warnings.push(Warning::NoFileMeta);
    }
    let dataset_offset = window.position();
    let deflated = transfer_syntax_of(&values).is_some_and(|syntax| syntax.deflated);
    // A deflate stream may be shorter than any element.
    let shortest = if deflated { 1 } else { 8 };
    if window.peek(shortest)?.len() < shortest {
        return Err(Refusal::Truncated {
            what: "the file ends before its data set",
            at: dataset_offset,
        });
    }

    let declared = match text_of(&values, tags::TRANSFER_SYNTAX_UID) {
        None | Some("") => None,
        Some(text) => Some(Uid::parse(text).map_err(|problem| Refusal::InvalidUid {
            attribute: "TransferSyntaxUID",
            problem,
        })?),
    };
    let left = window.left();
    let recognised = recognise_encoding(window.peek(12)?, left);
    let (transfer_syntax_uid, mut transfer_syntax) = match declared.clone() {
        Some(uid) => {
            let transfer_syntax = TransferSyntax::of(&uid);
            (uid, transfer_syntax)
        }
        None => {
            warnings.push(Warning::TransferSyntaxGuessed);
            let Some(encoding) = recognised else {
                return Err(Hostility::Structure(dataset_offset).into());
            };
            let uid = Uid::parse(encoding.transfer_syntax_uid()).expect("the Standard's own UIDs are UIDs");
            let transfer_syntax = TransferSyntax::of(&uid);
            (uid, transfer_syntax)
        }
    };
    if !transfer_syntax.known {
        warnings.push(Warning::UnknownTransferSyntax);
    }
    match recognised {
        _ if transfer_syntax.deflated => {}
        Some(encoding) if encoding != transfer_syntax.encoding => {
            note(warnings, Warning::EncodingMismatch);
            transfer_syntax.encoding = encoding;
        }
        Some(_) => {}
        // Nothing telling, such as a private group in front: the declaration stands until the walk says otherwise.
        None => {}
    }
    Ok(Opening {
        has_preamble,
        values,
        transfer_syntax,
        transfer_syntax_uid,
        declared: declared.is_some(),
        dataset_offset,
    })
}

fn transfer_syntax_of(values: &[(Tag, String)]) -> Option<TransferSyntax> {
    let uid = Uid::parse(text_of(values, tags::TRANSFER_SYNTAX_UID)?).ok()?;
    Some(TransferSyntax::of(&uid))
}

fn text_of(values: &[(Tag, String)], tag: Tag) -> Option<&str> {
    values
        .iter()
        .find(|(found, _)| *found == tag)
        .map(|(_, text)| text.as_str())
}

/// Without a preamble only a data set that begins where data sets begin is believed, or every file whose first
/// bytes happen to be small would be.
fn starts_like_a_data_set(head: &[u8], left: u64) -> bool {
    let Some(encoding) = recognise_encoding(head, left) else {
        return false;
    };
    let group = if encoding.is_big_endian() {
        [head[1], head[0]]
    } else {
        [head[0], head[1]]
    };
    // An implicit length beyond this is not an element that begins a data set.
    let short_enough = encoding != Encoding::ImplicitLittle || head[6..8] == [0, 0];
    matches!(u16::from_le_bytes(group), 0x0002 | 0x0008) && short_enough
}

fn read_meta(window: &mut Window<'_>, warnings: &mut Vec<Warning>) -> Result<Vec<(Tag, String)>, Refusal> {
    let mut values: Vec<(Tag, String)> = Vec::new();
    let mut value = Vec::new();
    let mut declared_end = None;
    loop {
        let head = window.peek(2)?;
        if head != [0x02, 0x00] {
            break;
        }
        // Only in front of a deflate stream can the next bytes look like meta and not be it.
        let deflated = transfer_syntax_of(&values).is_some_and(|syntax| syntax.deflated);
        if deflated && declared_end == Some(window.position()) {
            break;
        }
        if values.len() >= META_ELEMENTS {
            return Err(Hostility::Structure(window.position()).into());
        }
        let header = peek_header(window, Encoding::ExplicitLittle, false, warnings)?;
        let at = window.position();
        let Some(length) = header.length else {
            return Err(Hostility::Structure(at).into());
        };
        window.skip(header.header_bytes, "the file meta information is cut off")?;
        if u64::from(length) > window.left() {
            return Err(Refusal::Truncated {
                what: "the file meta information is cut off",
                at,
            });
        }
        if length > META_VALUE_BYTES {
            window.skip(u64::from(length), "the file meta information is cut off")?;
            value.clear();
        } else {
            window.read(
                u64::from(length),
                &mut value,
                "the file meta information is cut off",
            )?;
        }
        if header.tag == Tag::new(0x0002, 0x0000)
            && let Ok(bytes) = <[u8; 4]>::try_from(value.as_slice())
        {
            declared_end = window
                .position()
                .checked_add(u64::from(u32::from_le_bytes(bytes)));
        }
        // PS3.10 §7.1: default character repertoire.
        let text: String = value.iter().map(|&byte| char::from(byte)).collect();
        values.push((header.tag, text.trim_matches(['\0', ' ']).to_owned()));
    }
    Ok(values)
}
