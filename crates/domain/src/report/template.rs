//! Report templates, and which of them fit an examination.

use super::ReportSection;
use crate::TemplateId;

/// What a report begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportTemplate {
    /// Its id.
    pub id: TemplateId,
    /// Its name for people.
    pub name: String,
    /// The modality it is for: `CT`, `MR`, `DX` (all radiographs), `US`; none for any.
    pub modality: Option<String>,
    /// The region it is for: `HEAD`, `CHEST`, …; none for any.
    pub body_part: Option<String>,
    /// The language of its texts, a BCP 47 tag.
    pub language: String,
    /// Its parts.
    pub sections: Vec<ReportSection>,
}

/// A template before it has an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTemplate {
    /// Its name for people.
    pub name: String,
    /// The modality it is for.
    pub modality: Option<String>,
    /// The region it is for.
    pub body_part: Option<String>,
    /// Its parts.
    pub sections: Vec<ReportSection>,
}

/// Words of Body Part Examined (PS3.16 annex L) and of study descriptions, by region.
const REGIONS: &[(&str, &[&str])] = &[
    ("KNEE", &["KNEE", "KNIE", "PATELLA"]),
    (
        "SPINE",
        &[
            "SPINE", "CSPINE", "TSPINE", "LSPINE", "LSSPINE", "CTSPINE", "TLSPINE", "LUMBAR", "CERVICAL",
            "SACRUM",
        ],
    ),
    (
        "HEAD",
        &["HEAD", "BRAIN", "SKULL", "CRANIUM", "NEURO", "CEREBRUM"],
    ),
    ("CHEST", &["CHEST", "THORAX", "LUNG", "LUNGS"]),
    (
        "ABDOMEN",
        &[
            "ABDOMEN",
            "ABDOMENPELVIS",
            "ABD",
            "LIVER",
            "KIDNEY",
            "PANCREAS",
            "GALLBLADDER",
        ],
    ),
    (
        "EXTREMITY",
        &[
            "EXTREMITY",
            "HAND",
            "WRIST",
            "ELBOW",
            "SHOULDER",
            "FOREARM",
            "HUMERUS",
            "FINGER",
            "THUMB",
            "FOOT",
            "ANKLE",
            "TOE",
            "HIP",
            "FEMUR",
            "LEG",
            "ARM",
            "CLAVICLE",
            "CALCANEUS",
            "TIBIA",
            "FIBULA",
        ],
    ),
];

/// The templates that fit, best first: those of modality and region, then those for any.
///
/// Body Part Examined is often empty, so the words of `description` are looked at too.
pub fn applicable<'a>(
    templates: &'a [ReportTemplate],
    modality: Option<&str>,
    body_part: Option<&str>,
    description: Option<&str>,
) -> Vec<&'a ReportTemplate> {
    let modality = modality.map(plain_modality);
    let region = body_part
        .and_then(region_of)
        .or_else(|| description.and_then(region_of));
    let mut fitting: Vec<(u8, &ReportTemplate)> = templates
        .iter()
        .filter_map(|template| Some((fitness(template, modality.as_deref(), region)?, template)))
        .collect();
    fitting.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.name.cmp(&y.name)));
    fitting.into_iter().map(|(_, template)| template).collect()
}

fn fitness(template: &ReportTemplate, modality: Option<&str>, region: Option<&str>) -> Option<u8> {
    let by_modality = match (template.modality.as_deref(), modality) {
        (None, _) => 0,
        (Some(of), Some(wanted)) if plain_modality(of) == wanted => 4,
        (Some(_), _) => return None,
    };
    let by_region = match (template.body_part.as_deref(), region) {
        (None, _) => 0,
        (Some(of), Some(wanted)) if of == wanted => 2,
        (Some("EXTREMITY"), Some("KNEE")) => 1,
        (Some(_), _) => return None,
    };
    Some(by_modality + by_region)
}

/// Radiographs come under several names.
fn plain_modality(modality: &str) -> String {
    match modality.trim().to_ascii_uppercase().as_str() {
        "CR" | "DR" | "XR" | "RG" | "DX" => "DX".to_owned(),
        other => other.to_owned(),
    }
}

fn region_of(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_uppercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    REGIONS
        .iter()
        .find(|(_, names)| names.iter().any(|name| words.contains(name)))
        .map(|(region, _)| *region)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::report::standard_templates;

    fn all() -> Vec<ReportTemplate> {
        standard_templates()
            .into_iter()
            .enumerate()
            .map(|(number, new)| ReportTemplate {
                id: TemplateId::from_uuid(Uuid::from_u128(number as u128)),
                name: new.name,
                modality: new.modality,
                body_part: new.body_part,
                language: "en".to_owned(),
                sections: new.sections,
            })
            .collect()
    }

    fn best(modality: &str, body_part: &str, description: &str) -> String {
        applicable(&all(), Some(modality), Some(body_part), Some(description))[0]
            .name
            .clone()
    }

    #[test]
    fn the_best_template_is_found_by_modality_and_region() {
        assert_eq!(best("CT", "HEAD", ""), "CT head");
        assert_eq!(best("CR", "CHEST", ""), "Chest X-ray");
        assert_eq!(best("DX", "KNEE", ""), "Musculoskeletal X-ray");
        assert_eq!(best("MR", "KNEE", ""), "MR knee");
        assert_eq!(best("MR", "", "MRT Brain w/o contrast"), "MR brain");
        assert_eq!(best("MR", "LSPINE", ""), "MR spine");
    }

    #[test]
    fn there_is_always_a_template_and_never_one_of_another_modality() {
        assert_eq!(best("PT", "", ""), "General report");
        assert_eq!(best("CT", "KNEE", ""), "General report");
        assert_eq!(applicable(&all(), None, None, None).len(), 1);
    }

    #[test]
    fn the_standard_templates_can_be_signed_once_their_impression_is_written() {
        for template in all() {
            let mut keys = std::collections::BTreeSet::new();
            for section in &template.sections {
                assert!(
                    keys.insert(&section.key),
                    "{} has {} twice",
                    template.name,
                    section.key
                );
            }
            let open: Vec<_> = template
                .sections
                .iter()
                .filter_map(ReportSection::gap)
                .map(|gap| gap.key)
                .collect();
            assert!(
                open.contains(&"impression".to_owned()),
                "{} must not be signable unread",
                template.name
            );
        }
    }
}
