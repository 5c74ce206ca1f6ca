//! The delivery axis: one recipient's copy of a report on its way.

use crate::names::named;

named! {
    /// Where a copy stands.
    DeliveryState {
        /// To be sent.
        Queued = "QUEUED",
        /// The carrier has taken it.
        Sent = "SENT",
        /// The recipient has it.
        Delivered = "DELIVERED",
        /// The recipient said so.
        Acknowledged = "ACKNOWLEDGED",
        /// It could not be sent.
        Failed = "FAILED",
        /// A newer version goes instead.
        Superseded = "SUPERSEDED",
    }
}

named! {
    /// The way it goes.
    DeliveryChannel {
        /// To be opened here, by the facility's people.
        Portal = "PORTAL",
        /// A link by mail.
        Mail = "MAIL",
    }
}

impl DeliveryState {
    /// Whether a copy in this state may come to be in `next`.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (
                Self::Queued | Self::Failed,
                Self::Sent | Self::Delivered | Self::Failed | Self::Superseded
            ) | (Self::Sent, Self::Delivered | Self::Superseded)
                | (Self::Sent | Self::Delivered, Self::Acknowledged)
        )
    }

    /// Whether nothing more will happen by itself.
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Queued)
    }
}

/// Whether the facility has the report: the portal shows it, and every other channel was tried to
/// its end. A mail that cannot be delivered does not hold the case up, since the portal has the report,
/// nor does one that is still on its way once the facility says that it has read the report.
pub fn facility_has_it(copies: &[(DeliveryChannel, DeliveryState)]) -> bool {
    let in_portal = copies.iter().any(|(channel, state)| {
        *channel == DeliveryChannel::Portal
            && matches!(state, DeliveryState::Delivered | DeliveryState::Acknowledged)
    });
    let read = copies
        .iter()
        .any(|(_, state)| *state == DeliveryState::Acknowledged);
    in_portal && (read || copies.iter().all(|(_, state)| state.is_settled()))
}

#[cfg(test)]
mod tests {
    use super::{DeliveryChannel::*, DeliveryState::*, *};

    #[test]
    fn a_case_is_delivered_when_the_portal_has_it_and_the_mail_was_tried() {
        assert!(!facility_has_it(&[(Portal, Queued)]));
        assert!(facility_has_it(&[(Portal, Delivered)]));
        assert!(!facility_has_it(&[(Portal, Delivered), (Mail, Queued)]));
        assert!(facility_has_it(&[(Portal, Delivered), (Mail, Sent)]));
        assert!(facility_has_it(&[(Portal, Delivered), (Mail, Failed)]));
        assert!(
            !facility_has_it(&[(Mail, Sent)]),
            "a link alone is not the report"
        );
    }

    #[test]
    fn what_was_acknowledged_or_superseded_never_moves_again() {
        for end in [Acknowledged, Superseded] {
            assert!(DeliveryState::ALL.iter().all(|next| !end.may_become(*next)));
        }
        assert!(!Queued.may_become(Acknowledged), "nobody reads what was not sent");
    }
}
