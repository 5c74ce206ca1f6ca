//! What the rules' refusals are called outside.

use domain::{
    ErrorCode,
    reading_case::{CaseRefused, ClaimLost, SignatureRefused},
    report::{EditRefused, SignRefused},
};
use serde_json::{Map, Value, json};

use crate::AppError;

impl From<CaseRefused> for AppError {
    fn from(refused: CaseRefused) -> Self {
        let facts = Map::from_iter([("state".to_owned(), json!(refused.state.as_str()))]);
        with_facts(ErrorCode::CaseState, refused.to_string(), facts)
    }
}

impl From<SignatureRefused> for AppError {
    fn from(refused: SignatureRefused) -> Self {
        match refused {
            SignatureRefused::State(refused) => refused.into(),
            SignatureRefused::StudyChanged(changed) => {
                let facts = Map::from_iter([("imageCount".to_owned(), json!(changed.stored))]);
                with_facts(ErrorCode::StudyChanged, changed.to_string(), facts)
            }
        }
    }
}

impl From<ClaimLost> for AppError {
    fn from(lost: ClaimLost) -> Self {
        Self::refused(ErrorCode::ClaimLost, lost.to_string())
    }
}

impl From<EditRefused> for AppError {
    fn from(refused: EditRefused) -> Self {
        let message = refused.to_string();
        match refused {
            EditRefused::Conflict { revision } => {
                let facts = Map::from_iter([("revision".to_owned(), json!(revision))]);
                with_facts(ErrorCode::DraftConflict, message, facts)
            }
            EditRefused::UnknownSection { .. } | EditRefused::TooLong { .. } | EditRefused::Unfit { .. } => {
                Self::invalid("sections", message)
            }
        }
    }
}

impl From<SignRefused> for AppError {
    fn from(refused: SignRefused) -> Self {
        let message = refused.to_string();
        match refused {
            SignRefused::AlreadySigned => Self::refused(ErrorCode::ReportSigned, message),
            SignRefused::SecondReader => Self::refused(ErrorCode::SecondReaderRequired, message),
            SignRefused::NotFinal => Self::refused(ErrorCode::CaseState, message),
            SignRefused::Draft(refused) => refused.into(),
            SignRefused::Incomplete(gaps) => {
                // One message a section: the first thing that keeps it from being signed.
                let fields: Map<String, Value> = gaps
                    .iter()
                    .map(|gap| (gap.key.clone(), json!(gap.message())))
                    .collect();
                let facts = Map::from_iter([("fields".to_owned(), Value::Object(fields))]);
                with_facts(ErrorCode::ReportIncomplete, message, facts)
            }
        }
    }
}

pub(super) fn with_facts(code: ErrorCode, message: String, facts: Map<String, Value>) -> AppError {
    AppError::Refused { code, message, facts }
}
