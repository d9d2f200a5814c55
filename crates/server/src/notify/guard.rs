//! Where web hooks may point: not at this machine nor into its network, unless the configuration says so. Addresses are
//! looked at after names were resolved, and exactly those are connected to.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use tower::Service;

/// Whether an address is one of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_unspecified()
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_multicast()
        || address.is_documentation();
    // "This" network, shared address space (RFC 6598), IETF protocol assignments, benchmarking, and the reserved end.
    let reserved = a == 0 || (a == 100 && (64..128).contains(&b)) || (a, b, c) == (192, 0, 0) || a >= 240;
    !special && !reserved && !(a == 198 && (b == 18 || b == 19))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let unique_local = segments[0] & 0xfe00 == 0xfc00;
    let link_local = segments[0] & 0xffc0 == 0xfe80;
    let documentation = segments[0] == 0x2001 && segments[1] == 0x0db8;
    // IPv4 within IPv6 by translation (64:ff9b::/96, 64:ff9b:1::/48), 6to4 and Teredo could lead anywhere.
    let translated = segments[0] == 0x64 && segments[1] == 0xff9b;
    let tunnelled = segments[0] == 0x2002 || (segments[0] == 0x2001 && segments[1] == 0);
    !(address.is_unspecified()
        || address.is_loopback()
        || address.is_multicast()
        || unique_local
        || link_local
        || documentation
        || translated
        || tunnelled)
}

/// Checks the address that a web hook is to have.
///
/// # Errors
/// What is wrong with it, for people.
pub fn check_url(url: &str, allow_private: bool) -> Result<http::Uri, String> {
    let uri: http::Uri = url.parse().map_err(|_| "this is no address".to_owned())?;
    if url.len() > 2_000 {
        return Err("an address has at most 2000 characters".to_owned());
    }
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    if host.is_empty() || uri.authority().is_some_and(|it| it.as_str().contains('@')) {
        return Err("an address is https://host/path, without a name or password in it".to_owned());
    }
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if allow_private => {}
        _ => return Err("an address begins with https".to_owned()),
    }
    let inside = match host.parse::<IpAddr>() {
        Ok(address) => !is_public(address),
        // Forms of IPv4 addresses that only some resolvers read (`0x7f.1`, `2130706433`) name nothing on the internet.
        Err(_) => {
            let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
            last == "localhost"
                || last == "local"
                || last == "internal"
                || last.starts_with(|c: char| c.is_ascii_digit())
        }
    };
    if inside && !allow_private {
        return Err("this address lies in a private network; `webhooks.allow_private` would allow it".to_owned());
    }
    Ok(uri)
}

/// Resolves names to addresses that may be connected to.
#[derive(Clone)]
pub struct Resolver {
    /// Addresses of this network too.
    pub allow_private: bool,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let usable: Vec<_> = found.filter(|it| allow_private || is_public(it.ip())).collect();
            if usable.is_empty() {
                return Err(std::io::Error::other("the name leads into a private network, or nowhere"));
            }
            Ok(usable.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known_in_every_form() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().expect("an address")), "{inside}");
        }
        for outside in ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "100.128.0.1"] {
            assert!(is_public(outside.parse().expect("an address")), "{outside}");
        }
    }

    #[test]
    fn addresses_of_hooks_are_checked() {
        check_url("https://hooks.example.org/x?y=1", false).expect("fine");
        check_url("http://127.0.0.1:9/x", true).expect("allowed");
        for wrong in [
            "http://hooks.example.org/",
            "https://localhost/",
            "https://a.localhost./",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://u:p@example.org/",
            "ftp://example.org/",
            "/path",
            "",
            "https://169.254.169.254/latest",
            "https://printer.local/",
        ] {
            assert!(check_url(wrong, false).is_err(), "{wrong}");
        }
    }
}
