//! Report documents, laid out by typst.
//!
//! **Invariant:** texts reach the layout as values of `sys.inputs`; what a reader types is never markup.
//!
//! **Invariant:** no document has a box where a word should be: what no font can draw is an error in the
//! reader's text, and a code point in names and facts.
//!
//! **Invariant:** nothing is read from the machine unless a text needs a script that our fonts lack.

mod glyphs;
mod inputs;
mod script;

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

use app::ports::{PrintError, PrintablePart, PrintableReport, ReportPrinter};
use bytes::Bytes;
use chrono::DateTime;
use domain::text::code_point;
use typst::foundations::Smart;
use typst_as_lib::{TypstEngine, TypstTemplateMainFile, typst_kit_options::TypstKitFontOptions};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

static LAYOUT: &str = include_str!("report.typ");

type Engine = TypstEngine<TypstTemplateMainFile>;

/// Prints with the fonts of this program, and with the machine's where those do not suffice.
#[derive(Clone, Default)]
pub struct TypstPrinter {
    engines: Arc<Engines>,
}

#[derive(Default)]
struct Engines {
    own: OnceLock<Engine>,
    /// Made when it is needed for the first time: it looks through the machine's fonts.
    wide: OnceLock<Engine>,
}

impl std::fmt::Debug for TypstPrinter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TypstPrinter").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl ReportPrinter for TypstPrinter {
    async fn print(&self, report: PrintableReport) -> Result<Bytes, PrintError> {
        self.apart(move |engines| engines.print(report)).await
    }

    async fn unprintable(&self, texts: Vec<String>) -> Result<BTreeSet<char>, PrintError> {
        self.apart(move |engines| Ok(engines.lay_out(&page_of(texts))?.1))
            .await
    }
}

impl TypstPrinter {
    /// Layout takes a while, so it runs where it holds nobody up.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Engines) -> Result<T, PrintError> + Send + 'static,
    ) -> Result<T, PrintError> {
        let engines = Arc::clone(&self.engines);
        tokio::task::spawn_blocking(move || work(&engines))
            .await
            .map_err(|_panic| failed("the layout broke off"))?
    }
}

impl Engines {
    fn print(&self, mut report: PrintableReport) -> Result<Bytes, PrintError> {
        let identity = newest(&report)?.sha256.clone();
        let (mut document, mut missing) = self.lay_out(&report)?;
        if !missing.is_empty() {
            let written: BTreeSet<char> = words(&report).flat_map(str::chars).collect();
            let unreadable: BTreeSet<char> = missing.intersection(&written).copied().collect();
            if !unreadable.is_empty() {
                return Err(PrintError::Unprintable {
                    characters: unreadable,
                });
            }
            tracing::warn!(
                characters = missing.len(),
                "no font for some characters of names or facts; they are printed as code points"
            );
            spell_out(&mut report, &missing);
            (document, missing) = self.lay_out(&report)?;
        }
        if missing.is_empty() {
            render(&document, &identity)
        } else {
            Err(PrintError::Unprintable { characters: missing })
        }
    }

    /// The pages, and which characters no font has.
    fn lay_out(&self, report: &PrintableReport) -> Result<(PagedDocument, BTreeSet<char>), PrintError> {
        let own = self.own.get_or_init(|| engine(false));
        let laid_out = compiled(own, report)?;
        if laid_out.1.is_empty() {
            return Ok(laid_out);
        }
        compiled(self.wide.get_or_init(|| engine(true)), report)
    }
}

fn compiled(
    engine: &Engine,
    report: &PrintableReport,
) -> Result<(PagedDocument, BTreeSet<char>), PrintError> {
    let document: PagedDocument = engine
        .compile_with_input(inputs::of(report, newest(report)?))
        .output
        .map_err(|_quotes_the_text| failed("the layout failed"))?;
    let missing = glyphs::missing(&document);
    Ok((document, missing))
}

fn newest(report: &PrintableReport) -> Result<&PrintablePart, PrintError> {
    report
        .parts
        .first()
        .ok_or_else(|| failed("there is nothing to print"))
}

/// What the reader wrote.
fn words(report: &PrintableReport) -> impl Iterator<Item = &str> {
    let texts = report.parts.iter().flat_map(|part| &part.sections);
    texts
        .flat_map(|(title, text)| [title.as_str(), text])
        .chain(report.key_images.iter().map(|image| image.caption.as_str()))
}

/// A report of nothing but `texts`, to see whether they can be printed.
fn page_of(texts: Vec<String>) -> PrintableReport {
    PrintableReport {
        organisation: String::new(),
        facility: String::new(),
        title: String::new(),
        facts: Vec::new(),
        parts: vec![PrintablePart {
            heading: String::new(),
            sections: texts.into_iter().map(|text| (String::new(), text)).collect(),
            signed_by: String::new(),
            signed_at: DateTime::UNIX_EPOCH,
            sha256: String::new(),
        }],
        key_images: Vec::new(),
        notice: None,
    }
}

/// Replaces `missing` by their code points in everything that is not the reader's text, and says so.
fn spell_out(report: &mut PrintableReport, missing: &BTreeSet<char>) {
    let spell = |text: &mut String| {
        if text.contains(|c| missing.contains(&c)) {
            let spelt = |c| match missing.contains(&c) {
                true => format!("[{}]", code_point(c)),
                false => String::from(c),
            };
            *text = text.chars().map(spelt).collect();
        }
    };
    spell(&mut report.organisation);
    spell(&mut report.facility);
    report.facts.iter_mut().for_each(|(_, value)| spell(value));
    report
        .parts
        .iter_mut()
        .for_each(|part| spell(&mut part.signed_by));
    report.notice = Some(
        "Some characters above could not be printed. Each stands as its Unicode number in brackets."
            .to_owned(),
    );
}

fn engine(system_fonts: bool) -> Engine {
    let fonts = TypstKitFontOptions::default()
        .include_system_fonts(system_fonts)
        .include_embedded_fonts(true);
    TypstEngine::builder()
        .main_file(LAYOUT)
        .search_fonts_with(fonts)
        .build()
}

/// PDF/A-2b, in which every glyph is embedded; where the archival form is refused, a plain PDF of the same
/// pages, which can be read as well but not kept for ever.
fn render(document: &PagedDocument, identity: &str) -> Result<Bytes, PrintError> {
    written(document, identity, &[PdfStandard::A_2b]).or_else(|error| {
        tracing::warn!(error = %error, "a report is no PDF/A");
        written(document, identity, &[])
    })
}

fn written(document: &PagedDocument, identity: &str, standards: &[PdfStandard]) -> Result<Bytes, PrintError> {
    let options = PdfOptions {
        ident: Smart::Custom(identity.to_owned()),
        creator: Smart::Custom(Some("telerad".into())),
        standards: PdfStandards::new(standards).map_err(|_unknown| failed("the standard is not known"))?,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options)
        .map(Bytes::from)
        .map_err(|_quotes_the_text| failed("the document could not be written"))
}

/// The layout's own words may quote the report, so they stay out.
fn failed(reason: &str) -> PrintError {
    PrintError::Failed {
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests;
