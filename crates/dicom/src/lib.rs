//! DICOM only: no tenant, no database.
//!
//! Index an instance, find and read its frames:
//!
//! ```no_run
//! use dicom::{Limits, index_instance, read_frame};
//! use std::fs::File;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let limits = Limits::default();
//! let mut file = File::open("image.dcm")?;
//! let length = file.metadata()?.len();
//! let index = match index_instance(&mut file, length, &limits) {
//!     Ok(index) => index,
//!     Err(refusal) => {
//!         eprintln!("{}: {refusal}", refusal.code());
//!         return Ok(());
//!     }
//! };
//! println!("{} with {} frames", index.attributes.sop_instance_uid, index.frames.count());
//! let blob = index.frames.to_blob();
//! let first = read_frame(&mut file, &dicom::FrameIndex::from_blob(&blob)?, 1, &limits)?;
//! # let _ = first;
//! # Ok(())
//! # }
//! ```
//!
//! **Invariant:** bytes from outside go through [`index_instance`] before any other parser or a decoder sees
//! them.

#![deny(missing_docs)]

/// Implementation Class UID (0002,0012) of files this program writes (PS3.7 §D.3.3.2).
pub const IMPLEMENTATION_CLASS_UID: &str = "2.25.112858034174281907351104722356913420961";
/// Implementation Version Name (0002,0013) of these files.
pub const IMPLEMENTATION_VERSION_NAME: &str = "TELERAD_0_1";

mod accept;
pub mod codec;
pub mod compose;
pub mod deidentify;
pub mod dicomdir;
mod frames;
mod index;
mod limits;
mod media_type;
pub mod multipart;
mod person_name;
pub mod phantom;
mod prescan;
mod qido_json;
pub mod query;
mod refusal;
pub mod stow;
mod sums;
mod tag;
mod temporal;
mod text;
mod transfer_syntax;
mod uid;
mod writing;
pub mod xml;
pub mod zip;

pub use accept::{Accept, Offer};
pub use frames::{
    BlobError, ByteRange, EncapsulatedFrames, Fragment, FrameIndex, FrameLocation, FrameReadError,
    NativeFrames, read_frame,
};
pub use index::{
    Attributes, BULK_URI_PLACEHOLDER, BulkValue, FileMeta, InstanceIndex, Issuer, MOST_REQUESTED_STEPS,
    RequestedStep, Section, index_instance, read_bulk_value, resolve_bulk_uris,
};
pub use limits::Limits;
pub use media_type::MediaType;
pub use person_name::{NameGroup, PersonName};
pub use qido_json::JsonObject;
pub use refusal::{Hostility, Refusal, Warning};
pub use sums::{CHUNK_BYTES, ChunkSummer, ChunkSums, Damaged, SummedFile, SummedReadError};
pub use tag::{Tag, tags};
pub use temporal::{normal_date, normal_time};
pub use text::decode_text;
pub use transfer_syntax::{
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN, Encoding,
    HTJ2K_LOSSLESS_RPCL, IMPLICIT_VR_LITTLE_ENDIAN, PixelEncoding, TransferSyntax,
};
pub use uid::{UID_MAX_LENGTH, Uid, UidError};
pub use writing::file_meta;
