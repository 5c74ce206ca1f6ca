//! Content negotiation of WADO-RS (PS3.18 §8.7).

use crate::media_type::{MediaType, split_outside_quotes};
use crate::uid::Uid;

/// A parsed Accept header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// The representation itself; of `multipart/related` its `type` parameter, lower case.
    part_type: String,
    form: Form,
    /// `None`: any.
    transfer_syntax: Option<String>,
    /// Thousandths; 0 refuses.
    quality: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Any,
    Single,
    Multipart,
}

/// One way in which the server can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The type of the representation, or of each part: `application/dicom`, `image/jphc`, …
    pub media_type: &'static str,
    /// Whether it goes as `multipart/related`.
    pub multipart: bool,
    /// The transfer syntax of the bytes, where that applies.
    pub transfer_syntax: Option<Uid>,
}

impl Offer {
    /// A `multipart/related` answer.
    pub fn multipart(media_type: &'static str, transfer_syntax: Option<Uid>) -> Self {
        Self {
            media_type,
            multipart: true,
            transfer_syntax,
        }
    }

    /// An answer of one representation.
    pub fn single(media_type: &'static str) -> Self {
        Self {
            media_type,
            multipart: false,
            transfer_syntax: None,
        }
    }
}

impl Accept {
    /// Parses the header. Entries that are no media types are passed over, as RFC 9110 §12.5.1 lets a server do;
    /// without any entry everything is acceptable.
    pub fn parse(header: &str) -> Self {
        let entries = split_outside_quotes(header, ',')
            .into_iter()
            .filter_map(|entry| Entry::parse(entry.trim()));
        let mut entries: Vec<Entry> = entries.collect();
        if header.trim().is_empty() {
            entries.push(Entry {
                part_type: "*/*".into(),
                form: Form::Any,
                transfer_syntax: None,
                quality: 1000,
            });
        }
        Self(entries)
    }

    /// How welcome the offer is, in thousandths; 0: not acceptable. The most specific entry decides.
    pub fn quality(&self, offer: &Offer) -> u16 {
        self.0
            .iter()
            .filter_map(|entry| {
                entry
                    .specificity(offer)
                    .map(|specificity| (specificity, entry.quality))
            })
            .max()
            .map_or(0, |(_, quality)| quality)
    }

    /// The most welcome offer; of equally welcome ones the first. `None`: answer 406.
    pub fn choose<'a>(&self, offers: impl IntoIterator<Item = &'a Offer>) -> Option<&'a Offer> {
        let mut best: Option<(u16, &Offer)> = None;
        for offer in offers {
            let quality = self.quality(offer);
            if quality > best.map_or(0, |(found, _)| found) {
                best = Some((quality, offer));
            }
        }
        best.map(|(_, offer)| offer)
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        let media_type = MediaType::parse(text)?;
        let quality = match media_type.parameter("q") {
            None => 1000,
            Some(text) => {
                let quality: f32 = text.parse().ok()?;
                (0.0..=1.0)
                    .contains(&quality)
                    .then_some((quality * 1000.0).round() as u16)?
            }
        };
        let form = match media_type.essence.as_str() {
            "*/*" => Form::Any,
            "multipart/related" | "multipart/*" => Form::Multipart,
            _ => Form::Single,
        };
        let part_type = match form {
            Form::Multipart => media_type.parameter("type").unwrap_or("*/*").to_ascii_lowercase(),
            Form::Any | Form::Single => media_type.essence.clone(),
        };
        // Without the parameter PS3.18 §8.7.3.5.2 names a default syntax; senders of old clients mean "whatever
        // you have", and every answer of ours names its syntax.
        let transfer_syntax = media_type
            .parameter("transfer-syntax")
            .filter(|uid| *uid != "*")
            .map(str::to_owned);
        Some(Self {
            part_type,
            form,
            transfer_syntax,
            quality,
        })
    }

    /// How closely the entry names the offer; `None` when it does not.
    fn specificity(&self, offer: &Offer) -> Option<u8> {
        let form = match self.form {
            Form::Any => 0,
            Form::Single if !offer.multipart => 0,
            Form::Multipart if offer.multipart => 1,
            Form::Single | Form::Multipart => return None,
        };
        let part_type = match self.part_type.split_once('/')? {
            ("*", "*") => 0,
            (kind, "*") if offer.media_type.split('/').next() == Some(kind) => 2,
            _ if self.part_type == offer.media_type => 4,
            _ => return None,
        };
        let transfer_syntax = match (&self.transfer_syntax, &offer.transfer_syntax) {
            (None, _) => 0,
            (Some(wanted), Some(offered)) if wanted == offered.as_str() => 8,
            (Some(_), _) => return None,
        };
        Some(form + part_type + transfer_syntax)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTJ2K: &str = "1.2.840.10008.1.2.4.202";
    const EXPLICIT: &str = "1.2.840.10008.1.2.1";

    fn offers() -> Vec<Offer> {
        vec![
            Offer::multipart("image/jphc", Some(HTJ2K.parse().unwrap())),
            Offer::multipart("application/octet-stream", Some(EXPLICIT.parse().unwrap())),
            Offer::single("image/jpeg"),
        ]
    }

    fn chosen(header: &str) -> Option<&'static str> {
        Accept::parse(header)
            .choose(&offers())
            .map(|offer| offer.media_type)
    }

    #[test]
    fn anything_gets_the_first_offer() {
        for header in [
            "",
            "*/*",
            "multipart/related",
            "multipart/related; type=\"*/*\"; transfer-syntax=*",
        ] {
            assert_eq!(chosen(header), Some("image/jphc"), "{header}");
        }
    }

    #[test]
    fn type_and_transfer_syntax_may_be_quoted_or_not() {
        for header in [
            "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*",
            "multipart/related;type=application/octet-stream;transfer-syntax=1.2.840.10008.1.2.1",
            "multipart/related; type=application/octet-stream; transfer-syntax=\"1.2.840.10008.1.2.1\"",
            "MULTIPART/RELATED; TYPE=\"APPLICATION/OCTET-STREAM\"",
        ] {
            assert_eq!(chosen(header), Some("application/octet-stream"), "{header}");
        }
        assert_eq!(chosen("multipart/related; type=\"image/*\""), Some("image/jphc"));
        assert_eq!(chosen("image/*"), Some("image/jpeg"));
    }

    #[test]
    fn quality_values_order_the_offers() {
        let header =
            "multipart/related; type=\"image/jphc\";q=0.5, multipart/related; type=application/octet-stream";
        assert_eq!(chosen(header), Some("application/octet-stream"));
        assert_eq!(
            chosen("*/*, multipart/related; type=\"image/jphc\";q=0"),
            Some("application/octet-stream")
        );
        assert_eq!(chosen("*/*;q=0.1, image/jpeg"), Some("image/jpeg"));
    }

    #[test]
    fn what_is_not_offered_is_not_acceptable() {
        for header in [
            "text/html",
            "application/octet-stream",
            "multipart/related; type=image/jp2",
            "multipart/related; type=application/octet-stream; transfer-syntax=1.2.840.10008.1.2.4.90",
            "*/*;q=0",
            "nonsense",
        ] {
            assert_eq!(chosen(header), None, "{header}");
        }
    }
}
