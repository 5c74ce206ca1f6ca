//! Bytes that no application sends: the server says no, and goes on serving others.

use std::time::Duration;

use dimse::{
    AeTitle, AssociateRequest, Pdu, ProposedContext, Service, UserInformation, VERIFICATION, Wanted, pdu,
};
use serde_json::json;
use telerad_tests::{Backend, Telerad};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

fn request() -> Vec<u8> {
    let request = AssociateRequest {
        protocol_version: 1,
        called: AeTitle::parse("NORTH").unwrap().to_field(),
        calling: AeTitle::parse("CT1").unwrap().to_field(),
        application_context: "1.2.840.10008.3.1.1.1".to_owned(),
        contexts: vec![ProposedContext {
            id: 1,
            abstract_syntax: VERIFICATION.to_owned(),
            transfer_syntaxes: vec![dicom::IMPLICIT_VR_LITTLE_ENDIAN.to_owned()],
        }],
        user: UserInformation::default(),
    };
    let mut bytes = Vec::new();
    Pdu::AssociateRequest(request).write(&mut bytes);
    bytes
}

/// What the server answers to `bytes` until it closes the connection.
async fn answered(address: &str, bytes: &[u8]) -> anyhow::Result<Vec<Pdu>> {
    let mut connection = TcpStream::connect(address).await?;
    let (mut reading, mut writing) = connection.split();
    let mut heard = Vec::new();
    // A server that has heard enough need not take the rest.
    let sent = async {
        let _ = writing.write_all(bytes).await;
    };
    let read = async {
        let _ = reading.read_to_end(&mut heard).await;
    };
    tokio::time::timeout(Duration::from_secs(30), async { tokio::join!(sent, read) }).await?;
    let mut pdus = Vec::new();
    let mut rest = heard.as_slice();
    while let Some((pdu, used)) = pdu::parse(rest, 1 << 20)? {
        pdus.push(pdu);
        rest = &rest[used..];
    }
    Ok(pdus)
}

fn after_request(bytes: &[u8]) -> Vec<u8> {
    [request().as_slice(), bytes].concat()
}

/// A P-DATA-TF of one value.
fn data(context: u8, control: u8, bytes: &[u8]) -> Vec<u8> {
    let mut pdu = vec![4, 0];
    pdu.extend((bytes.len() as u32 + 6).to_be_bytes());
    pdu.extend((bytes.len() as u32 + 2).to_be_bytes());
    pdu.extend([context, control]);
    pdu.extend(bytes);
    pdu
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_no_application_sends_end_their_association_and_no_other() -> anyhow::Result<()> {
    let hasty = [
        ("TELERAD_DIMSE_ARTIM_SECONDS", "2"),
        ("TELERAD_DIMSE_IDLE_SECONDS", "2"),
        ("TELERAD_DIMSE_PDU_SECONDS", "2"),
    ];
    let telerad = Telerad::start_with(Backend::Sqlite, &hasty, &[]).await?;
    let tenant = telerad.found_tenant("north")?;
    let admin = telerad.signed_in(&tenant.admin).await?;
    admin
        .add_node(&tenant.facility, "NORTH", "CT1", json!({}))
        .await?;
    let address = telerad.dimse_address()?;
    let process = telerad.pid();

    let endless: Vec<u8> = (0..200_000).flat_map(|_| data(1, 0, b"")).collect();
    let long_command: Vec<u8> = (0..100).flat_map(|_| data(1, 1, &[0; 1000])).collect();
    let mut two_contexts = request();
    // The second item of a context with the same id.
    let context = two_contexts.iter().position(|&byte| byte == 0x20).unwrap();
    two_contexts.insert(context, 0x20);
    let cases: [(&str, Vec<u8>); 14] = [
        ("nothing at all", Vec::new()),
        ("a stalled request", request()[..40].to_vec()),
        ("HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
        ("a request of 4 GiB", vec![1, 0, 0xff, 0xff, 0xff, 0xff]),
        ("an empty request", vec![1, 0, 0, 0, 0, 0]),
        ("a type that is none", vec![0x42, 0, 0, 0, 0, 4, 0, 0, 0, 0]),
        ("a damaged request", two_contexts),
        ("data before a request", data(1, 3, b"x")),
        ("data of 4 GiB", after_request(&[4, 0, 0xff, 0xff, 0xff, 0xff])),
        ("empty data", after_request(&[4, 0, 0, 0, 0, 0])),
        ("endless fragments of nothing", after_request(&endless)),
        ("an endless command", after_request(&long_command)),
        ("a context nobody agreed on", after_request(&data(7, 3, &[0; 8]))),
        ("a second request", after_request(&request())),
    ];
    for (what, bytes) in cases {
        let heard = answered(&address, &bytes)
            .await
            .map_err(|error| error.context(what))?;
        let ends_well = matches!(heard.last(), None | Some(Pdu::Abort(_) | Pdu::AssociateReject(_)));
        assert!(ends_well, "{what}: {heard:?}");
        let mut good = telerad
            .as_peer("CT1", "NORTH")?
            .associate(
                Wanted::service(Service::Verification).into_iter().collect(),
                Vec::new(),
            )
            .await?;
        assert!(good.echo().await?.is_success(), "after {what}");
        good.end().await?;
    }
    assert_eq!(telerad.pid(), process);
    Ok(())
}
