//! Cases as a reader or a facility sees them on the worklist.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::Client;

const WORKLIST: &str = "query { worklist { nodes { id state receivedCount study { studyInstanceUid } } } }";
const CLAIM: &str =
    "mutation ($id: ID!) { claimCase(input: { caseId: $id }) { claimToken case { state receivedCount } } }";
const SECTIONS: &str = "query ($id: ID!) { case(id: $id) { draft { sections { key } } } }";
const SAVE: &str = "mutation ($input: SaveReportDraftInput!) { saveReportDraft(input: $input) { revision } }";
const SIGN: &str =
    "mutation ($input: SignReportInput!) { signReport(input: $input) { state report { versions { id } } } }";

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

/// What a reader holds who has claimed a case.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The case.
    pub case: String,
    /// What each write has to carry.
    pub token: String,
    /// How many images the reader saw.
    pub images: u64,
    /// The draft's last revision.
    pub revision: i64,
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

    /// Claims a case that is free, to write its report.
    pub async fn hold(&self, case: &str) -> anyhow::Result<Claim> {
        let answer = self.claim(case).await?;
        let claimed = &answer["data"]["claimCase"];
        Ok(Claim {
            case: case.to_owned(),
            token: claimed["claimToken"]
                .as_str()
                .with_context(|| format!("not claimed: {answer}"))?
                .to_owned(),
            images: claimed["case"]["receivedCount"].as_u64().context("a count")?,
            revision: 0,
        })
    }

    /// Saves the draft with something in each of its sections.
    pub async fn write(&self, claim: &mut Claim) -> anyhow::Result<()> {
        let data = self.graphql(SECTIONS, json!({ "id": claim.case })).await?;
        let sections: Vec<Value> = data["case"]["draft"]["sections"]
            .as_array()
            .context("sections")?
            .iter()
            .map(|section| json!({ "key": section["key"], "text": "Unremarkable." }))
            .collect();
        let input = json!({
            "caseId": claim.case, "claimToken": claim.token, "baseRevision": claim.revision, "sections": sections,
        });
        let saved = self.graphql(SAVE, json!({ "input": input })).await?;
        claim.revision = saved["saveReportDraft"]["revision"]
            .as_i64()
            .context("a revision")?;
        Ok(())
    }

    /// Signs the draft as the final report: the whole answer.
    pub async fn sign(&self, claim: &Claim, password: &str) -> anyhow::Result<Value> {
        let input = json!({
            "caseId": claim.case, "claimToken": claim.token, "baseRevision": claim.revision,
            "imageCount": claim.images, "kind": "FINAL", "password": password,
        });
        self.graphql_raw(SIGN, json!({ "input": input })).await
    }

    /// Claims a case that is free, writes its report and signs it. Gives the id of the version.
    pub async fn write_and_sign(&self, case: &str, password: &str) -> anyhow::Result<String> {
        let mut claim = self.hold(case).await?;
        self.write(&mut claim).await?;
        let signed = self.sign(&claim, password).await?;
        signed["data"]["signReport"]["report"]["versions"][0]["id"]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("not signed: {signed}"))
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
