//! What is derived from the originals for the viewer: thumbnails and the lossless viewing rendition.
//!
//! **Invariant:** derived objects can be deleted and made again; where one is missing or cannot be made,
//! the original serves, and that is no error of the study.
//!
//! **Invariant:** the pixels themselves are only touched in a codec child.

mod image;
mod source;
mod spool;
mod thumbnail;

use std::time::Duration;

use domain::{SeriesId, StudyId, job::Job};
use serde::{Deserialize, Serialize};

pub use source::PixelSource;
pub use spool::SpoolFile;

/// The version of the code that draws thumbnails; a new one has them drawn again.
pub const THUMBNAIL_VERSION: i32 = 1;

/// The version of the codec that makes viewing renditions; frames of another version are not served.
pub const RENDITION_VERSION: i32 = 1;

/// Draws a series' thumbnail. Queue it when a series gets its first images and again when it is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakeThumbnail {
    /// Which series.
    pub series: SeriesId,
}

impl Job for MakeThumbnail {
    const KIND: &'static str = "make_thumbnail";
    const PRIORITY: i16 = 10;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.series.to_string())
    }
}

/// Images that came wait so long for more of their study, so that a sender of single images leaves one job and not
/// one for each.
pub(crate) const GATHERING: Duration = Duration::from_secs(2);

/// Makes the viewing renditions of all images of a study that have none yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakeRenditions {
    /// Which study.
    pub study: StudyId,
}

impl Job for MakeRenditions {
    const KIND: &'static str = "make_renditions";

    fn dedupe_key(&self) -> Option<String> {
        Some(self.study.to_string())
    }
}
