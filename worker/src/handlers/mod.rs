//! The handlers of this program, one a file.

use crate::Registry;

/// Every handler of this program.
pub fn registry() -> Registry {
    Registry::new()
}
