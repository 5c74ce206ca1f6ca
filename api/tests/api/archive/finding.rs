//! Searching and describing what is stored.

use serde_json::json;

use super::*;

const ANY: &str = "*/*";

#[tokio::test]
async fn searches_find_by_the_usual_keys_and_page_in_order() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let mut options = PhantomOptions {
        instances: Some(2),
        edge: Some(32),
        ..Default::default()
    };
    store(&house, &token, &study(options.clone())).await;
    options.seed = 2;
    options.patient.id = "PHANTOM-2".to_owned();
    options.patient.name = Some("Müller^Änne=山田^太郎".to_owned());
    options.study_date = "20260215".to_owned();
    options.accession_number = "A[1]%".to_owned();
    let second = study(options);
    store(&house, &token, &second).await;

    for (query, found) in [
        ("", 2),
        ("?PatientID=PHANTOM-2", 1),
        ("?PatientName=m%C3%BCller*", 1),
        ("?PatientName=M%C3%BCLLER%5E%3Fnne", 1),
        ("?PatientName=%E5%B1%B1%E7%94%B0*", 1),
        ("?PatientName=Muller", 0),
        ("?StudyDate=20260201-", 1),
        ("?StudyDate=-20260201", 1),
        ("?StudyDate=20260101-20260301", 2),
        ("?AccessionNumber=A%5B1%5D*", 1),
        ("?AccessionNumber=a*", 0),
        ("?AccessionNumber=%3F%5B1%5D%25", 1),
        ("?ModalitiesInStudy=CT", 2),
        ("?ModalitiesInStudy=MR%5CUS", 0),
        ("?limit=1", 1),
        ("?limit=1&offset=1", 1),
        ("?offset=2", 0),
    ] {
        assert_eq!(
            search(&house, &token, &format!("/studies{query}")).await.len(),
            found,
            "{query}"
        );
    }
    let newest = &search(&house, &token, "/studies?limit=1").await[0];
    assert_eq!(newest["0020000D"]["Value"][0], second[0].study_instance_uid);
    assert_eq!(newest["00201208"]["Value"][0], 2);
    assert_eq!(newest["00080061"]["Value"], json!(["CT"]));
    assert_eq!(newest["00100010"]["Value"][0]["Ideographic"], "山田^太郎");

    let study_uid = &second[0].study_instance_uid;
    assert_eq!(
        search(&house, &token, &format!("/studies/{study_uid}/series"))
            .await
            .len(),
        1
    );
    let instances = search(
        &house,
        &token,
        &format!("/studies/{study_uid}/instances?InstanceNumber=2"),
    )
    .await;
    assert_eq!(instances.len(), 1);
    assert_eq!(instances[0]["00280010"]["Value"][0], 32);
    assert_eq!(search(&house, &token, "/instances").await.len(), 4);

    let odd = get(&house, &token, "/studies?PatientWeight=70&limit=1", "*/*").await;
    let warnings: Vec<_> = odd
        .headers()
        .get_all(header::WARNING)
        .iter()
        .map(|value| value.to_str().unwrap().to_owned())
        .collect();
    assert!(
        warnings.iter().any(|warning| warning.contains("PatientWeight")),
        "{warnings:?}"
    );
    assert!(
        warnings.iter().any(|warning| warning.contains("more results")),
        "{warnings:?}"
    );
    assert_eq!(
        get(&house, &token, "/studies?NoSuchAttribute=1", "*/*")
            .await
            .status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        get(&house, &token, "/studies/1.2.3/series", "*/*").await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn metadata_is_kept_packed_and_known_by_its_tag() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 3);
    store(&house, &token, &sent[..2]).await;
    let series = format!(
        "/studies/{}/series/{}/metadata",
        sent[0].study_instance_uid, sent[0].series_instance_uid
    );
    let first = get(&house, &token, &series, "application/dicom+json").await;
    let tag = first.headers()[header::ETAG].clone();
    let plain: Vec<Value> = first.json().await.unwrap();
    assert_eq!(plain.len(), 2);
    assert_eq!(plain[0]["00080018"]["Value"][0], sent[0].sop_instance_uid);
    let uri = plain[0]["7FE00010"]["BulkDataURI"].as_str().unwrap();
    assert!(
        uri.ends_with(&format!("{}/bulkdata/7FE00010", address(&sent[0]))),
        "{uri}"
    );

    let url = format!("{}{ROOT}{series}", house.base);
    let known = house
        .http
        .get(&url)
        .bearer_auth(&token)
        .header(header::IF_NONE_MATCH, &tag)
        .send()
        .await
        .unwrap();
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    let packed = house
        .http
        .get(&url)
        .bearer_auth(&token)
        .header(header::ACCEPT_ENCODING, "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(
        &mut flate2::read::GzDecoder::new(&packed.bytes().await.unwrap()[..]),
        &mut unpacked,
    )
    .unwrap();
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&unpacked).unwrap(), plain);

    store(&house, &token, &sent[2..]).await;
    let grown = house
        .http
        .get(&url)
        .bearer_auth(&token)
        .header(header::IF_NONE_MATCH, &tag)
        .send()
        .await
        .unwrap();
    assert_eq!(grown.status(), StatusCode::OK);
    assert_eq!(grown.json::<Vec<Value>>().await.unwrap().len(), 3);
    let whole = get(
        &house,
        &token,
        &format!("/studies/{}/metadata", sent[0].study_instance_uid),
        "*/*",
    )
    .await;
    assert_eq!(whole.json::<Vec<Value>>().await.unwrap().len(), 3);
    let one = get(&house, &token, &format!("{}/metadata", address(&sent[2])), "*/*").await;
    assert_eq!(one.json::<Vec<Value>>().await.unwrap().len(), 1);
}

#[tokio::test]
async fn every_query_parameter_of_the_standard_is_taken() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    store(&house, &token, &ct(1, 1)).await;
    let ask = |query: &'static str, accept: &'static str| {
        let (house, token) = (&house, &token);
        async move { get(house, token, &format!("/studies?{query}"), accept).await }
    };
    // The parameter is for those who cannot set the header, and overrides it.
    for query in [
        "accept=application/dicom%2Bjson",
        "accept=application/dicom+json",
        "accept=application/json&charset=utf-8",
        "charset=iso-8859-1,utf-8;q=0.5",
    ] {
        let answer = ask(
            query,
            if query.starts_with("accept") {
                "text/html"
            } else {
                "*/*"
            },
        )
        .await;
        assert_eq!(answer.status(), StatusCode::OK, "{query}");
        assert!(!answer.headers().contains_key(header::WARNING), "{query}");
    }
    for (query, accept) in [
        ("accept=text/html", "*/*"),
        ("charset=utf-16", "*/*"),
        ("", "text/html"),
    ] {
        let answer = ask(query, accept).await;
        assert_eq!(
            refusal(answer).await,
            (406, "NOT_ACCEPTABLE".to_owned()),
            "{query}"
        );
    }
    for name in ["emptyvaluematching", "multiplevaluematching"] {
        let url = format!("/studies?{name}=true");
        let answer = get(&house, &token, &url, "application/dicom+json").await;
        assert_eq!(answer.status(), StatusCode::OK, "{name}");
        let warning = answer.headers()[header::WARNING].to_str().unwrap().to_owned();
        let expected =
            format!("The {name} parameter is not supported. Only literal matching has been performed.");
        assert!(
            warning.starts_with("299 ") && warning.contains(&expected),
            "{warning}"
        );
        let off = get(&house, &token, &format!("/studies?{name}=false"), "*/*").await;
        assert!(!off.headers().contains_key(header::WARNING), "{name}");
        let odd = get(&house, &token, &format!("/studies?{name}=perhaps"), "*/*").await;
        assert_eq!(odd.status(), StatusCode::BAD_REQUEST, "{name}");
    }
}

#[tokio::test]
async fn results_are_told_in_xml_as_in_json() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    store(&house, &token, &ct(1, 2)).await;
    let json = search(&house, &token, "/instances").await;
    let xml = get(
        &house,
        &token,
        "/instances",
        "multipart/related; type=\"application/dicom+xml\"",
    )
    .await;
    let documents = parts(xml).await;
    assert_eq!(documents.len(), 2);
    for ((kind, document), object) in documents.iter().zip(&json) {
        assert_eq!(kind, "application/dicom+xml");
        let read = dicom::xml::read_native_model(document, &dicom::Limits::default()).unwrap();
        assert_eq!(&Value::Object(read), object);
    }
    let none = get(
        &house,
        &token,
        "/studies?PatientID=nobody",
        "application/dicom+xml",
    )
    .await;
    assert_eq!(none.status(), StatusCode::NOT_ACCEPTABLE, "a list goes in parts");
}

#[tokio::test]
async fn what_is_kept_in_no_column_is_read_from_the_images() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 2);
    store(&house, &token, &sent).await;
    let plain = &search(&house, &token, "/instances").await[0];
    assert!(plain.get("00281050").is_none());
    let wanted = "/instances?includefield=WindowCenter,00200032&includefield=RescaleSlope";
    for instance in search(&house, &token, wanted).await {
        for tag in ["00281050", "00200032", "00281053"] {
            assert!(instance[tag]["Value"][0].is_number(), "{tag}");
        }
    }
    let all = &search(&house, &token, "/instances?includefield=all&limit=1").await[0];
    let uri = all["7FE00010"]["BulkDataURI"].as_str().unwrap();
    assert!(
        uri.starts_with("http") && uri.ends_with("/bulkdata/7FE00010"),
        "{uri}"
    );
    let of_study = get(&house, &token, "/studies?includefield=all", ANY).await;
    let of_study: Vec<Value> = of_study.json().await.unwrap();
    assert!(
        of_study[0].get("00280010").is_none(),
        "no attribute of one image for its study"
    );
    let below = format!(
        "/studies/{}/series?includefield=ModalitiesInStudy",
        sent[0].study_instance_uid
    );
    assert_eq!(
        search(&house, &token, &below).await[0]["00080061"]["Value"],
        json!(["CT"])
    );
    let odd = get(&house, &token, "/studies?includefield=WindowCenter", ANY).await;
    let warning = odd.headers()[header::WARNING].to_str().unwrap().to_owned();
    assert!(warning.contains("WindowCenter"), "{warning}");
}
