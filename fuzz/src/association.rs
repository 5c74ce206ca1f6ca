//! What comes over an association: PDUs, command sets and identifiers.

use dimse::{
    Command,
    data_set::{DataSet, Writing},
    pdu,
};

/// The longest PDU that is taken here.
const MAX_PDU_BYTES: u32 = 1 << 16;

/// Promise: a PDU is never longer than what there was, and what is written of one reads as the same.
pub fn pdu(bytes: &[u8]) {
    let Ok(Some((read, length))) = pdu::parse(bytes, MAX_PDU_BYTES) else {
        return;
    };
    assert!(length <= bytes.len());
    let mut written = Vec::new();
    read.write(&mut written);
    let again = pdu::parse(&written, u32::MAX);
    assert_eq!(again, Ok(Some((read, written.len()))));
}

/// Promise: what is written of a command set or an identifier reads as the same.
pub fn command(bytes: &[u8]) {
    if let Ok(command) = Command::parse(bytes) {
        assert_eq!(Command::parse(&command.to_bytes()), Ok(command));
    }
    for writing in [Writing::Implicit, Writing::Explicit] {
        if let Ok(identifier) = DataSet::parse(bytes, writing) {
            let written = identifier.to_bytes(writing);
            assert_eq!(DataSet::parse(&written, writing), Ok(identifier));
        }
    }
}
