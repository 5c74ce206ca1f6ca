//! Fifty readers reach for one case at once: one has it, and the others are told who.

use std::collections::BTreeSet;

use dicom::phantom::PhantomKind;
use futures_util::future::try_join_all;
use telerad_tests::{Backend, Telerad, files};

const CLAIMANTS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_concurrent_claimants_one_wins_and_the_others_learn_who() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start_with(backend, &[("TELERAD_QUIET_PERIOD_SECONDS", "1")], &[]).await?;
        let tenant = telerad.found_tenant("race")?;
        let mut readers = Vec::new();
        for number in 0..CLAIMANTS {
            let person = telerad.add_reader(&tenant.slug, &format!("reader-{number}"))?;
            readers.push(telerad.signed_in(&person).await?);
        }
        let study = files::study(PhantomKind::ChestRadiograph, 50, 2);
        telerad
            .with_key(&tenant)
            .stow(&tenant.slug, &files::bytes_of(&study))
            .await?;
        let case = readers[0]
            .case_in(&study[0].study_instance_uid, "READY_TO_READ")
            .await?;

        let answers = try_join_all(readers.iter().map(|reader| reader.claim(&case.id))).await?;

        let winners = answers
            .iter()
            .filter(|answer| answer["data"]["claimCase"]["claimToken"].is_string());
        assert_eq!(winners.count(), 1, "{backend:?}: {answers:#?}");
        let refused: Vec<_> = answers
            .iter()
            .filter(|answer| !answer["errors"].is_null())
            .collect();
        assert_eq!(refused.len(), CLAIMANTS - 1);
        let mut holders = BTreeSet::new();
        for answer in refused {
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!(extensions["code"], "CASE_ALREADY_CLAIMED", "{answer}");
            holders.insert(
                extensions["holder"]["name"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            );
        }
        assert_eq!(holders.len(), 1, "everybody hears the same name: {holders:?}");
        assert!(holders.iter().all(|name| name.starts_with("reader-")));
    }
    Ok(())
}
