//! Studies leave as files with a DICOMDIR and come into another archive as the very same bytes; de-identified ones say
//! nothing of their patient.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::{
    collections::BTreeMap,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use dicom::{
    Limits,
    dicomdir::read_file_ids,
    index_instance,
    phantom::{PhantomInstance, PhantomKind},
};
use telerad_tests::{Backend, Telerad, Tenant, files};

/// The files of a folder and those below, by their paths in it.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// SOP Instance UID and bytes of every instance among the files.
fn instances(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let images = files.iter().filter(|(name, _)| name.starts_with("DICOM/"));
    images
        .map(|(_, bytes)| {
            let length = bytes.len() as u64;
            let index = index_instance(&mut Cursor::new(bytes), length, &Limits::default()).unwrap();
            (index.attributes.sop_instance_uid.to_string(), bytes.clone())
        })
        .collect()
}

fn sent() -> Vec<PhantomInstance> {
    let mut sent = files::study(PhantomKind::HeadCt, 71, 3);
    sent.extend(files::study(PhantomKind::KneeMr, 72, 2));
    sent.extend(files::study(PhantomKind::CardiacUltrasound, 73, 1));
    sent
}

async fn with_studies(telerad: &Telerad, slug: &str) -> anyhow::Result<Tenant> {
    let tenant = telerad.found_tenant(slug)?;
    let sent = sent();
    let outcome = telerad
        .with_key(&tenant)
        .stow(&tenant.slug, &files::bytes_of(&sent))
        .await?;
    assert_eq!(outcome.status, 200, "{}", outcome.body);
    Ok(tenant)
}

fn out(telerad: &Telerad, name: &str) -> (PathBuf, String) {
    let path = telerad.data_dir().join(name);
    let text = path.to_string_lossy().into_owned();
    (path, text)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_and_imported_elsewhere_is_the_same_byte_for_byte() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start(backend).await?;
        let tenant = with_studies(&telerad, "from").await?;
        let other = telerad.found_tenant("into")?;
        let expected: BTreeMap<String, Vec<u8>> = sent()
            .into_iter()
            .map(|instance| (instance.sop_instance_uid, instance.bytes))
            .collect();

        let (folder, folder_name) = out(&telerad, "medium");
        let said = telerad.run(&["export", "--tenant", &tenant.slug, "--out", &folder_name], "")?;
        assert!(
            said.contains(&format!("{} instances of 3 studies", expected.len())),
            "{said}"
        );
        let written = tree(&folder);
        assert_eq!(instances(&written), expected);

        // The directory names exactly the files that are there.
        let mut named = Vec::new();
        let directory = &written["DICOMDIR"];
        read_file_ids(
            &mut Cursor::new(directory),
            directory.len() as u64,
            &Limits::default(),
            |id| named.push(id.join("/")),
        )?;
        named.sort();
        let there: Vec<String> = written
            .keys()
            .filter(|name| *name != "DICOMDIR")
            .cloned()
            .collect();
        assert_eq!(named, there);

        let facility = "ONE";
        let (report, report_name) = out(&telerad, "report.tsv");
        let import = |medium: &str| {
            telerad.run(
                &[
                    "import",
                    "--tenant",
                    &other.slug,
                    "--facility",
                    facility,
                    "--report",
                    &report_name,
                    medium,
                ],
                "",
            )
        };
        fs::write(folder.join("README.TXT"), "not an image")?;
        let said = import(&folder_name)?;
        assert!(
            said.starts_with(&format!(
                "{} stored, 0 stored already, 0 refused, 0 unread, 0 missing",
                expected.len()
            )),
            "{said}"
        );
        let lines = fs::read_to_string(&report)?;
        assert!(lines.contains("README.TXT\tNOT_DICOM\t"), "{lines}");
        assert!(
            lines.contains("DICOM/P0000001/T0000001/S0000001/I0000001\tSTORED\t"),
            "{lines}"
        );

        // As a ZIP, out of the archive that it was imported into: still the same, and nothing new to that archive.
        let (_, zip_name) = out(&telerad, "all.zip");
        telerad.run(&["export", "--tenant", &other.slug, "--out", &zip_name], "")?;
        let said = import(&zip_name)?;
        assert!(
            said.starts_with(&format!("0 stored, {} stored already", expected.len())),
            "{said}"
        );

        // A medium that lost a file is no success.
        fs::remove_file(folder.join("DICOM/P0000001/T0000001/S0000001/I0000001"))?;
        assert!(import(&folder_name).is_err());
        let lines = fs::read_to_string(&report)?;
        assert!(
            lines.contains("DICOM/P0000001/T0000001/S0000001/I0000001\tMISSING\t"),
            "{lines}"
        );

        // Nothing of another tenant's is exported, and no folder with something in it is written into.
        let uid = expected.keys().next().unwrap().as_str();
        assert!(
            telerad
                .run(&["export", "--tenant", &other.slug, "--out", &folder_name], "")
                .is_err()
        );
        let (_, nothing) = out(&telerad, "nothing");
        let arguments = [
            "export",
            "--tenant",
            &tenant.slug,
            "--study",
            uid,
            "--out",
            &nothing,
        ];
        assert!(
            telerad.run(&arguments, "").is_err(),
            "a SOP Instance UID is no study's"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deidentified_export_says_the_same_of_the_same_patient_and_nothing_of_who_it_is()
-> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start(backend).await?;
        let tenant = with_studies(&telerad, "deidentified").await?;
        let other = with_studies(&telerad, "another").await?;
        let export = |tenant: &Tenant, name: &str, more: &[&str]| {
            let (folder, text) = out(&telerad, name);
            let mut arguments = vec!["export", "--tenant", &tenant.slug, "--deidentify", "--out", &text];
            arguments.extend(more);
            telerad
                .judgement_of(&arguments)
                .map(|(all, _)| (all, tree(&folder)))
        };
        let (all, first) = export(&tenant, "first", &[])?;
        let exported = instances(&first);
        for instance in sent() {
            assert!(!exported.contains_key(&instance.sop_instance_uid));
        }
        for (name, bytes) in &first {
            for text in ["Phantom^", "Phantom Hospital", "PHANTOM-"] {
                let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
                assert!(!found, "{text} in {name}");
            }
        }
        // The ultrasound may show a name; it is not there, and the list says why. A script must not take that for all.
        assert!(!all);
        assert_eq!(exported.len(), sent().len() - 1);
        let left_out = String::from_utf8(first["LEFTOUT.TXT"].clone())?;
        assert!(left_out.contains("\tNOT_DEIDENTIFIABLE\t"), "{left_out}");

        assert_eq!(
            instances(&export(&tenant, "second", &[])?.1),
            exported,
            "the same again"
        );
        let theirs = instances(&export(&other, "theirs", &[])?.1);
        assert_eq!(theirs.len(), exported.len());
        assert!(
            theirs.keys().all(|uid| !exported.contains_key(uid)),
            "another tenant's differ"
        );

        let (all, black) = export(&tenant, "black", &["--black-out", "0,0,40,10"])?;
        assert!(all);
        assert_eq!(instances(&black).len(), sent().len());
        assert!(!black.contains_key("LEFTOUT.TXT"));
    }
    Ok(())
}

/// Where some bytes begin among others.
fn position(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_of_a_medium_stops_no_other_and_nothing_of_it_is_stored() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start(backend).await?;
        let tenant = with_studies(&telerad, "from").await?;
        let into = telerad.found_tenant("into")?;
        let sent = sent();
        let (zip, zip_name) = out(&telerad, "all.zip");
        telerad.run(&["export", "--tenant", &tenant.slug, "--out", &zip_name], "")?;
        let (report, report_name) = out(&telerad, "report.tsv");
        let import = |medium: &str| -> anyhow::Result<(bool, String)> {
            let of = ["import", "--tenant", &into.slug, "--facility", "ONE"];
            let arguments: Vec<&str> = of.into_iter().chain(["--report", &report_name, medium]).collect();
            let (all, _) = telerad.judgement_of(&arguments)?;
            Ok((all, fs::read_to_string(&report)?))
        };
        let told = |lines: &str, outcome: &str| {
            let outcome = format!("\t{outcome}\t");
            lines.lines().filter(|line| line.contains(&outcome)).count()
        };
        let (stranger, key) = (telerad.found_tenant("stranger")?, telerad.with_key(&into));

        // The archive came with a flipped bit in the pixels of one image: its checksum says so at its end, after all of
        // it was read.
        let whole = fs::read(&zip)?;
        let mut scratched = whole.clone();
        // In the archive an image stands in blocks of 64 KB at the most; its first bytes name it.
        let victim = &sent[1];
        let head = &victim.bytes[..1_000];
        scratched[position(&whole, head) + 5_000] ^= 1;
        fs::write(&zip, &scratched)?;
        let (all, lines) = import(&zip_name)?;
        assert!(!all);
        assert_eq!(told(&lines, "STORED"), sent.len() - 1, "{lines}");
        assert_eq!(told(&lines, "INSTANCE_TRUNCATED"), 1, "{lines}");
        let path = format!(
            "/dicomweb/{}/instances?SOPInstanceUID={}",
            into.slug, victim.sop_instance_uid
        );
        assert_eq!(key.get(&path).await?.status, 204, "not one bit of it is stored");

        // From the sound copy comes what was missing, and nothing twice.
        fs::write(&zip, &whole)?;
        let (all, lines) = import(&zip_name)?;
        assert!(all, "{lines}");
        assert_eq!(
            (told(&lines, "STORED"), told(&lines, "DUPLICATE")),
            (1, sent.len() - 1)
        );
        let (all, lines) = import(&zip_name)?;
        assert!(all, "{lines}");
        assert_eq!(told(&lines, "DUPLICATE"), sent.len());

        // A folder with a cut file, a link and a program on it.
        let (folder, folder_name) = out(&telerad, "folder");
        fs::create_dir_all(folder.join("CD1"))?;
        fs::write(folder.join("CD1/CUT"), &sent[0].bytes[..sent[0].bytes.len() / 2])?;
        fs::write(folder.join("CD1/VIEWER.EXE"), [0_u8; 999])?;
        fs::write(folder.join("CD1/WHOLE"), &sent[0].bytes)?;
        std::os::unix::fs::symlink("/etc/passwd", folder.join("CD1/LINK"))?;
        let (all, lines) = import(&folder_name)?;
        assert!(!all);
        for line in [
            "CD1/CUT\tINSTANCE_TRUNCATED\t",
            "CD1/VIEWER.EXE\tNOT_DICOM\t",
            "CD1/WHOLE\tDUPLICATE\t",
            "CD1/LINK\tPASSED_OVER\t",
        ] {
            assert!(lines.contains(line), "{line} in {lines}");
        }

        // Nobody imports into a facility of another tenant's.
        let theirs = telerad.judgement_of(&[
            "import",
            "--tenant",
            &stranger.slug,
            "--facility",
            "NONE",
            &folder_name,
        ]);
        assert!(!theirs?.0);
    }
    Ok(())
}
