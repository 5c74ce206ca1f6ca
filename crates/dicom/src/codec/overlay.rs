//! Overlay planes (PS3.3 §C.9): graphics that belong to the image, drawn in white as the modality would.
//!
//! Regions of interest (Overlay Type R) are not drawn: a filled mask would hide what it marks.

use super::CodecError;
use super::canvas::Canvas;
use super::image_header::ImageObject;

/// Draws the graphics of one frame, from 0, on a picture of the frame's own size.
///
/// Errors: those of decoding, for planes inside the pixel cells.
pub(super) fn draw(image: &ImageObject, frame: u32, canvas: &mut Canvas) -> Result<(), CodecError> {
    let mut cells = None;
    for plane in planes(image) {
        if plane.bit_position == 0 {
            draw_plane(image, &plane, frame, canvas);
            continue;
        }
        // Retired: a bit of every pixel cell (PS3.5 §8.1.2).
        let cells = match &cells {
            Some(cells) => cells,
            None => cells.insert(image.decode_cells(frame)?.samples),
        };
        let width = i64::from(canvas.width);
        for (at, cell) in (0_i64..).zip(cells) {
            if cell >> plane.bit_position & 1 == 1 {
                canvas.set_white(at % width, at / width);
            }
        }
    }
    Ok(())
}

struct Plane {
    group: u32,
    rows: i64,
    columns: i64,
    /// Of the upper left pixel, from 0.
    top: i64,
    left: i64,
    bit_position: u16,
}

fn planes(image: &ImageObject) -> Vec<Plane> {
    let set = &image.data_set;
    let is_overlay = |tag: &u32| {
        let group = tag >> 16;
        (0x6000..=0x60FF).contains(&group) && group.is_multiple_of(2) && tag & 0xFFFF == 0x0010
    };
    set.tags()
        .filter(is_overlay)
        .filter_map(|tag| {
            let group = tag & 0xFFFF_0000;
            if set.text(group | 0x0040).as_deref() == Some("R") {
                return None;
            }
            let origin = set.words(group | 0x0050).unwrap_or_default();
            let place = |at: usize| origin.get(at).map_or(0, |&word| i64::from(word as i16) - 1);
            let bit_position = set.u16(group | 0x0102).unwrap_or(0);
            let within = bit_position < image.header.bits_allocated && image.header.samples_per_pixel == 1;
            (bit_position == 0 || within).then_some(Plane {
                group,
                rows: set.u16(tag)?.into(),
                columns: set.u16(group | 0x0011)?.into(),
                top: place(0),
                left: place(1),
                bit_position,
            })
        })
        .collect()
}

fn draw_plane(image: &ImageObject, plane: &Plane, frame: u32, canvas: &mut Canvas) {
    let set = &image.data_set;
    // Overlay frames stand for image frames from Image Frame Origin on, one for all where they are not counted.
    let number = match set.number(plane.group | 0x0015) {
        None => 0,
        Some(frames) => {
            let origin = set
                .u16(plane.group | 0x0051)
                .map_or(0, |origin| u32::from(origin).saturating_sub(1));
            match frame.checked_sub(origin).map(i64::from) {
                Some(number) if (number as f64) < frames => number,
                _ => return,
            }
        }
    };
    let Some(words) = set.words(plane.group | 0x3000) else {
        return;
    };
    let pixels = plane.rows * plane.columns;
    for at in 0..pixels {
        let bit = number * pixels + at;
        // The first pixel is the lowest bit of the first word (PS3.5 §8.1.2).
        let word = usize::try_from(bit / 16).ok().and_then(|index| words.get(index));
        if word.is_some_and(|word| word >> (bit % 16) & 1 == 1) {
            canvas.set_white(plane.left + at % plane.columns, plane.top + at / plane.columns);
        }
    }
}
