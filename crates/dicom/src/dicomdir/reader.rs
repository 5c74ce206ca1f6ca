//! Which files a DICOMDIR speaks of.

use crate::limits::Limits;
use crate::prescan::{Event, Plain, Scanner, Window, read_opening};
use crate::refusal::Refusal;
use crate::tag::Tag;
use std::io::{Read, Seek};

const REFERENCED_FILE_ID: Tag = Tag::new(0x0004, 0x1500);
/// Longest file ID that is looked at: eight components of 16 bytes (PS3.3 §F.3.2.2), and as much again.
const LONGEST_FILE_ID: u32 = 256;

/// Calls `each` with the components of every file that the directory in `source` refers to, in its order. They come as
/// they stand there: who looks for the files must not let them lead out of the medium.
///
/// Errors: a [`Refusal`], when it cannot be read to its end.
pub fn read_file_ids<R: Read + Seek>(
    source: &mut R,
    length: u64,
    limits: &Limits,
    mut each: impl FnMut(Vec<String>),
) -> Result<(), Refusal> {
    let mut warnings = Vec::new();
    let mut plain = Plain::new(source, 0, length)?;
    let mut window = Window::new(&mut plain, 0);
    let opening = read_opening(&mut window, &mut warnings)?;
    let mut scanner = Scanner::new(&mut window, opening.transfer_syntax.encoding, limits, warnings);
    let mut value = Vec::new();
    loop {
        match scanner.next()? {
            Event::Element(element)
                if element.tag == REFERENCED_FILE_ID && element.length <= LONGEST_FILE_ID =>
            {
                scanner.read_value(&mut value)?;
                let text = String::from_utf8_lossy(&value);
                let components = text.split('\\').map(|name| name.trim_matches(['\0', ' ']));
                each(components.map(str::to_owned).collect());
            }
            Event::End => return Ok(()),
            _ => {}
        }
    }
}
