//! What viewers get who are not ours: instances in the transfer syntax they ask for, pictures, archives.

use dicom::phantom::{PhantomInstance, PhantomKind, PhantomOptions, PhantomStudy, PhantomTransferSyntax};
use reqwest::{Method, header};
use telerad_tests::{Backend, Client, Part, Reply, Telerad, Tenant, parts_of};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const HTJ2K: &str = "1.2.840.10008.1.2.4.202";
const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
const DICOM: &str = "multipart/related; type=\"application/dicom\"";
const XML: &str = "multipart/related; type=\"application/dicom+xml\"";

fn phantom(
    kind: PhantomKind,
    seed: u64,
    instances: u32,
    syntax: PhantomTransferSyntax,
) -> Vec<PhantomInstance> {
    let options = PhantomOptions {
        seed,
        instances: Some(instances),
        edge: Some(64),
        transfer_syntax: syntax,
        ..PhantomOptions::default()
    };
    PhantomStudy::new(kind, options).map(Result::unwrap).collect()
}

/// A running program with a study of each kind.
struct Scene {
    telerad: Telerad,
    tenant: Tenant,
    client: Client,
    /// Two slices in JPEG-LS, and the same slices as native samples.
    packed: Vec<PhantomInstance>,
    native: Vec<PhantomInstance>,
    /// One object of five frames.
    cine: PhantomInstance,
}

impl Scene {
    async fn set() -> anyhow::Result<Self> {
        let telerad = Telerad::start(Backend::Sqlite).await?;
        let tenant = telerad.found_tenant("forms")?;
        let client = telerad.with_key(&tenant);
        let packed = phantom(PhantomKind::HeadCt, 1, 2, PhantomTransferSyntax::JpegLsLossless);
        let native = phantom(
            PhantomKind::HeadCt,
            1,
            2,
            PhantomTransferSyntax::ExplicitVrLittleEndian,
        );
        let cine = phantom(
            PhantomKind::CardiacUltrasound,
            2,
            5,
            PhantomTransferSyntax::RleLossless,
        );
        let files: Vec<&[u8]> = packed
            .iter()
            .chain(&cine)
            .map(|one| one.bytes.as_slice())
            .collect();
        let outcome = client.stow(&tenant.slug, &files).await?;
        assert_eq!(outcome.status, 200, "{}", outcome.body);
        Ok(Self {
            telerad,
            tenant,
            client,
            packed,
            native,
            cine: cine[0].clone(),
        })
    }

    fn root(&self) -> String {
        format!("/dicomweb/{}", self.tenant.slug)
    }

    fn study(&self, of: &PhantomInstance) -> String {
        format!("{}/studies/{}", self.root(), of.study_instance_uid)
    }

    fn instance(&self, of: &PhantomInstance) -> String {
        format!(
            "{}/series/{}/instances/{}",
            self.study(of),
            of.series_instance_uid,
            of.sop_instance_uid
        )
    }

    async fn get(&self, path: &str, accept: &str) -> anyhow::Result<Reply> {
        self.client.get_as(path, accept).await
    }

    async fn parts(&self, path: &str, accept: &str) -> anyhow::Result<Vec<Part>> {
        let reply = self.get(path, accept).await?;
        assert_eq!(reply.status, 200, "{path} {accept}: {}", reply.code());
        Ok(parts_of(&reply))
    }
}

/// The samples at the end of a native file.
fn samples(native: &PhantomInstance) -> &[u8] {
    &native.bytes[native.bytes.len() - 64 * 64 * 2..]
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_come_in_the_transfer_syntax_that_is_meant() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let (one, study) = (scene.instance(&scene.packed[0]), scene.study(&scene.packed[0]));

    // PS3.18 §8.7.3.5.2: nothing means Explicit VR Little Endian.
    for path in [&one, &study] {
        let parts = scene.parts(path, DICOM).await?;
        for part in &parts {
            assert!(
                part.headers.contains(&format!("transfer-syntax={EXPLICIT}")),
                "{}",
                part.headers
            );
        }
        assert!(parts[0].body.ends_with(samples(&scene.native[0])));
        assert_eq!(parts.len(), if path == &study { 2 } else { 1 });
    }
    // Any means the original, bit for bit.
    let any = format!("{DICOM}; transfer-syntax=*");
    let parts = scene.parts(&study, &any).await?;
    assert!(
        parts
            .iter()
            .zip(&scene.packed)
            .all(|(part, sent)| part.body == sent.bytes)
    );
    // One that is named is given, also as a parameter of the query and without a part around it.
    for (path, accept, named) in [
        (one.clone(), format!("{DICOM}; transfer-syntax={HTJ2K}"), HTJ2K),
        (
            one.clone(),
            format!("{DICOM}; transfer-syntax=\"{JPEG_LS}\""),
            JPEG_LS,
        ),
        (
            one.clone(),
            format!("{DICOM}; transfer-syntax={HTJ2K};q=0.5, {DICOM}; transfer-syntax={EXPLICIT}"),
            EXPLICIT,
        ),
    ] {
        let parts = scene.parts(&path, &accept).await?;
        assert!(parts[0].headers.contains(named), "{accept}: {}", parts[0].headers);
    }
    let query = format!("{one}?accept=application/dicom;transfer-syntax={HTJ2K}");
    let single = scene.get(&query, "*/*").await?;
    assert_eq!(
        single.content_type,
        format!("application/dicom; transfer-syntax={HTJ2K}")
    );
    assert_eq!(&single.body[128..132], b"DICM");
    let refused = scene
        .get(&one, &format!("{DICOM}; transfer-syntax=1.2.840.10008.1.2.4.50"))
        .await?;
    assert_eq!((refused.status, refused.code().as_str()), (406, "NOT_ACCEPTABLE"));
    Ok(())
}

/// An image whose only frame is cut off behind its header: storable, and not to be decoded.
fn undecodable() -> Vec<u8> {
    let whole = phantom(PhantomKind::KneeMr, 9, 1, PhantomTransferSyntax::JpegLsLossless);
    let mut bytes = whole[0].bytes.clone();
    let start = bytes
        .windows(4)
        .position(|window| window == [0xFF, 0xD8, 0xFF, 0xF7])
        .expect("JPEG-LS has a header");
    // The frame's own width: it contradicts the data set from now on.
    bytes[start + 9] ^= 0x55;
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_decoded_comes_as_it_is_or_says_why() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let bytes = undecodable();
    let sent = scene.client.stow(&scene.tenant.slug, &[&bytes]).await?;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let url = sent.body["00081199"]["Value"][0]["00081190"]["Value"][0]
        .as_str()
        .unwrap();
    let path = &url[url.find("/dicomweb/").unwrap()..];

    // Who named no transfer syntax gets the original, which says what it is.
    for (address, accept) in [
        (path.to_owned(), DICOM.to_owned()),
        (
            format!("{path}/bulkdata/7FE00010"),
            "multipart/related; type=\"application/octet-stream\"".to_owned(),
        ),
        (format!("{path}/frames/1"), "*/*".to_owned()),
    ] {
        let parts = scene.parts(&address, &accept).await?;
        assert!(
            parts[0].headers.contains(JPEG_LS),
            "{address}: {}",
            parts[0].headers
        );
    }
    // Who named one hears why it is not to be had.
    for (address, accept) in [
        (path.to_owned(), format!("{DICOM}; transfer-syntax={EXPLICIT}")),
        (
            format!("{path}/frames/1"),
            format!("multipart/related; type=\"application/octet-stream\"; transfer-syntax={EXPLICIT}"),
        ),
        (format!("{path}/rendered"), "image/jpeg".to_owned()),
    ] {
        let reply = scene.get(&address, &accept).await?;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (422, "PIXELS_UNREADABLE"),
            "{address}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_to_be_had_of_studies_series_images_and_frames() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let cine = scene.instance(&scene.cine);
    let jpeg = |bytes: &[u8]| bytes.starts_with(&[0xFF, 0xD8]);

    let pictures = "multipart/related; type=\"image/jpeg\"";
    let parts = scene
        .parts(&format!("{}/rendered", scene.study(&scene.packed[0])), pictures)
        .await?;
    assert_eq!(parts.len(), 2);
    for (part, sent) in parts.iter().zip(&scene.packed) {
        assert!(
            jpeg(&part.body)
                && part
                    .headers
                    .contains(&format!("{}/rendered", sent.sop_instance_uid))
        );
    }
    for path in [
        format!("{cine}/rendered"),
        format!("{cine}/frames/3/rendered"),
        format!("{cine}/thumbnail"),
        format!("{cine}/frames/5/thumbnail"),
        format!("{}/thumbnail", scene.study(&scene.cine)),
    ] {
        let reply = scene.get(&path, "image/jpeg").await?;
        assert_eq!(
            (reply.status, reply.content_type.as_str()),
            (200, "image/jpeg"),
            "{path}"
        );
        assert!(jpeg(&reply.body), "{path}");
    }
    let several = scene
        .parts(&format!("{cine}/frames/1,3,5/rendered"), pictures)
        .await?;
    assert_eq!(several.len(), 3);
    assert_ne!(several[0].body, several[1].body);
    for path in [
        format!("{cine}/rendered"),
        format!("{cine}/frames/2,3,4/rendered"),
    ] {
        let moving = scene.get(&path, "image/gif").await?;
        assert_eq!((moving.status, moving.content_type.as_str()), (200, "image/gif"));
        assert!(moving.body.starts_with(b"GIF89a"));
    }
    let png = scene
        .get(
            &format!("{cine}/rendered?viewport=20,40&iccprofile=no"),
            "image/png",
        )
        .await?;
    assert_eq!(&png.body[16..20], 20_u32.to_be_bytes(), "the width");
    for query in [
        "annotation=weather",
        "viewport=20",
        "viewport=10,10,5000,0",
        "window=40,0",
        "iccprofile=cmyk",
        "quality=0",
    ] {
        let reply = scene
            .get(&format!("{cine}/rendered?{query}"), "image/png")
            .await?;
        assert!(matches!(reply.status, 400 | 422), "{query}: {}", reply.status);
    }
    let beyond = scene
        .get(&format!("{cine}/frames/6/rendered"), "image/jpeg")
        .await?;
    assert_eq!(beyond.code(), "FRAME_OUT_OF_RANGE");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_holds_every_instance() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let study = scene.study(&scene.packed[0]);
    for (accept, as_sent) in [
        ("application/zip; transfer-syntax=*", true),
        ("application/zip", false),
    ] {
        let archive = scene.get(&study, accept).await?;
        assert_eq!(
            (archive.status, archive.content_type.as_str()),
            (200, "application/zip")
        );
        assert!(archive.body.starts_with(b"PK\x03\x04") && contains(&archive.body, b"PK\x05\x06"));
        for name in ["IM00001.dcm", "IM00002.dcm"] {
            assert!(contains(&archive.body, name.as_bytes()), "{name}");
        }
        // Stored blocks: the bytes stand there as they are.
        let whole = &scene.packed[0].bytes[..60_000.min(scene.packed[0].bytes.len())];
        assert_eq!(contains(&archive.body, whole), as_sent, "{accept}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_uri_service_gives_pictures_and_objects() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let ask = |of: &PhantomInstance, rest: &str| {
        format!(
            "{}/wado?requestType=WADO&studyUID={}&seriesUID={}&objectUID={}{rest}",
            scene.root(),
            of.study_instance_uid,
            of.series_instance_uid,
            of.sop_instance_uid
        )
    };
    let picture = scene.get(&ask(&scene.packed[0], "&rows=32"), "*/*").await?;
    assert_eq!(
        (picture.status, picture.content_type.as_str()),
        (200, "image/jpeg")
    );
    let region =
        "&contentType=image%2Fpng&region=0,0,0.5,1&windowCenter=40&windowWidth=400&annotation=patient";
    let png = scene.get(&ask(&scene.packed[0], region), "*/*").await?;
    assert_eq!(
        &png.body[16..24],
        [32_u32.to_be_bytes(), 64_u32.to_be_bytes()].concat()
    );
    let object = scene
        .get(&ask(&scene.packed[0], "&contentType=application/dicom"), "*/*")
        .await?;
    assert!(
        object.body.ends_with(samples(&scene.native[0])),
        "Explicit VR Little Endian"
    );
    let as_sent = format!("&contentType=application/dicom&transferSyntax={JPEG_LS}");
    let object = scene.get(&ask(&scene.packed[0], &as_sent), "*/*").await?;
    assert!(object.body == scene.packed[0].bytes);
    let frame = scene
        .get(&ask(&scene.cine, "&frameNumber=5&contentType=image/jpeg"), "*/*")
        .await?;
    assert_eq!(frame.status, 200);

    for (rest, status) in [
        ("&anonymize=no", 400),
        ("&frameNumber=6", 404),
        ("&frameNumber=0", 400),
        ("&region=0,0,2,1", 400),
        ("&windowCenter=40", 400),
        ("&contentType=video/mpeg", 406),
    ] {
        let reply = scene.get(&ask(&scene.packed[0], rest), "*/*").await?;
        assert_eq!(reply.status, status, "{rest}: {}", reply.code());
    }
    let nameless = format!("{}/wado?requestType=WADO&studyUID=1.2.3", scene.root());
    assert_eq!(scene.get(&nameless, "*/*").await?.status, 400);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_object_says_nothing_of_its_patient_and_the_same_each_time() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let ask = |of: &PhantomInstance, rest: &str| {
        format!(
            "{}/wado?requestType=WADO&studyUID={}&seriesUID={}&objectUID={}&anonymize=yes{rest}",
            scene.root(),
            of.study_instance_uid,
            of.series_instance_uid,
            of.sop_instance_uid
        )
    };
    let object = "&contentType=application/dicom";
    let (first, second) = (&scene.packed[0], &scene.packed[1]);
    let reply = scene.get(&ask(first, object), "*/*").await?;
    assert_eq!(reply.status, 200, "{}", reply.code());
    assert!(reply.content_type.contains(EXPLICIT), "{}", reply.content_type);
    assert!(reply.body.ends_with(samples(&scene.native[0])), "the pixels stay");
    let patient: [&[u8]; 5] = [
        b"Phantom^",
        b"PHANTOM-",
        b"Phantom Hospital",
        first.study_instance_uid.as_bytes(),
        first.sop_instance_uid.as_bytes(),
    ];
    for text in patient {
        assert!(!contains(&reply.body, text), "{}", String::from_utf8_lossy(text));
    }
    assert_eq!(scene.get(&ask(first, object), "*/*").await?.body, reply.body);
    // What belongs together stays together.
    let named = |body: &[u8]| -> anyhow::Result<(String, String)> {
        let mut file = std::io::Cursor::new(body);
        let index = dicom::index_instance(&mut file, body.len() as u64, &dicom::Limits::default())?;
        let of = index.attributes;
        Ok((of.study_instance_uid.to_string(), of.sop_instance_uid.to_string()))
    };
    let other = scene.get(&ask(second, object), "*/*").await?;
    let (of_first, of_second) = (named(&reply.body)?, named(&other.body)?);
    assert_eq!(of_first.0, of_second.0);
    assert_ne!(of_first.1, of_second.1);
    // In the transfer syntax that is asked for, or not at all.
    let as_sent = scene
        .get(&ask(first, &format!("{object}&transferSyntax={JPEG_LS}")), "*/*")
        .await?;
    assert_eq!(as_sent.status, 200);
    assert!(as_sent.content_type.contains(JPEG_LS));
    let unknown = scene
        .get(&ask(first, &format!("{object}&transferSyntax=1.2.3")), "*/*")
        .await?;
    assert_eq!((unknown.status, unknown.code().as_str()), (406, "NOT_ACCEPTABLE"));

    let picture = scene
        .get(&ask(first, "&rows=32&annotation=patient"), "*/*")
        .await?;
    assert_eq!(
        (picture.status, picture.content_type.as_str()),
        (200, "image/jpeg")
    );
    let beyond = scene.get(&ask(first, "&frameNumber=2"), "*/*").await?;
    assert_eq!(
        (beyond.status, beyond.code().as_str()),
        (404, "FRAME_OUT_OF_RANGE")
    );

    // An ultrasound usually shows a name: nothing of it is sent, neither as an object nor as a picture.
    for rest in [object, "", "&contentType=image/png"] {
        let refused = scene.get(&ask(&scene.cine, rest), "*/*").await?;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (422, "NOT_DEIDENTIFIABLE"),
            "{rest}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_in_xml_says_what_it_says_in_json() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let one = scene.instance(&scene.packed[0]);
    let series = one.split("/instances/").next().unwrap().to_owned();
    for (path, instances) in [(one, 1), (series, 2), (scene.study(&scene.packed[0]), 2)] {
        let path = format!("{path}/metadata");
        let json = scene.get(&path, "application/dicom+json").await?.json();
        let json = json.as_array().unwrap();
        let parts = scene.parts(&path, XML).await?;
        assert_eq!((json.len(), parts.len()), (instances, instances), "{path}");
        for (object, part) in json.iter().zip(&parts) {
            assert!(part.headers.contains("application/dicom+xml"), "{}", part.headers);
            let read = dicom::xml::read_native_model(&part.body, &dicom::Limits::default())?;
            assert_eq!(&serde_json::Value::Object(read), object);
            let pixels = object["7FE00010"]["BulkDataURI"].as_str().unwrap();
            assert!(contains(&part.body, pixels.as_bytes()), "{pixels}");
        }
        // JSON is what who accepts anything gets.
        let any = scene.get(&path, "*/*").await?;
        assert_eq!(any.content_type, "application/dicom+json");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_gets_nothing_by_any_address() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let other = scene.telerad.found_tenant("other")?;
    let stranger = scene.telerad.with_key(&other);
    let image = &scene.packed[0];
    let named = format!(
        "requestType=WADO&studyUID={}&seriesUID={}&objectUID={}",
        image.study_instance_uid, image.series_instance_uid, image.sop_instance_uid
    );
    let path = scene.instance(image);
    let below = path.strip_prefix(&scene.root()).unwrap();
    for slug in [&scene.tenant.slug, &other.slug] {
        for (address, accept) in [
            (format!("/dicomweb/{slug}/wado?{named}"), "*/*"),
            (
                format!("/dicomweb/{slug}/wado?{named}&contentType=application/dicom"),
                "*/*",
            ),
            (format!("/dicomweb/{slug}/wado?{named}&anonymize=yes"), "*/*"),
            (format!("/dicomweb/{slug}{below}/metadata"), XML),
            (format!("/dicomweb/{slug}{below}"), "application/zip"),
            (format!("/dicomweb/{slug}{below}/rendered"), "image/gif"),
            (format!("/dicomweb/{slug}{below}/rendered"), "application/pdf"),
            (
                format!("/dicomweb/{slug}{below}/frames/1/thumbnail"),
                "image/jpeg",
            ),
            (
                format!("/dicomweb/{slug}/studies/{}/rendered", image.study_instance_uid),
                "*/*",
            ),
        ] {
            let reply = stranger.get_as(&address, accept).await?;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (404, "NOT_FOUND"),
                "{address}"
            );
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_it_already_is_not_sent_it_again() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let one = scene.instance(&scene.packed[0]);
    for (path, accept) in [
        (one.clone(), DICOM),
        (scene.study(&scene.packed[0]), DICOM),
        (scene.study(&scene.packed[0]), "application/zip"),
        (format!("{one}/frames/1"), "*/*"),
        (format!("{one}/rendered"), "image/png"),
        (format!("{one}/thumbnail"), "image/jpeg"),
        (format!("{one}/metadata"), "application/dicom+json"),
        (format!("{one}/metadata"), XML),
        (
            format!("{}/metadata", scene.study(&scene.packed[0])),
            "application/dicom+json",
        ),
        (format!("{}/metadata", scene.study(&scene.packed[0])), XML),
    ] {
        let ask = |method| scene.client.request(method, &path).header(header::ACCEPT, accept);
        let first = ask(Method::GET).send().await?;
        assert_eq!(first.status(), 200, "{path}");
        let etag = first.headers()[header::ETAG].clone();
        let again = ask(Method::GET)
            .header(header::IF_NONE_MATCH, &etag)
            .send()
            .await?;
        assert_eq!(again.status(), 304, "{path} {accept}");
        let head = ask(Method::HEAD).send().await?;
        assert_eq!(
            (head.status(), &head.headers()[header::ETAG]),
            (first.status(), &etag),
            "{path}"
        );
        assert!(head.bytes().await?.is_empty());
    }
    Ok(())
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
