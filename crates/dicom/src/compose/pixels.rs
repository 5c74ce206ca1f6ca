//! What the parts of compressed pixel data are to the file: one fragment for each frame.

use super::{Attributes, BulkPart, ComposeError};
use crate::tag::tags;
use crate::transfer_syntax::{PixelEncoding, TransferSyntax};
use crate::uid::Uid;
use serde_json::Value;

/// Compressed pixel data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pixels {
    pub transfer_syntax: &'static str,
}

impl Pixels {
    /// The compressed pixel data that came for a data set; none for plain pixels or none at all.
    pub(super) fn of<'b>(
        attributes: &Attributes<'_>,
        bulk: &impl Fn(&str) -> Option<&'b [BulkPart]>,
    ) -> Result<Option<Self>, ComposeError> {
        let wrong = ComposeError::Frames(tags::PIXEL_DATA);
        let uri = attributes
            .get(&tags::PIXEL_DATA)
            .and_then(|pixels| pixels.get("BulkDataURI"));
        let Some(parts) = uri.and_then(Value::as_str).and_then(bulk) else {
            return Ok(None);
        };
        let first = parts.first().and_then(|part| part.transfer_syntax);
        if parts.iter().any(|part| part.transfer_syntax != first) {
            return Err(wrong);
        }
        let Some(transfer_syntax) = first else {
            return if parts.len() == 1 { Ok(None) } else { Err(wrong) };
        };
        let syntax = Uid::parse(transfer_syntax).map(|uid| TransferSyntax::of(&uid));
        let is_video = syntax.is_ok_and(|syntax| syntax.pixels == PixelEncoding::Video);
        let expected = if is_video { 1 } else { frames(attributes) };
        if parts.len() as u64 == expected {
            Ok(Some(Self { transfer_syntax }))
        } else {
            Err(wrong)
        }
    }
}

fn frames(attributes: &Attributes<'_>) -> u64 {
    let value = attributes
        .get(&tags::NUMBER_OF_FRAMES)
        .and_then(|frames| frames.get("Value")?.get(0));
    let number = value.and_then(|value| value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()));
    number.filter(|number| *number > 0).unwrap_or(1)
}
