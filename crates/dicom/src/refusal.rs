//! Why an instance is refused, and what is merely odd about an accepted one.
//!
//! **Invariant:** no text here carries a value from the data set except UIDs; refusals reach logs and receipts.

use crate::uid::UidError;

/// Why an instance cannot be stored. [`Refusal::code`] is the stable error code, the `Display` text says what
/// to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The bytes are something else: an image, an archive, text.
    #[error("this is not a DICOM instance: {0}; send the DICOM files themselves")]
    NotDicom(&'static str),
    /// Zero bytes.
    #[error("the file is empty; export it again from the modality or archive")]
    Empty,
    /// The file ends before its own declarations are fulfilled.
    #[error("the file is cut off: {what} at byte {at}; send the complete file again")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Where, in bytes from the start of the file (of the inflated data set when that is deflated).
        at: u64,
    },
    /// A UID that identifies the instance is missing or unusable.
    #[error("{attribute} is not a usable UID: {problem}; correct it at the sending system")]
    InvalidUid {
        /// The keyword of the attribute.
        attribute: &'static str,
        /// What is wrong with it.
        problem: UidError,
    },
    /// The structure breaks a limit or contradicts itself in a way no honest writer produces.
    #[error("the data set is not acceptable: {0}; check the sending system")]
    Hostile(Hostility),
    /// The transfer syntax is unknown and the data set cannot be read with any known encoding.
    #[error(
        "the transfer syntax {0} is unknown and its data set cannot be read; convert the file to a standard one"
    )]
    TransferSyntaxUnknown(String),
    /// The source itself could not be read: not the sender's fault.
    #[error("the spooled bytes could not be read ({0}); try again")]
    Unreadable(std::io::ErrorKind),
}

/// Which limit or rule a data set breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Hostility {
    /// Sequences nested deeper than [`crate::Limits::sequence_depth`].
    #[error("sequences are nested deeper than {0} levels")]
    Depth(usize),
    /// More than [`crate::Limits::elements`] elements.
    #[error("it has more than {0} elements")]
    Elements(u64),
    /// More than [`crate::Limits::fragments`] fragments.
    #[error("its pixel data has more than {0} fragments")]
    Fragments(usize),
    /// Metadata larger than [`crate::Limits::metadata_bytes`].
    #[error("its metadata is larger than {0} bytes")]
    Metadata(usize),
    /// A deflated data set that grows beyond [`crate::Limits::inflated_bytes`] or the allowed ratio.
    #[error("its deflated data set grows beyond the limit of {0} bytes or beyond the allowed ratio")]
    Inflation(u64),
    /// A deflated data set that is not a deflate stream.
    #[error("its deflated data set is damaged")]
    DamagedDeflate,
    /// Bytes that cannot be a data element where one must stand.
    #[error("there is no readable data element at byte {0}")]
    Structure(u64),
    /// Rows, Columns, samples, bits or frames that cannot belong to an image.
    #[error("its image dimensions are impossible")]
    Dimensions,
    /// An instance larger than [`crate::Limits::part_bytes`].
    #[error("it is larger than {0} bytes")]
    Size(u64),
}

impl Refusal {
    /// The stable code of the outside contract.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotDicom(_) => "NOT_DICOM",
            Self::Empty => "INSTANCE_EMPTY",
            Self::Truncated { .. } => "INSTANCE_TRUNCATED",
            Self::InvalidUid { .. } => "INVALID_UID",
            Self::Hostile(_) => "DATASET_HOSTILE",
            Self::TransferSyntaxUnknown(_) => "TRANSFER_SYNTAX_UNKNOWN",
            Self::Unreadable(_) => "STORAGE_UNAVAILABLE",
        }
    }
}

impl From<Hostility> for Refusal {
    fn from(hostility: Hostility) -> Self {
        Self::Hostile(hostility)
    }
}

/// Something odd that did not keep the instance out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// No 128-byte preamble with `DICM` (PS3.10 §7.1).
    #[error("the file has no preamble")]
    NoPreamble,
    /// No file meta information (PS3.10 §7.1).
    #[error("the file has no file meta information")]
    NoFileMeta,
    /// The transfer syntax is not declared; the encoding was recognised from the data set.
    #[error("the transfer syntax is not declared; the encoding was recognised")]
    TransferSyntaxGuessed,
    /// The data set is not encoded as its transfer syntax says.
    #[error("the data set is not encoded as its transfer syntax says")]
    EncodingMismatch,
    /// A transfer syntax this crate has no entry for; read as Explicit VR Little Endian.
    #[error("the transfer syntax is unknown")]
    UnknownTransferSyntax,
    /// File meta and data set name different SOP classes or instances; the data set is believed.
    #[error("file meta and data set disagree about {0}")]
    MetaMismatch(&'static str),
    /// A VR that the Standard does not know.
    #[error("an element has an unknown value representation")]
    UnknownVr,
    /// A nested element that reaches beyond the item or sequence around it, or a stray delimiter.
    #[error("sequence lengths or delimiters are inconsistent")]
    SequenceStructure,
    /// The same element twice in one data set; the first one counts.
    #[error("an element stands twice in the same data set")]
    DuplicateElement,
    /// Elements not in ascending order of tags.
    #[error("elements are not in ascending order")]
    ElementOrder,
    /// Bytes after the data set that are not elements.
    #[error("bytes follow the data set")]
    TrailingBytes,
    /// Encapsulated pixel data without its sequence delimiter, otherwise complete.
    #[error("the pixel data has no sequence delimiter")]
    NoPixelDelimiter,
    /// Pixel data longer than the dimensions say.
    #[error("the pixel data is longer than its dimensions say")]
    PixelDataTooLong,
    /// An image without pixel data.
    #[error("the image has no pixel data")]
    NoPixelData,
    /// Offset tables that contradict the fragments; they were ignored.
    #[error("the pixel offset table is wrong and was ignored")]
    OffsetTable,
    /// More frames in the pixel data than Number of Frames says.
    #[error("the pixel data holds more frames than declared")]
    MoreFrames,
    /// The boundaries of frames cannot be told.
    #[error("frames cannot be told apart")]
    FramesUnclear,
    /// Number of Frames that is not a positive number.
    #[error("the number of frames is not valid")]
    FrameCount,
    /// A character set that is not known, or text that does not fit it.
    #[error("text does not fit the declared character set")]
    CharacterSet,
    /// A date or time that is not valid.
    #[error("{0} is not a valid date or time")]
    Temporal(&'static str),
}
