//! A small JPEG of one frame.

use super::CodecError;
use super::canvas::Growth;
use super::image_header::ImageObject;
use super::protocol::{Picture, PictureFormat};
use super::render;

/// JPEG quality of thumbnails: about 8 KB at 256 pixels.
const QUALITY: u8 = 80;
/// Longest edge that is called a thumbnail.
const MAX_EDGE: u32 = 2048;

/// Renders `frame`, or the middle one, into a square box of `max_edge` pixels.
///
/// Errors: as [`ImageObject::decode_frame`]; [`CodecError::BadRequest`] for an edge outside 1 to 2048.
pub(super) fn thumbnail(
    image: &ImageObject,
    max_edge: u32,
    frame: Option<u32>,
) -> Result<Picture, CodecError> {
    if !(1..=MAX_EDGE).contains(&max_edge) {
        return Err(CodecError::BadRequest {
            what: "thumbnail edge".to_owned(),
        });
    }
    let header = &image.header;
    // The first frame of a cine loop or a stack is often empty.
    let number = frame.unwrap_or(header.frames / 2);
    // Halve while more than twice as many pixels as needed would remain.
    let longest = header.rows.max(header.columns);
    let reduce = (0..16)
        .take_while(|level| longest >> (level + 1) >= max_edge)
        .count() as u8;
    let decoded = image.decode_frame(number, reduce)?;
    render::paint(image, number, &decoded, None)?
        .fit(max_edge, max_edge, Growth::Never)?
        .encode(PictureFormat::Jpeg, QUALITY, None)
}
