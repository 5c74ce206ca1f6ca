//! Stored grey values to what a screen shows: modality, then VOI, then polarity (PS3.4 §N.2).
//!
//! **Invariant:** MONOCHROME1 inverts last and padding is never part of the picture: it is black, and excluded from
//! the automatic window.

use super::CodecError;
use super::dataset::DataSet;
use super::decode::DecodedFrame;
use super::image_header::{ImageHeader, Photometric};
use super::lut::Lut;
use super::protocol::{VoiFunction, Window};

const LUT_DESCRIPTOR: u32 = 0x0028_3002;
const LUT_DATA: u32 = 0x0028_3006;

/// At most so many pixels are looked at for the automatic window.
const PERCENTILE_SAMPLES: usize = 100_000;
/// A table is built for value ranges up to this.
const TABLE_RANGE: i64 = 1 << 17;

#[derive(Debug)]
enum Modality {
    Rescale { slope: f64, intercept: f64 },
    Table(Lut),
}

#[derive(Debug)]
enum Voi {
    Window(Window),
    Table(Lut),
    /// From the first value, black, to the second, white.
    Range(f64, f64),
}

/// The transformation of one frame.
#[derive(Debug)]
pub(crate) struct Grayscale {
    modality: Modality,
    voi: Voi,
    inverted: bool,
    padding: Option<(i64, i64)>,
}

impl Grayscale {
    /// Reads the transformation of `frame_number`; `window` replaces the instance's own VOI.
    ///
    /// Errors: [`CodecError::BadPixelDescription`] for a broken LUT.
    pub(crate) fn read(
        header: &ImageHeader,
        set: &DataSet,
        frame_number: u32,
        frame: &DecodedFrame,
        window: Option<Window>,
    ) -> Result<Self, CodecError> {
        let modality = read_modality(header, set, frame_number)?;
        let padding = read_padding(header, set);
        let own = match window {
            Some(window) => Some(Voi::Window(window)),
            None => read_voi(header, set, frame_number, &modality)?,
        };
        let voi = own.unwrap_or_else(|| automatic(header, frame, &modality, padding));
        Ok(Self {
            modality,
            voi,
            inverted: is_inverted(header, set),
            padding,
        })
    }

    /// The frame as 8-bit grey.
    pub(crate) fn apply(&self, frame: &DecodedFrame) -> Vec<u8> {
        let (smallest, greatest) = frame.values().fold((i64::MAX, i64::MIN), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        if greatest - smallest >= TABLE_RANGE {
            return frame.values().map(|value| self.shade(value)).collect();
        }
        let table: Vec<u8> = (smallest..=greatest).map(|value| self.shade(value)).collect();
        frame
            .values()
            .map(|value| table[(value - smallest) as usize])
            .collect()
    }

    fn shade(&self, stored: i64) -> u8 {
        if self
            .padding
            .is_some_and(|(low, high)| (low..=high).contains(&stored))
        {
            return 0;
        }
        let value = self.modality.value(stored);
        let shade = match &self.voi {
            Voi::Window(window) => window.level(value),
            Voi::Table(lut) => f64::from(lut.entry(value.round() as i64)) / f64::from(lut.greatest()),
            Voi::Range(low, high) => (value - low) / (high - low),
        };
        let shade = (shade.clamp(0.0, 1.0) * 255.0).round() as u8;
        if self.inverted { 255 - shade } else { shade }
    }
}

impl Modality {
    fn value(&self, stored: i64) -> f64 {
        match self {
            Self::Rescale { slope, intercept } => stored as f64 * slope + intercept,
            Self::Table(lut) => lut.entry(stored).into(),
        }
    }

    fn may_be_negative(&self, header: &ImageHeader) -> bool {
        match self {
            Self::Rescale { intercept, .. } => header.signed || *intercept < 0.0,
            Self::Table(_) => false,
        }
    }
}

impl Window {
    /// 0 for black to 1 for white (PS3.3 §C.11.2.1.2.1, §C.11.2.1.3).
    fn level(&self, value: f64) -> f64 {
        let Self { center, width, .. } = *self;
        match self.function {
            VoiFunction::Linear if width > 1.0 => (value - (center - 0.5)) / (width - 1.0) + 0.5,
            // A width of 1 is a threshold.
            VoiFunction::Linear => f64::from(value > center - 0.5),
            VoiFunction::LinearExact => (value - center) / width + 0.5,
            VoiFunction::Sigmoid => 1.0 / (1.0 + (-4.0 * (value - center) / width).exp()),
        }
    }

    /// A window that is worth applying.
    pub(super) fn is_valid(&self) -> bool {
        let narrowest = match self.function {
            VoiFunction::Linear => 1.0,
            VoiFunction::LinearExact | VoiFunction::Sigmoid => f64::MIN_POSITIVE,
        };
        self.center.is_finite() && self.width.is_finite() && self.width >= narrowest
    }
}

/// Whether the greatest value is black: MONOCHROME1 says so, and so does Presentation LUT Shape (2050,0020) of an
/// image of its own; where both do they mean the same inversion (PS3.3 §C.8.11.3.1.2).
fn is_inverted(header: &ImageHeader, set: &DataSet) -> bool {
    header.photometric == Photometric::Monochrome1 || set.text(0x2050_0020).as_deref() == Some("INVERSE")
}

/// The item of a functional group macro: the frame's own, else the shared one (PS3.3 §C.7.6.16).
fn functional_group(set: &DataSet, frame_number: u32, macro_sequence: u32) -> Option<&DataSet> {
    set.items(0x5200_9230)
        .get(frame_number as usize)
        .and_then(|groups| groups.item(macro_sequence))
        .or_else(|| set.item(0x5200_9229)?.item(macro_sequence))
}

fn read_modality(header: &ImageHeader, set: &DataSet, frame_number: u32) -> Result<Modality, CodecError> {
    // An empty item stands for no table.
    if let Some(item) = set
        .item(0x0028_3000)
        .filter(|item| item.bytes(LUT_DESCRIPTOR).is_some())
    {
        return Lut::read(item, LUT_DESCRIPTOR, LUT_DATA, header.signed).map(Modality::Table);
    }
    let set = functional_group(set, frame_number, 0x0028_9145).unwrap_or(set);
    Ok(Modality::Rescale {
        slope: set
            .number(0x0028_1053)
            .filter(|slope| *slope != 0.0)
            .unwrap_or(1.0),
        intercept: set.number(0x0028_1052).unwrap_or(0.0),
    })
}

fn read_voi(
    header: &ImageHeader,
    set: &DataSet,
    frame_number: u32,
    modality: &Modality,
) -> Result<Option<Voi>, CodecError> {
    let set = functional_group(set, frame_number, 0x0028_9132).unwrap_or(set);
    if let Some(item) = set
        .item(0x0028_3010)
        .filter(|item| item.bytes(LUT_DESCRIPTOR).is_some())
    {
        let signed = modality.may_be_negative(header);
        return Lut::read(item, LUT_DESCRIPTOR, LUT_DATA, signed).map(|lut| Some(Voi::Table(lut)));
    }
    let (Some(center), Some(width)) = (set.number(0x0028_1050), set.number(0x0028_1051)) else {
        return Ok(None);
    };
    let function = match set.text(0x0028_1056).as_deref() {
        Some("SIGMOID") => VoiFunction::Sigmoid,
        Some("LINEAR_EXACT") => VoiFunction::LinearExact,
        _ => VoiFunction::Linear,
    };
    let window = Window {
        center,
        width,
        function,
    };
    Ok(window.is_valid().then_some(Voi::Window(window)))
}

/// Pixel Padding Value and its Range Limit (PS3.3 §C.7.5.1.1.2), as stored values.
fn read_padding(header: &ImageHeader, set: &DataSet) -> Option<(i64, i64)> {
    let stored = |tag| {
        let word = set.u16(tag)?;
        Some(if header.signed {
            i64::from(word as i16)
        } else {
            word.into()
        })
    };
    let value = stored(0x0028_0120)?;
    let limit = stored(0x0028_0121).unwrap_or(value);
    Some((value.min(limit), value.max(limit)))
}

/// The window that a frame without a VOI of its own would get; `None` where it has one.
///
/// Errors: [`CodecError::BadPixelDescription`] for a broken LUT.
pub(super) fn automatic_window(
    header: &ImageHeader,
    set: &DataSet,
    frame_number: u32,
    frame: &DecodedFrame,
) -> Result<Option<Window>, CodecError> {
    let modality = read_modality(header, set, frame_number)?;
    if read_voi(header, set, frame_number, &modality)?.is_some() {
        return Ok(None);
    }
    let voi = automatic(header, frame, &modality, read_padding(header, set));
    Ok(match voi {
        Voi::Range(low, high) => Some(Window {
            center: (low + high) / 2.0,
            width: high - low,
            function: VoiFunction::LinearExact,
        }),
        Voi::Window(window) => Some(window),
        Voi::Table(_) => None,
    })
}

/// The VOI of an image that brings none.
fn automatic(
    header: &ImageHeader,
    frame: &DecodedFrame,
    modality: &Modality,
    padding: Option<(i64, i64)>,
) -> Voi {
    let plain =
        matches!(modality, Modality::Rescale { slope, intercept } if *slope == 1.0 && *intercept == 0.0);
    // Screens-to-be: captures, ultrasound, masks. Stretching their contrast would show what nobody saw.
    if plain && !header.signed && header.bits_stored <= 8 {
        return Voi::Range(0.0, f64::from((1_u32 << header.bits_stored) - 1));
    }
    let step = frame.samples.len().div_ceil(PERCENTILE_SAMPLES).max(1);
    let mut values: Vec<i64> = frame
        .values()
        .step_by(step)
        .filter(|value| padding.is_none_or(|(low, high)| !(low..=high).contains(value)))
        .collect();
    if values.is_empty() {
        return Voi::Range(0.0, 1.0);
    }
    values.sort_unstable();
    let at = |part: f64| values[((values.len() - 1) as f64 * part) as usize];
    let (low, high) = (modality.value(at(0.005)), modality.value(at(0.995)));
    let (low, high) = (low.min(high), low.max(high));
    if high <= low {
        Voi::Range(low - 0.5, low + 0.5)
    } else {
        Voi::Range(low, high)
    }
}
