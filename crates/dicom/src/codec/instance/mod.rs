//! A whole instance in another transfer syntax, written by a child to a file: what PS3.18 §8.7.3 means by a default
//! transfer syntax for `application/dicom`.
//!
//! **Invariant:** the same object, unless a lossy copy is asked for, which is another one and says so: no UID, no attribute's value and no sample of a lossless original changes. What
//! does change is what describes the encoding: transfer syntax, VRs, photometric interpretation, planar
//! configuration, offset tables, and group lengths, which are retired.
//!
//! **Invariant:** the output file is complete, or it is not there. Memory is one frame.

mod derived;
mod pixels;
mod survey;
mod syntax;
mod walk;
mod writer;

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use super::CodecError;
use super::protocol::{Derivation, Source, WrittenInstance, WrittenLossy};
use derived::Target;
use pixels::{Loss, Recoding};
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
    let (bytes, _) = write_as(source, output, Target::Exact(syntax))?;
    Ok(WrittenInstance {
        bytes,
        transfer_syntax_uid: syntax.uid().to_owned(),
    })
}

/// Writes a lossy copy of the instance, another object, to the new file `output`.
///
/// Errors: those of [`write_instance`]; [`CodecError::Unsuitable`] also for what is lossy already and where the promised
/// signal-to-noise ratio cannot be kept.
pub(super) fn write_lossy(
    source: Source,
    output: &Path,
    derivation: Derivation,
) -> Result<WrittenLossy, CodecError> {
    let (bytes, loss) = write_as(source, output, Target::Lossy(derivation))?;
    let loss = loss.ok_or_else(|| CodecError::unsuitable("no pixels to compress"))?;
    Ok(WrittenLossy {
        bytes,
        ratio: loss.ratio(),
        psnr_db: loss.psnr_db,
    })
}

fn write_as(source: Source, output: &Path, target: Target) -> Result<(u64, Option<Loss>), CodecError> {
    let survey = Survey::of(source.clone())?;
    let recoding = Recoding::plan(&survey, source.clone(), target.clone())?;
    let file = File::create_new(output)?;
    let written = write(source, file, &target, &survey, recoding);
    if written.is_err() {
        // The file is ours: it did not exist before.
        let _ = fs::remove_file(output);
    }
    written
}

fn write(
    source: Source,
    file: File,
    target: &Target,
    survey: &Survey,
    recoding: Option<Recoding>,
) -> Result<(u64, Option<Loss>), CodecError> {
    let mut writer = ExplicitWriter::new(BufWriter::new(file));
    let name = match target {
        Target::Exact(_) => &survey.sop_instance_uid,
        Target::Lossy(derivation) => &derivation.sop_instance_uid,
    };
    writer.file_meta(survey, name, target.transfer_syntax_uid())?;
    let loss = walk::copy(source, survey, target, recoding, &mut writer)?;
    let (mut out, written) = writer.finish();
    out.flush()?;
    Ok((written, loss))
}
