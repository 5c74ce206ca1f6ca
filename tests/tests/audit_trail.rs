//! An auditor's question over the whole main path: who saw this patient's data, when, from where, and who was refused?

use anyhow::Context as _;
use dicom::phantom::PhantomKind;
use reqwest::{Method, header};
use serde_json::{Value, json};
use telerad_tests::{Backend, Client, Telerad, code_of, eventually, files};

const TRAIL: &str = "query ($filter: AuditFilter) { auditTrail(filter: $filter, first: 500) { nodes { at actor actorKind \
                     action object caseId outcome address userAgent detail } } }";
const AGENT: &str = "Workstation/7";

/// The rows about something, oldest first.
async fn trail(auditor: &Client, filter: Value) -> anyhow::Result<Vec<Value>> {
    let data = auditor.graphql(TRAIL, json!({ "filter": filter })).await?;
    let mut rows = data["auditTrail"]["nodes"].as_array().cloned().context("rows")?;
    rows.reverse();
    Ok(rows)
}

/// What a row must say: who, what, on what, how it ended, and a word of the detail.
type Expected<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

fn find<'a>(rows: &'a [Value], expected: Expected<'_>, case: Option<&str>) -> Option<&'a Value> {
    let (actor, action, object, outcome, detail) = expected;
    rows.iter().find(|row| {
        row["actor"] == actor
            && row["action"] == action
            && (object.is_empty() || row["object"] == object)
            && row["outcome"] == outcome
            && row["detail"].as_str().unwrap_or_default().contains(detail)
            && case.is_none_or(|case| row["caseId"] == case)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_of_the_main_path_has_its_row() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let mut telerad = Telerad::start_with(backend, &[("TELERAD_QUIET_PERIOD_SECONDS", "1")], &[]).await?;
        let (ours, theirs) = (telerad.found_tenant("ours")?, telerad.found_tenant("theirs")?);
        let key = telerad.with_key(&ours);
        let reader = telerad.signed_in(&ours.radiologist).await?;
        let second = telerad.signed_in(&telerad.add_reader("ours", "second")?).await?;
        let staff = telerad.signed_in(&ours.staff).await?;
        let other_staff = telerad.signed_in(&ours.other_staff).await?;
        let stranger = telerad.signed_in(&theirs.radiologist).await?;
        let auditor = telerad.signed_in(&ours.admin).await?;

        // Sent, found, viewed.
        let sent = files::study(PhantomKind::HeadCt, 77, 3);
        assert_eq!(key.stow("ours", &files::bytes_of(&sent)).await?.status, 200);
        let uid = &sent[0].study_instance_uid;
        let series = &sent[0].series_instance_uid;
        let instance = &sent[0].sop_instance_uid;
        let case = reader.case_in(uid, "READY_TO_READ").await?.id;
        let searched = key.get("/dicomweb/ours/studies?PatientName=Nobody^*").await?;
        assert_eq!(searched.status, 204);
        assert_eq!(
            key.get(&format!(
                "/dicomweb/ours/studies?PatientID=*77&StudyInstanceUID={uid}"
            ))
            .await?
            .status,
            200
        );
        let study_path = format!("/dicomweb/ours/studies/{uid}");
        let series_path = format!("{study_path}/series/{series}");
        let metadata = reader
            .request(Method::GET, &format!("{series_path}/metadata"))
            .header(header::USER_AGENT, AGENT);
        assert_eq!(reader.send(metadata).await?.status, 200);
        for image in &sent {
            let path = format!("{series_path}/instances/{}/frames/1", image.sop_instance_uid);
            assert_eq!(reader.get(&path).await?.status, 200);
        }
        assert_eq!(key.retrieve("ours", uid, series, instance).await?.status, 200);
        eventually("the thumbnail is drawn", async || {
            let drawn = staff.get(&format!("{series_path}/thumbnail")).await?;
            Ok((drawn.status == 200).then_some(()))
        })
        .await?;

        // Claimed, written, signed, fetched; and what is refused on the way.
        let mut claim = reader.hold(&case).await?;
        assert_eq!(code_of(&second.claim(&case).await?), "CASE_ALREADY_CLAIMED");
        reader.write(&mut claim).await?;
        reader.write(&mut claim).await?;
        assert_eq!(
            code_of(&reader.sign(&claim, "not this one").await?),
            "WRONG_PASSWORD"
        );
        let password = &ours.radiologist.password;
        assert_eq!(code_of(&second.sign(&claim, password).await?), "CLAIM_LOST");
        let signed = reader.sign(&claim, password).await?;
        let version = signed["data"]["signReport"]["report"]["versions"][0]["id"]
            .as_str()
            .with_context(|| format!("a version: {signed}"))?
            .to_owned();
        let pdf = format!("/reports/{version}/pdf");
        eventually("the report is printed", async || {
            Ok((staff.get(&pdf).await?.status == 200).then_some(()))
        })
        .await?;

        // Another facility and another tenant.
        let open = "query ($id: ID!) { case(id: $id) { patient { name } } }";
        let id = json!({ "id": case });
        assert_eq!(staff.graphql_code(open, id.clone()).await?, "");
        assert_eq!(other_staff.graphql_code(open, id.clone()).await?, "NOT_FOUND");
        assert_eq!(other_staff.get(&study_path).await?.status, 404);
        assert_eq!(other_staff.get(&pdf).await?.status, 404);
        assert_eq!(stranger.graphql_code(open, id.clone()).await?, "NOT_FOUND");
        for _ in 0..4 {
            assert_eq!(stranger.get(&study_path).await?.status, 404);
        }
        assert_eq!(
            staff.graphql_code("{ members { userId } }", Value::Null).await?,
            "FORBIDDEN"
        );

        let rows = trail(&auditor, json!({ "about": case })).await?;
        let study = rows
            .iter()
            .find(|row| row["action"] == "study.store")
            .and_then(|row| row["object"].as_str())
            .with_context(|| format!("the study was stored: {rows:#?}"))?
            .to_owned();
        let filed =
            |actor, action, object, detail| ((actor, action, object, "SUCCESS", detail), Some(case.as_str()));
        let denied =
            |actor, action, object, detail| ((actor, action, object, "DENIED", detail), Some(case.as_str()));
        let free = |actor, action, detail| ((actor, action, "", "SUCCESS", detail), None);
        for (expected, of_case) in [
            free("Gateway", "study.store", ""),
            filed("telerad", "case.ready", case.as_str(), ""),
            free("reader", "case.list", case.as_str()),
            free("Gateway", "study.search", "PatientID StudyInstanceUID"),
            filed("reader", "study.retrieve", study.as_str(), "metadata"),
            filed("reader", "study.retrieve", study.as_str(), "frames"),
            filed("Gateway", "study.retrieve", study.as_str(), "instances"),
            filed("staff", "study.retrieve", study.as_str(), "thumbnail"),
            filed("reader", "case.claim", case.as_str(), ""),
            denied(
                "second",
                "access.refused",
                case.as_str(),
                "claimCase: CASE_ALREADY_CLAIMED",
            ),
            filed("reader", "case.view", case.as_str(), ""),
            filed("reader", "report.draft", "", "revision"),
            denied("reader", "password.check", "", ""),
            denied(
                "second",
                "access.refused",
                case.as_str(),
                "signReport: CLAIM_LOST",
            ),
            filed("reader", "report.sign", version.as_str(), "FINAL version 1"),
            filed("staff", "report.retrieve", version.as_str(), ""),
            filed("staff", "case.view", case.as_str(), ""),
            denied("other-staff", "access.refused", case.as_str(), "case: NOT_FOUND"),
            denied("other-staff", "access.refused", study.as_str(), "NOT_FOUND"),
            denied("other-staff", "access.refused", version.as_str(), "NOT_FOUND"),
        ] {
            let row = find(&rows, expected, of_case)
                .with_context(|| format!("{backend:?}: no row {expected:?} among {rows:#?}"))?;
            assert!(row["at"].is_string(), "{row}");
            if row["actor"] != "telerad" {
                assert_eq!(row["address"], "127.0.0.1", "{row}");
            }
        }
        let frames = rows.iter().filter(|row| row["detail"] == "frames").count();
        assert_eq!(frames, 1, "{backend:?}: one look is one row");
        let drafts = rows.iter().filter(|row| row["action"] == "report.draft").count();
        assert_eq!(drafts, 1, "{backend:?}: autosave is one row");
        assert!(
            rows.iter().any(|row| row["userAgent"] == AGENT),
            "{backend:?}: {rows:#?}"
        );

        // What does not name the case.
        let refused = trail(&auditor, json!({ "refusedOnly": true })).await?;
        assert!(
            find(
                &refused,
                ("other-staff", "access.refused", &version, "DENIED", "NOT_FOUND"),
                None
            )
            .is_some()
        );
        assert!(
            find(
                &refused,
                ("staff", "access.refused", "-", "DENIED", "members: FORBIDDEN"),
                None
            )
            .is_some()
        );
        let knocked = refused
            .iter()
            .find(|row| row["actorKind"] == "STRANGER")
            .context("a stranger")?;
        assert_eq!(knocked["object"], format!("study {uid}"));
        let nobody = trail(&auditor, json!({ "actions": ["STUDY_SEARCH"] })).await?;
        assert!(
            nobody
                .iter()
                .any(|row| row["detail"] == "studies by PatientName; 0 shown"),
            "{nobody:#?}"
        );

        // The stranger's own organisation sees what its reader tried.
        let their_auditor = telerad.signed_in(&theirs.admin).await?;
        let tried = trail(&their_auditor, json!({ "refusedOnly": true })).await?;
        assert!(
            find(
                &tried,
                ("reader", "access.refused", &case, "DENIED", "case: NOT_FOUND"),
                None
            )
            .is_some()
        );
        let knocks = format!("tenant ours study {uid}");
        assert!(
            find(
                &tried,
                ("reader", "access.refused", &knocks, "DENIED", "NOT_FOUND"),
                None
            )
            .is_some(),
            "{tried:#?}"
        );

        // Counts are said, and everything is anchored, when the program stops.
        telerad.stop().await?;
        let verified = telerad.run(&["admin", "verify-audit", "--tenant", "ours"], "")?;
        assert!(verified.contains("checkpoints agree"), "{verified}");
        assert!(!verified.contains("; 0 checkpoints"), "{verified}");
        telerad.restart().await?;
        let their_auditor = telerad.signed_in(&theirs.admin).await?;
        let again = trail(&their_auditor, json!({ "actions": ["ACCESS_REFUSED_AGAIN"] })).await?;
        assert!(
            find(
                &again,
                (
                    "reader",
                    "access.refused_again",
                    &knocks,
                    "DENIED",
                    "3 times more"
                ),
                None
            )
            .is_some(),
            "{again:#?}"
        );

        // No patient's name or number, and nothing that was searched for.
        let auditor = telerad.signed_in(&ours.admin).await?;
        let all = serde_json::to_string(&trail(&auditor, json!({})).await?)?;
        for secret in ["PHANTOM", "Nobody", "A77"] {
            assert!(!all.contains(secret), "{backend:?}: {secret} stands in the trail");
        }
    }
    Ok(())
}
