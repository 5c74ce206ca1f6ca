//! Content negotiation of WADO-RS (PS3.18 §8.7).

use crate::media_type::{MediaType, split_outside_quotes};
use crate::transfer_syntax::EXPLICIT_VR_LITTLE_ENDIAN;
use crate::uid::Uid;

/// A parsed Accept header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// The representation itself; of `multipart/related` its `type` parameter, lower case.
    part_type: String,
    form: Form,
    transfer_syntax: Syntax,
    /// Thousandths; 0 refuses.
    quality: u16,
}

/// The transfer syntax an entry asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Syntax {
    /// None is named: the default (PS3.18 §8.7.3.5.2) where there is a choice, else what there is.
    Default,
    /// `*`
    Any,
    /// This one.
    Exactly(String),
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

    /// Whether its transfer syntax is the one meant by who names none (PS3.18 §8.7.3.5.2).
    fn is_default(&self) -> bool {
        let syntax = self.transfer_syntax.as_ref().map(Uid::as_str);
        syntax == Some(EXPLICIT_VR_LITTLE_ENDIAN)
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

/// How welcome an offer is: by quality, then as what the Standard means when nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Welcome {
    /// Thousandths.
    quality: u16,
    is_default: bool,
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
                transfer_syntax: Syntax::Default,
                quality: 1000,
            });
        }
        Self(entries)
    }

    /// How welcome the offer is; `None`: not acceptable. The most specific entry decides.
    fn welcome(&self, offer: &Offer) -> Option<Welcome> {
        let (_, quality, entry) = self
            .0
            .iter()
            .filter_map(|entry| Some((entry.specificity(offer)?, entry.quality, entry)))
            .max_by_key(|(specificity, quality, _)| (*specificity, *quality))?;
        (quality > 0).then(|| Welcome {
            quality,
            is_default: entry.transfer_syntax == Syntax::Default && offer.is_default(),
        })
    }

    /// The most welcome offer; of equally welcome ones the first. `None`: answer 406.
    pub fn choose<'a>(&self, offers: impl IntoIterator<Item = &'a Offer>) -> Option<&'a Offer> {
        let mut best: Option<(Welcome, &Offer)> = None;
        for offer in offers {
            let Some(welcome) = self.welcome(offer) else {
                continue;
            };
            if best.is_none_or(|(found, _)| welcome > found) {
                best = Some((welcome, offer));
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
        let transfer_syntax = match media_type.parameter("transfer-syntax") {
            None => Syntax::Default,
            Some("*") => Syntax::Any,
            Some(uid) => Syntax::Exactly(uid.to_owned()),
        };
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
            (Syntax::Default | Syntax::Any, _) => 0,
            (Syntax::Exactly(wanted), Some(offered)) if wanted == offered.as_str() => 8,
            (Syntax::Exactly(_), _) => return None,
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
    fn any_transfer_syntax_gets_the_first_offer_and_none_the_default_one() {
        let any = "multipart/related; type=\"*/*\"; transfer-syntax=*";
        assert_eq!(chosen(any), Some("image/jphc"));
        for header in ["", "*/*", "multipart/related"] {
            assert_eq!(chosen(header), Some("application/octet-stream"), "{header}");
        }
    }

    #[test]
    fn what_is_not_to_be_had_in_the_default_syntax_comes_as_it_is() {
        let offers = [Offer::multipart(
            "application/dicom",
            Some(HTJ2K.parse().unwrap()),
        )];
        let accept = Accept::parse("multipart/related; type=\"application/dicom\"");
        assert_eq!(accept.choose(&offers), offers.first());
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
