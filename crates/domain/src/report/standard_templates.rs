//! The templates a new tenant begins with. All can be changed.
//!
//! **Invariant:** none can be signed unread: each impression is a placeholder.

use super::{NewTemplate, ReportSection};

const NO_COMPARISON: &str = "None available.";
const IMPRESSION: &str = "[[Impression: answer the clinical question first.]]";

struct Standard {
    name: &'static str,
    modality: Option<&'static str>,
    body_part: Option<&'static str>,
    technique: &'static str,
    findings: &'static str,
}

const STANDARD: &[Standard] = &[
    Standard {
        name: "CT head",
        modality: Some("CT"),
        body_part: Some("HEAD"),
        technique: "Axial CT of the head without intravenous contrast, with multiplanar reformats.",
        findings: "\
Brain parenchyma: No acute haemorrhage, no mass effect. Grey-white matter differentiation is preserved.
Ventricles and cisterns: Normal in size and configuration for age. No midline shift.
Extra-axial spaces: No collection.
Vessels: No hyperdense vessel sign.
Skull and skull base: No fracture.
Orbits, paranasal sinuses and mastoids: Unremarkable as far as included.",
    },
    Standard {
        name: "CT chest",
        modality: Some("CT"),
        body_part: Some("CHEST"),
        technique: "CT of the chest with multiplanar reformats. Contrast: [[none / agent and volume]].",
        findings: "\
Lungs: No consolidation, no suspicious nodule.
Airways: Patent.
Pleura: No effusion, no pneumothorax.
Mediastinum and hila: No enlarged lymph nodes.
Heart and great vessels: Normal heart size, no pericardial effusion. Aorta of normal calibre.
Chest wall and bones: No aggressive lesion.
Upper abdomen: Unremarkable as far as included.",
    },
    Standard {
        name: "CT abdomen and pelvis",
        modality: Some("CT"),
        body_part: Some("ABDOMEN"),
        technique: "CT of the abdomen and pelvis with multiplanar reformats. Contrast: [[none / agent, volume and phase]].",
        findings: "\
Liver and biliary system: No focal lesion, no biliary dilatation. Gallbladder unremarkable.
Pancreas: Unremarkable, duct not dilated.
Spleen and adrenal glands: Unremarkable.
Kidneys and ureters: No hydronephrosis, no stone.
Bowel: No obstruction, no wall thickening. Appendix unremarkable.
Peritoneum: No free fluid, no free air.
Vessels and lymph nodes: Aorta of normal calibre, no enlarged lymph nodes.
Pelvic organs: Unremarkable.
Bones: No aggressive lesion.",
    },
    Standard {
        name: "Chest X-ray",
        modality: Some("DX"),
        body_part: Some("CHEST"),
        technique: "Radiograph of the chest, [[projection and position]].",
        findings: "\
Lungs: Clear, no consolidation.
Pleura: No effusion, no pneumothorax.
Heart and mediastinum: Normal in size and contour.
Bones and soft tissues: No acute abnormality.
Devices: None.",
    },
    Standard {
        name: "Musculoskeletal X-ray",
        modality: Some("DX"),
        body_part: Some("EXTREMITY"),
        technique: "Radiographs of the [[side and region]], [[number]] projections.",
        findings: "\
Bones: No fracture, no destructive lesion.
Joints: Normal alignment, joint spaces preserved.
Soft tissues: Unremarkable.",
    },
    Standard {
        name: "MR brain",
        modality: Some("MR"),
        body_part: Some("HEAD"),
        technique: "Multiplanar, multisequence MR of the brain. Contrast: [[none / agent and volume]].",
        findings: "\
Diffusion: No restricted diffusion.
Brain parenchyma: No focal signal abnormality, no mass effect.
Haemorrhage: No blood products on susceptibility-weighted images.
Ventricles and cisterns: Normal in size and configuration for age.
Vessels: Normal flow voids of the large arteries and dural sinuses.
Sella, cerebellopontine angles and craniocervical junction: Unremarkable.
Orbits, paranasal sinuses and mastoids: Unremarkable as far as included.",
    },
    Standard {
        name: "MR knee",
        modality: Some("MR"),
        body_part: Some("KNEE"),
        technique: "Multiplanar, multisequence MR of the [[left / right]] knee without contrast.",
        findings: "\
Menisci: Medial and lateral menisci intact.
Cruciate ligaments: Intact.
Collateral ligaments: Intact.
Extensor mechanism: Intact.
Cartilage: No full-thickness defect.
Bone marrow: No oedema, no fracture.
Joint fluid: No significant effusion.
Soft tissues: No popliteal cyst.",
    },
    Standard {
        name: "MR spine",
        modality: Some("MR"),
        body_part: Some("SPINE"),
        technique: "Multiplanar, multisequence MR of the [[cervical / thoracic / lumbar]] spine without contrast.",
        findings: "\
Alignment: Normal.
Vertebral bodies: Normal height and marrow signal.
Discs: [[by level]].
Spinal canal and foramina: No significant stenosis.
Cord and conus: Normal signal and position.
Paravertebral soft tissues: Unremarkable.",
    },
    Standard {
        name: "US abdomen",
        modality: Some("US"),
        body_part: Some("ABDOMEN"),
        technique: "Ultrasound of the abdomen.",
        findings: "\
Liver: Normal size and echotexture, no focal lesion.
Gallbladder and bile ducts: No stones, common bile duct [__] mm.
Pancreas: Unremarkable as far as visible.
Spleen: Normal size, [__] cm.
Kidneys: Right [__] cm, left [__] cm. No hydronephrosis.
Aorta: Normal calibre.
Free fluid: None.",
    },
    Standard {
        name: "General report",
        modality: None,
        body_part: None,
        technique: "",
        findings: "",
    },
];

/// The templates of a new tenant, in English.
pub fn standard_templates() -> Vec<NewTemplate> {
    STANDARD
        .iter()
        .map(|standard| NewTemplate {
            name: standard.name.to_owned(),
            modality: standard.modality.map(str::to_owned),
            body_part: standard.body_part.map(str::to_owned),
            sections: vec![
                section("technique", "Technique", standard.technique, false),
                section("comparison", "Comparison", NO_COMPARISON, false),
                section("findings", "Findings", standard.findings, true),
                section("impression", "Impression", IMPRESSION, true),
            ],
        })
        .collect()
}

fn section(key: &str, title: &str, text: &str, required: bool) -> ReportSection {
    ReportSection {
        key: key.to_owned(),
        title: title.to_owned(),
        text: text.to_owned(),
        required,
    }
}
