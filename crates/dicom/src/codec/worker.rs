//! The child process: limits first, then one request after the other until its input ends.
//!
//! **Invariant:** the resource limits are in force before the first byte of input is read.
//! **Invariant:** a panic is one failed request; whatever is worse ends the process, and the parent replaces it.

use std::cell::RefCell;
use std::io::{BufReader, BufWriter};
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, nice, setrlimit};

use super::image_header::ImageObject;
use super::message;
use super::protocol::{
    CPU_SECONDS_VARIABLE, CodecReply, CodecRequest, DEFAULT_CPU_SECONDS, DEFAULT_MEMORY_BYTES,
    MEMORY_BYTES_VARIABLE, NICENESS_VARIABLE, PixelProbe, Work,
};
use super::source::ByteSource;
use super::suitability::{PixelKind, needs_rendition};
use super::{CodecError, animation, htj2k, instance, render, samples, thumbnail};

/// Descriptors: the three standard ones, input and output of a request, and a few for the runtime.
const OPEN_FILES: u64 = 16;

thread_local! {
    static PANICKED_AT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Serves codec requests on standard input and output until the input ends.
///
/// The limits come from [`MEMORY_BYTES_VARIABLE`], [`CPU_SECONDS_VARIABLE`] and [`NICENESS_VARIABLE`]. Fails when a
/// limit cannot be set, or when the parent breaks the protocol.
pub fn run_codec_worker() -> ExitCode {
    if restrict().is_err() {
        return ExitCode::from(78); // EX_CONFIG: never decode without limits
    }
    // The default hook prints the payload, which may quote the data set. The place is enough.
    std::panic::set_hook(Box::new(|info| {
        let at = info.location().map_or_else(
            || "unknown place".to_owned(),
            |place| format!("{}:{}", place.file(), place.line()),
        );
        PANICKED_AT.with(|cell| cell.replace(at));
    }));

    let mut input = BufReader::new(std::io::stdin().lock());
    let mut output = BufWriter::new(std::io::stdout().lock());
    loop {
        let frame = match message::read_frame(&mut input) {
            Ok(Some(frame)) => frame,
            Ok(None) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::from(65), // EX_DATAERR: out of step with the parent
        };
        let outcome = message::decode_request(frame).and_then(perform_caught);
        let written = message::encode_reply(outcome)
            .and_then(|frame| message::write_frame(&mut output, &frame))
            .or_else(|error| {
                let frame = message::encode_reply(Err(error))?;
                message::write_frame(&mut output, &frame)
            });
        if written.is_err() {
            return ExitCode::from(74); // EX_IOERR: the parent is gone
        }
    }
}

fn perform_caught(request: CodecRequest) -> Result<CodecReply, CodecError> {
    std::panic::catch_unwind(AssertUnwindSafe(|| perform(request))).unwrap_or_else(|_| {
        Err(CodecError::Panicked {
            at: PANICKED_AT.with(RefCell::take),
        })
    })
}

/// Does the work of one request, in this process.
///
/// Errors: every [`CodecError`] except `Panicked`; a decoder that panics does so through this function.
pub fn perform(request: CodecRequest) -> Result<CodecReply, CodecError> {
    let image = |source| ImageObject::read(ByteSource::open(source)?);
    let source = request.source;
    match request.work {
        Work::Thumbnail { max_edge, frame } => {
            thumbnail::thumbnail(&image(source)?, max_edge, frame).map(CodecReply::Picture)
        }
        Work::Rendered(options) => render::render(&image(source)?, &options).map(CodecReply::Picture),
        Work::Animation {
            output,
            options,
            first_frame,
            frame_count,
        } => {
            let frames = first_frame..first_frame.saturating_add(frame_count);
            animation::write_animation(&image(source)?, &output, &options, frames).map(CodecReply::Animation)
        }
        Work::HtJ2k {
            output,
            first_frame,
            frame_count,
        } => htj2k::write_rendition(&image(source)?, &output, first_frame, frame_count)
            .map(CodecReply::Rendition),
        Work::Samples { output, frame } => {
            samples::write_samples(&image(source)?, &output, frame).map(CodecReply::Samples)
        }
        Work::Instance {
            output,
            transfer_syntax_uid,
        } => instance::write_instance(source, &output, &transfer_syntax_uid).map(CodecReply::Instance),
        Work::Lossy { output, derivation } => {
            instance::write_lossy(source, &output, derivation).map(CodecReply::Lossy)
        }
        Work::ProbePixels => probe(&image(source)?).map(CodecReply::Probe),
    }
}

fn probe(image: &ImageObject) -> Result<PixelProbe, CodecError> {
    let frame = image.decode_frame(0, 0)?;
    let header = &image.header;
    Ok(PixelProbe {
        transfer_syntax_uid: header.transfer_syntax_uid.clone(),
        rows: header.rows,
        columns: header.columns,
        frames: header.frames,
        samples_per_pixel: header.samples_per_pixel,
        bits_allocated: header.bits_allocated,
        bits_stored: header.bits_stored,
        signed: header.signed,
        photometric_interpretation: header.photometric.to_string(),
        smallest: frame.values().min().unwrap_or(0),
        greatest: frame.values().max().unwrap_or(0),
        needs_rendition: needs_rendition(&header.transfer_syntax_uid, &PixelKind::of(header)),
    })
}

/// Lowers this process's own limits; they cannot be raised again.
fn restrict() -> rustix::io::Result<()> {
    let limit = |resource, value| {
        setrlimit(
            resource,
            Rlimit {
                current: Some(value),
                maximum: Some(value),
            },
        )
    };
    if let Ok(increment @ 1..) = i32::try_from(number(NICENESS_VARIABLE, 0)) {
        nice(increment)?;
    }
    // A core dump would write a patient's image to the disk.
    limit(Resource::Core, 0)?;
    limit(Resource::Nofile, OPEN_FILES)?;
    limit(Resource::Cpu, number(CPU_SECONDS_VARIABLE, DEFAULT_CPU_SECONDS))?;
    limit(Resource::As, number(MEMORY_BYTES_VARIABLE, DEFAULT_MEMORY_BYTES))
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}
