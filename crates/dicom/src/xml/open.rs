//! What is open while a document is read: which element may stand in which, and what becomes of each.

use super::read::Attributes;
use super::values::json_value;
use super::write::is_creator;
use super::{NAME_COMPONENTS, NAME_GROUPS, XmlError};
use crate::tag::Tag;
use base64::Engine as _;
use dicom_core::VR;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The most values that a number may leave out at once.
const WIDEST_GAP: usize = 1_000;

/// What around a component of a name means nothing.
const BLANKS: [char; 4] = [' ', '\n', '\r', '\t'];

/// An open element.
#[derive(Debug)]
pub(super) enum Open {
    /// `NativeDicomModel`, or an `Item` of that number.
    DataSet {
        number: Option<usize>,
        attributes: Map<String, Value>,
        blocks: Blocks,
    },
    /// `DicomAttribute`
    Attribute { tag: Tag, vr: VR, content: Content },
    /// `Value`
    Value { number: usize, text: String },
    /// `PersonName`
    PersonName {
        number: usize,
        groups: Map<String, Value>,
    },
    /// `Alphabetic`, `Ideographic` or `Phonetic`
    Group {
        name: &'static str,
        components: [String; NAME_COMPONENTS.len()],
    },
    /// `FamilyName` and so on.
    Component { index: usize, text: String },
    /// `InlineBinary`
    InlineBinary(String),
    /// `BulkData`
    BulkData(String),
}

/// What an attribute holds.
#[derive(Debug)]
pub(super) enum Content {
    Values(Vec<Value>),
    InlineBinary(String),
    BulkData(String),
}

impl Open {
    pub(super) fn data_set(number: Option<usize>) -> Self {
        Self::DataSet {
            number,
            attributes: Map::new(),
            blocks: Blocks::default(),
        }
    }

    /// Opens an element inside this one.
    pub(super) fn child(&mut self, name: &str, attributes: &Attributes) -> Result<Self, XmlError> {
        match (self, name) {
            (
                Self::DataSet {
                    blocks,
                    attributes: members,
                    ..
                },
                "DicomAttribute",
            ) => {
                let (tag, vr) = attribute(attributes, blocks, members)?;
                Ok(Self::Attribute {
                    tag,
                    vr,
                    content: Content::Values(Vec::new()),
                })
            }
            (
                Self::Attribute {
                    vr,
                    content: Content::Values(values),
                    ..
                },
                "Item",
            ) if *vr == VR::SQ => Ok(Self::data_set(Some(number(attributes, values)?))),
            (
                Self::Attribute {
                    vr,
                    content: Content::Values(values),
                    ..
                },
                "PersonName",
            ) if *vr == VR::PN => Ok(Self::PersonName {
                number: number(attributes, values)?,
                groups: Map::new(),
            }),
            (
                Self::Attribute {
                    vr,
                    content: Content::Values(values),
                    ..
                },
                "Value",
            ) if !matches!(*vr, VR::SQ | VR::PN) => Ok(Self::Value {
                number: number(attributes, values)?,
                text: String::new(),
            }),
            (
                Self::Attribute {
                    content: Content::Values(values),
                    ..
                },
                "InlineBinary",
            ) if values.is_empty() => Ok(Self::InlineBinary(String::new())),
            (
                Self::Attribute {
                    content: Content::Values(values),
                    ..
                },
                "BulkData",
            ) if values.is_empty() => {
                let uri = attributes.uri.clone().filter(|uri| !uri.is_empty());
                uri.map(Self::BulkData)
                    .ok_or(XmlError::Model("bulk data without a uri"))
            }
            (Self::PersonName { .. }, name) => {
                let name = NAME_GROUPS.into_iter().find(|group| *group == name);
                let name = name.ok_or(XmlError::Model("a name has other parts than its groups"))?;
                Ok(Self::Group {
                    name,
                    components: Default::default(),
                })
            }
            (Self::Group { .. }, name) => {
                let index = NAME_COMPONENTS.iter().position(|component| *component == name);
                let index = index.ok_or(XmlError::Model(
                    "a group of a name has other parts than its components",
                ))?;
                Ok(Self::Component {
                    index,
                    text: String::new(),
                })
            }
            _ => Err(XmlError::Model("an element where it does not belong")),
        }
    }

    /// Takes text that stands directly in this element.
    pub(super) fn text(&mut self, more: &str) -> Result<(), XmlError> {
        match self {
            Self::Value { text, .. } | Self::Component { text, .. } | Self::InlineBinary(text) => {
                text.push_str(more)
            }
            _ if more.trim().is_empty() => {}
            _ => return Err(XmlError::Model("text where elements belong")),
        }
        Ok(())
    }

    /// Takes an element that was opened in this one and is complete.
    pub(super) fn take(&mut self, closed: Self) -> Result<(), XmlError> {
        match (self, closed) {
            (Self::DataSet { attributes, .. }, Self::Attribute { tag, vr, content }) => {
                // Group lengths are not of the model (PS3.19 §A.1.1).
                if tag.element() != 0 && attributes.insert(tag.to_string(), member(vr, content)?).is_some() {
                    return Err(XmlError::Model("an attribute is given twice"));
                }
            }
            (
                Self::Attribute {
                    content: Content::Values(values),
                    ..
                },
                Self::DataSet {
                    number, attributes, ..
                },
            ) => {
                put(values, number.unwrap_or(1), Value::Object(attributes));
            }
            (
                Self::Attribute {
                    content: Content::Values(values),
                    vr,
                    ..
                },
                Self::Value { number, text },
            ) => {
                put(values, number, json_value(*vr, text));
            }
            (
                Self::Attribute {
                    content: Content::Values(values),
                    ..
                },
                Self::PersonName { number, groups },
            ) => {
                let name = if groups.is_empty() {
                    Value::Null
                } else {
                    Value::Object(groups)
                };
                put(values, number, name);
            }
            (Self::Attribute { content, .. }, Self::InlineBinary(text)) => {
                let base64: String = text.split_ascii_whitespace().collect();
                base64::engine::general_purpose::STANDARD
                    .decode(&base64)
                    .map_err(|_| XmlError::Model("inline binary is no base64"))?;
                *content = Content::InlineBinary(base64);
            }
            (Self::Attribute { content, .. }, Self::BulkData(uri)) => *content = Content::BulkData(uri),
            (Self::PersonName { groups, .. }, Self::Group { name, components }) => {
                // Some writers put a whole group into its first component.
                let text = components.join("^");
                let components = text.split('^').map(|component| component.trim_matches(BLANKS));
                let text = components.collect::<Vec<&str>>().join("^");
                let text = text.trim_end_matches('^');
                if !text.is_empty() {
                    groups.insert(name.to_owned(), text.into());
                }
            }
            (Self::Group { components, .. }, Self::Component { index, text }) => {
                if let Some(component) = components.get_mut(index) {
                    *component = text;
                }
            }
            _ => return Err(XmlError::Model("an element where it does not belong")),
        }
        Ok(())
    }

    /// The data set, of the root.
    pub(super) fn into_data_set(self) -> Option<Map<String, Value>> {
        match self {
            Self::DataSet { attributes, .. } => Some(attributes),
            _ => None,
        }
    }
}

/// The blocks of private elements in one data set: whose each is, by group.
#[derive(Debug, Default)]
pub(super) struct Blocks(HashMap<u16, Vec<String>>);

impl Blocks {
    /// The block of `creator`, a new one where it has none. The second is whether it is new.
    fn of(&mut self, group: u16, creator: &str) -> Result<(u16, bool), XmlError> {
        let creators = self.0.entry(group).or_default();
        let known = creators.iter().position(|known| known == creator);
        let is_new = known.is_none();
        let at = known.unwrap_or(creators.len());
        if is_new {
            creators.push(creator.to_owned());
        }
        let block = u16::try_from(at)
            .ok()
            .and_then(|at| at.checked_add(0x10))
            .filter(|block| *block <= 0xff);
        block
            .map(|block| (block, is_new))
            .ok_or(XmlError::TooMuch("private creators"))
    }
}

fn attribute(
    attributes: &Attributes,
    blocks: &mut Blocks,
    members: &mut Map<String, Value>,
) -> Result<(Tag, VR), XmlError> {
    let named = attributes.tag.as_deref().unwrap_or_default();
    let is_tag = named.len() == 8 && named.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut tag = is_tag
        .then(|| Tag::parse(named))
        .flatten()
        .ok_or(XmlError::Model("an attribute without a tag"))?;
    if let Some(creator) = attributes
        .private_creator
        .as_deref()
        .map(str::trim)
        .filter(|creator| !creator.is_empty())
    {
        if !tag.is_private() {
            return Err(XmlError::Model("a standard attribute with a private creator"));
        }
        let (block, is_new) = blocks.of(tag.group(), creator)?;
        if is_new {
            let place = Tag::new(tag.group(), block).to_string();
            if members
                .insert(place, json!({"vr": "LO", "Value": [creator]}))
                .is_some()
            {
                return Err(XmlError::Model("private creators are given in two ways"));
            }
        }
        tag = Tag::new(tag.group(), block << 8 | tag.element() & 0xff);
    } else if is_creator(tag) && blocks.0.contains_key(&tag.group()) {
        return Err(XmlError::Model("private creators are given in two ways"));
    }
    let vr = match attributes.vr.as_deref() {
        Some(vr) => vr
            .parse()
            .map_err(|_| XmlError::Model("a vr that does not exist"))?,
        None => tag.dictionary_vr(false).unwrap_or(VR::UN),
    };
    Ok((tag, vr))
}

/// The number of a value, from 1; without one it is the next.
fn number(attributes: &Attributes, values: &[Value]) -> Result<usize, XmlError> {
    let next = values.len() + 1;
    let number = match &attributes.number {
        None => next,
        Some(text) => text
            .trim()
            .parse()
            .map_err(|_| XmlError::Model("the number of a value is none"))?,
    };
    if (next..=next + WIDEST_GAP).contains(&number) {
        Ok(number)
    } else {
        Err(XmlError::Model("values are not in their order"))
    }
}

fn put(values: &mut Vec<Value>, number: usize, value: Value) {
    values.resize(number - 1, Value::Null);
    values.push(value);
}

fn member(vr: VR, content: Content) -> Result<Value, XmlError> {
    let vr = vr.to_string();
    Ok(match content {
        Content::Values(values) if values.is_empty() => json!({"vr": vr}),
        Content::Values(values) if vr == "SQ" && values.iter().any(Value::is_null) => {
            return Err(XmlError::Model("an item is left out"));
        }
        Content::Values(values) => json!({"vr": vr, "Value": values}),
        Content::InlineBinary(base64) => json!({"vr": vr, "InlineBinary": base64}),
        Content::BulkData(uri) => json!({"vr": vr, "BulkDataURI": uri}),
    })
}
