//! A report as values for the layout.

use app::ports::{PrintableImage, PrintablePart, PrintableReport};
use chrono::{Datelike, Timelike};
use typst::foundations::{Array, Bytes, Dict, IntoValue, Str, Value};

/// The inputs of `report.typ`; `newest` is the first of the report's parts.
pub fn of(report: &PrintableReport, newest: &PrintablePart) -> Dict {
    let identity: Vec<String> = report
        .facts
        .iter()
        .take(2)
        .map(|(_, value)| clean(value))
        .collect();
    let at = newest.signed_at;
    dict([
        ("organisation", text(&report.organisation)),
        ("facility", text(&report.facility)),
        ("title", text(&report.title)),
        ("identity", text(&identity.join(" · "))),
        ("year", i64::from(at.year()).into_value()),
        ("month", i64::from(at.month()).into_value()),
        ("day", i64::from(at.day()).into_value()),
        ("hour", i64::from(at.hour()).into_value()),
        ("minute", i64::from(at.minute()).into_value()),
        ("second", i64::from(at.second()).into_value()),
        (
            "facts",
            list(
                report
                    .facts
                    .iter()
                    .map(|(label, value)| pair("label", label, "value", value)),
            ),
        ),
        ("parts", list(report.parts.iter().map(part))),
        ("images", list(report.key_images.iter().map(picture))),
    ])
}

fn part(part: &PrintablePart) -> Value {
    let sections = part
        .sections
        .iter()
        .map(|(title, body)| pair("title", title, "text", body));
    let signed_at = part.signed_at.format("%-d %B %Y, %H:%M UTC").to_string();
    dict([
        ("heading", text(&part.heading)),
        ("sections", list(sections)),
        ("signed_by", text(&part.signed_by)),
        ("signed_at", text(&signed_at)),
        ("sha256", text(&part.sha256)),
    ])
    .into_value()
}

fn picture(image: &PrintableImage) -> Value {
    let jpeg = image.jpeg.as_ref().map(|jpeg| Bytes::new(jpeg.to_vec()));
    dict([("jpeg", jpeg.into_value()), ("caption", text(&image.caption))]).into_value()
}

fn pair(first: &'static str, a: &str, second: &'static str, b: &str) -> Value {
    dict([(first, text(a)), (second, text(b))]).into_value()
}

fn dict<const N: usize>(entries: [(&'static str, Value); N]) -> Dict {
    entries
        .into_iter()
        .map(|(key, value)| (Str::from(key), value))
        .collect()
}

fn list(values: impl Iterator<Item = Value>) -> Value {
    values.collect::<Array>().into_value()
}

fn text(value: &str) -> Value {
    Value::Str(clean(value).into())
}

/// Lines end in one way, and characters that cannot be printed are spaces.
fn clean(value: &str) -> String {
    value
        .replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\r' => '\n',
            '\n' => '\n',
            control if control.is_control() => ' ',
            printable => printable,
        })
        .collect()
}
