//! DICOMDIR: the table of contents of a medium (PS3.10 §8, PS3.3 annex F).
//!
//! ```
//! use dicom::dicomdir::{DirectoryWriter, FileIds};
//! use std::io::Cursor;
//!
//! let mut ids = FileIds::default();
//! let id = ids.next("one patient", "a study", "a series");
//! assert_eq!(id.to_string(), "DICOM/P0000001/T0000001/S0000001/I0000001");
//! let directory = DirectoryWriter::begin(Cursor::new(Vec::new()), "2.25.1", "TELERAD").unwrap();
//! assert!(directory.finish().unwrap().into_inner().starts_with(&[0; 128]));
//! ```
//!
//! **Invariant:** records are written as they come; of all of them only four positions are held.

mod file_id;
mod keys;
mod kind;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use file_id::{FileId, FileIds};
pub use reader::read_file_ids;
pub use writer::{DirectoryError, DirectoryWriter};
