//! Applications that speak DICOM with us: what they may do, and how they are recognised.
//!
//! **Invariant:** a node that answers to any title is held to an address or a certificate.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a node may ask of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NodeRight {
    /// Store instances (C-STORE).
    Store,
    /// Search (C-FIND).
    Find,
    /// Have instances sent to a node of its facility (C-MOVE).
    Move,
    /// Receive instances (C-GET).
    Get,
    /// Ask whether instances are safely kept (storage commitment).
    Commit,
}

impl NodeRight {
    /// Every right.
    pub const ALL: &'static [Self] = &[Self::Store, Self::Find, Self::Move, Self::Get, Self::Commit];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Store => "STORE",
            Self::Find => "FIND",
            Self::Move => "MOVE",
            Self::Get => "GET",
            Self::Commit => "COMMIT",
        }
    }
}

/// A range of addresses: `10.1.0.0/16`, `fd00::/8`, or a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange {
    first: IpAddr,
    prefix: u8,
}

/// The text is no range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("use an address, or a range such as 10.1.0.0/16")]
pub struct NoAddressRange;

impl AddressRange {
    /// Whether `address` lies inside. An IPv4 address that came as an IPv6 one is the IPv4 one.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.prefix);
                first.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.prefix);
                first.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

impl FromStr for AddressRange {
    type Err = NoAddressRange;

    fn from_str(text: &str) -> Result<Self, NoAddressRange> {
        let (first, prefix) = match text.trim().split_once('/') {
            Some((first, prefix)) => (first, Some(prefix)),
            None => (text.trim(), None),
        };
        let first: IpAddr = first.parse().map_err(|_| NoAddressRange)?;
        let first = first.to_canonical();
        let longest = if first.is_ipv4() { 32 } else { 128 };
        let prefix = prefix
            .map_or(Ok(longest), str::parse)
            .map_err(|_| NoAddressRange)?;
        if prefix > longest {
            return Err(NoAddressRange);
        }
        Ok(Self { first, prefix })
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.first, self.prefix)
    }
}

impl TryFrom<String> for AddressRange {
    type Error = NoAddressRange;

    fn try_from(text: String) -> Result<Self, NoAddressRange> {
        text.parse()
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        range.to_string()
    }
}

/// The title that stands for any.
pub const ANY_TITLE: &str = "*";

/// How a node is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRecognition<'a> {
    /// What it calls itself, or [`ANY_TITLE`].
    pub title: &'a str,
    /// Where it may come from; nothing: from anywhere.
    pub addresses: &'a [AddressRange],
    /// The SHA-256 of the certificates it may show; nothing: none is asked for.
    pub certificates: &'a [[u8; 32]],
    /// Whether it must come encrypted.
    pub requires_tls: bool,
}

/// Somebody who wants an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    /// What they call themselves.
    pub title: &'a str,
    /// Where they come from.
    pub address: IpAddr,
    /// Whether the connection is encrypted.
    pub is_encrypted: bool,
    /// The SHA-256 of the certificate they proved to have.
    pub certificate: Option<[u8; 32]>,
}

impl NodeRecognition<'_> {
    /// Whether the caller is this node.
    pub fn recognises(&self, caller: &Caller<'_>) -> bool {
        let title = self.title == ANY_TITLE || self.title == caller.title;
        let address =
            self.addresses.is_empty() || self.addresses.iter().any(|range| range.contains(caller.address));
        let certificate = self.certificates.is_empty()
            || caller
                .certificate
                .is_some_and(|shown| self.certificates.contains(&shown));
        title && address && certificate && (caller.is_encrypted || !self.requires_tls)
    }

    /// Whether it is held to anything but what a caller says of itself.
    pub fn is_held(&self) -> bool {
        self.title != ANY_TITLE || !self.addresses.is_empty() || !self.certificates.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn caller(address: IpAddr, certificate: Option<[u8; 32]>) -> Caller<'static> {
        Caller {
            title: "CT1",
            address,
            is_encrypted: certificate.is_some(),
            certificate,
        }
    }

    #[test]
    fn a_range_holds_what_shares_its_prefix() {
        let range: AddressRange = "10.1.0.0/16".parse().unwrap();
        assert!(range.contains("10.1.255.3".parse().unwrap()));
        assert!(range.contains("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!range.contains("10.2.0.1".parse().unwrap()));
        assert!(!range.contains("::1".parse().unwrap()));
        let all: AddressRange = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("203.0.113.9".parse().unwrap()));
        for wrong in ["", "10.1", "10.1.0.0/33", "::/129", "10.1.0.0/x", "host"] {
            assert_eq!(wrong.parse::<AddressRange>(), Err(NoAddressRange), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn a_range_survives_its_text_and_holds_its_own_address(bits in any::<u128>(), v4 in any::<u32>(), prefix in 0u8..=128) {
            let addresses = [(IpAddr::from(bits.to_be_bytes()), prefix), (IpAddr::from(v4.to_be_bytes()), prefix.min(32))];
            for (address, prefix) in addresses {
                let prefix = if address.to_canonical().is_ipv4() { prefix.min(32) } else { prefix };
                let range: AddressRange = format!("{}/{prefix}", address.to_canonical()).parse().unwrap();
                prop_assert!(range.contains(address));
                prop_assert_eq!(range.to_string().parse(), Ok(range));
            }
        }

        #[test]
        fn each_list_that_is_not_empty_must_be_met(
            titled in any::<bool>(), held_to_address in any::<bool>(), from_there in any::<bool>(),
            held_to_certificate in any::<bool>(), shown in prop::option::of(0u8..3), requires_tls in any::<bool>(),
        ) {
            let addresses = ["10.0.0.0/8".parse().unwrap()];
            let certificates = [[1; 32]];
            let node = NodeRecognition {
                title: if titled { "CT1" } else { ANY_TITLE },
                addresses: if held_to_address { &addresses } else { &[] },
                certificates: if held_to_certificate { &certificates } else { &[] },
                requires_tls,
            };
            let address = if from_there { "10.3.2.1" } else { "192.0.2.1" };
            let caller = caller(address.parse().unwrap(), shown.map(|byte| [byte; 32]));
            let expected = (!held_to_address || from_there)
                && (!held_to_certificate || shown == Some(1))
                && (!requires_tls || shown.is_some());
            prop_assert_eq!(node.recognises(&caller), expected);
            let other = Caller { title: "CT2", ..caller };
            prop_assert_eq!(node.recognises(&other), expected && !titled);
        }
    }

    #[test]
    fn nobody_comes_in_by_a_name_alone_that_is_any() {
        let open = NodeRecognition {
            title: ANY_TITLE,
            addresses: &[],
            certificates: &[],
            requires_tls: true,
        };
        assert!(!open.is_held());
        assert!(NodeRecognition { title: "CT1", ..open }.is_held());
    }
}
