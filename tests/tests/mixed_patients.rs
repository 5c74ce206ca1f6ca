//! Two patients under one study, sent by two at once: whose the study is, is decided while both are on their way.

use dicom::phantom::{PhantomInstance, PhantomKind};
use telerad_tests::{Backend, Client, Telerad, files, parts_of};

const ROUNDS: u64 = 6;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_of_a_mixed_study_is_there_bit_exact() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start(backend).await?;
        let tenant = telerad.found_tenant("mixed")?;
        let client = telerad.with_key(&tenant);
        for round in 0..ROUNDS {
            let study = files::study(PhantomKind::HeadCt, 10 + round, 12);
            let (of_one, of_other) = study.split_at(6);
            let of_other: Vec<PhantomInstance> = of_other.iter().map(of_somebody_else).collect();
            let first = [&of_one[..3], &of_other[..3]].concat();
            let second = [&of_other[3..], &of_one[3..]].concat();
            let (first_bytes, second_bytes) = (files::bytes_of(&first), files::bytes_of(&second));
            let (one, other) = tokio::join!(
                client.stow(&tenant.slug, &first_bytes),
                client.stow(&tenant.slug, &second_bytes),
            );
            let acknowledged = [one?.stored, other?.stored].concat();
            let of_winner = acknowledged
                .iter()
                .all(|uid| of_one.iter().any(|one| one.sop_instance_uid == *uid));
            let (winner, loser) = if of_winner {
                (of_one, &of_other[..])
            } else {
                (&of_other[..], of_one)
            };
            assert!(
                !acknowledged.is_empty(),
                "{backend:?}: whoever comes first is taken"
            );
            for file in [winner, loser].concat() {
                let (status, body) = original(&client, &tenant.slug, &file).await?;
                if acknowledged.contains(&file.sop_instance_uid) {
                    assert_eq!((status, body), (200, file.bytes), "{backend:?}: round {round}");
                } else {
                    assert_eq!(status, 404, "{backend:?}: round {round}");
                }
            }

            // What was refused for the other patient's sake alone may come again.
            client.stow(&tenant.slug, &files::bytes_of(winner)).await?;
            for file in winner {
                let found = original(&client, &tenant.slug, file).await?;
                assert_eq!(found, (200, file.bytes.clone()), "{backend:?}: round {round}");
            }
            let refused = client.stow(&tenant.slug, &files::bytes_of(loser)).await?;
            assert!(
                refused.stored.is_empty(),
                "{backend:?}: the study is one patient's"
            );
        }
    }
    Ok(())
}

/// The status, and the bytes of the instance.
async fn original(client: &Client, tenant: &str, file: &PhantomInstance) -> anyhow::Result<(u16, Vec<u8>)> {
    let (study, series) = (&file.study_instance_uid, &file.series_instance_uid);
    let reply = client
        .retrieve(tenant, study, series, &file.sop_instance_uid)
        .await?;
    let body = match reply.status {
        200 => parts_of(&reply).swap_remove(0).body,
        _ => Vec::new(),
    };
    Ok((reply.status, body))
}

/// The same image under another Patient ID of the same length.
fn of_somebody_else(image: &PhantomInstance) -> PhantomInstance {
    let mut other = image.clone();
    let id = b"PHANTOM-";
    let at = other.bytes.windows(id.len()).position(|window| window == id);
    other.bytes[at.expect("every phantom has its patient's ID")] = b'Q';
    other
}
