//! How soon a report is owed.

use chrono::TimeDelta;

use crate::{Priority, ProtocolFlag};

/// The time from READY_TO_READ to delivery that a tenant promises unless it agreed otherwise: the
/// shorter of what the priority and what the pathway asks for.
pub fn default_target(priority: Priority, flag: Option<ProtocolFlag>) -> TimeDelta {
    let by_priority = match priority {
        Priority::Stat => TimeDelta::minutes(30),
        Priority::Asap => TimeDelta::hours(1),
        Priority::Urgent => TimeDelta::hours(2),
        Priority::Routine => TimeDelta::hours(24),
    };
    let by_flag = match flag {
        Some(ProtocolFlag::Stroke) => TimeDelta::minutes(15),
        Some(ProtocolFlag::Trauma | ProtocolFlag::Critical) => TimeDelta::minutes(30),
        None => by_priority,
    };
    by_priority.min(by_flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greater_priority_or_any_flag_never_waits_longer() {
        for pair in Priority::ALL.windows(2) {
            assert!(default_target(pair[1], None) < default_target(pair[0], None));
        }
        for priority in Priority::ALL {
            for flag in ProtocolFlag::ALL {
                assert!(default_target(*priority, Some(*flag)) <= default_target(*priority, None));
            }
        }
        assert_eq!(
            default_target(Priority::Routine, Some(ProtocolFlag::Stroke)),
            TimeDelta::minutes(15)
        );
    }
}
