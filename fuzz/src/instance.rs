//! Part 10 files: pre-scan, index, frames and bulk values.

use std::io::Cursor;

use dicom::{FrameIndex, Limits, index_instance, read_bulk_value, read_frame};

/// Frames that are read of one file; the others are found the same way.
const FRAMES: u32 = 16;

/// Promise: what the index says lies inside the file, survives its compact form, and can be read.
pub fn instance(file: &[u8]) {
    let limits = Limits::default();
    let mut reader = Cursor::new(file);
    let Ok(index) = index_instance(&mut reader, file.len() as u64, &limits) else {
        return;
    };
    let blob = index.frames.to_blob();
    let frames = FrameIndex::from_blob(&blob).expect("an index reads what it wrote");
    assert_eq!(frames.count(), index.frames.count());
    for number in 1..=frames.count().min(FRAMES) {
        let Some(location) = frames.frame(number) else {
            panic!("frame {number} of {} is nowhere", frames.count());
        };
        assert!(location.read_bytes() <= file.len() as u64, "frame {number}");
        let _ = read_frame(&mut reader, &frames, number, &limits);
    }
    for value in &index.bulk {
        let _ = read_bulk_value(&mut reader, value, &limits);
    }
}
