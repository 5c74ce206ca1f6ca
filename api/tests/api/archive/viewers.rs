//! Viewers of others: ranges, other people's web pages, and what the service says about itself.

use reqwest::Method;

use super::*;

const OCTETS: &str = "application/octet-stream";

#[tokio::test]
async fn bulk_data_and_originals_are_read_from_any_byte_on() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let images = ct(1, 1);
    store(&house, &token, &images).await;
    let samples = &images[0].bytes[images[0].bytes.len() - 32 * 32 * 2..];
    let bulk = format!("{ROOT}{}/bulkdata/7FE00010", address(&images[0]));
    let whole = format!("{ROOT}{}", address(&images[0]));
    let original = "application/dicom; transfer-syntax=*";

    for (path, accept, bytes) in [
        (&bulk, OCTETS, samples),
        (&whole, original, images[0].bytes.as_slice()),
    ] {
        let ask = |range: &'static str| {
            house
                .http
                .get(format!("{}{path}", house.base))
                .bearer_auth(&token)
                .header(header::ACCEPT, accept)
                .header(header::RANGE, range)
        };
        let length = bytes.len();
        for (range, expected) in [
            ("bytes=0-9", 0..10),
            ("bytes=100-", 100..length),
            ("bytes=-7", length - 7..length),
        ] {
            let answer = ask(range).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT, "{range}");
            let says = format!("bytes {}-{}/{length}", expected.start, expected.end - 1);
            assert_eq!(answer.headers()[header::CONTENT_RANGE], says.as_str());
            assert!(answer.bytes().await.unwrap() == bytes[expected]);
        }
        let beyond = ask("bytes=99999999-").send().await.unwrap();
        assert_eq!(
            beyond.headers()[header::CONTENT_RANGE],
            format!("bytes */{length}").as_str()
        );
        assert_eq!(refusal(beyond).await, (416, "RANGE_NOT_SATISFIABLE".to_owned()));
        // Several ranges need not be heeded, and a range of another version is not.
        for answer in [
            ask("bytes=0-1,5-6").send().await.unwrap(),
            ask("bytes=0-1")
                .header(header::IF_RANGE, "\"other\"")
                .send()
                .await
                .unwrap(),
        ] {
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(answer.headers()[header::ACCEPT_RANGES], "bytes");
            assert!(answer.bytes().await.unwrap() == bytes);
        }
    }
}

#[tokio::test]
async fn only_pages_of_allowed_origins_read_answers() {
    let origins = api::AllowedOrigins::parse(["https://viewer.example.org"]).unwrap();
    let house = House::open_with(|options| options.allowed_origins = origins).await;
    let token = staff(&house).await.access;
    let url = format!("{}{ROOT}/studies", house.base);
    let ask = |method, origin: &'static str| house.http.request(method, &url).header(header::ORIGIN, origin);
    let preflight = |origin| {
        ask(Method::OPTIONS, origin)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "GET")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,range")
    };

    let allowed = preflight("https://viewer.example.org").send().await.unwrap();
    assert_eq!(allowed.status(), StatusCode::NO_CONTENT);
    let says = |name| allowed.headers()[name].to_str().unwrap().to_ascii_lowercase();
    assert_eq!(
        says(header::ACCESS_CONTROL_ALLOW_ORIGIN),
        "https://viewer.example.org"
    );
    for name in ["authorization", "range", "if-none-match", "content-type"] {
        assert!(
            says(header::ACCESS_CONTROL_ALLOW_HEADERS).contains(name),
            "{name}"
        );
    }
    assert!(
        allowed
            .headers()
            .get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS)
            .is_none()
    );

    for token in [token.as_str(), "trk_forged"] {
        let read = ask(Method::GET, "https://viewer.example.org")
            .bearer_auth(token)
            .send()
            .await
            .unwrap();
        let headers = read.headers();
        assert_eq!(
            headers[header::ACCESS_CONTROL_ALLOW_ORIGIN],
            "https://viewer.example.org"
        );
        let exposed = headers[header::ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap();
        for name in [
            "ETag",
            "Content-Range",
            "Content-Location",
            "Warning",
            "Retry-After",
        ] {
            assert!(exposed.contains(name), "{name}");
        }
        assert!(headers.get_all(header::VARY).iter().any(|vary| vary == "Origin"));
    }
    for foreign in ["https://evil.example", "null"] {
        let refused = preflight(foreign).send().await.unwrap();
        assert!(
            refused
                .headers()
                .get(header::ACCESS_CONTROL_ALLOW_ORIGIN)
                .is_none()
        );
        assert_ne!(refused.status(), StatusCode::NO_CONTENT);
        let read = ask(Method::GET, foreign)
            .bearer_auth(&token)
            .send()
            .await
            .unwrap();
        assert!(read.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_none());
    }
    let elsewhere = house
        .http
        .get(format!("{}/healthz", house.base))
        .header(header::ORIGIN, "https://viewer.example.org");
    let answer = elsewhere.send().await.unwrap();
    assert!(
        answer
            .headers()
            .get(header::ACCESS_CONTROL_ALLOW_ORIGIN)
            .is_none()
    );
}

#[tokio::test]
async fn the_service_describes_itself() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    for method in [Method::GET, Method::OPTIONS] {
        for path in [ROOT.to_owned(), format!("{ROOT}/")] {
            let url = format!("{}{path}", house.base);
            let answer = house
                .http
                .request(method.clone(), &url)
                .bearer_auth(&token)
                .send()
                .await
                .unwrap();
            assert_eq!(
                answer.headers()[header::CONTENT_TYPE],
                "application/vnd.sun.wadl+xml"
            );
            let wadl = answer.text().await.unwrap();
            for part in [
                "<resource path=\"studies/{study}/series/{series}/instances/{instance}/frames/{frames}\">",
                "<param name=\"viewport\" style=\"query\"/>",
                "<representation mediaType=\"application/zip\"/>",
            ] {
                assert!(wadl.contains(part), "{part}");
            }
            assert!(!wadl.contains("graphql"));
        }
    }
    let json: Value = get(&house, &token, "", "application/json")
        .await
        .json()
        .await
        .unwrap();
    let base = json["application"]["resources"]["base"].as_str().unwrap();
    assert!(base.ends_with(ROOT), "{base}");
    let refused = get(&house, &token, "", "text/html").await;
    assert_eq!(refusal(refused).await, (406, "NOT_ACCEPTABLE".to_owned()));
}

#[tokio::test]
async fn the_metadata_of_many_series_is_one_array() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let images = study(PhantomOptions {
        seed: 4,
        instances: Some(70),
        edge: Some(16),
        ..Default::default()
    });
    store(&house, &token, &images).await;
    let study = format!("/studies/{}", images[0].study_instance_uid);
    let series: std::collections::BTreeSet<&str> = images
        .iter()
        .map(|image| image.series_instance_uid.as_str())
        .collect();
    let mut expected = 0;
    for series in &series {
        let path = format!("{study}/series/{series}/metadata");
        let of_series: Vec<Value> = get(&house, &token, &path, "application/dicom+json")
            .await
            .json()
            .await
            .unwrap();
        expected += of_series.len();
    }
    let all: Vec<Value> = get(
        &house,
        &token,
        &format!("{study}/metadata"),
        "application/dicom+json",
    )
    .await
    .json()
    .await
    .unwrap();
    assert_eq!((all.len(), expected), (images.len(), images.len()));
}
