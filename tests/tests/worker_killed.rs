//! A worker that dies in the middle of its jobs: another one does them, and nothing is done twice.

use dicom::phantom::PhantomKind;
use serde_json::Value;
use telerad_tests::{Backend, Client, Telerad, eventually, files};

const JOBS: &str = "query { jobs(first: 500) { nodes { kind state attempts } } }";

/// They wait for a moment hours away: of the case's clock, and of a study that has been left alone.
const WAITING: [&str; 2] = ["mark_service_level", "compact_study"];

/// The jobs that have work to do.
async fn jobs(admin: &Client) -> anyhow::Result<Vec<Value>> {
    let answer = admin.graphql(JOBS, Value::Null).await?;
    let nodes = answer["jobs"]["nodes"].as_array().cloned().unwrap_or_default();
    Ok(nodes
        .into_iter()
        .filter(|job| WAITING.iter().all(|kind| job["kind"] != *kind))
        .collect())
}

fn any(jobs: &[Value], state: &str) -> bool {
    jobs.iter().any(|job| job["state"] == state)
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_a_killed_worker_are_done_by_the_next() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let short = [
            ("TELERAD_JOB_LEASE_SECONDS", "3"),
            ("TELERAD_QUIET_PERIOD_SECONDS", "1"),
        ];
        let mut telerad = Telerad::start_with(backend, &short, &[]).await?;
        let tenant = telerad.found_tenant("work")?;
        let study = files::study(PhantomKind::HeadCt, 11, 60);
        let client = telerad.with_key(&tenant);
        for batch in study.chunks(20) {
            assert_eq!(
                client.stow(&tenant.slug, &files::bytes_of(batch)).await?.status,
                200
            );
        }
        // Several times, whenever something runs or waits.
        for _ in 0..3 {
            let admin = telerad.signed_in(&tenant.admin).await?;
            eventually("a job runs, or all are done", async || {
                let jobs = jobs(&admin).await?;
                Ok((any(&jobs, "RUNNING") || !any(&jobs, "QUEUED")).then_some(()))
            })
            .await?;
            telerad.kill()?;
            telerad.restart().await?;
        }
        let admin = telerad.signed_in(&tenant.admin).await?;
        let nodes = eventually("no job waits or runs", async || {
            let jobs = jobs(&admin).await?;
            Ok((!any(&jobs, "QUEUED") && !any(&jobs, "RUNNING")).then_some(jobs))
        })
        .await?;
        for job in &nodes {
            assert_eq!(job["state"], "DONE", "{backend:?}: {job}");
        }
        let client = telerad.with_key(&tenant);
        let first = &study[0];
        let series = format!(
            "/dicomweb/{}/studies/{}/series/{}",
            tenant.slug, first.study_instance_uid, first.series_instance_uid
        );
        assert_eq!(
            client.get(&format!("{series}/thumbnail")).await?.status,
            200,
            "{backend:?}"
        );
        for file in &study {
            let frames = format!("{series}/instances/{}/frames/1", file.sop_instance_uid);
            let accept = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";
            let reply = client.get_as(&frames, accept).await?;
            let text = String::from_utf8_lossy(&reply.body[..300.min(reply.body.len())]).into_owned();
            assert!(
                text.contains("1.2.840.10008.1.2.4.202"),
                "{backend:?}: no rendition for {text}"
            );
        }
        let reader = telerad.signed_in(&tenant.radiologist).await?;
        reader.case_in(&first.study_instance_uid, "READY_TO_READ").await?;
    }
    Ok(())
}
