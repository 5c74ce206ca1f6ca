//! Private attributes that are known to say nothing about a person.
//!
//! They are those of PS3.15 table E.3.10-1 that images of ours need most: what a b-value, a standardised uptake value
//! or a pitch is computed from. The numbers are the Standard's own, the words beside them ours. An attribute that is
//! not here is not safe.

/// Group, private creator, and the elements (the lower byte) that are safe in its blocks.
type Row = (u16, &'static str, &'static [u8]);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    (0x0019, "SIEMENS MR HEADER", &[0x0c, 0x0d, 0x0e, 0x27]), // diffusion: b-value, directionality, direction, matrix
    (0x0019, "GEMS_ACQU_01", &[0x23, 0x24, 0x27, 0x9e]), // table speed, scan time, rotation speed, sequence
    (0x0025, "GEMS_SERS_01", &[0x07]),                   // planned number of images
    (0x0043, "GEMS_PARM_01", &[0x27, 0x39, 0x6f]),       // pitch ratio, b-value, table positions
    (0x0045, "GEMS_HELIOS_01", &[0x01, 0x02]),           // macro rows
    (0x00e1, "ELSCINT1", &[0x21]),                       // dose length product
    (0x01e1, "ELSCINT1", &[0x26, 0x50]),                 // phantom type, acquisition duration
    (0x01f1, "ELSCINT1", &[0x01, 0x07, 0x26, 0x27]),     // acquisition, table velocity, pitch, rotation time
    (0x2001, "Philips Imaging DD 001", &[0x03, 0x04]),   // diffusion b-factor and direction
    (0x2005, "Philips MR Imaging DD 001", &[0x0d, 0x0e]), // scale intercept and slope
    (0x7053, "Philips PET Private Group", &[0x00, 0x09]), // SUV and activity scale factors
];

/// Whether any attribute of the creator's blocks in the group is safe.
pub(super) fn is_known(group: u16, creator: &str) -> bool {
    elements(group, creator).is_some()
}

/// Whether the attribute is safe; `element` is its lower byte.
pub(super) fn is_safe(group: u16, creator: &str, element: u8) -> bool {
    elements(group, creator).is_some_and(|elements| elements.contains(&element))
}

fn elements(group: u16, creator: &str) -> Option<&'static [u8]> {
    ROWS.iter()
        .find(|row| row.0 == group && row.1.eq_ignore_ascii_case(creator))
        .map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_safe_for_its_creator_only() {
        assert!(is_safe(0x0019, "SIEMENS MR HEADER", 0x0c));
        assert!(!is_safe(0x0019, "SIEMENS MR HEADER", 0x01));
        assert!(!is_safe(0x0019, "ACME", 0x0c));
        assert!(is_known(0x7053, "Philips PET Private Group"));
    }
}
