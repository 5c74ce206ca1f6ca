//! Names of files on a medium that every file system can hold (PS3.10 §8.2, PS3.12).

use std::fmt;

/// A file ID: one to eight components of one to eight capitals, digits and underscores.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileId {
    patient: u32,
    study: u32,
    series: u32,
    instance: u32,
}

impl FileId {
    /// The components, outermost first: `DICOM`, patient, study, series, instance.
    pub fn components(&self) -> [String; 5] {
        [
            "DICOM".to_owned(),
            format!("P{:07}", self.patient),
            format!("T{:07}", self.study),
            format!("S{:07}", self.series),
            format!("I{:07}", self.instance),
        ]
    }

    /// How many levels below the root two files have in common: 0 when their patients differ, 3 when they are of one
    /// series.
    pub(super) fn shared_levels(&self, other: &Self) -> usize {
        let pairs = [
            (self.patient, other.patient),
            (self.study, other.study),
            (self.series, other.series),
        ];
        pairs.iter().take_while(|(ours, theirs)| ours == theirs).count()
    }
}

impl fmt::Display for FileId {
    /// With slashes, as paths are written.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.components().join("/"))
    }
}

/// Numbers files patient by patient, study by study, series by series, in the order in which they come.
#[derive(Debug, Default)]
pub struct FileIds {
    last: Option<(FileId, [String; 3])>,
}

/// The most entries of one folder: seven digits.
const MOST: u32 = 9_999_999;

impl FileIds {
    /// The next file of a series, study and patient, which are called by any names that tell them apart. What belongs
    /// together must come together.
    ///
    /// A folder that is full is followed by another, as if something new had begun.
    pub fn next(&mut self, patient: &str, study: &str, series: &str) -> FileId {
        let names = [patient.to_owned(), study.to_owned(), series.to_owned()];
        let id = match &self.last {
            None => FileId {
                patient: 1,
                study: 1,
                series: 1,
                instance: 1,
            },
            Some((last, before)) => {
                let same = before.iter().zip(&names).take_while(|(a, b)| a == b).count();
                following(last, same)
            }
        };
        self.last = Some((id.clone(), names));
        id
    }
}

fn following(last: &FileId, same: usize) -> FileId {
    let mut id = last.clone();
    match same {
        3 if last.instance < MOST => id.instance += 1,
        2 | 3 if last.series < MOST => {
            (id.series, id.instance) = (last.series + 1, 1);
        }
        1..=3 if last.study < MOST => {
            (id.study, id.series, id.instance) = (last.study + 1, 1, 1);
        }
        _ => {
            (id.patient, id.study, id.series, id.instance) = (last.patient + 1, 1, 1, 1);
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_begin_again_in_each_folder() {
        let mut ids = FileIds::default();
        let names = [
            ("a", "1", "x"),
            ("a", "1", "x"),
            ("a", "1", "y"),
            ("a", "2", "y"),
            ("b", "2", "y"),
        ];
        let made: Vec<String> = names
            .iter()
            .map(|(patient, study, series)| ids.next(patient, study, series).to_string())
            .collect();
        assert_eq!(
            made,
            [
                "DICOM/P0000001/T0000001/S0000001/I0000001",
                "DICOM/P0000001/T0000001/S0000001/I0000002",
                "DICOM/P0000001/T0000001/S0000002/I0000001",
                "DICOM/P0000001/T0000002/S0000001/I0000001",
                "DICOM/P0000002/T0000001/S0000001/I0000001",
            ]
        );
    }

    #[test]
    fn every_component_fits_iso_9660() {
        let full = FileId {
            patient: MOST,
            study: MOST,
            series: MOST,
            instance: MOST,
        };
        assert!(full.components().iter().all(|name| name.len() <= 8));
        let next = following(
            &FileId {
                instance: MOST,
                patient: 1,
                study: 1,
                series: 1,
            },
            3,
        );
        assert_eq!(next.to_string(), "DICOM/P0000001/T0000001/S0000002/I0000001");
    }
}
