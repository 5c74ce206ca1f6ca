//! Generated DICOM files, honest and not.

use std::io::Write as _;

/// How the data set is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    Implicit,
    Explicit,
    Big,
    Deflated,
}

impl Syntax {
    pub fn uid(self) -> &'static str {
        match self {
            Self::Implicit => "1.2.840.10008.1.2",
            Self::Explicit => "1.2.840.10008.1.2.1",
            Self::Big => "1.2.840.10008.1.2.2",
            Self::Deflated => "1.2.840.10008.1.2.1.99",
        }
    }
}

/// A data set under construction.
#[derive(Debug, Clone)]
pub struct DataSet {
    pub syntax: Syntax,
    pub bytes: Vec<u8>,
    /// Where an element begins or the data set ends.
    pub boundaries: Vec<usize>,
}

pub const UNDEFINED: u32 = 0xffff_ffff;

impl DataSet {
    pub fn new(syntax: Syntax) -> Self {
        Self {
            syntax,
            bytes: Vec::new(),
            boundaries: vec![0],
        }
    }

    fn short(&mut self, value: u16) {
        let bytes = if self.syntax == Syntax::Big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        };
        self.bytes.extend(bytes);
    }

    fn long(&mut self, value: u32) {
        let bytes = if self.syntax == Syntax::Big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        };
        self.bytes.extend(bytes);
    }

    /// A header alone.
    pub fn header(&mut self, tag: u32, vr: &str, length: u32) -> &mut Self {
        self.short((tag >> 16) as u16);
        self.short(tag as u16);
        if self.syntax == Syntax::Implicit || tag >> 16 == 0xfffe {
            self.long(length);
            return self;
        }
        self.bytes.extend(vr.as_bytes());
        if ["OB", "OW", "OV", "OF", "OD", "SQ", "UN", "UT", "UC"].contains(&vr) {
            self.bytes.extend([0, 0]);
            self.long(length);
        } else {
            self.short(length as u16);
        }
        self
    }

    /// An element; `value` is little endian and padded to an even length here.
    pub fn element(&mut self, tag: u32, vr: &str, value: &[u8]) -> &mut Self {
        let mut value = value.to_vec();
        if value.len() % 2 == 1 {
            value.push(if ["UI", "OB", "UN"].contains(&vr) { 0 } else { b' ' });
        }
        if self.syntax == Syntax::Big {
            let word = match vr {
                "US" | "SS" | "OW" | "AT" => 2,
                "UL" | "SL" | "FL" | "OF" => 4,
                "FD" | "OV" | "OD" => 8,
                _ => 1,
            };
            value.chunks_exact_mut(word).for_each(<[u8]>::reverse);
        }
        self.header(tag, vr, value.len() as u32);
        self.bytes.extend(value);
        self.boundaries.push(self.bytes.len());
        self
    }

    pub fn text(&mut self, tag: u32, vr: &str, value: &str) -> &mut Self {
        self.element(tag, vr, value.as_bytes())
    }

    pub fn number(&mut self, tag: u32, value: u16) -> &mut Self {
        self.element(tag, "US", &value.to_le_bytes())
    }

    pub fn item(&mut self, value: &[u8]) -> &mut Self {
        self.header(0xfffe_e000, "", value.len() as u32);
        self.bytes.extend(value);
        self
    }

    pub fn sequence_delimiter(&mut self) -> &mut Self {
        self.header(0xfffe_e0dd, "", 0);
        self.boundaries.push(self.bytes.len());
        self
    }

    /// What every instance needs.
    pub fn identity(&mut self) -> &mut Self {
        self.text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.2")
            .text(0x0008_0018, "UI", "1.2.3.4")
            .text(0x0008_0020, "DA", "20261122")
            .text(0x0008_0060, "CS", "CT")
            .text(0x0010_0010, "PN", "Müller^Anna")
            .text(0x0010_0020, "LO", "P-1")
            .text(0x0020_000d, "UI", "1.2.3")
            .text(0x0020_000e, "UI", "1.2.3.1")
    }

    /// Dimensions of 16-bit grey pixels.
    pub fn dimensions(&mut self, rows: u16, columns: u16, frames: &str) -> &mut Self {
        self.number(0x0028_0002, 1)
            .text(0x0028_0004, "CS", "MONOCHROME2")
            .text(0x0028_0008, "IS", frames)
            .number(0x0028_0010, rows)
            .number(0x0028_0011, columns)
            .number(0x0028_0100, 16)
            .number(0x0028_0101, 12)
            .number(0x0028_0102, 11)
            .number(0x0028_0103, 0)
    }

    /// The whole file.
    pub fn file(&self) -> Vec<u8> {
        part10(self.syntax.uid(), &self.body())
    }

    fn body(&self) -> Vec<u8> {
        if self.syntax != Syntax::Deflated {
            return self.bytes.clone();
        }
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&self.bytes).unwrap();
        encoder.finish().unwrap()
    }
}

/// Preamble, meta and a body.
pub fn part10(transfer_syntax: &str, body: &[u8]) -> Vec<u8> {
    let mut meta = DataSet::new(Syntax::Explicit);
    meta.element(0x0002_0001, "OB", &[0, 1])
        .text(0x0002_0002, "UI", "1.2.840.10008.5.1.4.1.1.2")
        .text(0x0002_0003, "UI", "1.2.3.4")
        .text(0x0002_0010, "UI", transfer_syntax)
        .text(0x0002_0012, "UI", "1.2.999");
    let mut file = vec![0; 128];
    file.extend(b"DICM");
    let mut length = DataSet::new(Syntax::Explicit);
    length.element(0x0002_0000, "UL", &(meta.bytes.len() as u32).to_le_bytes());
    file.extend(length.bytes);
    file.extend(meta.bytes);
    file.extend(body);
    file
}

/// A two-frame CT of 4 by 3 pixels with sequences of both kinds.
pub fn ct(syntax: Syntax) -> DataSet {
    let mut set = DataSet::new(syntax);
    let mut inner = DataSet::new(syntax);
    inner
        .text(0x0008_0100, "SH", "CODE")
        .text(0x0008_0104, "LO", "Meaning");
    let mut sequence = DataSet::new(syntax);
    sequence.item(&inner.bytes).item(&[]);
    set.text(0x0008_0005, "CS", "ISO_IR 192").identity();
    set.header(0x0020_9116, "SQ", UNDEFINED)
        .header(0xfffe_e000, "", UNDEFINED)
        .text(0x0008_1155, "UI", "1.2.3.9")
        .header(0xfffe_e00d, "", 0)
        .sequence_delimiter();
    set.dimensions(3, 4, "2")
        .text(0x0028_1050, "DS", "40\\50")
        .text(0x0028_1051, "DS", "400\\350");
    set.header(0x0040_0275, "SQ", sequence.bytes.len() as u32);
    set.bytes.extend(&sequence.bytes);
    set.boundaries.push(set.bytes.len());
    let pixels: Vec<u8> = (0..24u16).flat_map(|sample| (sample * 3).to_le_bytes()).collect();
    set.element(0x7fe0_0010, "OW", &pixels);
    set
}
