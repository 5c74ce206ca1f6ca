//! Many frames as one animated GIF (PS3.18 §8.7.4).
//!
//! **Invariant:** grey keeps all its 256 levels; colour gets a palette of its own in every frame.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use gif::{Encoder, Frame, Repeat};

use super::CodecError;
use super::grayscale;
use super::image_header::ImageObject;
use super::protocol::{RenderOptions, Window, WrittenAnimation};
use super::render::{check, draw, is_gray};

/// A hundredth of a second is what GIF counts in; browsers slow down what is faster than two of them.
const FASTEST: u16 = 2;
/// Where the instance does not say how fast its frames follow each other.
const DEFAULT_DELAY: u16 = 10;
/// Of the search for a palette: 1 is slow and best, 30 fast.
const PALETTE_SPEED: i32 = 10;

/// Writes `frames`, from 0, to the new file `output`.
///
/// Errors: as [`super::render::render`]. After any error there is no file.
pub(super) fn write_animation(
    image: &ImageObject,
    output: &Path,
    options: &RenderOptions,
    frames: Range<u32>,
) -> Result<WrittenAnimation, CodecError> {
    check(options)?;
    if frames.is_empty() || frames.end > image.header.frames {
        return Err(CodecError::FrameOutOfRange {
            frame: frames.end.saturating_sub(1),
            frames: image.header.frames,
        });
    }
    let file = File::create_new(output)?;
    let written = write(image, BufWriter::new(file), options, frames);
    if written.is_err() {
        // The file is ours: it did not exist before.
        let _ = fs::remove_file(output);
    }
    written?;
    Ok(WrittenAnimation {
        bytes: fs::metadata(output)?.len(),
    })
}

fn write(
    image: &ImageObject,
    file: BufWriter<File>,
    options: &RenderOptions,
    frames: Range<u32>,
) -> Result<(), CodecError> {
    let window = match options.window {
        Some(window) => Some(window),
        None => common_window(image, frames.start + (frames.end - frames.start) / 2)?,
    };
    let delay = delay(image);
    let greys: Vec<u8> = (0..=255).flat_map(|grey| [grey; 3]).collect();
    let mut encoder: Option<Encoder<BufWriter<File>>> = None;
    let mut file = Some(file);
    for number in frames {
        let canvas = draw(image, number, options, window)?;
        let edge = |pixels: u32| u16::try_from(pixels).map_err(|_| CodecError::too_large("picture for GIF"));
        let (width, height) = (edge(canvas.width)?, edge(canvas.height)?);
        let encoder = match (&mut encoder, file.take()) {
            (Some(encoder), _) => encoder,
            (none, Some(file)) => {
                let palette: &[u8] = if canvas.rgb { &[] } else { &greys };
                let mut begun = Encoder::new(file, width, height, palette).map_err(CodecError::encode)?;
                begun.set_repeat(Repeat::Infinite).map_err(CodecError::encode)?;
                none.insert(begun)
            }
            (None, None) => return Err(CodecError::encode("the animation has no file")),
        };
        let mut frame = if canvas.rgb {
            Frame::from_rgb_speed(width, height, &canvas.pixels, PALETTE_SPEED)
        } else {
            Frame::from_indexed_pixels(width, height, canvas.pixels, None)
        };
        frame.delay = delay;
        encoder.write_frame(&frame).map_err(CodecError::encode)?;
    }
    if let Some(encoder) = encoder {
        encoder.into_inner().map_err(CodecError::encode)?.flush()?;
    }
    Ok(())
}

/// One window for all frames of an image that brings none: each with its own would flicker.
fn common_window(image: &ImageObject, middle: u32) -> Result<Option<Window>, CodecError> {
    let frame = image.decode_frame(middle, 0)?;
    if !is_gray(&frame) {
        return Ok(None);
    }
    grayscale::automatic_window(&image.header, &image.data_set, middle, &frame)
}

/// How long a frame stays, in hundredths of a second.
fn delay(image: &ImageObject) -> u16 {
    let set = &image.data_set;
    // Frame Time is milliseconds a frame, the rates are frames a second (PS3.3 §C.7.6.5).
    let rate = |tag| {
        set.number(tag)
            .filter(|rate| *rate > 0.0)
            .map(|rate| 1000.0 / rate)
    };
    let milliseconds = rate(0x0008_2144)
        .or_else(|| set.number(0x0018_1063).filter(|time| *time > 0.0))
        .or_else(|| rate(0x0018_0040));
    match milliseconds {
        // `as` saturates.
        Some(milliseconds) => ((milliseconds / 10.0).round() as u16).clamp(FASTEST, 1000),
        None => DEFAULT_DELAY,
    }
}
