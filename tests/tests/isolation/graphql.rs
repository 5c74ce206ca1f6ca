//! The operations of the schema.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use telerad_tests::Client;

use crate::scene::{
    Scene,
    Who::{self, Admin, Key, Operator, Radiologist, Staff},
};

/// What a stranger with the right role hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stranger {
    /// Their own, with nothing of the victim's in it.
    Own,
    /// The same as for an id that nobody has.
    NotFound,
}

use Stranger::{NotFound, Own};

struct Operation {
    name: &'static str,
    /// The operation, with the victim's ids as `{case}` and so on.
    document: &'static str,
    allowed: &'static [Who],
    stranger: Stranger,
}

const VIEWERS: &[Who] = &[Staff, Radiologist, Admin, Key];
const VIEWERS_OF_IMAGES: &[Who] = &[Staff, Radiologist, Admin, Key];
const SENDERS: &[Who] = &[Staff, Admin];

const fn op(
    name: &'static str,
    allowed: &'static [Who],
    stranger: Stranger,
    document: &'static str,
) -> Operation {
    Operation {
        name,
        document,
        allowed,
        stranger,
    }
}

const OPERATIONS: &[Operation] = &[
    op(
        "me",
        &[Staff, Radiologist, Admin, Operator],
        Own,
        "{ me { id tenant { slug } facilities { id } } }",
    ),
    op(
        "worklist",
        VIEWERS,
        Own,
        "{ worklist { nodes { id study { studyInstanceUid } } totalCount } }",
    ),
    op(
        "case",
        VIEWERS,
        NotFound,
        "{ case(id: \"{case}\") { id patient { name } } }",
    ),
    op("facilities", VIEWERS, Own, "{ facilities { id } }"),
    op("members", &[Admin], Own, "{ members { userId email } }"),
    op("invitations", &[Admin], Own, "{ invitations { id email } }"),
    op("apiKeys", &[Admin], Own, "{ apiKeys { id prefix } }"),
    op("jobs", &[Admin], Own, "{ jobs { nodes { id } } }"),
    op(
        "auditTrail",
        &[Admin],
        Own,
        "{ auditTrail(filter: { about: \"{case}\" }) { nodes { action object } } }",
    ),
    op(
        "auditVerification",
        &[Admin],
        Own,
        "{ auditVerification { intact } }",
    ),
    op(
        "quarantine",
        &[Admin],
        Own,
        "{ quarantine { id sopInstanceUid } }",
    ),
    op(
        "archivePolicy",
        &[Admin],
        Own,
        "{ archivePolicy { trashDays rules { id } } }",
    ),
    op(
        "retentionPreview",
        &[Admin],
        Own,
        "{ retentionPreview { studies first { studyId } } }",
    ),
    op(
        "storageHealth",
        &[Admin],
        Own,
        "{ storageHealth { damagedInstances notReplicated } }",
    ),
    op(
        "lossyPolicy",
        &[Admin],
        Own,
        "{ lossyPolicy { afterDays modalities leastPsnrDb } }",
    ),
    op(
        "setLossyPolicy",
        &[Admin],
        Own,
        "mutation { setLossyPolicy(input: { policy: null }) { afterDays } }",
    ),
    op(
        "setArchivePolicy",
        &[Admin],
        Own,
        "mutation { setArchivePolicy(input: { trashDays: 30, rules: [] }) { trashDays } }",
    ),
    op(
        "recallStudy",
        VIEWERS_OF_IMAGES,
        NotFound,
        "mutation { recallStudy(input: { studyId: \"{study_id}\" }) }",
    ),
    op(
        "deletedStudies",
        &[Admin],
        Own,
        "{ deletedStudies { nodes { id studyInstanceUid } } }",
    ),
    op(
        "legalHolds",
        &[Admin],
        NotFound,
        "{ legalHolds(studyId: \"{study_id}\") { id } }",
    ),
    op(
        "deleteStudy",
        &[Admin],
        NotFound,
        "mutation { deleteStudy(input: { studyId: \"{study_id}\", reason: \"the isolation walk\" }) }",
    ),
    op(
        "restoreStudy",
        &[Admin],
        NotFound,
        "mutation { restoreStudy(input: { deletionId: \"{deletion}\" }) { id } }",
    ),
    op(
        "placeLegalHold",
        &[Admin],
        NotFound,
        "mutation { placeLegalHold(input: { studyId: \"{study_id}\", reason: \"the isolation walk\" }) { id } }",
    ),
    op(
        "liftLegalHold",
        &[Admin],
        NotFound,
        "mutation { liftLegalHold(input: { studyId: \"{study_id}\", reason: \"the isolation walk\" }) }",
    ),
    op(
        "reportTemplates",
        &[Staff, Radiologist, Admin, Key],
        Own,
        "{ reportTemplates { id } }",
    ),
    op(
        "platformTenants",
        &[Operator],
        Own,
        "{ platformTenants(reason: \"the isolation walk\") { slug } }",
    ),
    op(
        "claimCase",
        &[Radiologist],
        NotFound,
        "mutation { claimCase(input: { caseId: \"{case}\" }) { claimToken } }",
    ),
    op(
        "renewClaim",
        &[Radiologist],
        NotFound,
        "mutation { renewClaim(input: { caseId: \"{case}\", claimToken: \"{token}\" }) { claimToken } }",
    ),
    op(
        "releaseClaim",
        &[Radiologist],
        NotFound,
        "mutation { releaseClaim(input: { caseId: \"{case}\", claimToken: \"{token}\" }) { id } }",
    ),
    op(
        "saveReportDraft",
        &[Radiologist],
        NotFound,
        "mutation { saveReportDraft(input: { caseId: \"{case}\", claimToken: \"{token}\", baseRevision: 0, \
         sections: [] }) { revision } }",
    ),
    op(
        "signReport",
        &[Radiologist],
        NotFound,
        "mutation { signReport(input: { caseId: \"{case}\", claimToken: \"{token}\", baseRevision: 0, imageCount: 0, \
         kind: FINAL, password: \"a sentence is a good password\" }) { id } }",
    ),
    op(
        "addAddendum",
        &[Radiologist],
        NotFound,
        "mutation { addAddendum(input: { caseId: \"{case}\", text: \"none\", imageCount: 1, \
         password: \"a sentence is a good password\" }) { id } }",
    ),
    op(
        "acknowledgeLateImages",
        &[Radiologist],
        NotFound,
        "mutation { acknowledgeLateImages(input: { caseId: \"{case}\", imageCount: 1 }) { id } }",
    ),
    op(
        "markKeyImage",
        &[Radiologist],
        NotFound,
        "mutation { markKeyImage(input: { caseId: \"{case}\", claimToken: \"{token}\", \
         sopInstanceUid: \"{instance}\", frame: 1 }) { id } }",
    ),
    op(
        "removeKeyImage",
        &[Radiologist],
        NotFound,
        "mutation { removeKeyImage(input: { caseId: \"{case}\", claimToken: \"{token}\", \
         keyImageId: \"{key_image}\" }) { id } }",
    ),
    op(
        "acknowledgeReport",
        SENDERS,
        NotFound,
        "mutation { acknowledgeReport(input: { caseId: \"{case}\" }) { id } }",
    ),
    op(
        "setCasePriority",
        SENDERS,
        NotFound,
        "mutation { setCasePriority(input: { caseId: \"{case}\", priority: STAT }) { id } }",
    ),
    op(
        "inviteMember",
        &[Admin],
        NotFound,
        "mutation { inviteMember(input: { email: \"spy@stranger.example\", role: FACILITY_STAFF, \
         facilityIds: [\"{facility}\"] }) { id } }",
    ),
    op(
        "revokeInvitation",
        &[Admin],
        NotFound,
        "mutation { revokeInvitation(input: { invitationId: \"{invitation}\" }) { id } }",
    ),
    op(
        "setMemberDisabled",
        &[Admin],
        NotFound,
        "mutation { setMemberDisabled(input: { userId: \"{user}\", disabled: true }) { userId } }",
    ),
    op(
        "addFacility",
        &[Admin],
        Own,
        "mutation { addFacility(input: { name: \"Theirs\", code: \"THEIRS\" }) { id } }",
    ),
    op(
        "createApiKey",
        &[Admin],
        NotFound,
        "mutation { createApiKey(input: { name: \"spy\", scopes: [STUDIES_READ], \
         facilityId: \"{facility}\" }) { secret } }",
    ),
    op(
        "revokeApiKey",
        &[Admin],
        NotFound,
        "mutation { revokeApiKey(input: { apiKeyId: \"{api_key}\" }) { id } }",
    ),
    op(
        "retryJob",
        &[Admin],
        NotFound,
        "mutation { retryJob(input: { jobId: \"{job}\" }) { id } }",
    ),
    op("dicomNodes", &[Admin], Own, "{ dicomNodes { id peerTitle } }"),
    op(
        "studyDestinations",
        SENDERS,
        Own,
        "{ studyDestinations { id facilityId } }",
    ),
    op(
        "peerStudies",
        SENDERS,
        NotFound,
        "{ peerStudies(input: { nodeId: \"{node}\", patientId: \"1\" }) { studyInstanceUid } }",
    ),
    op(
        "addDicomNode",
        &[Admin],
        NotFound,
        "mutation { addDicomNode(input: { facilityId: \"{facility}\", name: \"spy\", calledTitle: \"SPY\", \
         peerTitle: \"SPY\" }) { id } }",
    ),
    op(
        "changeDicomNode",
        &[Admin],
        NotFound,
        "mutation { changeDicomNode(input: { nodeId: \"{node}\", node: { facilityId: \"{facility}\", \
         name: \"spy\", calledTitle: \"SPY\", peerTitle: \"SPY\" } }) { id } }",
    ),
    op(
        "removeDicomNode",
        &[Admin],
        NotFound,
        "mutation { removeDicomNode(input: { nodeId: \"{node}\" }) { nodeId } }",
    ),
    op(
        "verifyDicomNode",
        &[Admin],
        NotFound,
        "mutation { verifyDicomNode(input: { nodeId: \"{node}\" }) { answered } }",
    ),
    op(
        "sendStudy",
        SENDERS,
        NotFound,
        "mutation { sendStudy(input: { studyId: \"{study_id}\", nodeId: \"{node}\" }) { jobId } }",
    ),
    op(
        "fetchStudy",
        SENDERS,
        NotFound,
        "mutation { fetchStudy(input: { nodeId: \"{node}\", studyInstanceUid: \"2.25.7\" }) { jobId } }",
    ),
];

/// Subscriptions go over WebSocket; `live_changes.rs` beside this folder walks them.
const SUBSCRIPTIONS: &[&str] = &["changes"];

pub fn every_operation_has_a_row(scene: &Scene) -> anyhow::Result<()> {
    let schema = scene.telerad.run(&["schema"], "")?;
    let rows = |of: &str| -> BTreeSet<String> {
        let block = schema
            .split(&format!("type {of} {{"))
            .nth(1)
            .and_then(|rest| rest.split("\n}").next());
        let lines = block.unwrap_or_default().lines().map(str::trim);
        let mut in_text = false;
        let mut names = BTreeSet::new();
        for line in lines {
            if line.starts_with("\"\"\"") {
                // A text of one line opens and closes at once.
                in_text = !(in_text || (line.len() > 3 && line.ends_with("\"\"\"")));
                continue;
            }
            let name: String = line.chars().take_while(char::is_ascii_alphanumeric).collect();
            let field = line[name.len()..].starts_with(['(', ':']);
            if !in_text && field && !name.is_empty() {
                names.insert(name);
            }
        }
        names
    };
    let schema_has: BTreeSet<_> = rows("Query").into_iter().chain(rows("Mutation")).collect();
    let table_has: BTreeSet<_> = OPERATIONS
        .iter()
        .map(|operation| operation.name.to_owned())
        .collect();
    assert_eq!(
        schema_has, table_has,
        "the table must name every operation of the schema, and no other"
    );
    assert_eq!(
        rows("Subscription"),
        SUBSCRIPTIONS.iter().map(|&name| name.to_owned()).collect()
    );
    Ok(())
}

/// The code of an answer, whether the door or the resolver refused; empty when it was let through.
async fn code(client: &Client, document: &str) -> anyhow::Result<String> {
    let answer = client.graphql_raw(document, Value::Null).await?;
    let code = answer["errors"][0]["extensions"]["code"]
        .as_str()
        .or_else(|| answer["code"].as_str());
    Ok(code.unwrap_or_default().to_owned())
}

pub async fn nobody_is_let_in(scene: &Scene) -> anyhow::Result<()> {
    for operation in OPERATIONS {
        let heard = code(&scene.anonymous, &scene.fill(operation.document)).await?;
        assert_eq!(heard, "NOT_AUTHENTICATED", "{}", operation.name);
    }
    Ok(())
}

pub async fn wrong_roles_are_refused(scene: &Scene) -> anyhow::Result<()> {
    for operation in OPERATIONS {
        for who in Who::ALL
            .into_iter()
            .filter(|who| !operation.allowed.contains(who))
        {
            let heard = code(&scene.victims[&who], &scene.fill(operation.document)).await?;
            assert_eq!(heard, "FORBIDDEN", "{} by {who:?}", operation.name);
        }
    }
    Ok(())
}

pub async fn another_tenant_sees_nothing(scene: &Scene) -> anyhow::Result<()> {
    for operation in OPERATIONS {
        for who in operation.allowed.iter().filter(|who| **who != Operator) {
            let stranger = &scene.strangers[who];
            let mut heard = stranger
                .graphql_raw(&scene.fill(operation.document), Value::Null)
                .await?;
            leave_out_own_refusals(&mut heard);
            if operation.stranger == NotFound {
                let of_nobody = scene.fill_with_nobodys(operation.document);
                let of_nobody = stranger.graphql_raw(&of_nobody, Value::Null).await?;
                assert_eq!(
                    heard, of_nobody,
                    "{} by {who:?} tells a foreign id from none",
                    operation.name
                );
                let code = &heard["errors"][0]["extensions"]["code"];
                assert_eq!(code, "NOT_FOUND", "{} by {who:?}: {heard}", operation.name);
            }
            let text = heard.to_string();
            for (name, id) in &scene.ids {
                assert!(
                    !text.contains(id.as_str()),
                    "{} by {who:?} shows the victim's {name}",
                    operation.name
                );
            }
        }
    }
    Ok(())
}

/// A tenant's trail says what its own people asked for in vain; those ids came from them.
fn leave_out_own_refusals(heard: &mut Value) {
    if let Some(rows) = heard
        .pointer_mut("/data/auditTrail/nodes")
        .and_then(Value::as_array_mut)
    {
        rows.retain(|row| {
            !row["action"]
                .as_str()
                .is_some_and(|action| action.starts_with("access.refused"))
        });
    }
}

pub async fn another_facility_sees_nothing(scene: &Scene) -> anyhow::Result<()> {
    for operation in OPERATIONS
        .iter()
        .filter(|operation| operation.allowed.contains(&Staff))
    {
        let heard = scene
            .other_facility
            .graphql_raw(&scene.fill(operation.document), json!(null))
            .await?;
        if operation.document.contains("{case}") {
            let code = &heard["errors"][0]["extensions"]["code"];
            assert_eq!(
                code, "NOT_FOUND",
                "{} by staff of another facility: {heard}",
                operation.name
            );
        }
        let text = heard.to_string();
        for name in ["case", "study", "instance", "job", "node"] {
            assert!(
                !text.contains(&scene.ids[name]),
                "{} shows another facility's {name}",
                operation.name
            );
        }
    }
    Ok(())
}
