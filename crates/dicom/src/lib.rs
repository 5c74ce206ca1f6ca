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

mod accept;
pub mod codec;
pub mod compose;
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
pub mod xml;

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
