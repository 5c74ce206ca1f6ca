//! Cases as a reader or a facility sees them on the worklist.

use std::time::{Duration, Instant};

use anyhow::bail;
use serde_json::{Value, json};

use crate::Client;

const WORKLIST: &str = "query { worklist { nodes { id state receivedCount study { studyInstanceUid } } } }";
const CLAIM: &str = "mutation ($id: ID!) { claimCase(input: { caseId: $id }) { claimToken case { state } } }";

/// A case on the worklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: String,
    /// Its state.
    pub state: String,
    /// How many images arrived.
    pub received: u64,
}

impl Client {
    /// The case of a study, where the caller sees it.
    pub async fn case_of(&self, study_instance_uid: &str) -> anyhow::Result<Option<Case>> {
        let data = self.graphql(WORKLIST, Value::Null).await?;
        let nodes = data["worklist"]["nodes"].as_array().cloned().unwrap_or_default();
        let found = nodes
            .into_iter()
            .find(|case| case["study"]["studyInstanceUid"] == study_instance_uid);
        Ok(found.map(|case| Case {
            id: case["id"].as_str().unwrap_or_default().to_owned(),
            state: case["state"].as_str().unwrap_or_default().to_owned(),
            received: case["receivedCount"].as_u64().unwrap_or_default(),
        }))
    }

    /// Waits until a study's case has reached `state`.
    pub async fn case_in(&self, study_instance_uid: &str, state: &str) -> anyhow::Result<Case> {
        eventually(&format!("the case is {state}"), async || {
            Ok(self
                .case_of(study_instance_uid)
                .await?
                .filter(|case| case.state == state))
        })
        .await
    }

    /// Claims a case: the whole answer.
    pub async fn claim(&self, case: &str) -> anyhow::Result<Value> {
        self.graphql_raw(CLAIM, json!({ "id": case })).await
    }
}

/// Asks again and again until there is an answer; gives up after a minute and a half.
pub async fn eventually<T>(
    what: &str,
    ask: impl AsyncFn() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    const PATIENCE: Duration = Duration::from_secs(90);
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("waited in vain until {what}")
}
