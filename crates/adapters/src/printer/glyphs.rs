//! What a laid out document could not draw.

use std::collections::BTreeSet;

use typst::{
    layout::{Frame, FrameItem},
    text::{TextItem, is_default_ignorable},
};
use typst_layout::PagedDocument;

/// The characters that stand as boxes on the pages.
pub fn missing(document: &PagedDocument) -> BTreeSet<char> {
    let mut missing = BTreeSet::new();
    let mut frames: Vec<&Frame> = document.pages().iter().map(|page| &page.frame).collect();
    while let Some(frame) = frames.pop() {
        for (_, item) in frame.items() {
            match item {
                FrameItem::Group(group) => frames.push(&group.frame),
                FrameItem::Text(text) => in_text(text, &mut missing),
                _ => {}
            }
        }
    }
    missing
}

/// Glyph 0 of every font is the box; a glyph stands for a cluster, of which only a part may be missing.
fn in_text(text: &TextItem, missing: &mut BTreeSet<char>) {
    for boxed in text.glyphs.iter().filter(|glyph| glyph.id == 0) {
        let cluster = text.text.get(boxed.range()).unwrap_or_default();
        let visible = || cluster.chars().filter(|c| !is_default_ignorable(*c));
        let before = missing.len();
        missing.extend(visible().filter(|c| text.font.ttf().glyph_index(*c).is_none()));
        if missing.len() == before {
            missing.extend(visible());
        }
    }
}
