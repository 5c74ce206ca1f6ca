//! Table E.1-1 of PS3.15: what happens to each attribute by profile and option.
//!
//! Edition 2026c. Where the rows come from (licences in `THIRD_PARTY.md`):
//!
//! - the attributes and the basic profile's column: dicom-anonymizer 2.1.0 (BSD-3-Clause), whose tables follow that
//!   edition;
//! - the options' columns: `confidentiality_profile_attributes.json` of Innolitics' dicom-standard (MIT).
//!
//! Attributes that came into the Standard after that file have an option only where their Value Representation settles
//! it: dates and times move, UIDs stay; and the text of graphic annotations is cleaned, as §E.3.3 says of itself. Without an option an attribute goes, whatever is asked for. So do application
//! entity titles: they are addresses in a hospital's network.

use super::action::Basic::{self, D, U, X, XD, XZ, Xzd as XZD, Xzu as XZU, Z, ZD};

/// One row: the attribute, the basic profile's action, and the options' actions in the order of
/// [`super::action::Column`]: `K` keeps, `C` cleans, `X` removes, `.` says nothing.
pub(super) type Row = (u32, Basic, [u8; 10]);

/// Attributes whose group is one number, in ascending order. Curves (50xx,xxxx), overlays (60xx,xxxx) and private
/// attributes are [`super::action`]'s.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    (0x0000_1000, X, *b".K........"), // Affected SOP Instance UID
    (0x0000_1001, U, *b".K........"), // Requested SOP Instance UID
    (0x0002_0003, U, *b".K........"), // Media Storage SOP Instance UID
    (0x0004_1511, U, *b".K........"), // Referenced SOP Instance UID in File
    (0x0008_0012, XD, *b".....KC..."), // Instance Creation Date
    (0x0008_0013, XZD, *b".....KC..."), // Instance Creation Time
    (0x0008_0014, U, *b".K........"), // Instance Creator UID
    (0x0008_0015, X, *b".....KC..."), // Instance Coercion DateTime
    (0x0008_0017, U, *b".K........"), // Acquisition UID
    (0x0008_0018, U, *b".K........"), // SOP Instance UID
    (0x0008_0019, U, *b".K........"), // Pyramid UID
    (0x0008_0020, Z, *b".....KC..."), // Study Date
    (0x0008_0021, XD, *b".....KC..."), // Series Date
    (0x0008_0022, XZ, *b".....KC..."), // Acquisition Date
    (0x0008_0023, ZD, *b".....KC..."), // Content Date
    (0x0008_0024, X, *b".....KC..."), // Overlay Date
    (0x0008_0025, X, *b".....KC..."), // Curve Date
    (0x0008_002A, XZD, *b".....KC..."), // Acquisition DateTime
    (0x0008_0030, Z, *b".....KC..."), // Study Time
    (0x0008_0031, XD, *b".....KC..."), // Series Time
    (0x0008_0032, XZ, *b".....KC..."), // Acquisition Time
    (0x0008_0033, ZD, *b".....KC..."), // Content Time
    (0x0008_0034, X, *b".....KC..."), // Overlay Time
    (0x0008_0035, X, *b".....KC..."), // Curve Time
    (0x0008_0050, Z, *b".........."), // Accession Number
    (0x0008_0054, X, *b".........."), // Retrieve AE Title
    (0x0008_0055, X, *b".........."), // Station AE Title
    (0x0008_0058, U, *b".K........"), // Failed SOP Instance UID List
    (0x0008_0080, XZD, *b"...K......"), // Institution Name
    (0x0008_0081, X, *b"...K......"), // Institution Address
    (0x0008_0082, XZD, *b"...K......"), // Institution Code Sequence
    (0x0008_0090, Z, *b".........."), // Referring Physician's Name
    (0x0008_0092, X, *b".........."), // Referring Physician's Address
    (0x0008_0094, X, *b".........."), // Referring Physician's Telephone Numbers
    (0x0008_0096, X, *b".........."), // Referring Physician Identification Sequence
    (0x0008_009C, Z, *b".........."), // Consulting Physician's Name
    (0x0008_009D, X, *b".........."), // Consulting Physician Identification Sequence
    (0x0008_0106, D, *b".....KC..."), // Context Group Version
    (0x0008_0107, D, *b".....KC..."), // Context Group Local Version
    (0x0008_0201, X, *b".....KC..."), // Timezone Offset From UTC
    (0x0008_1000, X, *b".........."), // Network ID
    (0x0008_1010, XZD, *b"..K......."), // Station Name
    (0x0008_1030, X, *b".......C.."), // Study Description
    (0x0008_103E, X, *b".......C.."), // Series Description
    (0x0008_1040, X, *b"...K......"), // Institutional Department Name
    (0x0008_1041, X, *b"...K......"), // Institutional Department Type Code Sequence
    (0x0008_1048, X, *b".........."), // Physician(s) of Record
    (0x0008_1049, X, *b".........."), // Physician(s) of Record Identification Sequence
    (0x0008_1050, X, *b".........."), // Performing Physician's Name
    (0x0008_1052, X, *b".........."), // Performing Physician Identification Sequence
    (0x0008_1060, X, *b".........."), // Name of Physician(s) Reading Study
    (0x0008_1062, X, *b".........."), // Physician(s) Reading Study Identification Sequence
    (0x0008_1070, XZD, *b".........."), // Operators' Name
    (0x0008_1072, XD, *b".........."), // Operator Identification Sequence
    (0x0008_1080, X, *b".......C.."), // Admitting Diagnoses Description
    (0x0008_1084, X, *b".......C.."), // Admitting Diagnoses Code Sequence
    (0x0008_1088, X, *b".........."), // Pyramid Description
    (0x0008_1110, XZ, *b".K........"), // Referenced Study Sequence
    (0x0008_1111, XZD, *b".K........"), // Referenced Performed Procedure Step Sequence
    (0x0008_1120, X, *b".X........"), // Referenced Patient Sequence
    (0x0008_1140, XZU, *b".K........"), // Referenced Image Sequence
    (0x0008_1155, U, *b".K........"), // Referenced SOP Instance UID
    (0x0008_1195, U, *b".K........"), // Transaction UID
    (0x0008_1301, X, *b".........."), // Principal Diagnosis Code Sequence
    (0x0008_1302, X, *b".........."), // Primary Diagnosis Code Sequence
    (0x0008_1303, X, *b".........."), // Secondary Diagnoses Code Sequence
    (0x0008_1304, X, *b".........."), // Histological Diagnoses Code Sequence
    (0x0008_2111, X, *b".......C.."), // Derivation Description
    (0x0008_2112, XZU, *b".K........"), // Source Image Sequence
    (0x0008_3010, U, *b".K........"), // Irradiation Event UID
    (0x0008_4000, X, *b".......C.."), // Identifying Comments
    (0x0010_0010, Z, *b".........."), // Patient's Name
    (0x0010_0011, X, *b".........."), // Person Names to Use Sequence
    (0x0010_0012, X, *b".........."), // Name to Use
    (0x0010_0013, X, *b".........."), // Name to Use Comment
    (0x0010_0014, X, *b".........."), // Third Person Pronouns Sequence
    (0x0010_0015, X, *b".........."), // Pronoun Code Sequence
    (0x0010_0016, X, *b".........."), // Pronoun Comment
    (0x0010_0020, ZD, *b".........."), // Patient ID
    (0x0010_0021, X, *b".........."), // Issuer of Patient ID
    (0x0010_0030, Z, *b".........."), // Patient's Birth Date
    (0x0010_0032, X, *b".........."), // Patient's Birth Time
    (0x0010_0040, Z, *b"....K....."), // Patient's Sex
    (0x0010_0041, X, *b".........."), // Gender Identity Sequence
    (0x0010_0042, X, *b".........."), // Sex Parameters for Clinical Use Category Comment
    (0x0010_0043, X, *b".........."), // Sex Parameters for Clinical Use Category Sequence
    (0x0010_0044, X, *b".........."), // Gender Identity Code Sequence
    (0x0010_0045, X, *b".........."), // Gender Identity Comment
    (0x0010_0046, X, *b".........."), // Sex Parameters for Clinical Use Category Code Sequence
    (0x0010_0047, X, *b".........."), // Sex Parameters for Clinical Use Category Reference
    (0x0010_0050, X, *b".........."), // Patient's Insurance Plan Code Sequence
    (0x0010_0101, X, *b".........."), // Patient's Primary Language Code Sequence
    (0x0010_0102, X, *b".........."), // Patient's Primary Language Modifier Code Sequence
    (0x0010_1000, X, *b".........."), // Other Patient IDs
    (0x0010_1001, X, *b".........."), // Other Patient Names
    (0x0010_1002, X, *b".........."), // Other Patient IDs Sequence
    (0x0010_1005, X, *b".........."), // Patient's Birth Name
    (0x0010_1010, X, *b"....K....."), // Patient's Age
    (0x0010_1020, X, *b"....K....."), // Patient's Size
    (0x0010_1030, X, *b"....K....."), // Patient's Weight
    (0x0010_1040, X, *b".........."), // Patient's Address
    (0x0010_1050, X, *b".........."), // Insurance Plan Identification
    (0x0010_1060, X, *b".........."), // Patient's Mother's Birth Name
    (0x0010_1080, X, *b".........."), // Military Rank
    (0x0010_1081, X, *b".........."), // Branch of Service
    (0x0010_1090, X, *b".........."), // Medical Record Locator
    (0x0010_1100, X, *b".........."), // Referenced Patient Photo Sequence
    (0x0010_2000, X, *b".......C.."), // Medical Alerts
    (0x0010_2110, X, *b"....C..C.."), // Allergies
    (0x0010_2150, X, *b".........."), // Country of Residence
    (0x0010_2152, X, *b".........."), // Region of Residence
    (0x0010_2154, X, *b".........."), // Patient's Telephone Numbers
    (0x0010_2155, X, *b".........."), // Patient's Telecom Information
    (0x0010_2160, X, *b"....K....."), // Ethnic Group
    (0x0010_2161, X, *b".........."), // Ethnic Group Code Sequence
    (0x0010_2162, X, *b".........."), // Ethnic Groups
    (0x0010_2180, X, *b".......C.."), // Occupation
    (0x0010_21A0, X, *b"....K....."), // Smoking Status
    (0x0010_21B0, X, *b".......C.."), // Additional Patient History
    (0x0010_21C0, X, *b"....K....."), // Pregnancy Status
    (0x0010_21D0, X, *b".....KC..."), // Last Menstrual Date
    (0x0010_21F0, X, *b".........."), // Patient's Religious Preference
    (0x0010_2203, XZ, *b"....K....."), // Patient's Sex Neutered
    (0x0010_2297, X, *b".........."), // Responsible Person
    (0x0010_2299, X, *b".........."), // Responsible Organization
    (0x0010_4000, X, *b".......C.."), // Patient Comments
    (0x0012_0010, D, *b".........."), // Clinical Trial Sponsor Name
    (0x0012_0020, D, *b".........."), // Clinical Trial Protocol ID
    (0x0012_0021, Z, *b".........."), // Clinical Trial Protocol Name
    (0x0012_0022, X, *b".........."), // Issuer of Clinical Trial Protocol ID
    (0x0012_0023, X, *b".........."), // Other Clinical Trial Protocol IDs Sequence
    (0x0012_0030, Z, *b"...K......"), // Clinical Trial Site ID
    (0x0012_0031, Z, *b"...K......"), // Clinical Trial Site Name
    (0x0012_0032, X, *b".........."), // Issuer of Clinical Trial Site ID
    (0x0012_0040, D, *b".........."), // Clinical Trial Subject ID
    (0x0012_0041, X, *b".........."), // Issuer of Clinical Trial Subject ID
    (0x0012_0042, D, *b".........."), // Clinical Trial Subject Reading ID
    (0x0012_0043, X, *b".........."), // Issuer of Clinical Trial Subject Reading ID
    (0x0012_0050, Z, *b".........."), // Clinical Trial Time Point ID
    (0x0012_0051, X, *b".......C.."), // Clinical Trial Time Point Description
    (0x0012_0055, X, *b".........."), // Issuer of Clinical Trial Time Point ID
    (0x0012_0060, Z, *b"...K......"), // Clinical Trial Coordinating Center Name
    (0x0012_0071, X, *b".........."), // Clinical Trial Series ID
    (0x0012_0072, X, *b".......C.."), // Clinical Trial Series Description
    (0x0012_0073, X, *b".........."), // Issuer of Clinical Trial Series ID
    (0x0012_0081, D, *b"...K......"), // Clinical Trial Protocol Ethics Committee Name
    (0x0012_0082, X, *b".........."), // Clinical Trial Protocol Ethics Committee Approval Number
    (0x0012_0086, X, *b".....KC..."), // Ethics Committee Approval Effectiveness Start Date
    (0x0012_0087, X, *b".....KC..."), // Ethics Committee Approval Effectiveness End Date
    (0x0014_407C, X, *b".....KC..."), // Calibration Time
    (0x0014_407E, X, *b".....KC..."), // Calibration Date
    (0x0016_002B, X, *b".......C.."), // Maker Note
    (0x0016_004B, X, *b".......C.."), // Device Setting Description
    (0x0016_004D, X, *b".........."), // Camera Owner Name
    (0x0016_004E, X, *b"..K......."), // Lens Specification
    (0x0016_004F, X, *b"..K......."), // Lens Make
    (0x0016_0050, X, *b"..K......."), // Lens Model
    (0x0016_0051, X, *b"..K......."), // Lens Serial Number
    (0x0016_0070, X, *b".........."), // GPS Version ID
    (0x0016_0071, X, *b".........."), // GPS Latitude Ref
    (0x0016_0072, X, *b".........."), // GPS Latitude
    (0x0016_0073, X, *b".........."), // GPS Longitude Ref
    (0x0016_0074, X, *b".........."), // GPS Longitude
    (0x0016_0075, X, *b".........."), // GPS Altitude Ref
    (0x0016_0076, X, *b".........."), // GPS Altitude
    (0x0016_0077, X, *b".........."), // GPS Time Stamp
    (0x0016_0078, X, *b".........."), // GPS Satellites
    (0x0016_0079, X, *b".........."), // GPS Status
    (0x0016_007A, X, *b".........."), // GPS Measure Mode
    (0x0016_007B, X, *b".........."), // GPS DOP
    (0x0016_007C, X, *b".........."), // GPS Speed Ref
    (0x0016_007D, X, *b".........."), // GPS Speed
    (0x0016_007E, X, *b".........."), // GPS Track Ref
    (0x0016_007F, X, *b".........."), // GPS Track
    (0x0016_0080, X, *b".........."), // GPS Img Direction Ref
    (0x0016_0081, X, *b".........."), // GPS Img Direction
    (0x0016_0082, X, *b".........."), // GPS Map Datum
    (0x0016_0083, X, *b".........."), // GPS Dest Latitude Ref
    (0x0016_0084, X, *b".........."), // GPS Dest Latitude
    (0x0016_0085, X, *b".........."), // GPS Dest Longitude Ref
    (0x0016_0086, X, *b".........."), // GPS Dest Longitude
    (0x0016_0087, X, *b".........."), // GPS Dest Bearing Ref
    (0x0016_0088, X, *b".........."), // GPS Dest Bearing
    (0x0016_0089, X, *b".........."), // GPS Dest Distance Ref
    (0x0016_008A, X, *b".........."), // GPS Dest Distance
    (0x0016_008B, X, *b".........."), // GPS Processing Method
    (0x0016_008C, X, *b".........."), // GPS Area Information
    (0x0016_008D, X, *b".....KC..."), // GPS Date Stamp
    (0x0016_008E, X, *b".........."), // GPS Differential
    (0x0018_0010, ZD, *b".......C.."), // Contrast/Bolus Agent
    (0x0018_0027, X, *b".....KC..."), // Intervention Drug Stop Time
    (0x0018_0035, X, *b".....KC..."), // Intervention Drug Start Time
    (0x0018_1000, XZD, *b"..K......."), // Device Serial Number
    (0x0018_1002, U, *b".KK......."), // Device UID
    (0x0018_1004, X, *b"..K......."), // Plate ID
    (0x0018_1005, X, *b"..K......."), // Generator ID
    (0x0018_1007, X, *b"..K......."), // Cassette ID
    (0x0018_1008, X, *b"..K......."), // Gantry ID
    (0x0018_1009, X, *b"..K......."), // Unique Device Identifier
    (0x0018_100A, X, *b"..K......."), // UDI Sequence
    (0x0018_100B, U, *b".KK......."), // Manufacturer's Device Class UID
    (0x0018_1010, X, *b".........."), // Secondary Capture Device ID
    (0x0018_1011, X, *b".........."), // Hardcopy Creation Device ID
    (0x0018_1012, X, *b".....KC..."), // Date of Secondary Capture
    (0x0018_1014, X, *b".....KC..."), // Time of Secondary Capture
    (0x0018_1030, XD, *b".......C.."), // Protocol Name
    (0x0018_1042, X, *b".....KC..."), // Contrast/Bolus Start Time
    (0x0018_1043, X, *b".....KC..."), // Contrast/Bolus Stop Time
    (0x0018_1072, X, *b".....KC..."), // Radiopharmaceutical Start Time
    (0x0018_1073, X, *b".....KC..."), // Radiopharmaceutical Stop Time
    (0x0018_1078, X, *b".....KC..."), // Radiopharmaceutical Start DateTime
    (0x0018_1079, X, *b".....KC..."), // Radiopharmaceutical Stop DateTime
    (0x0018_11BB, D, *b".......C.."), // Acquisition Field Of View Label
    (0x0018_1200, X, *b".....KC..."), // Date of Last Calibration
    (0x0018_1201, X, *b".....KC..."), // Time of Last Calibration
    (0x0018_1202, X, *b".....KC..."), // DateTime of Last Calibration
    (0x0018_1203, Z, *b".....KC..."), // Calibration DateTime
    (0x0018_1204, X, *b".....KC..."), // Date of Manufacture
    (0x0018_1205, X, *b".....KC..."), // Date of Installation
    (0x0018_1400, XD, *b".......C.."), // Acquisition Device Processing Description
    (0x0018_2042, U, *b".K........"), // Target UID
    (0x0018_4000, X, *b".......C.."), // Acquisition Comments
    (0x0018_5011, X, *b"..K......."), // Transducer Identification Sequence
    (0x0018_700A, XD, *b"..K......."), // Detector ID
    (0x0018_700C, XD, *b".....KC..."), // Date of Last Detector Calibration
    (0x0018_700E, XD, *b".....KC..."), // Time of Last Detector Calibration
    (0x0018_9074, D, *b".....KC..."), // Frame Acquisition DateTime
    (0x0018_9151, D, *b".....KC..."), // Frame Reference DateTime
    (0x0018_9185, X, *b".......C.."), // Respiratory Motion Compensation Technique Description
    (0x0018_9367, D, *b"..K......."), // X-Ray Source ID
    (0x0018_9369, D, *b".....KC..."), // Source Start DateTime
    (0x0018_936A, D, *b".....KC..."), // Source End DateTime
    (0x0018_9371, D, *b"..K......."), // X-Ray Detector ID
    (0x0018_9373, X, *b"..K......."), // X-Ray Detector Label
    (0x0018_937B, X, *b".......C.."), // Multi-energy Acquisition Description
    (0x0018_937F, X, *b".......C.."), // Decomposition Description
    (0x0018_9424, X, *b".......C.."), // Acquisition Protocol Description
    (0x0018_9516, XD, *b".....KC..."), // Start Acquisition DateTime
    (0x0018_9517, XD, *b".....KC..."), // End Acquisition DateTime
    (0x0018_9623, D, *b".....KC..."), // Functional Sync Pulse
    (0x0018_9701, D, *b".....KC..."), // Decay Correction DateTime
    (0x0018_9804, D, *b".....KC..."), // Exclusion Start DateTime
    (0x0018_9919, ZD, *b".....KC..."), // Instruction Performed DateTime
    (0x0018_9937, X, *b".......C.."), // Requested Series Description
    (0x0018_A002, X, *b".....KC..."), // Contribution DateTime
    (0x0018_A003, X, *b".......C.."), // Contribution Description
    (0x0020_000D, U, *b".K........"), // Study Instance UID
    (0x0020_000E, U, *b".K........"), // Series Instance UID
    (0x0020_0010, Z, *b".........."), // Study ID
    (0x0020_0027, X, *b".........."), // Pyramid Label
    (0x0020_0052, U, *b".K........"), // Frame of Reference UID
    (0x0020_0200, U, *b".K........"), // Synchronization Frame of Reference UID
    (0x0020_3401, X, *b".........."), // Modifying Device ID
    (0x0020_3403, X, *b".....KC..."), // Modified Image Date
    (0x0020_3405, X, *b".....KC..."), // Modified Image Time
    (0x0020_3406, X, *b".........."), // Modified Image Description
    (0x0020_4000, X, *b".......C.."), // Image Comments
    (0x0020_9158, X, *b".......C.."), // Frame Comments
    (0x0020_9161, U, *b".K........"), // Concatenation UID
    (0x0020_9164, U, *b".K........"), // Dimension Organization UID
    (0x0028_1199, U, *b".K........"), // Palette Color Lookup Table UID
    (0x0028_1214, U, *b".K........"), // Large Palette Color Lookup Table UID
    (0x0028_4000, X, *b".........."), // Image Presentation Comments
    (0x0032_0012, X, *b".........."), // Study ID Issuer
    (0x0032_0032, X, *b".....KC..."), // Study Verified Date
    (0x0032_0033, X, *b".....KC..."), // Study Verified Time
    (0x0032_0034, X, *b".....KC..."), // Study Read Date
    (0x0032_0035, X, *b".....KC..."), // Study Read Time
    (0x0032_1000, X, *b".....KC..."), // Scheduled Study Start Date
    (0x0032_1001, X, *b".....KC..."), // Scheduled Study Start Time
    (0x0032_1010, X, *b".....KC..."), // Scheduled Study Stop Date
    (0x0032_1011, X, *b".....KC..."), // Scheduled Study Stop Time
    (0x0032_1020, X, *b"..K......."), // Scheduled Study Location
    (0x0032_1021, X, *b".........."), // Scheduled Study Location AE Title
    (0x0032_1030, X, *b".......C.."), // Reason for Study
    (0x0032_1032, X, *b".........."), // Requesting Physician
    (0x0032_1033, X, *b".........."), // Requesting Service
    (0x0032_1040, X, *b".....KC..."), // Study Arrival Date
    (0x0032_1041, X, *b".....KC..."), // Study Arrival Time
    (0x0032_1050, X, *b".....KC..."), // Study Completion Date
    (0x0032_1051, X, *b".....KC..."), // Study Completion Time
    (0x0032_1060, XZ, *b".......C.."), // Requested Procedure Description
    (0x0032_1066, X, *b".......C.."), // Reason for Visit
    (0x0032_1067, X, *b".......C.."), // Reason for Visit Code Sequence
    (0x0032_1070, X, *b".......C.."), // Requested Contrast Agent
    (0x0032_4000, X, *b".......C.."), // Study Comments
    (0x0034_0001, D, *b".........."), // Flow Identifier Sequence
    (0x0034_0002, D, *b".........."), // Flow Identifier
    (0x0034_0005, D, *b".........."), // Source Identifier
    (0x0034_0007, D, *b".....KC..."), // Frame Origin Timestamp
    (0x0038_0004, X, *b".........."), // Referenced Patient Alias Sequence
    (0x0038_0010, X, *b".........."), // Admission ID
    (0x0038_0011, X, *b".........."), // Issuer of Admission ID
    (0x0038_0014, X, *b".........."), // Issuer of Admission ID Sequence
    (0x0038_001A, X, *b".....KC..."), // Scheduled Admission Date
    (0x0038_001B, X, *b".....KC..."), // Scheduled Admission Time
    (0x0038_001C, X, *b".....KC..."), // Scheduled Discharge Date
    (0x0038_001D, X, *b".....KC..."), // Scheduled Discharge Time
    (0x0038_001E, X, *b".........."), // Scheduled Patient Institution Residence
    (0x0038_0020, X, *b".....KC..."), // Admitting Date
    (0x0038_0021, X, *b".....KC..."), // Admitting Time
    (0x0038_0030, X, *b".....KC..."), // Discharge Date
    (0x0038_0032, X, *b".....KC..."), // Discharge Time
    (0x0038_0040, X, *b".......C.."), // Discharge Diagnosis Description
    (0x0038_0050, X, *b"....C....."), // Special Needs
    (0x0038_0060, X, *b".........."), // Service Episode ID
    (0x0038_0061, X, *b".........."), // Issuer of Service Episode ID
    (0x0038_0062, X, *b".......C.."), // Service Episode Description
    (0x0038_0064, X, *b".........."), // Issuer of Service Episode ID Sequence
    (0x0038_0300, X, *b".........."), // Current Patient Location
    (0x0038_0400, X, *b".........."), // Patient's Institution Residence
    (0x0038_0500, X, *b"....C..C.."), // Patient State
    (0x0038_4000, X, *b".......C.."), // Visit Comments
    (0x003A_0020, X, *b".........."), // Multiplex Group Label
    (0x003A_0203, X, *b".........."), // Channel Label
    (0x003A_020C, X, *b".........."), // Channel Derivation Description
    (0x003A_0310, U, *b".K........"), // Multiplex Group UID
    (0x003A_0314, D, *b".....KC..."), // Impedance Measurement DateTime
    (0x003A_0329, X, *b".........."), // Waveform Filter Description
    (0x003A_032B, X, *b".........."), // Filter Lookup Table Description
    (0x0040_0001, X, *b".........."), // Scheduled Station AE Title
    (0x0040_0002, X, *b".....KC..."), // Scheduled Procedure Step Start Date
    (0x0040_0003, X, *b".....KC..."), // Scheduled Procedure Step Start Time
    (0x0040_0004, X, *b".....KC..."), // Scheduled Procedure Step End Date
    (0x0040_0005, X, *b".....KC..."), // Scheduled Procedure Step End Time
    (0x0040_0006, X, *b".........."), // Scheduled Performing Physician's Name
    (0x0040_0007, X, *b".......C.."), // Scheduled Procedure Step Description
    (0x0040_0009, X, *b".........."), // Scheduled Procedure Step ID
    (0x0040_000B, X, *b".........."), // Scheduled Performing Physician Identification Sequence
    (0x0040_0010, X, *b"..K......."), // Scheduled Station Name
    (0x0040_0011, X, *b"..K......."), // Scheduled Procedure Step Location
    (0x0040_0012, X, *b"....C....."), // Pre-Medication
    (0x0040_0241, X, *b".........."), // Performed Station AE Title
    (0x0040_0242, X, *b"..K......."), // Performed Station Name
    (0x0040_0243, X, *b".........."), // Performed Location
    (0x0040_0244, X, *b".....KC..."), // Performed Procedure Step Start Date
    (0x0040_0245, X, *b".....KC..."), // Performed Procedure Step Start Time
    (0x0040_0250, X, *b".....KC..."), // Performed Procedure Step End Date
    (0x0040_0251, X, *b".....KC..."), // Performed Procedure Step End Time
    (0x0040_0253, X, *b".........."), // Performed Procedure Step ID
    (0x0040_0254, X, *b".......C.."), // Performed Procedure Step Description
    (0x0040_0275, X, *b".......C.."), // Request Attributes Sequence
    (0x0040_0280, X, *b".......C.."), // Comments on the Performed Procedure Step
    (0x0040_0310, X, *b".......C.."), // Comments on Radiation Dose
    (0x0040_050A, X, *b".........."), // Specimen Accession Number
    (0x0040_0512, D, *b".........."), // Container Identifier
    (0x0040_0513, Z, *b".........."), // Issuer of the Container Identifier Sequence
    (0x0040_051A, X, *b".......C.."), // Container Description
    (0x0040_0551, D, *b".........."), // Specimen Identifier
    (0x0040_0554, U, *b".K........"), // Specimen UID
    (0x0040_0555, XZ, *b"........C."), // Acquisition Context Sequence
    (0x0040_0556, X, *b".........."), // Acquisition Context Description
    (0x0040_0562, Z, *b".........."), // Issuer of the Specimen Identifier Sequence
    (0x0040_0600, X, *b".......C.."), // Specimen Short Description
    (0x0040_0602, X, *b".......C.."), // Specimen Detailed Description
    (0x0040_0610, Z, *b"........C."), // Specimen Preparation Sequence
    (0x0040_06FA, X, *b".........."), // Slide Identifier
    (0x0040_1001, X, *b".........."), // Requested Procedure ID
    (0x0040_1002, X, *b".......C.."), // Reason for the Requested Procedure
    (0x0040_1004, X, *b".........."), // Patient Transport Arrangements
    (0x0040_1005, X, *b".........."), // Requested Procedure Location
    (0x0040_100A, X, *b".......C.."), // Reason for Requested Procedure Code Sequence
    (0x0040_1010, X, *b".........."), // Names of Intended Recipients of Results
    (0x0040_1011, X, *b".........."), // Intended Recipients of Results Identification Sequence
    (0x0040_1101, D, *b".........."), // Person Identification Code Sequence
    (0x0040_1102, X, *b".........."), // Person's Address
    (0x0040_1103, X, *b".........."), // Person's Telephone Numbers
    (0x0040_1104, X, *b".........."), // Person's Telecom Information
    (0x0040_1400, X, *b".......C.."), // Requested Procedure Comments
    (0x0040_2001, X, *b".......C.."), // Reason for the Imaging Service Request
    (0x0040_2004, X, *b".....KC..."), // Issue Date of Imaging Service Request
    (0x0040_2005, X, *b".....KC..."), // Issue Time of Imaging Service Request
    (0x0040_2008, X, *b".........."), // Order Entered By
    (0x0040_2009, X, *b".........."), // Order Enterer's Location
    (0x0040_2010, X, *b".........."), // Order Callback Phone Number
    (0x0040_2011, X, *b".........."), // Order Callback Telecom Information
    (0x0040_2016, Z, *b".........."), // Placer Order Number / Imaging Service Request
    (0x0040_2017, Z, *b".........."), // Filler Order Number / Imaging Service Request
    (0x0040_2400, X, *b".......C.."), // Imaging Service Request Comments
    (0x0040_3001, X, *b".........."), // Confidentiality Constraint on Patient Data Description
    (0x0040_4005, X, *b".....KC..."), // Scheduled Procedure Step Start DateTime
    (0x0040_4008, X, *b".....KC..."), // Scheduled Procedure Step Expiration DateTime
    (0x0040_4010, X, *b".....KC..."), // Scheduled Procedure Step Modification DateTime
    (0x0040_4011, X, *b".....KC..."), // Expected Completion DateTime
    (0x0040_4023, U, *b".K........"), // 
    (0x0040_4025, X, *b"..K......."), // Scheduled Station Name Code Sequence
    (0x0040_4027, X, *b"..K......."), // Scheduled Station Geographic Location Code Sequence
    (0x0040_4028, X, *b"..K......."), // Performed Station Name Code Sequence
    (0x0040_4030, X, *b"..K......."), // Performed Station Geographic Location Code Sequence
    (0x0040_4034, X, *b".........."), // Scheduled Human Performers Sequence
    (0x0040_4035, X, *b".........."), // Actual Human Performers Sequence
    (0x0040_4036, X, *b".........."), // Human Performer's Organization
    (0x0040_4037, X, *b".........."), // Human Performer's Name
    (0x0040_4050, X, *b".....KC..."), // Performed Procedure Step Start DateTime
    (0x0040_4051, X, *b".....KC..."), // Performed Procedure Step End DateTime
    (0x0040_4052, X, *b".....KC..."), // Procedure Step Cancellation DateTime
    (0x0040_A023, X, *b".....KC..."), // Findings Group Recording Date (Trial)
    (0x0040_A024, X, *b".....KC..."), // Findings Group Recording Time (Trial)
    (0x0040_A027, D, *b".........."), // Verifying Organization
    (0x0040_A030, D, *b".....KC..."), // Verification DateTime
    (0x0040_A032, XD, *b".....KC..."), // Observation DateTime
    (0x0040_A033, X, *b".....KC..."), // Observation Start DateTime
    (0x0040_A034, X, *b".....KC..."), // Effective Start DateTime
    (0x0040_A035, X, *b".....KC..."), // Effective Stop DateTime
    (0x0040_A073, D, *b".........."), // Verifying Observer Sequence
    (0x0040_A075, D, *b".........."), // Verifying Observer Name
    (0x0040_A078, X, *b".........."), // Author Observer Sequence
    (0x0040_A07A, X, *b".........."), // Participant Sequence
    (0x0040_A07C, X, *b".........."), // Custodial Organization Sequence
    (0x0040_A082, Z, *b".....KC..."), // Participation DateTime
    (0x0040_A088, Z, *b".........."), // Verifying Observer Identification Code Sequence
    (0x0040_A110, X, *b".....KC..."), // Date of Document or Verbal Transaction (Trial)
    (0x0040_A112, X, *b".....KC..."), // Time of Document Creation or Verbal Transaction (Trial)
    (0x0040_A120, D, *b".....KC..."), // DateTime
    (0x0040_A121, D, *b".....KC..."), // Date
    (0x0040_A122, D, *b".....KC..."), // Time
    (0x0040_A123, D, *b".........."), // Person Name
    (0x0040_A124, U, *b".........."), // UID
    (0x0040_A13A, D, *b".....KC..."), // Referenced DateTime
    (0x0040_A171, U, *b".K........"), // Observation UID
    (0x0040_A172, U, *b".K........"), // Referenced Observation UID (Trial)
    (0x0040_A192, X, *b".....KC..."), // Observation Date (Trial)
    (0x0040_A193, X, *b".....KC..."), // Observation Time (Trial)
    (0x0040_A307, X, *b".........."), // Current Observer (Trial)
    (0x0040_A352, X, *b".........."), // Verbal Source (Trial)
    (0x0040_A353, X, *b".........."), // Address (Trial)
    (0x0040_A354, X, *b".........."), // Telephone Number (Trial)
    (0x0040_A358, X, *b".........."), // Verbal Source Identifier Code Sequence (Trial)
    (0x0040_A402, U, *b".K........"), // Observation Subject UID (Trial)
    (0x0040_A730, D, *b"........C."), // Content Sequence
    (0x0040_B020, XD, *b".........."), // Waveform Annotation Sequence
    (0x0040_B034, X, *b".....KC..."), // Annotation DateTime
    (0x0040_B036, X, *b".....KC..."), // Segment Definition DateTime
    (0x0040_B03B, X, *b".........."), // Montage Name
    (0x0040_B03F, X, *b".........."), // Montage Channel Label
    (0x0040_DB06, X, *b".....KC..."), // Template Version
    (0x0040_DB07, X, *b".....KC..."), // Template Local Version
    (0x0040_DB0C, U, *b".K........"), // Template Extension Organization UID
    (0x0040_DB0D, U, *b".K........"), // Template Extension Creator UID
    (0x0040_E004, X, *b".....KC..."), // HL7 Document Effective Time
    (0x0040_E012, X, *b".........."), // Display URI
    (0x0042_0011, D, *b".........."), // Encapsulated Document
    (0x0044_0004, X, *b".....KC..."), // Approval Status DateTime
    (0x0044_000B, X, *b".....KC..."), // Product Expiration DateTime
    (0x0044_0010, X, *b".....KC..."), // Substance Administration DateTime
    (0x0044_0104, D, *b".....KC..."), // Assertion DateTime
    (0x0044_0105, X, *b".....KC..."), // Assertion Expiration DateTime
    (0x0050_001B, X, *b".........."), // Container Component ID
    (0x0050_0020, X, *b"..K......."), // Device Description
    (0x0050_0021, X, *b".......C.."), // Long Device Description
    (0x0062_0021, U, *b".K........"), // Tracking UID
    (0x0064_0003, U, *b".K........"), // Source Frame of Reference UID
    (0x0068_6226, D, *b".....KC..."), // Effective DateTime
    (0x0068_6270, D, *b".....KC..."), // Information Issue DateTime
    (0x006A_0003, D, *b".K........"), // Annotation Group UID
    (0x006A_0005, D, *b".........."), // Annotation Group Label
    (0x006A_0006, X, *b".........."), // Annotation Group Description
    (0x0070_0001, D, *b".........C"), // Graphic Annotation Sequence
    (0x0070_0006, D, *b".........C"), // Unformatted Text Value
    (0x0070_0082, X, *b".....KC..."), // Presentation Creation Date
    (0x0070_0083, X, *b".....KC..."), // Presentation Creation Time
    (0x0070_0084, ZD, *b".........."), // Content Creator's Name
    (0x0070_0086, X, *b".........."), // Content Creator's Identification Code Sequence
    (0x0070_031A, U, *b".K........"), // Fiducial UID
    (0x0070_1101, U, *b".K........"), // Presentation Display Collection UID
    (0x0070_1102, U, *b".K........"), // Presentation Sequence Collection UID
    (0x0072_000A, D, *b".....KC..."), // Hanging Protocol Creation DateTime
    (0x0072_005E, D, *b".........."), // Selector AE Value
    (0x0072_005F, D, *b".........."), // Selector AS Value
    (0x0072_0061, D, *b".....KC..."), // Selector DA Value
    (0x0072_0063, D, *b".....KC..."), // Selector DT Value
    (0x0072_0065, D, *b".........."), // Selector OB Value
    (0x0072_0066, D, *b".........."), // Selector LO Value
    (0x0072_0068, D, *b".........."), // Selector LT Value
    (0x0072_006A, D, *b".........."), // Selector PN Value
    (0x0072_006B, D, *b".....KC..."), // Selector TM Value
    (0x0072_006C, D, *b".........."), // Selector SH Value
    (0x0072_006D, D, *b".........."), // Selector UN Value
    (0x0072_006E, D, *b".........."), // Selector ST Value
    (0x0072_0070, D, *b".........."), // Selector UT Value
    (0x0072_0071, D, *b".........."), // Selector UR Value
    (0x0074_1234, X, *b".........."), // Receiving AE
    (0x0074_1236, X, *b".........."), // Requesting AE
    (0x0088_0140, U, *b".K........"), // Storage Media File-set UID
    (0x0088_0200, X, *b".........."), // Icon Image Sequence(see Note 11)
    (0x0088_0904, X, *b".........."), // Topic Title
    (0x0088_0906, X, *b".........."), // Topic Subject
    (0x0088_0910, X, *b".........."), // Topic Author
    (0x0088_0912, X, *b".........."), // Topic Keywords
    (0x0100_0420, X, *b".....KC..."), // SOP Authorization DateTime
    (0x0400_0100, U, *b".........."), // Digital Signature UID
    (0x0400_0105, D, *b".....KC..."), // Digital Signature DateTime
    (0x0400_0115, D, *b".........."), // Certificate of Signer
    (0x0400_0310, X, *b".........."), // Certified Timestamp
    (0x0400_0402, X, *b".........."), // Referenced Digital Signature Sequence
    (0x0400_0403, X, *b".........."), // Referenced SOP Instance MAC Sequence
    (0x0400_0404, X, *b".........."), // MAC
    (0x0400_0550, X, *b".........."), // Modified Attributes Sequence
    (0x0400_0551, X, *b".........."), // Nonconforming Modified Attributes Sequence
    (0x0400_0552, X, *b".........."), // Nonconforming Data Element Value
    (0x0400_0561, X, *b".........."), // Original Attributes Sequence
    (0x0400_0562, D, *b".....KC..."), // Attribute Modification DateTime
    (0x0400_0563, D, *b".........."), // Modifying System
    (0x0400_0564, Z, *b".........."), // Source of Previous Values
    (0x0400_0565, D, *b".........."), // Reason for the Attribute Modification
    (0x0400_0600, X, *b".........."), // Instance Origin Status
    (0x2030_0020, X, *b".........."), // Text String
    (0x2100_0040, X, *b".....KC..."), // Creation Date
    (0x2100_0050, X, *b".....KC..."), // Creation Time
    (0x2100_0070, X, *b".........."), // Originator
    (0x2100_0140, D, *b".........."), // Destination AE
    (0x2200_0002, XZ, *b".......C.."), // Label Text
    (0x2200_0005, XZ, *b".........."), // Barcode Value
    (0x3002_0121, X, *b".........."), // Position Acquisition Template Name
    (0x3002_0123, X, *b".........."), // Position Acquisition Template Description
    (0x3006_0002, D, *b".......C.."), // Structure Set Label
    (0x3006_0004, X, *b".......C.."), // Structure Set Name
    (0x3006_0006, X, *b".......C.."), // Structure Set Description
    (0x3006_0008, Z, *b".....KC..."), // Structure Set Date
    (0x3006_0009, Z, *b".....KC..."), // Structure Set Time
    (0x3006_0024, U, *b".K........"), // Referenced Frame of Reference UID
    (0x3006_0026, Z, *b".......C.."), // ROI Name
    (0x3006_0028, X, *b".......C.."), // ROI Description
    (0x3006_002D, X, *b".....KC..."), // ROI DateTime
    (0x3006_002E, X, *b".....KC..."), // ROI Observation DateTime
    (0x3006_0038, X, *b".......C.."), // ROI Generation Description
    (0x3006_004D, X, *b".........."), // ROI Creator Sequence
    (0x3006_004E, X, *b".........."), // ROI Interpreter Sequence
    (0x3006_0085, X, *b".......C.."), // ROI Observation Label
    (0x3006_0088, X, *b".......C.."), // ROI Observation Description
    (0x3006_00A6, Z, *b".........."), // ROI Interpreter
    (0x3006_00C2, U, *b".K........"), // Related Frame of Reference UID
    (0x3008_0024, D, *b".....KC..."), // Treatment Control Point Date
    (0x3008_0025, D, *b".....KC..."), // Treatment Control Point Time
    (0x3008_0054, XD, *b".....KC..."), // First Treatment Date
    (0x3008_0056, XD, *b".....KC..."), // Most Recent Treatment Date
    (0x3008_0105, XZ, *b"..K......."), // Source Serial Number
    (0x3008_0162, D, *b".....KC..."), // Safe Position Exit Date
    (0x3008_0164, D, *b".....KC..."), // Safe Position Exit Time
    (0x3008_0166, D, *b".....KC..."), // Safe Position Return Date
    (0x3008_0168, D, *b".....KC..."), // Safe Position Return Time
    (0x3008_0250, XD, *b".....KC..."), // Treatment Date
    (0x3008_0251, XD, *b".....KC..."), // Treatment Time
    (0x300A_0002, D, *b".......C.."), // RT Plan Label
    (0x300A_0003, X, *b".......C.."), // RT Plan Name
    (0x300A_0004, X, *b".......C.."), // RT Plan Description
    (0x300A_0006, XD, *b".....KC..."), // RT Plan Date
    (0x300A_0007, XD, *b".....KC..."), // RT Plan Time
    (0x300A_000B, X, *b".........."), // Treatment Sites
    (0x300A_000E, X, *b".......C.."), // Prescription Description
    (0x300A_0013, U, *b".K........"), // Dose Reference UID
    (0x300A_0016, X, *b".......C.."), // Dose Reference Description
    (0x300A_0054, U, *b".K........"), // Table Top Position Alignment UID
    (0x300A_0072, X, *b".......C.."), // Fraction Group Description
    (0x300A_0083, U, *b".K........"), // Referenced Dose Reference UID
    (0x300A_00B2, XZ, *b"..K......."), // Treatment Machine Name
    (0x300A_00C3, X, *b".......C.."), // Beam Description
    (0x300A_00DD, X, *b".......C.."), // Bolus Description
    (0x300A_0196, X, *b".......C.."), // Fixation Device Description
    (0x300A_01A6, X, *b".......C.."), // Shielding Device Description
    (0x300A_01B2, X, *b".......C.."), // Setup Technique Description
    (0x300A_0216, X, *b"..K......."), // Source Manufacturer
    (0x300A_022C, D, *b".....KC..."), // Source Strength Reference Date
    (0x300A_022E, D, *b".....KC..."), // Source Strength Reference Time
    (0x300A_02EB, X, *b".......C.."), // Compensator Description
    (0x300A_0608, D, *b".......C.."), // Treatment Position Group Label
    (0x300A_0609, U, *b".K........"), // Treatment Position Group UID
    (0x300A_0611, Z, *b".........."), // RT Accessory Holder Slot ID
    (0x300A_0615, Z, *b".........."), // RT Accessory Device Slot ID
    (0x300A_0619, D, *b".......C.."), // Radiation Dose Identification Label
    (0x300A_0623, D, *b".......C.."), // Radiation Dose In-Vivo Measurement Label
    (0x300A_062A, D, *b".......C.."), // RT Tolerance Set Label
    (0x300A_0650, U, *b".K........"), // Patient Setup UID
    (0x300A_0676, X, *b".......C.."), // Equipment Frame of Reference Description
    (0x300A_067C, D, *b".......C.."), // Radiation Generation Mode Label
    (0x300A_067D, Z, *b".......C.."), // Radiation Generation Mode Description
    (0x300A_0700, U, *b".K........"), // Treatment Session UID
    (0x300A_0734, D, *b".......C.."), // Treatment Tolerance Violation Description
    (0x300A_0736, D, *b".....KC..."), // Treatment Tolerance Violation DateTime
    (0x300A_073A, D, *b".....KC..."), // Recorded RT Control Point DateTime
    (0x300A_0741, D, *b".....KC..."), // Interlock DateTime
    (0x300A_0742, D, *b".......C.."), // Interlock Description
    (0x300A_0760, D, *b".....KC..."), // Override DateTime
    (0x300A_0783, D, *b".......C.."), // Interlock Origin Description
    (0x300A_0785, U, *b".K........"), // Referenced Treatment Position Group UID
    (0x300A_078E, X, *b".........."), // Patient Treatment Preparation Procedure Parameter Description
    (0x300A_0792, X, *b".........."), // Patient Treatment Preparation Method Description
    (0x300A_0794, X, *b".........."), // Patient Setup Photo Description
    (0x300A_079A, X, *b".........."), // Displacement Reference Label
    (0x300C_0113, X, *b".......C.."), // Reason for Omission Description
    (0x300C_0127, D, *b".....KC..."), // Beam Hold Transition DateTime
    (0x300E_0004, Z, *b".....KC..."), // Review Date
    (0x300E_0005, Z, *b".....KC..."), // Review Time
    (0x300E_0008, XZ, *b".........."), // Reviewer Name
    (0x3010_0006, U, *b".K........"), // Conceptual Volume UID
    (0x3010_000B, U, *b".K........"), // Referenced Conceptual Volume UID
    (0x3010_000F, Z, *b".......C.."), // Conceptual Volume Combination Description
    (0x3010_0013, U, *b".K........"), // Constituent Conceptual Volume UID
    (0x3010_0015, U, *b".K........"), // Source Conceptual Volume UID
    (0x3010_0017, Z, *b".......C.."), // Conceptual Volume Description
    (0x3010_001B, Z, *b".........."), // Device Alternate Identifier
    (0x3010_002D, D, *b"..K......."), // Device Label
    (0x3010_0031, U, *b".K........"), // Referenced Fiducials UID
    (0x3010_0033, D, *b".......C.."), // User Content Label
    (0x3010_0034, D, *b".......C.."), // User Content Long Label
    (0x3010_0035, D, *b".......C.."), // Entity Label
    (0x3010_0036, X, *b".......C.."), // Entity Name
    (0x3010_0037, X, *b".......C.."), // Entity Description
    (0x3010_0038, D, *b".......C.."), // Entity Long Label
    (0x3010_003B, U, *b".K........"), // RT Treatment Phase UID
    (0x3010_0043, Z, *b"..K......."), // Manufacturer's Device Identifier
    (0x3010_004C, XD, *b".....KC..."), // Intended Phase Start Date
    (0x3010_004D, XD, *b".....KC..."), // Intended Phase End Date
    (0x3010_0054, D, *b".......C.."), // RT Prescription Label
    (0x3010_0056, XD, *b".......C.."), // RT Treatment Approach Label
    (0x3010_005A, Z, *b".......C.."), // RT Physician Intent Narrative
    (0x3010_005C, Z, *b".......C.."), // Reason for Superseding
    (0x3010_0061, X, *b".......C.."), // Prior Treatment Dose Description
    (0x3010_006E, U, *b".K........"), // Dosimetric Objective UID
    (0x3010_006F, U, *b".K........"), // Referenced Dosimetric Objective UID
    (0x3010_0077, XD, *b".......C.."), // Treatment Site
    (0x3010_007A, Z, *b".......C.."), // Treatment Technique Notes
    (0x3010_007B, Z, *b".......C.."), // Prescription Notes
    (0x3010_007F, Z, *b".......C.."), // Fractionation Notes
    (0x3010_0081, Z, *b".......C.."), // Prescription Notes Sequence
    (0x3010_0085, X, *b".....KC..."), // Intended Fraction Start Time
    (0x4000_0010, X, *b".........."), // Arbitrary
    (0x4000_4000, X, *b".........."), // Text Comments
    (0x4008_0040, X, *b".........."), // Results ID
    (0x4008_0042, X, *b".........."), // Results ID Issuer
    (0x4008_0100, X, *b".....KC..."), // Interpretation Recorded Date
    (0x4008_0101, X, *b".....KC..."), // Interpretation Recorded Time
    (0x4008_0102, X, *b".........."), // Interpretation Recorder
    (0x4008_0108, X, *b".....KC..."), // Interpretation Transcription Date
    (0x4008_0109, X, *b".....KC..."), // Interpretation Transcription Time
    (0x4008_010A, X, *b".........."), // Interpretation Transcriber
    (0x4008_010B, X, *b".......C.."), // Interpretation Text
    (0x4008_010C, X, *b".........."), // Interpretation Author
    (0x4008_0111, X, *b".........."), // Interpretation Approver Sequence
    (0x4008_0112, X, *b".....KC..."), // Interpretation Approval Date
    (0x4008_0113, X, *b".....KC..."), // Interpretation Approval Time
    (0x4008_0114, X, *b".........."), // Physician Approving Interpretation
    (0x4008_0115, X, *b".......C.."), // Interpretation Diagnosis Description
    (0x4008_0118, X, *b".........."), // Results Distribution List Sequence
    (0x4008_0119, X, *b".........."), // Distribution Name
    (0x4008_011A, X, *b".........."), // Distribution Address
    (0x4008_0200, X, *b".........."), // Interpretation ID
    (0x4008_0202, X, *b".........."), // Interpretation ID Issuer
    (0x4008_0300, X, *b".......C.."), // Impressions
    (0x4008_4000, X, *b".......C.."), // Results Comments
    (0xFFFA_FFFA, X, *b".........."), // Digital Signatures Sequence
    (0xFFFC_FFFC, X, *b".........."), // Data Set Trailing Padding
];
