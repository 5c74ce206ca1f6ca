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
        notice: None,
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

/// Words that each need other glyphs, shaping or direction; Debian's fonts-noto-core and fonts-noto-cjk have
/// them all, and the tests install those.
const SCRIPTS: &[(&str, &str)] = &[
    ("Arabic", "لا يوجد نزف داخل الجمجمة. قياس 12 × 8 مم."),
    ("Persian", "می\u{200C}شود، بدون شکستگی"),
    ("Hebrew", "אין דימום תוך גולגולתי (CT, 3 מ״מ)."),
    ("Hindi", "मस्तिष्क में कोई रक्तस्राव नहीं है। क्षति नहीं।"),
    ("Thai", "ไม่พบเลือดออกในสมอง"),
    ("Japanese", "頭蓋内出血は認められない。右肺に結節あり。"),
    ("Chinese", "颅内未见出血，双肺纹理清晰。"),
    ("Korean", "두개내 출혈 없음."),
    ("Greek", "Χωρίς αιμορραγία."),
    ("Russian", "Без признаков кровоизлияния."),
    ("Vietnamese", "Không thấy xuất huyết nội sọ."),
    ("Tamil", "மூளையில் இரத்தக்கசிவு இல்லை"),
    ("Georgian", "სისხლჩაქცევა არ არის"),
    ("signs", "≥ ≤ ± µ × → ° ² ½ † ✓ ①"),
];

#[tokio::test]
async fn every_script_is_printed_in_glyphs() {
    let printer = TypstPrinter::default();
    for (script, words) in SCRIPTS {
        let missing = printer.unprintable(vec![(*words).to_owned()]).await.unwrap();
        assert!(missing.is_empty(), "{script}: {missing:?}");
    }
    let all: Vec<&str> = SCRIPTS.iter().map(|(_, words)| *words).collect();
    let mut all = report(&all.join("\n"));
    all.facts[0].1 = "山田 太郎 (やまだ たろう)".to_owned();
    all.facts[2].1 = "تصوير الرأس CT".to_owned();
    all.parts[0].signed_by = "ד״ר כהן".to_owned();
    let pdf = printer.print(all).await.unwrap();
    if let Some(folder) = std::env::var_os("TELERAD_TEST_ARTIFACTS") {
        std::fs::write(std::path::Path::new(&folder).join("scripts.pdf"), &pdf).unwrap();
    }
    assert!(holds(&pdf, b"<pdfaid:part>2</pdfaid:part>"), "PDF/A-2");
}

#[tokio::test]
async fn words_that_no_font_has_are_refused_by_name_and_never_printed_as_boxes() {
    let printer = TypstPrinter::default();
    // An unassigned character: no font will ever have it.
    let refused = printer
        .print(report("A nodule \u{1FBFF} here."))
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, PrintError::Unprintable { characters } if characters.iter().eq(['\u{1FBFF}'].iter())),
        "{refused}"
    );
    assert!(refused.to_string().contains("U+1FBFF"), "{refused}");
    let found = printer
        .unprintable(vec!["fine".to_owned(), "\u{1FBFF}b\u{301}".to_owned()])
        .await;
    assert_eq!(found.unwrap().into_iter().collect::<String>(), "\u{1FBFF}");
    let mut caption = report("Normal.");
    caption.key_images[0].caption.push('\u{1FBFF}');
    assert!(
        printer.print(caption).await.is_err(),
        "a note is the reader's text, too"
    );
}

#[tokio::test]
async fn a_name_that_no_font_has_does_not_hold_the_report_back() {
    let mut named = report("Normal.");
    named.facts[0].1 = "M\u{1FBFF}ller".to_owned();
    named.parts[0].signed_by = "Dr \u{1FBFF}".to_owned();
    let spelt = {
        let mut spelt = named.clone();
        spell_out(&mut spelt, &['\u{1FBFF}'].into());
        spelt
    };
    assert_eq!(spelt.facts[0].1, "M[U+1FBFF]ller");
    assert!(spelt.notice.is_some(), "the page says so");
    let printer = TypstPrinter::default();
    assert_eq!(
        printer.print(named).await.unwrap(),
        printer.print(spelt).await.unwrap()
    );
}

#[tokio::test]
async fn a_long_report_runs_over_several_pages() {
    let long = "A line of findings that says what was seen.\n".repeat(200);
    let pdf = print(&long).await;
    assert!(pdf.len() > print("Short.").await.len());
}
