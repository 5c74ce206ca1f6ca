use app::ports::{PrintableImage, PrintablePart};
use chrono::{DateTime, Utc};

use super::*;

fn signed_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_343_400, 0).unwrap()
}

fn report(findings: &str) -> PrintableReport {
    PrintableReport {
        organisation: "Northern Reading Group".to_owned(),
        facility: "Harbour Imaging".to_owned(),
        title: "Final report".to_owned(),
        facts: vec![
            ("Patient".to_owned(), "Müller, Änne".to_owned()),
            ("Patient ID".to_owned(), "P-4711".to_owned()),
            ("Examination".to_owned(), "CT head".to_owned()),
        ],
        parts: vec![PrintablePart {
            heading: "Final report".to_owned(),
            sections: vec![
                ("Findings".to_owned(), findings.to_owned()),
                ("Impression".to_owned(), "No acute haemorrhage.".to_owned()),
            ],
            signed_by: "Dr Rönt Gen".to_owned(),
            signed_at: signed_at(),
            sha256: "a".repeat(64),
        }],
        key_images: vec![
            PrintableImage {
                jpeg: Some(jpeg().into()),
                caption: "Normal ventricle, image 7".to_owned(),
            },
            PrintableImage {
                jpeg: None,
                caption: "image 8".to_owned(),
            },
        ],
    }
}

/// A grey ramp.
fn jpeg() -> Vec<u8> {
    let mut bytes = Vec::new();
    let ramp = image::GrayImage::from_fn(200, 160, |x, _| image::Luma([u8::try_from(x).unwrap()]));
    image::codecs::jpeg::JpegEncoder::new(&mut bytes)
        .encode_image(&ramp)
        .unwrap();
    bytes
}

async fn print(findings: &str) -> Bytes {
    TypstPrinter::default().print(report(findings)).await.unwrap()
}

fn holds(pdf: &[u8], text: &[u8]) -> bool {
    pdf.windows(text.len()).any(|window| window == text)
}

#[tokio::test]
async fn the_same_report_gives_the_same_archival_document() {
    let pdf = print("Ventricles: normal.\nNo fracture.").await;
    if let Some(folder) = std::env::var_os("TELERAD_TEST_ARTIFACTS") {
        std::fs::write(std::path::Path::new(&folder).join("report.pdf"), &pdf).unwrap();
    }
    assert!(pdf.starts_with(b"%PDF-1.7"));
    assert!(holds(&pdf, b"<pdfaid:part>2</pdfaid:part>"), "PDF/A-2");
    assert_eq!(pdf, print("Ventricles: normal.\nNo fracture.").await);
    assert_ne!(pdf, print("Ventricles: wide.\nNo fracture.").await);
}

#[tokio::test]
async fn what_a_reader_types_is_never_markup() {
    let hostile = "#panic(\"no\") $x^2$ *bold* = heading \\ <label> @ref #read(\"/etc/passwd\") /* comment";
    let pdf = print(hostile).await;
    assert!(pdf.starts_with(b"%PDF"));
}

#[tokio::test]
async fn a_script_we_have_no_font_for_is_still_printed() {
    let pdf = print("山田太郎 🩻 \u{0} \u{7}").await;
    assert!(pdf.starts_with(b"%PDF"));
}

#[tokio::test]
async fn a_long_report_runs_over_several_pages() {
    let long = "A line of findings that says what was seen.\n".repeat(200);
    let pdf = print(&long).await;
    assert!(pdf.len() > print("Short.").await.len());
}
