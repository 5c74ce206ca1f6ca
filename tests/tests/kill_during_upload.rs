//! SIGKILL in the middle of a stream of uploads: what was acknowledged is there, bit-exact, and nothing is
//! half-visible.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use dicom::phantom::PhantomKind;
use telerad_tests::{Backend, Telerad, files, parts_of};
use tokio::{sync::Mutex, task::JoinSet};

const SENDERS: usize = 4;
const BATCH: usize = 3;

type Acknowledged = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_instance_survives_a_kill_and_no_other_is_half_there() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let mut telerad = Telerad::start(backend).await?;
        let tenant = telerad.found_tenant("durable")?;
        let acknowledged = Acknowledged::default();
        let mut sent = BTreeMap::new();
        // Three lives, each ended while senders are in the middle of it.
        for life in 0..3_u64 {
            let client = telerad.with_key(&tenant);
            let answered = Arc::new(AtomicUsize::new(0));
            let mut senders = JoinSet::new();
            for sender in 0..SENDERS as u64 {
                let study = files::study(PhantomKind::KneeMr, 100 * life + sender, 60);
                sent.extend(
                    study
                        .iter()
                        .map(|file| (file.sop_instance_uid.clone(), file.clone())),
                );
                let (client, slug) = (client.clone(), tenant.slug.clone());
                let (acknowledged, answered) = (Arc::clone(&acknowledged), Arc::clone(&answered));
                senders.spawn(async move {
                    for batch in study.chunks(BATCH) {
                        let Ok(outcome) = client.stow(&slug, &files::bytes_of(batch)).await else {
                            return;
                        };
                        let mut kept = acknowledged.lock().await;
                        for file in batch
                            .iter()
                            .filter(|file| outcome.stored.contains(&file.sop_instance_uid))
                        {
                            kept.insert(file.sop_instance_uid.clone(), file.bytes.clone());
                        }
                        answered.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            while answered.load(Ordering::SeqCst) < 10 {
                tokio::task::yield_now().await;
                anyhow::ensure!(!senders.is_empty(), "the senders ended before the kill");
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            telerad.kill()?;
            senders.join_all().await;
            telerad.restart().await?;
        }

        let client = telerad.with_key(&tenant);
        let acknowledged = acknowledged.lock().await;
        assert!(
            acknowledged.len() >= 30,
            "enough was acknowledged to prove something"
        );
        let mut visible = 0;
        for file in sent.values() {
            let (study, series, uid) = (
                &file.study_instance_uid,
                &file.series_instance_uid,
                &file.sop_instance_uid,
            );
            let reply = client.retrieve(&tenant.slug, study, series, uid).await?;
            match reply.status {
                200 => {
                    assert_eq!(
                        parts_of(&reply)[0].body,
                        file.bytes,
                        "{backend:?}: visible means bit-exact"
                    );
                    visible += 1;
                }
                404 => assert!(
                    !acknowledged.contains_key(uid),
                    "{backend:?}: an acknowledged instance is gone"
                ),
                other => panic!("{backend:?}: {other} for {uid}"),
            }
        }
        // Counts agree with what is there.
        let mut counted = 0;
        for study in sent
            .values()
            .map(|file| &file.study_instance_uid)
            .collect::<std::collections::BTreeSet<_>>()
        {
            let path = format!("/dicomweb/{}/studies/{study}/instances", tenant.slug);
            let listed = client.get(&path).await?.json().as_array().map_or(0, Vec::len);
            let path = format!(
                "/dicomweb/{}/studies?StudyInstanceUID={study}&includefield=00201208",
                tenant.slug
            );
            let said = client.get(&path).await?.json()[0]["00201208"]["Value"][0]
                .as_u64()
                .unwrap_or_default();
            assert_eq!(listed as u64, said, "{backend:?}: the study counts what it lists");
            counted += listed;
        }
        assert_eq!(counted, visible);
    }
    Ok(())
}
