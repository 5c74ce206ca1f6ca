//! From a document to the DICOM JSON Model.
//!
//! **Invariant:** one forward pass without recursion; what is open is bounded by [`Limits::sequence_depth`], what is
//! kept by the document's own bytes.

use super::open::Open;
use super::{NATIVE_ROOT, XmlError};
use crate::limits::Limits;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Reads one document into an object of the DICOM JSON Model.
///
/// Namespace prefixes are not looked at, unknown attributes of elements are passed over. What has no `vr` gets the
/// dictionary's.
///
/// Errors: [`XmlError`], for the sender to see.
pub fn read_native_model(xml: &[u8], limits: &Limits) -> Result<Map<String, Value>, XmlError> {
    if xml.len() > limits.metadata_bytes {
        return Err(XmlError::TooMuch("bytes"));
    }
    let text = str::from_utf8(xml).map_err(|error| XmlError::Syntax(error.valid_up_to() as u64))?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut document = Document {
        open: Vec::new(),
        done: None,
        elements: 0,
        limits,
    };
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(_) => return Err(XmlError::Syntax(reader.error_position())),
        };
        match event {
            Event::Start(start) => document.start(&start, reader.error_position())?,
            Event::End(_) => document.end()?,
            Event::Text(text) => {
                let text = text
                    .xml10_content()
                    .map_err(|_| XmlError::Syntax(reader.buffer_position()))?;
                document.text(&text)?;
            }
            Event::CData(text) => {
                let text = text
                    .xml10_content()
                    .map_err(|_| XmlError::Syntax(reader.buffer_position()))?;
                document.text(&text)?;
            }
            Event::GeneralRef(reference) => {
                let name = reference
                    .decode()
                    .map_err(|_| XmlError::Syntax(reader.buffer_position()))?;
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => character,
                    _ => predefined(&name).ok_or(XmlError::Forbidden("an entity"))?,
                };
                document.text(character.encode_utf8(&mut [0; 4]))?;
            }
            Event::Decl(declaration) => {
                let encoding = declaration
                    .encoding()
                    .transpose()
                    .ok()
                    .flatten()
                    .unwrap_or(Cow::Borrowed(b"UTF-8"));
                if ![b"UTF-8".as_slice(), b"US-ASCII"]
                    .iter()
                    .any(|known| encoding.eq_ignore_ascii_case(known))
                {
                    return Err(XmlError::Forbidden("an encoding other than UTF-8"));
                }
            }
            Event::Comment(_) => {}
            Event::DocType(_) => return Err(XmlError::Forbidden("a document type")),
            Event::PI(_) => return Err(XmlError::Forbidden("a processing instruction")),
            Event::Empty(_) => return Err(XmlError::Syntax(reader.buffer_position())),
            Event::Eof => return document.finish(reader.buffer_position()),
        }
    }
}

/// The five entities that XML itself has.
fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

struct Document<'l> {
    open: Vec<Open>,
    done: Option<Map<String, Value>>,
    elements: u64,
    limits: &'l Limits,
}

impl Document<'_> {
    fn start(&mut self, element: &BytesStart<'_>, at: u64) -> Result<(), XmlError> {
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(XmlError::TooMuch("elements"));
        }
        // An item is open by three: the item, its attribute, and the attribute's value.
        if self.open.len() > 3 * self.limits.sequence_depth + 3 {
            return Err(XmlError::TooMuch("levels"));
        }
        let attributes = Attributes::of(element, at)?;
        let local_name = element.local_name();
        let name = str::from_utf8(local_name.as_ref()).map_err(|_| XmlError::Syntax(at))?;
        let opened = match self.open.last_mut() {
            Some(open) => open.child(name, &attributes)?,
            None if name == NATIVE_ROOT && self.done.is_none() => Open::data_set(None),
            None => return Err(XmlError::Model("its root is no NativeDicomModel")),
        };
        self.open.push(opened);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(open) => open.text(text),
            None if text.trim().is_empty() => Ok(()),
            None => Err(XmlError::Model("text outside the root")),
        }
    }

    fn end(&mut self) -> Result<(), XmlError> {
        let closed = self.open.pop().ok_or(XmlError::Model("an end without a start"))?;
        match self.open.last_mut() {
            Some(parent) => parent.take(closed),
            None => {
                self.done = closed.into_data_set();
                Ok(())
            }
        }
    }

    fn finish(self, at: u64) -> Result<Map<String, Value>, XmlError> {
        if !self.open.is_empty() {
            return Err(XmlError::Syntax(at));
        }
        self.done.ok_or(XmlError::Model("it is empty"))
    }
}

/// The attributes of an element that mean something here.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub tag: Option<String>,
    pub vr: Option<String>,
    pub private_creator: Option<String>,
    pub number: Option<String>,
    pub uri: Option<String>,
}

impl Attributes {
    fn of(element: &BytesStart<'_>, at: u64) -> Result<Self, XmlError> {
        let mut found = Self::default();
        for attribute in element.attributes() {
            let attribute = attribute.map_err(|_| XmlError::Syntax(at))?;
            let place = match attribute.key.local_name().as_ref() {
                b"tag" => &mut found.tag,
                b"vr" => &mut found.vr,
                b"privateCreator" => &mut found.private_creator,
                b"number" => &mut found.number,
                b"uri" => &mut found.uri,
                _ => continue,
            };
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| XmlError::Forbidden("an entity"))?;
            *place = Some(value.into_owned());
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: &str) -> Result<Value, XmlError> {
        let document = format!(
            "<?xml version=\"1.0\"?>\n<NativeDicomModel xml:space=\"preserve\">{body}</NativeDicomModel>\n"
        );
        read_native_model(document.as_bytes(), &Limits::default()).map(Value::Object)
    }

    #[test]
    fn a_pretty_printed_document_of_another_writer_is_read() {
        let document = "\u{feff}<?xml version='1.0' encoding='utf-8'?>
            <!-- from somewhere -->
            <n:NativeDicomModel xmlns:n='http://dicom.nema.org/PS3.19/models/NativeDICOM'>
              <n:DicomAttribute tag='00100010' keyword='PatientName'>
                <n:PersonName number='1'>
                  <n:Alphabetic><n:FamilyName>M&#252;ller</n:FamilyName><n:NamePrefix>Dr</n:NamePrefix></n:Alphabetic>
                </n:PersonName>
              </n:DicomAttribute>
              <n:DicomAttribute tag='00280010' vr='US'><n:Value number='1'>512</n:Value></n:DicomAttribute>
              <n:DicomAttribute tag='00080060' vr='CS'><n:Value number='2'><![CDATA[CT]]></n:Value></n:DicomAttribute>
              <n:DicomAttribute tag='00081199' vr='SQ'>
                <n:Item number='1'><n:DicomAttribute tag='00081155' vr='UI'><n:Value number='1'>1.2</n:Value></n:DicomAttribute></n:Item>
                <n:Item number='2'/>
              </n:DicomAttribute>
              <n:DicomAttribute tag='7FE00010' vr='OW'><n:BulkData uri='a?b&amp;c'/></n:DicomAttribute>
              <n:DicomAttribute tag='00420011' vr='OB'><n:InlineBinary> AA
                E= </n:InlineBinary></n:DicomAttribute>
              <n:DicomAttribute tag='00080000' vr='UL'><n:Value number='1'>4</n:Value></n:DicomAttribute>
            </n:NativeDicomModel>";
        let read = read_native_model(document.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(
            Value::Object(read),
            json!({
                "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Müller^^^Dr"}]},
                "00280010": {"vr": "US", "Value": [512]},
                "00080060": {"vr": "CS", "Value": [null, "CT"]},
                "00081199": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": ["1.2"]}}, {}]},
                "7FE00010": {"vr": "OW", "BulkDataURI": "a?b&c"},
                "00420011": {"vr": "OB", "InlineBinary": "AAE="},
            })
        );
    }

    #[test]
    fn private_elements_get_blocks_of_their_own() {
        let private = |tag: &str, creator: &str, value: &str| {
            format!(
                "<DicomAttribute tag=\"{tag}\" privateCreator=\"{creator}\" vr=\"SH\"><Value number=\"1\">{value}</Value></DicomAttribute>"
            )
        };
        let body = [
            private("00090001", "A", "x"),
            private("00090001", "B", "y"),
            private("00090002", "A", "z"),
        ]
        .concat();
        assert_eq!(
            read(&body).unwrap(),
            json!({
                "00090010": {"vr": "LO", "Value": ["A"]}, "00090011": {"vr": "LO", "Value": ["B"]},
                "00091001": {"vr": "SH", "Value": ["x"]}, "00091101": {"vr": "SH", "Value": ["y"]},
                "00091002": {"vr": "SH", "Value": ["z"]},
            })
        );
    }

    #[test]
    fn a_name_in_its_first_component_is_a_name() {
        let body = "<DicomAttribute tag=\"00100010\" vr=\"PN\"><PersonName number=\"1\"><Alphabetic>\
                    <FamilyName> Doe ^\n Ann\r^^ </FamilyName></Alphabetic></PersonName></DicomAttribute>";
        assert_eq!(
            read(body).unwrap(),
            json!({"00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe^Ann"}]}})
        );
    }

    #[test]
    fn hostile_documents_are_refused() {
        let bomb = b"<!DOCTYPE x [<!ENTITY a \"aaaa\">]><NativeDicomModel>&a;</NativeDicomModel>";
        assert!(matches!(
            read_native_model(bomb, &Limits::default()),
            Err(XmlError::Forbidden(_))
        ));
        let value = |inner: &str| {
            read(&format!(
                "<DicomAttribute tag=\"00081030\" vr=\"LO\"><Value number=\"1\">{inner}</Value></DicomAttribute>"
            ))
        };
        assert!(matches!(value("&xxe;"), Err(XmlError::Forbidden(_))));
        assert!(matches!(value("<?php ?>"), Err(XmlError::Forbidden(_))));
        let deep = "<DicomAttribute tag=\"00081199\" vr=\"SQ\"><Item number=\"1\">".repeat(100_000);
        assert!(matches!(read(&deep), Err(XmlError::TooMuch("levels"))));
        let many = Limits {
            elements: 10,
            ..Limits::default()
        };
        let flat = format!(
            "<NativeDicomModel><DicomAttribute tag=\"00081199\">{}</DicomAttribute></NativeDicomModel>",
            "<Item/>".repeat(11)
        );
        assert!(matches!(
            read_native_model(flat.as_bytes(), &many),
            Err(XmlError::TooMuch("elements"))
        ));
        let small = Limits {
            metadata_bytes: 10,
            ..Limits::default()
        };
        assert!(matches!(
            read_native_model(flat.as_bytes(), &small),
            Err(XmlError::TooMuch("bytes"))
        ));
        let gap =
            "<DicomAttribute tag=\"00081030\" vr=\"LO\"><Value number=\"4000000000\"/></DicomAttribute>";
        assert!(matches!(read(gap), Err(XmlError::Model(_))));
    }

    #[test]
    fn what_is_not_the_model_is_refused() {
        for body in [
            "text",
            "<Value/>",
            "<DicomAttribute/>",
            "<DicomAttribute tag=\"x\"/>",
            "<DicomAttribute tag=\"00081030\" vr=\"??\"/>",
            "<DicomAttribute tag=\"00081030\"><Value number=\"0\"/></DicomAttribute>",
            "<DicomAttribute tag=\"00081030\"/><DicomAttribute tag=\"00081030\"/>",
            "<DicomAttribute tag=\"00081030\"><Item number=\"1\"/></DicomAttribute>",
            "<DicomAttribute tag=\"00420011\" vr=\"OB\"><InlineBinary>!</InlineBinary></DicomAttribute>",
            "<DicomAttribute tag=\"7FE00010\" vr=\"OW\"><BulkData uuid=\"x\"/></DicomAttribute>",
            "<DicomAttribute tag=\"00081030\"><Value number=\"1\"><Value/></Value></DicomAttribute>",
            "</NativeDicomModel><NativeDicomModel>",
            "<DicomAttribute tag=\"00081030\">",
        ] {
            assert!(read(body).is_err(), "{body}");
        }
        assert!(read_native_model(b"", &Limits::default()).is_err());
        assert!(read_native_model(b"<html/>", &Limits::default()).is_err());
        assert!(read_native_model(b"\xff", &Limits::default()).is_err());
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><NativeDicomModel/>";
        assert!(matches!(
            read_native_model(latin, &Limits::default()),
            Err(XmlError::Forbidden(_))
        ));
    }
}
