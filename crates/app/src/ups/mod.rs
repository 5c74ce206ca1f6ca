//! Unified Procedure Steps (PS3.18 §11, PS3.4 annex CC): a worklist that other programs can work with.
//!
//! Every task of our readers is one, under a UID made of its id: whoever claims it here or there, it is claimed once.
//! Beside them stands what other programs create.
//!
//! **Invariant:** a reader's task becomes COMPLETED by a signature and by nothing else.
//!
//! **Invariant:** a Transaction UID is told to nobody, not even to who set it.

mod data_set;
mod events;
mod find;
mod subscribe;
mod task;
mod write;

pub use events::EventListener;
pub use find::FoundWorkitems;
pub use subscribe::{ALL_WORKITEMS, FILTERED_WORKITEMS};
pub use write::{CreatedWorkitem, WorkitemChange};

use domain::{
    ErrorCode,
    ups::{Done, StepRefused},
};
use serde_json::{Map, Value};

use crate::AppError;

/// A data set of the DICOM JSON Model.
pub type DataSet = Map<String, Value>;

/// The fact that holds the Standard's status of a refusal, such as `C302`.
const STATUS: &str = "status";

impl From<StepRefused> for AppError {
    fn from(refused: StepRefused) -> Self {
        let code = match refused {
            StepRefused::Transaction => ErrorCode::WorkitemTransaction,
            _ => ErrorCode::WorkitemState,
        };
        let status = format!("{:04X}", refused.status());
        Self::Refused {
            code,
            message: refused.to_string(),
            facts: Map::from_iter([(STATUS.to_owned(), status.into())]),
        }
    }
}

/// What the Standard wants to be warned of.
fn warning(done: Done) -> Option<String> {
    match done {
        Done::Changed => None,
        Done::Already(state) => Some(format!(
            "The UPS is already in the requested state of {}",
            state.as_str()
        )),
    }
}
