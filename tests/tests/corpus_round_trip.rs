//! Every file goes in by STOW-RS and comes back by WADO-RS as the very same bytes.
//!
//! Generated files always; the folder `TELERAD_TEST_CORPUS` names as well, where it is set.

use std::{collections::BTreeMap, fs};

use dicom::phantom::{PhantomKind, PhantomOptions, PhantomStudy, PhantomTransferSyntax};
use telerad_tests::{Backend, Client, Telerad, Tenant, files, parts_of};

const SYNTAXES: [PhantomTransferSyntax; 5] = [
    PhantomTransferSyntax::ImplicitVrLittleEndian,
    PhantomTransferSyntax::ExplicitVrLittleEndian,
    PhantomTransferSyntax::RleLossless,
    PhantomTransferSyntax::JpegLsLossless,
    PhantomTransferSyntax::HtJ2kLosslessRpcl,
];

/// Generated files of every kind in every transfer syntax that can carry it.
fn generated() -> Vec<(String, Vec<u8>)> {
    let mut made = Vec::new();
    for (number, syntax) in (1..).zip(SYNTAXES) {
        for kind in PhantomKind::ALL {
            let options = PhantomOptions {
                seed: 1000 + number,
                instances: Some(3),
                edge: Some(64),
                transfer_syntax: syntax,
                ..PhantomOptions::default()
            };
            // A kind that a syntax cannot carry is refused, and none of these is wanted.
            for instance in PhantomStudy::new(kind, options).map_while(Result::ok) {
                made.push((format!("{kind:?} in {}", syntax.uid()), instance.bytes));
            }
        }
    }
    assert!(
        made.len() > 30,
        "the phantoms cover most combinations: {}",
        made.len()
    );
    made
}

/// Sends one file and gives the UIDs under which it was stored, or why it was not.
async fn send(client: &Client, tenant: &Tenant, file: &[u8]) -> anyhow::Result<Result<String, String>> {
    let outcome = client.stow(&tenant.slug, &[file]).await?;
    let url = outcome.body["00081199"]["Value"][0]["00081190"]["Value"][0].as_str();
    Ok(match url {
        // 202 where it lacks what its SOP class requires.
        Some(url) if [200, 202].contains(&outcome.status) => Ok(url.to_owned()),
        _ => Err(outcome.body.to_string()),
    })
}

/// The path of a retrieve URL.
fn path_of(url: &str) -> String {
    let at = url.find("/dicomweb/").unwrap_or(0);
    url[at..].to_owned()
}

async fn comes_back(client: &Client, url: &str, sent: &[u8]) -> anyhow::Result<bool> {
    let accept = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    let reply = client.get_as(&path_of(url), accept).await?;
    let is_whole = |got: &[u8]| match sent.get(128..132) {
        Some(b"DICM") => got == sent,
        // It came without its beginning and is handed out with one (PS3.10 §7.1).
        _ => data_set_of(got).is_some_and(|data_set| !data_set.is_empty() && sent.ends_with(data_set)),
    };
    Ok(reply.status == 200 && parts_of(&reply).first().is_some_and(|part| is_whole(&part.body)))
}

/// What follows the file meta information of a Part 10 file.
fn data_set_of(file: &[u8]) -> Option<&[u8]> {
    let length: [u8; 4] = file.get(140..144)?.try_into().ok()?;
    let begins = file.get(128..132)? == b"DICM";
    file.get(144 + u32::from_le_bytes(length) as usize..)
        .filter(|_| begins)
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_files_come_back_bit_by_bit() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start(backend).await?;
        let tenant = telerad.found_tenant("exact")?;
        let client = telerad.with_key(&tenant);
        for (name, file) in generated() {
            let url = send(&client, &tenant, &file)
                .await?
                .unwrap_or_else(|why| panic!("{name}: {why}"));
            assert!(comes_back(&client, &url, &file).await?, "{backend:?}: {name}");
            // Once more: a success that changes nothing.
            let again = send(&client, &tenant, &file).await?;
            assert_eq!(again.as_deref(), Ok(url.as_str()), "{backend:?}: {name}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_corpus_comes_back_bit_by_bit_and_hostile_files_are_refused_by_name() -> anyhow::Result<()> {
    let files = files::corpus(&["real", "made", "edge", "malformed", "series", "samples"]);
    if files.is_empty() {
        return Ok(());
    }
    let telerad = Telerad::start(Backend::Sqlite).await?;
    let tenant = telerad.found_tenant("corpus")?;
    let client = telerad.with_key(&tenant);
    let pid = telerad.pid();
    let mut refused = BTreeMap::new();
    for path in &files {
        let file = fs::read(path)?;
        let name = path
            .strip_prefix(path.ancestors().nth(2).unwrap_or(path))?
            .display()
            .to_string();
        match send(&client, &tenant, &file).await? {
            Ok(url) => assert!(
                comes_back(&client, &url, &file).await?,
                "{name} came back changed"
            ),
            Err(why) => {
                refused.insert(name, why);
            }
        }
    }
    // The same SOP Instance UID under other bytes, and one study under two patients, are in the corpus too:
    // whatever is refused says why, and no file of the well-formed folders is refused as unreadable.
    for (name, why) in &refused {
        assert!(
            why.contains("00081197"),
            "{name} was refused without a reason: {why}"
        );
        let unreadable = ["NOT_DICOM", "INSTANCE_TRUNCATED", "DATASET_HOSTILE"]
            .iter()
            .any(|code| why.contains(code));
        assert!(
            !(unreadable && (name.starts_with("real") || name.starts_with("made"))),
            "{name}: {why}"
        );
    }
    assert_eq!(telerad.pid(), pid);
    assert_eq!(client.get("/healthz").await?.status, 200, "alive after all of it");
    Ok(())
}
