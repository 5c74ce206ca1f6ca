//! Lossy copies: only where an organisation decided so, as other objects, and never instead of an original.

use std::path::{Path, PathBuf};

use dicom::{
    InstanceIndex, Limits, index_instance,
    phantom::{PhantomKind, PhantomOptions, PhantomStudy, PhantomTransferSyntax},
};
use serde_json::{Value, json};
use telerad_tests::{Backend, Telerad, files, parts_of};

const DECIDE: &str =
    "mutation($policy: LossyPolicyInput) { setLossyPolicy(input: { policy: $policy }) { afterDays } }";

fn policy(after_days: u32, modality: &str) -> Value {
    json!({ "policy": { "afterDays": after_days, "modalities": [modality], "leastPsnrDb": 50 } })
}

/// What is in the images of an exported folder, and how long they are.
fn exported(folder: &Path) -> anyhow::Result<Vec<(InstanceIndex, u64)>> {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path)?;
            if path.file_name().is_some_and(|name| name != "DICOMDIR") {
                let length = bytes.len() as u64;
                let index = index_instance(&mut std::io::Cursor::new(bytes), length, &Limits::default())?;
                found.push((index, length));
            }
        }
    }
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lossy_export_is_a_decision_and_leaves_the_originals_alone() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start(backend).await?;
        let (north, south) = (telerad.found_tenant("north")?, telerad.found_tenant("south")?);
        let client = telerad.with_key(&north);
        let admin = telerad.signed_in(&north.admin).await?;
        let study = files::study(PhantomKind::KneeMr, 5, 2);
        let uid = study[0].study_instance_uid.clone();
        client.stow(&north.slug, &files::bytes_of(&study)).await?;
        let staff = telerad.signed_in(&north.staff).await?;
        let door = format!("/exports/{uid}?lossy=true");

        // Off by default, and nobody but an administrator changes that.
        let refused = staff.get(&door).await?;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (409, "LOSSY_NOT_ALLOWED"),
            "{backend:?}"
        );
        assert_eq!(staff.graphql_code(DECIDE, policy(0, "MR")).await?, "FORBIDDEN");
        let careless = json!({ "policy": { "afterDays": 0, "modalities": ["MR"], "leastPsnrDb": 10 } });
        assert_eq!(admin.graphql_code(DECIDE, careless).await?, "INVALID_INPUT");
        admin.graphql(DECIDE, policy(30, "MR")).await?;
        let young = staff.get(&door).await?;
        assert_eq!((young.status, young.code().as_str()), (409, "LOSSY_NOT_ALLOWED"));

        // Another organisation has its own decision, and not this study.
        let southern = telerad.signed_in(&south.admin).await?;
        let none = southern
            .graphql("{ lossyPolicy { afterDays } }", json!({}))
            .await?;
        assert!(none["lossyPolicy"].is_null(), "{none}");
        southern.graphql(DECIDE, policy(0, "MR")).await?;
        assert_eq!(southern.get(&door).await?.status, 404);

        admin.graphql(DECIDE, policy(0, "MR")).await?;
        let zip = staff.get(&door).await?;
        assert_eq!(zip.status, 200);
        let folder = tempfile::tempdir()?;
        let export = |name: &str, more: &[&str]| -> anyhow::Result<Vec<(InstanceIndex, u64)>> {
            let out = folder.path().join(name);
            let out_text = out.display().to_string();
            let mut arguments = vec!["export", "--tenant", "north", "--study", &uid, "--out", &out_text];
            arguments.extend(more);
            telerad.run(&arguments, "")?;
            exported(&out)
        };
        let (lossy, originals) = (export("lossy", &["--lossy"])?, export("originals", &[])?);
        assert_eq!((lossy.len(), originals.len()), (2, 2));
        let names = |files: &[(InstanceIndex, u64)]| -> Vec<String> {
            let mut names: Vec<String> = files
                .iter()
                .map(|(index, _)| index.attributes.sop_instance_uid.to_string())
                .collect();
            names.sort();
            names
        };
        assert!(names(&lossy).iter().all(|name| !names(&originals).contains(name)));
        assert_eq!(
            names(&lossy),
            names(&export("again", &["--lossy"])?),
            "the same copy has the same name"
        );
        for (index, _) in &lossy {
            assert_eq!(index.meta.transfer_syntax_uid.as_str(), "1.2.840.10008.1.2.4.203");
            let said: Value = serde_json::from_slice(&index.metadata_json)?;
            assert_eq!(said["00282110"]["Value"][0], "01");
            assert_eq!(said["00080008"]["Value"][0], "DERIVED");
            let source = said["00082112"]["Value"][0]["00081155"]["Value"][0]
                .as_str()
                .unwrap_or_default();
            assert!(names(&originals).iter().any(|name| name == source), "{source}");
        }
        let bytes = |files: &[(InstanceIndex, u64)]| files.iter().map(|(_, length)| length).sum::<u64>();
        assert!(
            bytes(&lossy) < bytes(&originals),
            "{} {}",
            bytes(&lossy),
            bytes(&originals)
        );

        // The archive holds what it held, bit for bit, and the trail says what went out.
        let held = client
            .get(&format!("/dicomweb/north/studies/{uid}/instances"))
            .await?
            .json();
        assert_eq!(held.as_array().map(Vec::len), Some(2));
        for file in &study {
            let reply = client
                .retrieve("north", &uid, &file.series_instance_uid, &file.sop_instance_uid)
                .await?;
            assert!(parts_of(&reply)[0].body == file.bytes, "{backend:?}");
        }
        let trail =
            "{ auditTrail(filter: { actions: [STUDY_EXPORT, ARCHIVE_POLICY] }) { nodes { detail } } }";
        let rows = admin.graphql(trail, json!({})).await?["auditTrail"]["nodes"].to_string();
        assert!(rows.contains("lossy copies of MR, at least 50 dB"), "{rows}");
        assert!(rows.contains("lossy copies: of MR after 0 days"), "{rows}");

        // A copy that saves nothing is none.
        let options = PhantomOptions {
            seed: 6,
            instances: Some(1),
            edge: Some(64),
            transfer_syntax: PhantomTransferSyntax::HtJ2kLosslessRpcl,
            ..PhantomOptions::default()
        };
        let packed = PhantomStudy::new(PhantomKind::KneeMr, options).instance(0)?;
        client.stow(&north.slug, &[&packed.bytes]).await?;
        let strict = json!({ "policy": { "afterDays": 0, "modalities": ["MR"], "leastPsnrDb": 80 } });
        admin.graphql(DECIDE, strict).await?;
        let out = folder.path().join("packed");
        let arguments = [
            "export",
            "--tenant",
            "north",
            "--study",
            &packed.study_instance_uid,
            "--lossy",
            "--out",
        ];
        telerad.run(&[&arguments[..], &[&out.display().to_string()]].concat(), "")?;
        assert_eq!(
            names(&exported(&out)?),
            std::slice::from_ref(&packed.sop_instance_uid)
        );

        // Of other modalities originals go out, and none of anything once it is forbidden again.
        admin.graphql(DECIDE, policy(0, "CT")).await?;
        assert_eq!(names(&export("others", &["--lossy"])?), names(&originals));
        admin.graphql(DECIDE, json!({ "policy": null })).await?;
        assert_eq!(staff.get(&door).await?.code(), "LOSSY_NOT_ALLOWED");
        assert!(export("never", &["--lossy"]).is_err());
    }
    Ok(())
}
