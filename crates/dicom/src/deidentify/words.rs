//! Cleaning a description: only words that describe bodies, machines and procedures stay.
//!
//! A list of what identifies can never be complete; a list of what does not can. So a word stays when it is one of
//! ours, or a short measure such as `5mm`, and is no part of the instance's own names and numbers.
//!
//! **Invariant:** nothing is kept because it looks harmless, only because it is listed.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Upper-case words, by topic. Diseases are not among them: rare ones identify.
const HARMLESS: &str = "
    ABDOMEN ABDOMINAL ACETABULUM ACHILLES ADRENAL AIRWAY ANKLE ANTERIOR AORTA AORTIC ARCH ARM ARTERIAL ARTERIES ARTERY
    AURICULAR AXILLA BASE BILE BLADDER BODY BONE BONES BOWEL BRACHIAL BRAIN BREAST BRONCHUS CALCANEUS CALF CARDIAC
    CAROTID CARPAL CAVA CAVITY CEREBRAL CERVICAL CHEST CLAVICLE COCCYX COLON CORONARY CRANIAL CRANIUM DENTAL DORSAL DUCT
    DUODENUM EAR ELBOW ESOPHAGUS EXTREMITY EYE FACE FACIAL FEMORAL FEMUR FETAL FETUS FIBULA FINGER FINGERS FOOT FOREARM
    FOSSA GALLBLADDER GASTRIC GROIN HAND HANDS HEAD HEART HEPATIC HIP HIPS HUMERUS ILIAC ILIUM INTERNAL EXTERNAL IAC
    JAW JOINT JOINTS KIDNEY KIDNEYS KNEE KNEES LARYNX LEG LEGS LIMB LIVER LUMBAR LUMBOSACRAL LUNG LUNGS LYMPH MANDIBLE
    MASTOID MAXILLA MEDIASTINUM MENISCUS METACARPAL METATARSAL MUSCLE MYOCARDIAL NASAL NASOPHARYNX NECK NERVE NODE NODES
    OPTIC ORBIT ORBITA ORBITS OVARY PALM PANCREAS PAROTID PATELLA PELVIC PELVIS PENIS PERFUSION PERIPHERAL PETROUS
    PHARYNX PITUITARY PLACENTA PLEURA POPLITEAL PORTAL POSTERIOR PROSTATE PULMONARY RADIUS RECTUM RENAL RIB RIBS SACRAL
    SACROILIAC SACRUM SCAPULA SCROTUM SELLA SHOULDER SHOULDERS SINUS SINUSES SKELETON SKULL SOFT SPINE SPLEEN STERNUM
    STOMACH TEMPORAL TESTIS THIGH THORACIC THORAX THUMB THYROID TIBIA TISSUE TMJ TOE TOES TONGUE TOOTH TRACHEA TRUNK
    ULNA UPPER LOWER URETER URETHRA URINARY UTERUS VAGINA VEIN VEINS VENOUS VENTRICLE VERTEBRA VESSEL VESSELS WHOLE WRIST
    C1 C2 C3 C4 C5 C6 C7 L1 L2 L3 L4 L5 S1 TH
    AP PA LAT LATERAL OBLIQUE OBL AXIAL CORONAL SAGITTAL COR SAG AX TRANSVERSE TRANSVERSAL TRA CRANIOCAUDAL CC MLO ML LM
    LEFT RIGHT BILATERAL BOTH MEDIAL PROXIMAL DISTAL SUPERIOR INFERIOR CAUDAL PRONE SUPINE DECUBITUS ERECT STANDING UPRIGHT
    SITTING LYING FEET FIRST FLEXION EXTENSION INTERNAL ROTATION NEUTRAL STRESS REST WEIGHTBEARING SUNRISE SWIMMERS TOWNE
    WATERS CALDWELL SKYLINE TUNNEL MORTISE FRONTAL TANGENTIAL SCOUT TOPOGRAM LOCALIZER LOCALISER SURVIEW SCANOGRAM
    CT MR MRI CR DX XR XA RF US NM PET PT MG SC SR SEG KO OT MRA CTA CTV MRV MRCP HRCT CBCT SPECT DSA DEXA IVUS OCT ECG
    ANGIO ANGIOGRAM ANGIOGRAPHY ARTHROGRAM ARTHROGRAPHY BIOPSY CINE CHOLANGIOGRAM COLONOGRAPHY CYSTOGRAM DOPPLER DUPLEX
    DYNAMIC ECHO ECHOCARDIOGRAM ELASTOGRAPHY ENTEROGRAPHY EXAM EXAMINATION FLUOROSCOPY FUNCTIONAL INTERVENTIONAL
    MAMMOGRAM MAMMOGRAPHY MYELOGRAM RADIOGRAPH RADIOGRAPHY SCAN SCREENING SERIES SONOGRAPHY SPECTROSCOPY STEREO STUDY
    TOMOGRAPHY TOMOSYNTHESIS ULTRASOUND UROGRAM UROGRAPHY VENOGRAM VIEW VIEWS IMAGE IMAGES FRAME PLANE PROJECTION XRAY
    CONTRAST CONTRASTED ENHANCED UNENHANCED NATIVE NONCONTRAST PLAIN WITH WITHOUT WO AND OR OF THE IN ON FOR TO PRE POST
    PHASE EARLY LATE DELAYED DELAY ARTERIOVENOUS EQUILIBRIUM INSPIRATION EXPIRATION BREATHHOLD BREATH HOLD GATED GATING
    FREE BREATHING TRIGGERED RESPIRATORY BOLUS TRACKING GADOLINIUM GD IODINE BARIUM ORAL RECTAL IV INTRAVENOUS SALINE
    T1 T2 T1W T2W T1WI T2WI PD PDW FLAIR STIR TIRM DWI ADC DTI DIFFUSION SWI BOLD TOF TSE FSE SE GRE GE EPI HASTE VIBE LAVA
    MPRAGE SPACE CUBE TRUFI FIESTA FISP FLASH DIXON FATSAT FAT SAT FS WATER SUPPRESSED SPAIR STARVIBE BLADE PROPELLER
    DARKFLUID DARK FLUID BRIGHT BLOOD ISO ISOTROPIC MAP TRACE WEIGHTED WEIGHTING TENSOR MEAN TRANSIT TIME VOLUME FLOW CBF
    CBV MTT TTP TMAX PHASECONTRAST VELOCITY MIP MINIP MPR VRT VR RECON RECONSTRUCTION REFORMAT REFORMATTED RECONSTRUCTED
    THIN THICK SLICE SLICES SLAB KERNEL SHARP SMOOTH STANDARD STD SOFTTISSUE WINDOW HIGH LOW RESOLUTION RES FAST SPIRAL
    HELICAL SEQUENTIAL VOLUMETRIC DUAL ENERGY SINGLE MULTI MULTIPHASE MONO MONOENERGETIC VIRTUAL NONE IMAGING PROTOCOL
    ROUTINE ADULT PEDIATRIC PAEDIATRIC CHILD INFANT ACUTE TRAUMA STROKE FOLLOWUP FOLLOW UP CONTROL BASELINE LIMITED COMPLETE
    PORTABLE MOBILE BEDSIDE ICU OR THEATRE CALIBRATION PHANTOM TEST QA QC REFERENCE DOSE REPORT SUMMARY KEY SCREEN SAVE
    SECONDARY CAPTURE DERIVED ORIGINAL PRIMARY COLOR COLOUR RGB GRAYSCALE SEGMENTATION STRUCTURE PLAN REGISTRATION
    ATTENUATION CORRECTED UNCORRECTED CORRECTION EMISSION TRANSMISSION FDG UPTAKE SUV STATIC TOMO PLANAR GANTRY TILT
    KV KVP MA MAS MGY MM CM ML SEC MIN HZ MS DEG PERCENT 2D 3D 4D 1ST 2ND 3RD NO YES TYPE NUMBER LEVEL POSITION SIDE
    SCHAEDEL THORAX KOPF HALS BECKEN WIRBELSAEULE HWS BWS LWS KNIE HUEFTE SCHULTER HAENDE FUSS SPRUNGGELENK
    CRANE TETE COU ABDOMEN BASSIN RACHIS GENOU EPAULE HANCHE CHEVILLE POIGNET POUMON FOIE
";

/// Units that a number of up to four digits may carry.
const UNITS: [&str; 14] = [
    "MM", "CM", "ML", "KV", "KVP", "MA", "MAS", "MS", "S", "SEC", "HZ", "DEG", "T", "X",
];

static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| HARMLESS.split_ascii_whitespace().collect());

/// The parts of an instance's own names and numbers, which never stay.
#[derive(Debug, Default)]
pub(super) struct OwnWords(HashSet<String>);

impl OwnWords {
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let words = texts.flat_map(split).map(str::to_uppercase);
        // A single letter in a name would take `W` and `T` out of every description.
        Self(words.filter(|word| word.chars().count() > 1).collect())
    }
}

/// The harmless words of a description, each value for itself, or nothing when none is left.
pub(super) fn clean(text: &str, own: &OwnWords) -> Option<String> {
    let values: Vec<String> = text
        .split('\\')
        .map(|value| {
            let words = split(value).filter(|word| is_harmless(word, own));
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    values
        .iter()
        .any(|value| !value.is_empty())
        .then(|| values.join("\\"))
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

fn is_harmless(word: &str, own: &OwnWords) -> bool {
    let word = word.to_uppercase();
    if own.0.contains(&word) {
        return false;
    }
    WORDS.contains(word.as_str()) || is_measure(&word)
}

fn is_measure(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = word.split_at(digits);
    (1..=4).contains(&number.len()) && UNITS.contains(&unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn only_listed_words_and_measures_stay(text in ".{0,80}") {
            let cleaned = clean(&text, &OwnWords::default()).unwrap_or_default();
            for word in cleaned.split(['\\', ' ']).filter(|word| !word.is_empty()) {
                let word = word.to_uppercase();
                prop_assert!(WORDS.contains(word.as_str()) || is_measure(&word), "{}", word);
            }
        }
    }

    #[test]
    fn what_describes_stays_and_who_is_described_goes() {
        let own = OwnWords::of(["Hand^Jane", "MRN-4711"].into_iter());
        let cleaned = clean(
            "CT Chest without contrast, 5mm - Jane Hand 4711 (Dr. Smith)",
            &own,
        );
        assert_eq!(cleaned.as_deref(), Some("CT Chest without contrast 5mm"));
        assert_eq!(clean("Hand ap", &OwnWords::default()).as_deref(), Some("Hand ap"));
        assert_eq!(clean("Jane Doe 19700101", &own), None);
        assert_eq!(clean("Kopf\\Smith", &own).as_deref(), Some("Kopf\\"));
    }
}
