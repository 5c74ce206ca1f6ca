//! What the archive leaves to background jobs.

use domain::{SeriesId, StudyId, job::Job};
use serde::{Deserialize, Serialize};

/// Judges whether a study is complete: nothing new came for the quiet period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgeCompleteness {
    /// Which study.
    pub study: StudyId,
}

impl Job for JudgeCompleteness {
    const KIND: &'static str = "judge_completeness";
    const PRIORITY: i16 = 20;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.study.to_string())
    }
}

/// Puts a series' metadata together, so that its first viewer does not wait for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmSeriesMetadata {
    /// Which series.
    pub series: SeriesId,
}

impl Job for WarmSeriesMetadata {
    const KIND: &'static str = "warm_series_metadata";
    const PRIORITY: i16 = -10;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.series.to_string())
    }
}
