//! The tables as SeaORM sees them; nothing outside this crate does.

pub mod audit_event;
pub mod batch_object;
pub mod change_event;
pub mod instance;
pub mod instance_metadata;
pub mod job;
pub mod patient;
pub mod quarantined_instance;
pub mod rendition;
pub mod schedule_slot;
pub mod series;
pub mod series_metadata;
pub mod study;
pub mod tenant;
pub mod tenant_head;
pub mod upload;
pub mod upload_item;
pub mod upload_refused_file;
