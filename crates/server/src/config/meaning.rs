//! Values of `anteroom.toml` that are more than a number or a text: parsed where they are read, so that what is held has
//! a meaning already.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

/// The address that people's browsers use, without a slash at the end: scheme, host and port, no path.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl {
    origin: String,
    secure: bool,
    host: String,
}

impl PublicUrl {
    /// `https://chat.example.org`, which is also the `Origin` of our own pages.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether it begins with `https`.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Only reachable from this machine, where browsers treat plain HTTP as secure.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self.host.ends_with(".localhost")
            || self.host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fault = || format!("`{text}` is no address like https://chat.example.org (no path, no query)");
        let bare = text.trim_end_matches('/');
        let (scheme, rest) = bare.split_once("://").ok_or_else(fault)?;
        let secure = match scheme {
            "https" => true,
            "http" => false,
            _ => return Err(fault()),
        };
        let uri: http::Uri = bare.parse().map_err(|_| fault())?;
        let host = uri.host().ok_or_else(fault)?.to_ascii_lowercase();
        if rest.contains(['/', '?', '#', '@']) || host.is_empty() {
            return Err(fault());
        }
        Ok(Self { origin: bare.to_ascii_lowercase(), secure, host })
    }
}

/// Where the desk is remembered.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub enum Storage {
    /// A SQLite file; none: `anteroom.db` in the data directory.
    Sqlite(Option<PathBuf>),
    /// Nothing survives the process.
    Memory,
}

impl TryFrom<String> for Storage {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "sqlite" {
            return Ok(Self::Sqlite(None));
        }
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Self::Sqlite(Some(path.into())));
        }
        if text == "memory" {
            return Ok(Self::Memory);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Err("PostgreSQL is not part of this version: use \"sqlite\" or \"sqlite:PATH\"".to_owned());
        }
        Err(format!("`{text}` is no storage: use \"sqlite\", \"sqlite:PATH\" or \"memory\""))
    }
}

/// A block of addresses, `192.0.2.0/24`, or one address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether the address lies within; IPv4 addresses mapped into IPv6 count as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                u32::from(base) & mask == u32::from(other) & mask
            }
            (IpAddr::V6(base), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                u128::from(base) & mask == u128::from(other) & mask
            }
            _ => false,
        }
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fault = || format!("`{text}` is no address or network like 192.0.2.0/24");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.as_str(), None),
        };
        let base: IpAddr = address.parse().map_err(|_| fault())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most).ok_or_else(fault)?,
        };
        Ok(Self { base, bits })
    }
}

/// A number of seconds, at least one and at most ten years.
pub(super) fn seconds<'de, D: Deserializer<'de>>(input: D) -> Result<std::time::Duration, D::Error> {
    let seconds = u64::deserialize(input)?;
    if (1..=10 * 366 * 86_400).contains(&seconds) {
        return Ok(std::time::Duration::from_secs(seconds));
    }
    Err(serde::de::Error::custom(format!("{seconds} seconds is out of range (1 to 316224000)")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_what_they_should() {
        let network = |text: &str| Network::try_from(text.to_owned()).unwrap();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(network("10.0.0.0/8").contains(address("10.200.3.4")));
        assert!(network("10.0.0.0/8").contains(address("::ffff:10.1.1.1")));
        assert!(!network("10.0.0.0/8").contains(address("11.0.0.1")));
        assert!(network("0.0.0.0/0").contains(address("203.0.113.9")));
        assert!(network("::1").contains(address("::1")));
        assert!(!network("::1").contains(address("::2")));
        assert!(Network::try_from("10.0.0.0/33".to_owned()).is_err());
    }

    #[test]
    fn public_urls_are_origins() {
        let url = |text: &str| PublicUrl::try_from(text.to_owned());
        assert_eq!(url("https://Chat.example.org/").unwrap().origin(), "https://chat.example.org");
        assert!(url("http://127.0.0.1:8480").unwrap().is_loopback());
        assert!(url("http://[::1]:8480").unwrap().is_loopback());
        assert!(!url("https://chat.example.org").unwrap().is_loopback());
        for wrong in ["chat.example.org", "ftp://x", "https://x/y", "https://", "https://u@x"] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
    }
}
