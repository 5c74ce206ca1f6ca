//! Documents of the Native DICOM Model.

use dicom::{
    Limits,
    xml::{read_native_model, write_native_model},
};

/// Promise: what was read can be written, is read again, and from then on is written as the same.
pub fn xml(document: &[u8]) {
    let limits = Limits::default();
    let Ok(read) = read_native_model(document, &limits) else {
        return;
    };
    let written = written(&read);
    let again = read_native_model(&written, &Limits::default()).expect("what was written is read");
    assert_eq!(
        String::from_utf8_lossy(&self::written(&again)),
        String::from_utf8_lossy(&written)
    );
}

fn written(object: &serde_json::Map<String, serde_json::Value>) -> Vec<u8> {
    let json = serde_json::to_vec(object).expect("an object is JSON");
    let mut document = Vec::new();
    write_native_model(&json, &mut document).expect("what was read is the model");
    document
}
