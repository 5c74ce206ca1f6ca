//! A whole instance in another transfer syntax, written by a child to a file: what PS3.18 §8.7.3 means by a default
//! transfer syntax for `application/dicom`.
//!
//! **Invariant:** the same object: no UID, no attribute's value and no sample of a lossless original changes. What
//! does change is what describes the encoding: transfer syntax, VRs, photometric interpretation, planar
//! configuration, offset tables, and group lengths, which are retired.
//!
//! **Invariant:** the output file is complete, or it is not there. Memory is one frame.

mod pixels;
mod survey;
mod syntax;
mod walk;
mod writer;

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use super::CodecError;
use super::protocol::{Source, WrittenInstance};
use pixels::Recoding;
use survey::Survey;
use writer::ExplicitWriter;

pub use syntax::InstanceSyntax;

/// Writes the instance in `syntax` to the new file `output`.
///
/// Errors: [`CodecError::BadRequest`] for a syntax that is not of [`InstanceSyntax`]; [`CodecError::Unsuitable`] where
/// the rules forbid it; [`CodecError::TooLarge`]; those of reading the data set and of decoding. After any error there
/// is no file.
pub(super) fn write_instance(
    source: Source,
    output: &Path,
    syntax_uid: &str,
) -> Result<WrittenInstance, CodecError> {
    let syntax = InstanceSyntax::of(syntax_uid).ok_or_else(|| CodecError::BadRequest {
        what: "transfer syntax".to_owned(),
    })?;
    let survey = Survey::of(source.clone())?;
    let recoding = Recoding::plan(&survey, source.clone(), syntax)?;
    let file = File::create_new(output)?;
    let written = write(source, file, syntax, &survey, recoding);
    if written.is_err() {
        // The file is ours: it did not exist before.
        let _ = fs::remove_file(output);
    }
    Ok(WrittenInstance {
        bytes: written?,
        transfer_syntax_uid: syntax.uid().to_owned(),
    })
}

fn write(
    source: Source,
    file: File,
    syntax: InstanceSyntax,
    survey: &Survey,
    recoding: Option<Recoding>,
) -> Result<u64, CodecError> {
    let mut writer = ExplicitWriter::new(BufWriter::new(file));
    writer.file_meta(survey, syntax.uid())?;
    walk::copy(source, survey, recoding, &mut writer)?;
    let (mut out, written) = writer.finish();
    out.flush()?;
    Ok(written)
}
