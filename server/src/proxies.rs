//! Proxies before the server: whose word is taken for where a request comes from.

use std::net::IpAddr;
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// What proxies write down, each behind those before it (<https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Forwarded-For>).
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The proxies that are believed: addresses, and networks of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies(Vec<IpNet>);

impl FromStr for Proxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts
            .map(|part| network(part).map_err(|_| format!("{part} is no address, and no network such as 10.0.0.0/8")))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Proxies {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a request comes from: the peer, unless that is a proxy; then the last address before the proxies. What stands before that one anybody can have written.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines: Vec<&str> = headers.get_all(FORWARDED).iter().filter_map(|line| line.to_str().ok()).collect();
        let mut client = peer;
        for part in lines.iter().flat_map(|line| line.split(',')).rev() {
            if !self.has(client) {
                break;
            }
            let Ok(before) = part.trim().parse::<IpAddr>() else { break };
            client = before;
        }
        client.to_canonical()
    }

    fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED, line.parse().unwrap());
        }
        proxies.parse::<Proxies>().unwrap().client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_proxies_that_were_named_are_believed() {
        assert_eq!(client("", "192.0.2.7", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(client("10.0.0.0/8", "192.0.2.7", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8", "::ffff:10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn what_the_client_wrote_itself_does_not_count() {
        assert_eq!(client("10.0.0.1, 10.0.0.2", "10.0.0.2", &["203.0.113.9, 198.51.100.1, 10.0.0.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", "10.0.0.1", &["10.0.0.1", "198.51.100.1"]), "198.51.100.1");
        // Nothing that can be read: the last proxy stands for whoever is behind it.
        assert_eq!(client("10.0.0.1", "10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert!("10.0.0.1, example.com".parse::<Proxies>().unwrap_err().starts_with("example.com"));
        assert!("10.0.0.0/33".parse::<Proxies>().is_err());
        assert!(" ".parse::<Proxies>().unwrap().is_empty());
    }
}
