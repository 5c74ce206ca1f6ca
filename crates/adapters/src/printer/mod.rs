//! Report documents, laid out by typst.
//!
//! **Invariant:** texts reach the layout as values of `sys.inputs`; what a reader types is never markup.
//!
//! **Invariant:** nothing is read from the machine unless a text needs a script that our fonts lack.

mod inputs;

use std::sync::{Arc, OnceLock};

use app::ports::{PrintError, PrintableReport, ReportPrinter};
use bytes::Bytes;
use typst::foundations::{Dict, Smart};
use typst_as_lib::{TypstEngine, TypstTemplateMainFile, typst_kit_options::TypstKitFontOptions};
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
        let engines = Arc::clone(&self.engines);
        tokio::task::spawn_blocking(move || engines.print(&report))
            .await
            .map_err(|_panic| failed("the layout broke off"))?
    }
}

impl Engines {
    fn print(&self, report: &PrintableReport) -> Result<Bytes, PrintError> {
        let newest = report
            .parts
            .first()
            .ok_or_else(|| failed("there is nothing to print"))?;
        let inputs = inputs::of(report, newest);
        let own = self.own.get_or_init(|| engine(false));
        // PDF/A has every glyph embedded, so a text in a script we have no font for is refused here.
        let archival = render(own, inputs.clone(), &newest.sha256, &[PdfStandard::A_2b]);
        let printed = archival.or_else(|_| {
            let wide = self.wide.get_or_init(|| engine(true));
            render(wide, inputs.clone(), &newest.sha256, &[PdfStandard::A_2b])
                .or_else(|_| render(wide, inputs, &newest.sha256, &[]))
        });
        printed.map(Bytes::from)
    }
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

fn render(
    engine: &Engine,
    inputs: Dict,
    identity: &str,
    standards: &[PdfStandard],
) -> Result<Vec<u8>, PrintError> {
    let document = engine
        .compile_with_input(inputs)
        .output
        .map_err(|_quotes_the_text| failed("the layout failed"))?;
    let options = PdfOptions {
        ident: Smart::Custom(identity.to_owned()),
        creator: Smart::Custom(Some("telerad".into())),
        standards: PdfStandards::new(standards).map_err(|_unknown| failed("the standard is not known"))?,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options)
        .map_err(|_quotes_the_text| failed("the document could not be written"))
}

/// The layout's own words may quote the report, so they stay out.
fn failed(reason: &str) -> PrintError {
    PrintError {
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests;
