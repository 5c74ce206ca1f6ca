//! What stands in for a value that must not be there and must not be missing (action D).

use dicom_core::VR;

/// A dummy value of a VR, of even or odd length. Sequences and UIDs have none: an item and a UID of ours stand in.
pub(super) fn value(vr: VR) -> &'static [u8] {
    match vr {
        VR::PN => b"Anonymous",
        VR::DA => b"19000101",
        VR::TM => b"000000",
        VR::DT => b"19000101000000",
        VR::AS => b"000Y",
        VR::DS | VR::IS => b"0",
        VR::UR => b"urn:removed",
        VR::AE | VR::CS | VR::LO | VR::LT | VR::SH | VR::ST | VR::UC | VR::UT => b"REMOVED",
        VR::US | VR::SS | VR::OB | VR::OW | VR::UN => &[0; 2],
        VR::UL | VR::SL | VR::AT | VR::FL | VR::OF | VR::OL => &[0; 4],
        VR::FD | VR::OD | VR::SV | VR::UV | VR::OV => &[0; 8],
        VR::SQ | VR::UI => &[],
    }
}
