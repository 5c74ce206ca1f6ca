//! The handlers of this program, one a file.
//!
//! **Invariant:** a handler calls one use case and decides nothing; whether a failure is worth another
//! run follows from the use case's error.

mod compact_study;
mod deliver_report;
mod fetch_study;
mod judge_completeness;
mod make_renditions;
mod make_thumbnail;
mod mark_service_level;
mod move_study;
mod print_report;
mod purge_deleted;
mod release_lapsed_claim;
mod remove_object;
mod repair_batch;
mod replicate_batch;
mod report_commitment;
mod send_invitation;
mod send_study;
mod tidy_batch;
mod verify_archive;
mod warm_series_metadata;

use crate::{Registry, UnhandledKinds};

/// Every handler of this program.
///
/// Errors: a kind of job that use cases queue has no handler.
pub fn registry() -> Result<Registry, UnhandledKinds> {
    let registry = Registry::new()
        .with(compact_study::run)
        .with(deliver_report::run)
        .with(fetch_study::run)
        .with(judge_completeness::run)
        .with(make_renditions::run)
        .with(make_thumbnail::run)
        .with(mark_service_level::run)
        .with(move_study::run)
        .with(print_report::run)
        .with(purge_deleted::run)
        .with(release_lapsed_claim::run)
        .with(remove_object::run)
        .with(repair_batch::run)
        .with(replicate_batch::run)
        .with(report_commitment::run)
        .with(send_invitation::run)
        .with(send_study::run)
        .with(tidy_batch::run)
        .with(verify_archive::run)
        .with(warm_series_metadata::run);
    registry.check(app::jobs::KINDS)?;
    Ok(registry)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_kind_of_job_has_a_handler() {
        assert!(super::registry().is_ok());
    }
}
