//! The bounds under which bytes from outside are read.
//!
//! **Invariant:** nothing in this crate allocates by a length that a file declares; it allocates by what has
//! been read, and stops at these limits.

/// Documented limits of one instance. [`Limits::default`] holds what the archive runs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Deepest nesting of sequences, in levels. Real objects stay below 10.
    pub sequence_depth: usize,
    /// Data elements of one instance, nested ones and items included.
    pub elements: u64,
    /// Fragments of encapsulated pixel data, all frames together.
    pub fragments: usize,
    /// Bytes of attribute values held in memory while the header is read. Values past this stay in the file
    /// and are named by a BulkDataURI.
    pub held_bytes: u64,
    /// Longest text or number value, in bytes, that is written into the metadata; longer ones become a
    /// BulkDataURI.
    pub inline_text_bytes: u64,
    /// Longest binary value, in bytes, that is written into the metadata as InlineBinary.
    pub inline_binary_bytes: u64,
    /// Bytes of the DICOM JSON metadata of one instance.
    pub metadata_bytes: usize,
    /// Bytes that a deflated data set may grow to.
    pub inflated_bytes: u64,
    /// Inflated bytes allowed per deflated byte, once [`Limits::inflated_free_bytes`] are out.
    pub inflation_ratio: u64,
    /// Inflated bytes below which the ratio is not looked at: blank images compress better than any ratio.
    pub inflated_free_bytes: u64,
    /// Bytes of one stored instance, and so of one part of a multipart request.
    pub part_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            sequence_depth: 64,
            elements: 2_000_000,
            fragments: 1 << 20,
            held_bytes: 16 * MIB,
            inline_text_bytes: 256 << 10,
            inline_binary_bytes: 1 << 10,
            metadata_bytes: 64 << 20,
            inflated_bytes: 2048 * MIB,
            inflation_ratio: 200,
            inflated_free_bytes: 64 * MIB,
            part_bytes: 8192 * MIB,
        }
    }
}
