//! What became of each file, a line each.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use anyhow::{Context as _, bail};
use app::archive::{PartOutcome, StoredPart};
use domain::ErrorCode;

/// The report of an import, written as it goes.
pub struct Report {
    out: Box<dyn Write>,
    stored: u64,
    duplicate: u64,
    refused: u64,
    other: u64,
    unread: u64,
    missing: u64,
}

impl Report {
    /// Begins a report in a file, or on standard output.
    pub fn begin(path: Option<&Path>) -> anyhow::Result<Self> {
        let out: Box<dyn Write> = match path {
            Some(path) => {
                let file = File::create(path).with_context(|| format!("making {}", path.display()))?;
                Box::new(BufWriter::new(file))
            }
            None => Box::new(io::stdout()),
        };
        Ok(Self {
            out,
            stored: 0,
            duplicate: 0,
            refused: 0,
            other: 0,
            unread: 0,
            missing: 0,
        })
    }

    /// A file that went to the archive.
    pub fn part(&mut self, name: &str, part: &StoredPart) -> io::Result<()> {
        match &part.outcome {
            PartOutcome::Stored => {
                self.stored += 1;
                self.line(name, "STORED", "")
            }
            PartOutcome::Duplicate => {
                self.duplicate += 1;
                self.line(name, "DUPLICATE", "it was stored already, byte for byte")
            }
            // Media hold programs and texts as well: no image is lost with them.
            PartOutcome::Refused {
                code: code @ (ErrorCode::NotDicom | ErrorCode::InstanceEmpty),
                text,
            } => {
                self.other += 1;
                self.line(name, code.as_str(), text)
            }
            PartOutcome::Refused { code, text } => {
                self.refused += 1;
                self.line(name, code.as_str(), text)
            }
        }
    }

    /// Something that was not looked into.
    pub fn passed_over(&mut self, name: &str, why: &str) -> io::Result<()> {
        self.other += 1;
        self.line(name, "PASSED_OVER", why)
    }

    /// Something that could not be opened.
    pub fn unread(&mut self, name: &str, why: &str) -> io::Result<()> {
        self.unread += 1;
        self.line(name, "UNREAD", why)
    }

    /// A file that the DICOMDIR speaks of.
    pub fn missing(&mut self, name: &str) -> io::Result<()> {
        self.missing += 1;
        self.line(
            name,
            "MISSING",
            "the DICOMDIR names it, and it is not on the medium",
        )
    }

    /// Ends the report, with the sums in a line.
    ///
    /// Errors: when an instance was refused, could not be read or is missing, so that nobody believes all came over.
    pub fn finish(mut self) -> anyhow::Result<String> {
        self.out.flush()?;
        let Self {
            stored,
            duplicate,
            refused,
            other,
            unread,
            missing,
            ..
        } = self;
        let sums = format!(
            "{stored} stored, {duplicate} stored already, {refused} refused, {unread} unread, {missing} missing, {other} other files"
        );
        if refused + unread + missing > 0 {
            bail!("{sums}; the report says why");
        }
        Ok(sums)
    }

    fn line(&mut self, name: &str, outcome: &str, text: &str) -> io::Result<()> {
        // A name of the medium is anybody's text, and this may be a terminal.
        let plain = |text: &str| -> String {
            text.chars()
                .map(|character| if character.is_control() { '?' } else { character })
                .collect()
        };
        writeln!(self.out, "{}\t{outcome}\t{}", plain(name), plain(text))
    }
}
