//! What comes over an association: PDUs, command sets and identifiers.

use dimse::{
    Command,
    data_set::{DataSet, Writing},
    pdu::{self, Pdu},
};

/// The longest PDU that is taken here.
const MAX_PDU_BYTES: u32 = 1 << 16;

/// Promise: a PDU is never longer than what there was, and what is written of one is read and written as the same.
///
/// What was read may be written shorter: items nobody knows are left out, and the syntax of a refused context.
pub fn pdu(bytes: &[u8]) {
    let Ok(Some((read, length))) = pdu::parse(bytes, MAX_PDU_BYTES) else {
        return;
    };
    assert!(length <= bytes.len());
    let written = bytes_of(&read);
    let Ok(Some((again, length))) = pdu::parse(&written, u32::MAX) else {
        panic!("not read again: {read:?}");
    };
    assert_eq!((length, bytes_of(&again)), (written.len(), written));
}

fn bytes_of(pdu: &Pdu) -> Vec<u8> {
    let mut bytes = Vec::new();
    pdu.write(&mut bytes);
    bytes
}

/// Promise: what is written of a command set or an identifier is read and written as the same. Implicit VR leaves open
/// what an empty element is, so identifiers are compared by their bytes.
pub fn command(bytes: &[u8]) {
    if let Ok(command) = Command::parse(bytes) {
        assert_eq!(Command::parse(&command.to_bytes()), Ok(command));
    }
    for writing in [Writing::Implicit, Writing::Explicit] {
        if let Ok(identifier) = DataSet::parse(bytes, writing) {
            let written = identifier.to_bytes(writing);
            let again = DataSet::parse(&written, writing).map(|again| again.to_bytes(writing));
            assert_eq!(again, Ok(written));
        }
    }
}
