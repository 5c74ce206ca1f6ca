//! Which web pages are ours, by their origin (RFC 6454).

use url::{Host, Origin, Url};

/// The portal's own origin. On a developer's machine it goes by several names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OurOrigins {
    public: Option<Url>,
}

impl OurOrigins {
    /// The origin of the address people reach the portal at.
    pub fn of(public_url: &str) -> Self {
        Self {
            public: Url::parse(public_url).ok(),
        }
    }

    /// Whether a browser's `Origin` header names one of our pages.
    pub fn contains(&self, origin: &str) -> bool {
        let (Some(public), Ok(origin)) = (&self.public, Url::parse(origin)) else {
            return false;
        };
        origin.scheme() == public.scheme()
            && origin.port_or_known_default() == public.port_or_known_default()
            && (origin.host() == public.host() || (is_loopback(&origin) && is_loopback(public)))
    }
}

/// Origins of other people's pages that may use DICOMweb.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedOrigins(Vec<Origin>);

impl AllowedOrigins {
    /// Origins such as `https://viewer.example.org`, or the one that is none.
    pub fn parse<'a>(origins: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let parse = |text: &'a str| {
            let url = Url::parse(text).ok();
            let bare = |url: &Url| {
                matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none()
            };
            url.filter(bare)
                .map(|url| url.origin())
                .ok_or_else(|| text.to_owned())
        };
        origins.into_iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a browser's `Origin` header names one of them.
    pub(crate) fn contains(&self, origin: &str) -> bool {
        Url::parse(origin).is_ok_and(|url| self.0.contains(&url.origin()))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_ours() {
        let public = OurOrigins::of("https://reading.example.org");
        assert!(public.contains("https://reading.example.org"));
        for foreign in [
            "null",
            "http://reading.example.org",
            "https://reading.example.org:8443",
            "https://reading.example.org.evil.example",
            "https://evil.example/https://reading.example.org",
            "http://localhost",
        ] {
            assert!(!public.contains(foreign), "{foreign} is not ours");
        }
    }

    #[test]
    fn allowed_origins_are_compared_as_origins_are() {
        let allowed =
            AllowedOrigins::parse(["https://viewer.example.org", "http://localhost:3000/"]).unwrap();
        assert!(
            allowed.contains("https://viewer.example.org:443") && allowed.contains("http://localhost:3000")
        );
        for foreign in [
            "null",
            "http://viewer.example.org",
            "https://viewer.example.org.evil.example",
            "https://evil.example",
            "http://localhost:3001",
            "file:///tmp",
        ] {
            assert!(!allowed.contains(foreign), "{foreign}");
        }
        for wrong in [
            "*",
            "viewer.example.org",
            "https://viewer.example.org/page",
            "ftp://host",
        ] {
            assert_eq!(AllowedOrigins::parse([wrong]), Err(wrong.to_owned()));
        }
        assert!(!AllowedOrigins::default().contains("https://viewer.example.org"));
    }

    #[test]
    fn a_developer_may_call_their_machine_by_any_loopback_name() {
        let local = OurOrigins::of("http://127.0.0.1:8080");
        assert!(local.contains("http://localhost:8080") && local.contains("http://[::1]:8080"));
        assert!(!local.contains("http://localhost:5173") && !local.contains("http://192.168.0.2:8080"));
    }
}
