//! A report as values for the layout.

use app::ports::{PrintableImage, PrintablePart, PrintableReport};
use chrono::{Datelike, Timelike};
use domain::text::{is_unfit, with_plain_line_ends};
use typst::foundations::{Array, Bytes, Dict, IntoValue, Str, Value};

use super::script;

/// The inputs of `report.typ`; `newest` is the first of the report's parts.
pub fn of(report: &PrintableReport, newest: &PrintablePart) -> Dict {
    let identity = report.facts.iter().take(2).map(|(_, value)| line(value));
    let at = newest.signed_at;
    dict([
        ("fonts", script::fonts(&sample(report))),
        ("organisation", line(&report.organisation)),
        ("facility", line(&report.facility)),
        ("title", line(&report.title)),
        ("identity", list(identity)),
        ("notice", report.notice.as_deref().map(line).into_value()),
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
                    .map(|(label, value)| titled("label", label, "value", value)),
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
        .map(|(title, body)| titled("title", title, "text", body));
    let signed_at = part.signed_at.format("%-d %B %Y, %H:%M UTC").to_string();
    dict([
        ("heading", line(&part.heading)),
        ("sections", list(sections)),
        ("signed_by", line(&part.signed_by)),
        ("signed_at", line(&signed_at)),
        ("sha256", line(&part.sha256)),
    ])
    .into_value()
}

fn picture(image: &PrintableImage) -> Value {
    let jpeg = image.jpeg.as_ref().map(|jpeg| Bytes::new(jpeg.to_vec()));
    dict([("jpeg", jpeg.into_value()), ("caption", runs(&image.caption))]).into_value()
}

fn titled(title: &'static str, a: &str, body: &'static str, b: &str) -> Value {
    dict([(title, runs(a)), (body, runs(b))]).into_value()
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

/// A text on one line, whatever it holds.
fn line(value: &str) -> Value {
    Value::Str(clean(value).replace('\n', " ").into())
}

/// A text as its lines, grouped by the direction they run in.
fn runs(value: &str) -> Value {
    list(script::runs(&clean(value)).into_iter().map(|run| {
        let lines = run.lines.iter().map(|line| Value::Str(line.as_str().into()));
        dict([("rtl", run.right_to_left.into_value()), ("lines", list(lines))]).into_value()
    }))
}

/// Everything whose script says something about its readers.
fn sample(report: &PrintableReport) -> String {
    let facts = report.facts.iter().map(|(_, value)| value.as_str());
    let parts = report.parts.iter().flat_map(|part| &part.sections);
    facts
        .chain(parts.map(|(_, text)| text.as_str()))
        .chain([report.organisation.as_str(), &report.facility])
        .collect()
}

/// Characters that would hide or reorder a text are spaces here: names come from elsewhere.
fn clean(value: &str) -> String {
    with_plain_line_ends(value)
        .chars()
        .map(|c| if is_unfit(c) { ' ' } else { c })
        .collect()
}
