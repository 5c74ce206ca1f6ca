//! The report axis: a draft that can be edited, signed versions that cannot.
//!
//! **Invariant:** a [`SignedReport`] has no way to be changed; an addendum is a new version that names
//! the hash of the one before it.

mod draft;
mod section;
mod signed;
mod standard_templates;
mod template;
mod versions;

pub use draft::{EditRefused, ReportDraft};
pub use section::{Gap, GapKind, MAX_SECTION_CHARS, ReportSection};
pub use signed::{SignedContent, SignedKeyImage, SignedReport, SignedSection, Tampered};
pub use standard_templates::standard_templates;
pub use template::{NewTemplate, ReportTemplate, applicable};
pub use versions::{Report, ReportState, ReportVersionKind, SignKind, SignRefused, Signature};
