//! The outside world behind the ports of app.

pub mod system;
