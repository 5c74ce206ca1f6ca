//! How soon originals can be had.

use store::Tier;

use crate::{App, settings::ColdMedia};

/// How soon originals can be had (Instance Availability, PS3.3 §C.4.23.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// At once.
    Online,
    /// Slowly.
    Nearline,
    /// When somebody, or some hours, brought them back.
    Offline,
}

impl Availability {
    /// As the Standard spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "ONLINE",
            Self::Nearline => "NEARLINE",
            Self::Offline => "OFFLINE",
        }
    }
}

impl App {
    /// How soon what lies in a tier can be had. With a replica nothing is offline: it has every original, too.
    pub fn availability(&self, tier: Tier) -> Availability {
        match (tier, self.settings.cold_media) {
            (Tier::Hot, _) => Availability::Online,
            (Tier::Cold, ColdMedia::Offline) if self.replica.is_none() => Availability::Offline,
            (Tier::Cold, _) => Availability::Nearline,
        }
    }
}
