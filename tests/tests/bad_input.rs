//! Bad input gets a clear answer, harms nobody, and loses nothing that came with it.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use dicom::phantom::{PhantomInstance, PhantomKind, PhantomOptions, PhantomStudy};
use reqwest::{Method, header};
use serde_json::{Value, json};
use telerad_tests::{Backend, Claim, Client, StowOutcome, Telerad, Tenant, code_of, files, parts_of};

/// A program with a tenant, for the tests below.
async fn arena(slug: &str) -> anyhow::Result<(Telerad, Tenant, Client)> {
    let telerad = Telerad::start_with(Backend::Sqlite, &[("TELERAD_QUIET_PERIOD_SECONDS", "1")], &[]).await?;
    let tenant = telerad.found_tenant(slug)?;
    let client = telerad.with_key(&tenant);
    Ok((telerad, tenant, client))
}

fn good(seed: u64) -> PhantomInstance {
    files::study(PhantomKind::ChestRadiograph, seed, 1).swap_remove(0)
}

/// Sends `bad` between two good files: the good ones are stored, the bad one is refused with `code`.
async fn refused_between_good_ones(
    client: &Client,
    tenant: &Tenant,
    bad: &[u8],
    code: &str,
    seed: u64,
) -> anyhow::Result<()> {
    let (before, after) = (good(seed), good(seed + 1));
    let outcome = client
        .stow(&tenant.slug, &[&before.bytes, bad, &after.bytes])
        .await?;
    assert_eq!(outcome.status, 202, "some were stored: {}", outcome.body);
    assert!(
        outcome.stored.contains(&before.sop_instance_uid),
        "{}",
        outcome.body
    );
    assert!(
        outcome.stored.contains(&after.sop_instance_uid),
        "{}",
        outcome.body
    );
    assert_eq!(outcome.failed.len(), 1, "{}", outcome.body);
    assert!(
        outcome.body.to_string().contains(code),
        "{code} expected: {}",
        outcome.body
    );
    Ok(())
}

/// Overwrites the first occurrence of `from` by `to`, which is as long.
fn replaced(file: &[u8], from: &str, to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = file
        .windows(from.len())
        .position(|window| window == from.as_bytes())
        .expect("it is there");
    let mut file = file.to_vec();
    file[at..at + to.len()].copy_from_slice(to);
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_dicom_is_named_and_its_neighbours_are_stored() -> anyhow::Result<()> {
    let (_telerad, tenant, client) = arena("not-dicom").await?;
    let zip = b"PK\x03\x04\x14\0\0\0\x08\0 a bomb in a bag in a bag".repeat(40);
    refused_between_good_ones(
        &client,
        &tenant,
        b"%PDF-1.7 a letter, not an image",
        "NOT_DICOM",
        10,
    )
    .await?;
    refused_between_good_ones(&client, &tenant, &zip, "NOT_DICOM", 20).await?;
    refused_between_good_ones(&client, &tenant, b"", "INSTANCE_EMPTY", 30).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_file_is_refused_and_may_be_sent_again_whole() -> anyhow::Result<()> {
    let (_telerad, tenant, client) = arena("truncated").await?;
    let whole = good(40);
    let cut = &whole.bytes[..whole.bytes.len() - whole.bytes.len() / 3];
    refused_between_good_ones(&client, &tenant, cut, "INSTANCE_TRUNCATED", 50).await?;
    let again = client.stow(&tenant.slug, &[&whole.bytes]).await?;
    assert_eq!((again.status, again.stored), (200, vec![whole.sop_instance_uid]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn uids_that_are_paths_or_too_long_are_refused_and_nothing_is_written_outside() -> anyhow::Result<()> {
    let (telerad, tenant, client) = arena("uids").await?;
    let file = good(60);
    let uid = file.sop_instance_uid.as_str();
    let mut path = b"../../../../../../../../tmp/telerad-was-here".to_vec();
    path.resize(uid.len().max(path.len()), b'/');
    path.truncate(uid.len());
    let traversal = replaced(&replaced(&file.bytes, uid, &path), uid, &path);
    refused_between_good_ones(&client, &tenant, &traversal, "INVALID_UID", 70).await?;
    assert!(!std::path::Path::new("/tmp/telerad-was-here").exists());

    let long = "1.2.826.0.1.3680043.2.1143.107.104.103.115.2.8.4.1.2.3.4.5.6.7.8.9";
    assert_eq!(&long[..65].len(), &65);
    let answer = client
        .get(&format!("/dicomweb/{}/studies/{}", tenant.slug, &long[..65]))
        .await?;
    assert!(matches!(answer.status, 400 | 404), "{}", answer.status);
    for hostile in ["..%2f..%2fetc%2fpasswd", "%2e%2e", "1.2%00.3", "a%0d%0ab"] {
        let answer = client
            .get(&format!("/dicomweb/{}/studies/{hostile}/metadata", tenant.slug))
            .await?;
        assert!(matches!(answer.status, 400 | 404), "{hostile}: {}", answer.status);
        assert!(
            !String::from_utf8_lossy(&answer.body).contains("root:"),
            "{hostile}"
        );
    }
    assert_eq!(client.get("/healthz").await?.status, 200);
    drop(telerad);
    Ok(())
}

/// An instance under other bytes: the first one stays.
#[tokio::test(flavor = "multi_thread")]
async fn other_bytes_under_a_known_uid_are_quarantined_and_the_first_stay() -> anyhow::Result<()> {
    let (telerad, tenant, client) = arena("conflict").await?;
    let file = good(80);
    assert_eq!(client.stow(&tenant.slug, &[&file.bytes]).await?.status, 200);
    let mut other = file.bytes.clone();
    let last = other.len() - 1;
    other[last] ^= 1;
    let outcome: StowOutcome = client.stow(&tenant.slug, &[&other]).await?;
    assert_eq!(outcome.status, 409, "{}", outcome.body);
    assert_eq!(
        outcome.failed,
        [(file.sop_instance_uid.clone(), 0x0111)],
        "{}",
        outcome.body
    );
    assert!(
        outcome.body.to_string().contains("INSTANCE_CONFLICT"),
        "{}",
        outcome.body
    );

    let kept = client
        .retrieve(
            &tenant.slug,
            &file.study_instance_uid,
            &file.series_instance_uid,
            &file.sop_instance_uid,
        )
        .await?;
    assert_eq!(parts_of(&kept)[0].body, file.bytes);
    let admin = telerad.signed_in(&tenant.admin).await?;
    let listed = admin
        .graphql("{ quarantine { sopInstanceUid reason } }", Value::Null)
        .await?;
    assert_eq!(
        listed["quarantine"][0]["sopInstanceUid"],
        file.sop_instance_uid.as_str(),
        "{listed}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_study_under_two_patients_is_refused_the_second_time() -> anyhow::Result<()> {
    let (_telerad, tenant, client) = arena("patients").await?;
    let of_patient = |id: &str| {
        let mut options = PhantomOptions {
            seed: 90,
            instances: Some(2),
            edge: Some(64),
            ..Default::default()
        };
        options.patient.id = id.to_owned();
        PhantomStudy::new(PhantomKind::KneeMr, options)
            .map(Result::unwrap)
            .collect::<Vec<_>>()
    };
    let (first, second) = (of_patient("ONE"), of_patient("TWO"));
    assert_eq!(client.stow(&tenant.slug, &[&first[0].bytes]).await?.status, 200);
    let mixed = client.stow(&tenant.slug, &[&second[1].bytes]).await?;
    assert_eq!(mixed.status, 409, "{}", mixed.body);
    assert!(
        mixed.body.to_string().contains("PATIENT_MISMATCH"),
        "{}",
        mixed.body
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_a_name_is_text_everywhere() -> anyhow::Result<()> {
    let (telerad, tenant, client) = arena("markup").await?;
    // Without `=` and `^`, which part the groups and components of a name (PS3.5 §6.2).
    let name = "<script>alert(document.cookie)</script>";
    let mut options = PhantomOptions {
        seed: 95,
        instances: Some(1),
        edge: Some(64),
        ..Default::default()
    };
    options.patient.name = Some(name.to_owned());
    let file = PhantomStudy::new(PhantomKind::KneeMr, options)
        .next()
        .expect("one")?;
    assert_eq!(client.stow(&tenant.slug, &[&file.bytes]).await?.status, 200);
    let reader = telerad.signed_in(&tenant.radiologist).await?;
    let listed = reader
        .graphql("{ worklist { nodes { patient { name } } } }", Value::Null)
        .await?;
    assert_eq!(
        listed["worklist"]["nodes"][0]["patient"]["name"], name,
        "{listed}"
    );
    let reply = client.get(&format!("/dicomweb/{}/studies", tenant.slug)).await?;
    assert!(
        reply.content_type.starts_with("application/dicom+json"),
        "never HTML: {}",
        reply.content_type
    );
    assert!(
        !telerad.log().contains("document.cookie"),
        "a patient's name is in the log"
    );
    Ok(())
}

/// A request that promises two gigabytes and sends one kilobyte.
#[tokio::test(flavor = "multi_thread")]
async fn a_promise_of_two_gigabytes_that_is_broken_costs_nothing() -> anyhow::Result<()> {
    let (telerad, tenant, client) = arena("liar").await?;
    let address = telerad.base_url().trim_start_matches("http://").to_owned();
    let head = format!(
        "POST /dicomweb/{}/studies HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/related; type=\"application/dicom\"; boundary=b\r\nContent-Length: 2147483648\r\n\r\n\
         --b\r\nContent-Type: application/dicom\r\n\r\n",
        tenant.slug, tenant.api_key
    );
    for _ in 0..4 {
        let mut socket = TcpStream::connect(&address)?;
        socket.set_read_timeout(Some(Duration::from_secs(20)))?;
        socket.write_all(head.as_bytes())?;
        socket.write_all(&good(97).bytes[..1024])?;
        socket.shutdown(std::net::Shutdown::Write)?;
        let mut answer = Vec::new();
        // An answer or a closed connection, never a success.
        let _ = socket.read_to_end(&mut answer);
        assert!(!String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 200"));
    }
    let left: Vec<_> = std::fs::read_dir(telerad.data_dir().join("spool"))?.collect();
    assert!(left.is_empty(), "the spool is empty again: {left:?}");
    let listed = client
        .get(&format!("/dicomweb/{}/instances", tenant.slug))
        .await?;
    assert!(
        listed.status == 204 || listed.json().as_array().is_none_or(Vec::is_empty),
        "nothing is visible"
    );
    assert_eq!(client.stow(&tenant.slug, &[&good(98).bytes]).await?.status, 200);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_expired_foreign_or_forged_open_nothing() -> anyhow::Result<()> {
    let (telerad, tenant, client) = arena("tokens").await?;
    let path = format!("/dicomweb/{}/studies", tenant.slug);
    let real = telerad.anonymous().sign_in(&tenant.radiologist).await?;
    let (signed, _) = real.rsplit_once('.').expect("a JWT has three parts");
    let unsigned = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ0ZWxlcmFkIn0.";
    for forged in [
        format!("{signed}.AAAA"),
        unsigned.to_owned(),
        "trk_nobody".to_owned(),
        String::new(),
    ] {
        let reply = client.with_bearer(&forged).get(&path).await?;
        assert_eq!(
            (reply.status, reply.code()),
            (401, "NOT_AUTHENTICATED".to_owned()),
            "{forged}"
        );
    }
    let anonymous = telerad.anonymous().get(&path).await?;
    assert_eq!(
        (anonymous.status, anonymous.code()),
        (401, "NOT_AUTHENTICATED".to_owned())
    );
    assert!(
        anonymous.content_type.starts_with("application/problem+json"),
        "{}",
        anonymous.content_type
    );

    let other = telerad.found_tenant("others")?;
    let foreign = telerad.with_key(&other).get(&path).await?;
    let absent = client.get("/dicomweb/no-such-tenant/studies").await?;
    assert_eq!((foreign.status, foreign.code()), (404, "NOT_FOUND".to_owned()));
    assert_eq!((absent.status, absent.code()), (404, "NOT_FOUND".to_owned()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_signed_by_nobody_without_the_claim() -> anyhow::Result<()> {
    let (telerad, tenant, client) = arena("unclaimed").await?;
    let file = good(110);
    client.stow(&tenant.slug, &[&file.bytes]).await?;
    let reader = telerad.signed_in(&tenant.radiologist).await?;
    let case = reader.case_in(&file.study_instance_uid, "READY_TO_READ").await?;
    let mut claim = reader.hold(&case.id).await?;
    reader.write(&mut claim).await?;

    let other = telerad
        .signed_in(&telerad.add_reader(&tenant.slug, "other-reader")?)
        .await?;
    // With the right token in the wrong hands, and with a made-up one.
    let made_up = Claim {
        token: claim.token.replace(|digit: char| digit.is_ascii_digit(), "0"),
        ..claim.clone()
    };
    let password = &tenant.radiologist.password;
    for stolen in [&claim, &made_up] {
        let code = code_of(&other.sign(stolen, password).await?);
        assert!(matches!(code.as_str(), "CLAIM_LOST" | "NOT_FOUND"), "{code}");
    }
    let staff = telerad.signed_in(&tenant.staff).await?;
    assert_eq!(code_of(&staff.sign(&claim, password).await?), "FORBIDDEN");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_clearly_and_heals_by_itself() -> anyhow::Result<()> {
    // As if all but nothing of the disk had to stay free.
    let full = [("TELERAD_OBJECT_STORE_RESERVE_BYTES", "9000000000000000000")];
    let mut telerad = Telerad::start(Backend::Sqlite).await?;
    let tenant = telerad.found_tenant("full")?;
    let (before, during) = (good(120), good(121));
    assert_eq!(
        telerad
            .with_key(&tenant)
            .stow(&tenant.slug, &[&before.bytes])
            .await?
            .status,
        200
    );

    telerad.stop().await?;
    telerad.restart_with(&full).await?;
    let client = telerad.with_key(&tenant);
    let refused = client.stow(&tenant.slug, &[&during.bytes]).await?;
    assert!(
        matches!(refused.status, 507 | 409),
        "{}: {}",
        refused.status,
        refused.body
    );
    assert!(
        refused.body.to_string().contains("STORAGE_FULL"),
        "{}",
        refused.body
    );
    assert!(refused.stored.is_empty());
    let kept = client
        .retrieve(
            &tenant.slug,
            &before.study_instance_uid,
            &before.series_instance_uid,
            &before.sop_instance_uid,
        )
        .await?;
    assert_eq!(parts_of(&kept)[0].body, before.bytes, "reading goes on");

    telerad.stop().await?;
    telerad.restart_with(&[]).await?;
    let healed = telerad
        .with_key(&tenant)
        .stow(&tenant.slug, &[&during.bytes])
        .await?;
    assert_eq!(healed.status, 200, "{}", healed.body);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_takes_json_by_post_and_bounds_what_it_is_asked() -> anyhow::Result<()> {
    let (telerad, tenant, _) = arena("graphql").await?;
    let reader = telerad.signed_in(&tenant.radiologist).await?;
    let body = json!({ "query": "{ me { id } }" }).to_string();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
    ] {
        let request = reader
            .request(Method::POST, "/graphql")
            .header(header::CONTENT_TYPE, content_type);
        let reply = reader.send(request.body(body.clone())).await?;
        assert_eq!(reply.status, 415, "{content_type}");
    }
    let get = reader.get("/graphql?query=%7Bme%7Bid%7D%7D").await?;
    assert!(get.status >= 400, "{}", get.status);

    let deep = format!(
        "{{ worklist {{ nodes {{ {} id {} }} }} }}",
        "study { series { ".repeat(30),
        "} }".repeat(30)
    );
    let wide = format!(
        "{{ {} }}",
        (0..3000)
            .map(|n| format!("a{n}: me {{ id }} "))
            .collect::<String>()
    );
    for greedy in [deep, wide] {
        let answer = reader.graphql_raw(&greedy, Value::Null).await?;
        assert!(
            answer["data"].is_null() && !answer["errors"].is_null(),
            "it was answered"
        );
    }
    let schema = reader
        .graphql_raw("{ __schema { types { name } } }", Value::Null)
        .await?;
    assert!(
        schema["data"]["__schema"].is_null(),
        "the schema is not told: {schema}"
    );
    assert_eq!(
        reader.graphql("{ me { role } }", Value::Null).await?["me"]["role"],
        "RADIOLOGIST"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_with_a_null_character_is_nobodys_fault_but_the_senders() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start(backend).await?;
        let tenant = telerad.found_tenant("null")?;
        let client = telerad.with_key(&tenant);
        let nul = json!({ "email": "a\0b@null.example", "password": "a sentence is a good password" });
        let reply = client.post("/auth/sign-in", &nul).await?;
        assert!(matches!(reply.status, 400..=499), "{backend:?}: {}", reply.status);
        let searched = format!("/dicomweb/{}/studies?PatientID=a%00b", tenant.slug);
        let reply = client.get(&searched).await?;
        assert!(reply.status < 500, "{backend:?}: {}", reply.status);
    }
    Ok(())
}
