//! The tables as SeaORM sees them; nothing outside this crate does.

pub mod audit_event;
pub mod change_event;
pub mod job;
pub mod tenant;
pub mod tenant_head;
