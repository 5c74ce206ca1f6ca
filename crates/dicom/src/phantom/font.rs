//! Letters for what a machine burns into its images: five by seven dots.

const WIDTH: usize = 5;
const HEIGHT: usize = 7;

/// Calls `set` with the index of every pixel that `text` covers in an image of `width` pixels a row.
///
/// `(x, y)` is the upper left corner. What lies beyond the right edge is left out, what lies below is the caller's.
pub(super) fn write(
    width: usize,
    text: &str,
    (x, y): (usize, usize),
    scale: usize,
    mut set: impl FnMut(usize),
) {
    for (position, letter) in text.chars().enumerate() {
        let left = x + position * (WIDTH + 1) * scale;
        for (row, bits) in glyph(letter).into_iter().enumerate() {
            for column in (0..WIDTH).filter(|column| bits >> (WIDTH - 1 - column) & 1 == 1) {
                for dot in 0..scale * scale {
                    let (dx, dy) = (dot % scale, dot / scale);
                    let at_column = left + column * scale + dx;
                    if at_column < width {
                        set((y + row * scale + dy) * width + at_column);
                    }
                }
            }
        }
    }
}

/// The rows of a letter, most significant dot left; blank for letters that are not drawn.
fn glyph(letter: char) -> [u8; HEIGHT] {
    match letter {
        'A' => [14, 17, 17, 31, 17, 17, 17],
        'B' => [30, 17, 17, 30, 17, 17, 30],
        'C' => [14, 17, 16, 16, 16, 17, 14],
        'D' => [30, 17, 17, 17, 17, 17, 30],
        'E' => [31, 16, 16, 30, 16, 16, 31],
        'F' => [31, 16, 16, 30, 16, 16, 16],
        'H' => [17, 17, 17, 31, 17, 17, 17],
        'I' => [14, 4, 4, 4, 4, 4, 14],
        'L' => [16, 16, 16, 16, 16, 16, 31],
        'M' => [17, 27, 21, 21, 17, 17, 17],
        'N' => [17, 25, 21, 19, 17, 17, 17],
        'O' => [14, 17, 17, 17, 17, 17, 14],
        'P' => [30, 17, 17, 30, 16, 16, 16],
        'R' => [30, 17, 17, 30, 20, 18, 17],
        'S' => [15, 16, 16, 14, 1, 1, 30],
        'T' => [31, 4, 4, 4, 4, 4, 4],
        'U' => [17, 17, 17, 17, 17, 17, 14],
        'V' => [17, 17, 17, 17, 17, 10, 4],
        'Z' => [31, 1, 2, 4, 8, 16, 31],
        '0' => [14, 17, 19, 21, 25, 17, 14],
        '1' => [4, 12, 4, 4, 4, 4, 14],
        '2' => [14, 17, 1, 6, 8, 16, 31],
        '3' => [30, 1, 1, 14, 1, 1, 30],
        '4' => [2, 6, 10, 18, 31, 2, 2],
        '5' => [31, 16, 30, 1, 1, 17, 14],
        '6' => [14, 16, 30, 17, 17, 17, 14],
        '7' => [31, 1, 2, 4, 8, 8, 8],
        '8' => [14, 17, 17, 14, 17, 17, 14],
        '9' => [14, 17, 17, 15, 1, 1, 14],
        '.' => [0, 0, 0, 0, 0, 12, 12],
        _ => [0; HEIGHT],
    }
}
