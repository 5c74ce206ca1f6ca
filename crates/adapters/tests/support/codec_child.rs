//! The child that the tests of the codec pool start: the same worker as the program's own `codec-worker`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("codec-worker") => dicom::codec::run_codec_worker(),
        _ => ExitCode::from(64),
    }
}
