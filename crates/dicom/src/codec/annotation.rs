//! Whose image it is and how it was made, written into the picture (PS3.18 §8.3.5.1.1).

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};

use super::CodecError;
use super::canvas::Canvas;
use super::dataset::DataSet;
use super::protocol::Annotations;
use crate::person_name::PersonName;
use crate::text::CharacterSet;

/// Lines are a share of the picture's height, within these bounds in pixels.
const SMALLEST: f32 = 9.0;
const LARGEST: f32 = 40.0;
const LINES_A_PICTURE: f32 = 36.0;

/// DejaVu Sans Mono: Latin, Greek, Cyrillic, Arabic and many more.
const FONT: &str = "DejaVuSansMono.ttf";

/// Stands for a character that the font lacks, so that nobody takes a shortened name for a whole one.
const MISSING: char = '\u{25A1}';

/// Writes what is asked for into the upper corners.
///
/// Errors: [`CodecError::EncodeFailed`] without a font.
pub(super) fn draw(set: &DataSet, wanted: Annotations, canvas: &mut Canvas) -> Result<(), CodecError> {
    if !wanted.patient && !wanted.technique {
        return Ok(());
    }
    let font = font()?;
    let size = (canvas.height as f32 / LINES_A_PICTURE).clamp(SMALLEST, LARGEST);
    let text = Text::of(set);
    if wanted.patient {
        write(&font, size, &text.patient(), Corner::Left, canvas);
    }
    if wanted.technique {
        write(&font, size, &text.technique(), Corner::Right, canvas);
    }
    Ok(())
}

fn font() -> Result<FontRef<'static>, CodecError> {
    typst_assets::fonts()
        .filter_map(|bytes| FontRef::try_from_slice(bytes).ok())
        .find(is_upright_mono)
        .ok_or_else(|| CodecError::encode(format!("the font {FONT} is missing")))
}

/// Of the fonts at hand only this one is as wide for `i` as for `W`, and has the sign for what is missing.
fn is_upright_mono(font: &FontRef<'_>) -> bool {
    let width = |letter| font.h_advance_unscaled(font.glyph_id(letter));
    font.italic_angle() == 0.0 && width('i') == width('W') && has(font, MISSING) && has(font, 'Ж')
}

fn has(font: &FontRef<'_>, letter: char) -> bool {
    font.glyph_id(letter).0 != 0
}

/// The texts of a data set.
struct Text<'a> {
    set: &'a DataSet,
    characters: CharacterSet,
}

impl<'a> Text<'a> {
    fn of(set: &'a DataSet) -> Self {
        let terms = set
            .bytes(0x0008_0005)
            .map(String::from_utf8_lossy)
            .unwrap_or_default();
        let terms: Vec<&str> = terms
            .split('\\')
            .map(|term| term.trim_matches([' ', '\0']))
            .collect();
        let (characters, _) = CharacterSet::from_terms(terms.into_iter());
        Self { set, characters }
    }

    fn value(&self, tag: u32) -> Option<String> {
        let is_name = tag == 0x0010_0010;
        let (text, _) = self.characters.decode(self.set.bytes(tag)?, is_name);
        let text = text.trim_matches([' ', '\0']).to_owned();
        (!text.is_empty()).then_some(text)
    }

    fn labelled(&self, label: &str, tag: u32, unit: &str) -> Option<String> {
        Some(format!("{label} {}{unit}", self.value(tag)?))
    }

    fn patient(&self) -> Vec<String> {
        let name = self.value(0x0010_0010).map(|text| {
            let name = PersonName::parse(&text);
            let alphabetic = name.alphabetic.display();
            if alphabetic.is_empty() {
                name.display()
            } else {
                alphabetic
            }
        });
        let born = self
            .value(0x0010_0030)
            .map(|date| format!("* {}", with_dashes(&date)));
        let sex = self.value(0x0010_0040);
        let born = [born, sex].into_iter().flatten().collect::<Vec<_>>().join("  ");
        [
            name,
            self.labelled("ID", 0x0010_0020, ""),
            Some(born).filter(|born| !born.is_empty()),
            self.labelled("Acc", 0x0008_0050, ""),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn technique(&self) -> Vec<String> {
        let date = self.value(0x0008_0020).map(|date| with_dashes(&date));
        let when = [self.value(0x0008_0060), date]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>();
        let place = [
            self.labelled("Se", 0x0020_0011, ""),
            self.labelled("Im", 0x0020_0013, ""),
        ];
        let place = place.into_iter().flatten().collect::<Vec<_>>();
        [
            Some(when.join("  ")).filter(|when| !when.is_empty()),
            Some(place.join("  ")).filter(|place| !place.is_empty()),
            self.labelled("T", 0x0018_0050, " mm"),
            self.labelled("L", 0x0020_1041, " mm"),
            self.value(0x0018_0060).map(|peak| format!("{peak} kVp")),
            self.labelled("TR", 0x0018_0080, " ms"),
            self.labelled("TE", 0x0018_0081, " ms"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// `20261126` as `2026-11-26`; anything else as it is.
fn with_dashes(date: &str) -> String {
    if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..])
    } else {
        date.to_owned()
    }
}

enum Corner {
    Left,
    Right,
}

/// Writes lines from the top, white on a black rim, so that they are read on any image.
fn write(font: &FontRef<'_>, size: f32, lines: &[String], corner: Corner, canvas: &mut Canvas) {
    let scaled = font.as_scaled(PxScale::from(size));
    let margin = size / 2.0;
    for (row, line) in (0_u8..).zip(lines) {
        let letters: Vec<char> = line
            .chars()
            .map(|letter| if has(font, letter) { letter } else { MISSING })
            .collect();
        let advance = |letter: &char| scaled.h_advance(scaled.glyph_id(*letter));
        let width: f32 = letters.iter().map(advance).sum();
        let mut x = match corner {
            Corner::Left => margin,
            Corner::Right => (canvas.width as f32 - margin - width).max(margin),
        };
        let y = margin + scaled.ascent() + f32::from(row) * scaled.height() * 1.1;
        for letter in letters {
            let mut glyph = scaled.scaled_glyph(letter);
            glyph.position = ab_glyph::point(x, y);
            x += advance(&letter);
            let Some(outline) = font.outline_glyph(glyph) else {
                continue;
            };
            let bounds = outline.px_bounds();
            let (left, top) = (bounds.min.x as i64, bounds.min.y as i64);
            let rim = 1 + (size / 20.0) as i64;
            outline.draw(|dx, dy, cover| {
                for (rim_x, rim_y) in [(-rim, 0), (rim, 0), (0, -rim), (0, rim)] {
                    canvas.darken(left + i64::from(dx) + rim_x, top + i64::from(dy) + rim_y, cover);
                }
            });
            outline.draw(|dx, dy, cover| canvas.lighten(left + i64::from(dx), top + i64::from(dy), cover));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::dataset::Value;

    fn canvas() -> Canvas {
        Canvas {
            width: 200,
            height: 200,
            rgb: false,
            pixels: vec![100; 200 * 200],
        }
    }

    fn set(name: &[u8]) -> DataSet {
        let mut set = DataSet::new(false);
        set.insert(0x0008_0005, Value::Bytes(b"ISO_IR 192".to_vec()));
        set.insert(0x0010_0010, Value::Bytes(name.to_vec()));
        set
    }

    #[test]
    fn a_name_is_written_and_nothing_where_nothing_is_asked_for() {
        let mut plain = canvas();
        draw(&set(b"Doe^Jane"), Annotations::default(), &mut plain).unwrap();
        assert_eq!(plain.pixels, canvas().pixels);
        let mut named = canvas();
        let patient = Annotations {
            patient: true,
            technique: false,
        };
        draw(&set(b"Doe^Jane"), patient, &mut named).unwrap();
        assert!(named.pixels.iter().any(|&pixel| pixel > 200), "white letters");
        assert!(named.pixels.iter().any(|&pixel| pixel < 50), "and their rim");
        assert_eq!(named.pixels[150 * 200..], canvas().pixels[150 * 200..]);
    }

    #[test]
    fn what_the_font_lacks_is_seen_to_be_missing() {
        let font = font().unwrap();
        assert!(has(&font, 'Ł') && has(&font, 'Ж') && !has(&font, '\u{5C71}'));
        assert_eq!(
            Text::of(&set("Yamada^Tarou=山田^太郎".as_bytes())).patient(),
            ["Yamada^Tarou".replace('^', ", ")]
        );
    }

    #[test]
    fn dates_are_written_to_be_read() {
        assert_eq!(with_dashes("20261126"), "2026-11-26");
        assert_eq!(with_dashes("1980"), "1980");
    }
}
