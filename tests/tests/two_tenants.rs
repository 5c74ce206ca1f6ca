//! Two tenants hold a study of the same UIDs and never notice each other.

use dicom::phantom::{PhantomInstance, PhantomKind, PhantomOptions, PhantomStudy};
use telerad_tests::{Backend, Client, Telerad, Tenant, eventually, files, parts_of};

/// The same UIDs, other pixels: the seed shapes both, so the UIDs of `theirs` are replaced by those of `ours`.
fn twins() -> (Vec<PhantomInstance>, Vec<PhantomInstance>) {
    let make = |patient: &str| {
        let mut options = PhantomOptions {
            instances: Some(3),
            edge: Some(64),
            seed: 7,
            ..Default::default()
        };
        options.patient.id = patient.to_owned();
        options.patient.name = Some(format!("Twin^{patient}"));
        PhantomStudy::new(PhantomKind::HeadCt, options)
            .map(Result::unwrap)
            .collect::<Vec<_>>()
    };
    (make("LEFT"), make("RIGHT"))
}

async fn originals(client: &Client, tenant: &Tenant, study: &str) -> anyhow::Result<Vec<Vec<u8>>> {
    let path = format!("/dicomweb/{}/studies/{study}", tenant.slug);
    let accept = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    let mut bodies: Vec<_> = parts_of(&client.get_as(&path, accept).await?)
        .into_iter()
        .map(|part| part.body)
        .collect();
    bodies.sort();
    Ok(bodies)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_hold_the_same_study_uid_and_never_see_each_other() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start_with(backend, &[("TELERAD_QUIET_PERIOD_SECONDS", "1")], &[]).await?;
        let (left, right) = (telerad.found_tenant("left")?, telerad.found_tenant("right")?);
        let (of_left, of_right) = twins();
        let study = of_left[0].study_instance_uid.clone();
        assert_eq!(study, of_right[0].study_instance_uid);
        assert_ne!(of_left[0].bytes, of_right[0].bytes);
        let (to_left, to_right) = (telerad.with_key(&left), telerad.with_key(&right));

        let (bytes_of_left, bytes_of_right) = (files::bytes_of(&of_left), files::bytes_of(&of_right));
        let stored = tokio::try_join!(
            to_left.stow(&left.slug, &bytes_of_left),
            to_right.stow(&right.slug, &bytes_of_right),
        )?;
        assert_eq!((stored.0.status, stored.1.status), (200, 200), "{stored:?}");

        for (client, tenant, sent) in [(&to_left, &left, &of_left), (&to_right, &right, &of_right)] {
            let mut expected: Vec<_> = sent.iter().map(|instance| instance.bytes.clone()).collect();
            expected.sort();
            assert_eq!(
                originals(client, tenant, &study).await?,
                expected,
                "{backend:?}: its own bytes"
            );
            let metadata = client
                .get(&format!("/dicomweb/{}/studies/{study}/metadata", tenant.slug))
                .await?;
            let text = String::from_utf8_lossy(&metadata.body).into_owned();
            let other = if tenant.slug == "left" { "RIGHT" } else { "LEFT" };
            assert!(!text.contains(other), "a foreign patient in the metadata");
        }
        // A key opens its own tenant only, and says about the other what it says about none.
        let foreign = to_left.get(&format!("/dicomweb/right/studies/{study}")).await?;
        let absent = to_left.get(&format!("/dicomweb/nowhere/studies/{study}")).await?;
        assert_eq!((foreign.status, foreign.code()), (404, "NOT_FOUND".to_owned()));
        assert_eq!((absent.status, absent.code()), (404, "NOT_FOUND".to_owned()));

        let reader = telerad.signed_in(&left.radiologist).await?;
        let other = telerad.signed_in(&right.radiologist).await?;
        let case = reader.case_in(&study, "READY_TO_READ").await?;
        let their_case = other.case_in(&study, "READY_TO_READ").await?;
        assert_ne!(case.id, their_case.id);
        let claim = reader.claim(&their_case.id).await?;
        assert_eq!(claim["errors"][0]["extensions"]["code"], "NOT_FOUND", "{claim}");

        let thumbnails = eventually("both have thumbnails", async || {
            let of = async |client: &Client, slug: &str, sent: &PhantomInstance| {
                let series = &sent.series_instance_uid;
                client
                    .get(&format!(
                        "/dicomweb/{slug}/studies/{study}/series/{series}/thumbnail"
                    ))
                    .await
            };
            let both = (
                of(&to_left, "left", &of_left[0]).await?,
                of(&to_right, "right", &of_right[0]).await?,
            );
            Ok((both.0.status == 200 && both.1.status == 200).then_some(both))
        })
        .await?;
        assert!(thumbnails.0.body.starts_with(b"\xff\xd8\xff"));
    }
    Ok(())
}
