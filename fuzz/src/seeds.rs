//! What the fuzzers start from: small and valid.

use dicom::{
    Tag,
    phantom::{PhantomKind, PhantomOptions, PhantomStudy, PhantomTransferSyntax},
};
use dimse::{
    AssociateRequest, Command, Field, Pdu, ProposedContext, UserInformation, VERIFICATION,
    data_set::{DataSet, Writing},
};

/// Seeds by target.
pub fn seeds() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    vec![
        ("multipart", multipart()),
        ("instance", instances()),
        ("query", texts(&QUERIES)),
        ("negotiation", texts(&NEGOTIATION)),
        ("pdu", pdus()),
        ("command", commands()),
        ("xml", documents()),
    ]
}

const QUERIES: [&str; 5] = [
    "PatientName=Phantom^*&limit=10&offset=5",
    "00100020=ID1&includefield=all&fuzzymatching=true",
    "StudyDate=20250101-20260101&StudyTime=-1200",
    "StudyInstanceUID=1.2.3,1.2.4%5C1.2.5&ModalitiesInStudy=CT",
    "RequestAttributesSequence.ScheduledProcedureStepID=1&includefield=00081030,StudyDescription",
];

const NEGOTIATION: [&str; 4] = [
    "multipart/related; type=\"application/dicom\"; transfer-syntax=*; q=0.5, */*;q=0.1",
    "multipart/related; type=application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1",
    "application/dicom+json, image/jpeg;q=0.7",
    "multipart/related; type=\"application/dicom+xml\"; boundary=\"a b\"",
];

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn multipart() -> Vec<Vec<u8>> {
    texts(&[
        "--b\r\nContent-Type: application/dicom\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
        "preamble\r\n--b \t\r\nContent-Location: 1.2.3\r\n\r\n\r\n--bx\r\n\r\n--b--",
    ])
}

fn pdus() -> Vec<Vec<u8>> {
    let request = AssociateRequest {
        protocol_version: 1,
        called: *b"NORTH           ",
        calling: *b"CT1             ",
        application_context: "1.2.840.10008.3.1.1.1".to_owned(),
        contexts: vec![ProposedContext {
            id: 1,
            abstract_syntax: VERIFICATION.to_owned(),
            transfer_syntaxes: vec!["1.2.840.10008.1.2".to_owned()],
        }],
        user: UserInformation::default(),
    };
    let written = [Pdu::AssociateRequest(request), Pdu::ReleaseRequest].map(|pdu| {
        let mut bytes = Vec::new();
        pdu.write(&mut bytes);
        bytes
    });
    written.to_vec()
}

fn commands() -> Vec<Vec<u8>> {
    let item = DataSet::default().with_text(dicom::tags::MODALITY, *b"CS", "CT");
    let identifier = DataSet::default()
        .with_text(dicom::tags::PATIENT_NAME, *b"PN", "PHANTOM^*")
        .with(
            Tag::new(0x0040, 0x0275),
            *b"SQ",
            dimse::data_set::Value::Items(vec![item]),
        );
    vec![
        Command::new(Field::EchoRequest).to_bytes(),
        identifier.to_bytes(Writing::Implicit),
        identifier.to_bytes(Writing::Explicit),
    ]
}

fn documents() -> Vec<Vec<u8>> {
    texts(&[
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<NativeDicomModel>\
         <DicomAttribute tag=\"00080060\" vr=\"CS\"><Value number=\"1\">CT</Value></DicomAttribute>\
         <DicomAttribute tag=\"00090001\" privateCreator=\"A\" vr=\"SH\"><Value number=\"2\">x &amp; &#252;</Value></DicomAttribute>\
         <DicomAttribute tag=\"00100010\" vr=\"PN\"><PersonName number=\"1\"><Alphabetic><FamilyName>A</FamilyName></Alphabetic>\
         </PersonName></DicomAttribute></NativeDicomModel>",
        "<n:NativeDicomModel xmlns:n='x'><n:DicomAttribute tag='00081199' vr='SQ'><n:Item number='1'>\
         <n:DicomAttribute tag='00280010' vr='US'><n:Value number='1'>512</n:Value></n:DicomAttribute></n:Item>\
         </n:DicomAttribute><n:DicomAttribute tag='7FE00010' vr='OW'><n:BulkData uri='a?b&amp;c'/></n:DicomAttribute>\
         <n:DicomAttribute tag='00420011' vr='OB'><n:InlineBinary>AAE=</n:InlineBinary></n:DicomAttribute>\
         <n:DicomAttribute tag='00180088' vr='DS'><n:Value number='1'><![CDATA[1.5]]></n:Value></n:DicomAttribute></n:NativeDicomModel>",
    ])
}

fn instances() -> Vec<Vec<u8>> {
    let kinds = [
        (PhantomKind::HeadCt, PhantomTransferSyntax::ImplicitVrLittleEndian),
        (PhantomKind::HeadCt, PhantomTransferSyntax::ExplicitVrLittleEndian),
        (PhantomKind::KneeMr, PhantomTransferSyntax::RleLossless),
        (PhantomKind::KneeMr, PhantomTransferSyntax::HtJ2kLosslessRpcl),
    ];
    let made = kinds.into_iter().map(|(kind, transfer_syntax)| {
        let options = PhantomOptions {
            instances: Some(1),
            edge: Some(16),
            transfer_syntax,
            ..PhantomOptions::default()
        };
        PhantomStudy::new(kind, options).instance(0)
    });
    made.map(|instance| instance.expect("every kind can be made").bytes)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_keeps_its_promise_on_its_seeds() {
        for (target, seeds) in seeds() {
            assert!(!seeds.is_empty(), "{target}");
            for seed in seeds {
                match target {
                    "multipart" => crate::multipart(&seed),
                    "instance" => crate::instance(&seed),
                    "query" => crate::query(&seed),
                    "negotiation" => crate::negotiation(&seed),
                    "pdu" => crate::pdu(&seed),
                    "command" => crate::command(&seed),
                    "xml" => crate::xml(&seed),
                    _ => panic!("{target} has seeds and no target"),
                }
            }
        }
    }
}
