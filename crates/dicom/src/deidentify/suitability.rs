//! Which instances can be de-identified at all, and which need their pixels decoded for it.

use super::DeidentifyError;
use super::profile::{BurnedIn, Profile};
use crate::frames::FrameIndex;
use crate::index::InstanceIndex;
use crate::transfer_syntax::PixelEncoding;
use serde::Deserialize;

/// Whether the pixels of an instance must be decoded before [`super::deidentify`] can black regions out.
///
/// Errors: [`DeidentifyError::BurnedIn`], [`DeidentifyError::Unsuitable`], [`DeidentifyError::Unpaintable`].
pub fn needs_decoding(profile: &Profile, index: &InstanceIndex) -> Result<bool, DeidentifyError> {
    let class = index.attributes.sop_class_uid.as_str();
    if let Some(what) = unsuitable(class) {
        return Err(DeidentifyError::Unsuitable(what));
    }
    if index.meta.transfer_syntax.deflated && !index.frames.is_native() && is_jpip(index) {
        return Err(DeidentifyError::Unsuitable("an image that is stored elsewhere"));
    }
    let video = index.meta.transfer_syntax.pixels == PixelEncoding::Video;
    let blacks_out = !profile.black_out.is_empty() && index.frames != FrameIndex::None;
    if !blacks_out && profile.burned_in == BurnedIn::Refuse && may_show_text(index, video) {
        return Err(DeidentifyError::BurnedIn);
    }
    if !blacks_out {
        return Ok(false);
    }
    match index.frames {
        _ if video => Err(DeidentifyError::Unpaintable("it is a video")),
        FrameIndex::Stream { .. } => Err(DeidentifyError::Unpaintable("its frames cannot be told apart")),
        FrameIndex::Encapsulated(_) => Ok(true),
        FrameIndex::None | FrameIndex::Native(_) | FrameIndex::Deflated { .. } => Ok(false),
    }
}

fn is_jpip(index: &InstanceIndex) -> bool {
    index
        .meta
        .transfer_syntax_uid
        .as_str()
        .starts_with("1.2.840.10008.1.2.4.")
}

/// Documents and voices (PS3.4 table B.5-1).
fn unsuitable(sop_class_uid: &str) -> Option<&'static str> {
    let tail = sop_class_uid.strip_prefix("1.2.840.10008.5.1.4.1.1.")?;
    if tail.starts_with("104.") {
        return Some("a document");
    }
    matches!(tail, "9.4.1" | "9.4.2").then_some("a recorded voice")
}

/// Whether the pixels say that they show text. Screenshots and ultrasound usually do: of them only a clear NO counts.
fn may_show_text(index: &InstanceIndex, video: bool) -> bool {
    if index.frames == FrameIndex::None {
        return false;
    }
    match burned_in_annotation(index).as_deref() {
        Some("NO") => false,
        Some("YES") => true,
        _ => {
            let class = index.attributes.sop_class_uid.as_str();
            let tail = class.strip_prefix("1.2.840.10008.5.1.4.1.1.").unwrap_or_default();
            let screenshot = tail == "7" || tail.starts_with("7.");
            let ultrasound = matches!(tail, "3.1" | "6.1" | "6.2" | "3" | "6");
            video || screenshot || ultrasound
        }
    }
}

fn burned_in_annotation(index: &InstanceIndex) -> Option<String> {
    #[derive(Deserialize)]
    struct Said {
        #[serde(rename = "00280301")]
        burned_in: Option<Texts>,
    }
    #[derive(Deserialize)]
    struct Texts {
        #[serde(rename = "Value", default)]
        values: Vec<Option<String>>,
    }
    let said: Said = serde_json::from_slice(&index.metadata_json).ok()?;
    said.burned_in?.values.into_iter().next()?
}
