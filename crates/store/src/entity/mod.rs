//! The tables as SeaORM sees them; nothing outside this crate does.

pub mod api_key;
pub mod audit_event;
pub mod batch_object;
pub mod change_event;
pub mod facility;
pub mod instance;
pub mod instance_metadata;
pub mod invitation;
pub mod job;
pub mod membership;
pub mod membership_facility;
pub mod patient;
pub mod quarantined_instance;
pub mod refresh_token;
pub mod rendition;
pub mod schedule_slot;
pub mod series;
pub mod series_metadata;
pub mod session;
pub mod study;
pub mod tenant;
pub mod tenant_head;
pub mod upload;
pub mod upload_item;
pub mod upload_refused_file;
pub mod user_account;
