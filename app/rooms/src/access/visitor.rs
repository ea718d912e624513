//! What a request says about whoever sends it, before anybody has proved anything: the address and the browser.

use crate::Peer;
use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A browser's own words about itself are long; their beginning tells a person which machine it was.
const LONGEST_AGENT: usize = 160;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    pub address: IpAddr,
    pub agent: String,
    /// All cookies, as they came.
    cookies: String,
}

impl Visitor {
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.split(';').find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then(|| value.to_owned())
        })
    }

    /// The network as a person recognises it in the list of their sessions: coarse, because it is kept.
    pub fn network(&self) -> String {
        match self.address {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                format!("{}/24", Ipv4Addr::new(a, b, c, 0))
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
            }
        }
    }

    /// Whose attempts are counted together. Whoever has an IPv6 address has all of its /64.
    pub fn household(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Visitor, Infallible> {
        let Peer(address) = Peer::from_request_parts(parts, state).await?;
        let said = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let agent = said.unwrap_or_default().chars().take(LONGEST_AGENT).collect();
        let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        // An IPv4 address in IPv6 clothes is the same visitor.
        Ok(Visitor { address: address.to_canonical(), agent, cookies })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str) -> Visitor {
        Visitor { address: address.parse().unwrap(), agent: String::new(), cookies: String::new() }
    }

    #[test]
    fn a_network_is_kept_coarse_and_attempts_are_counted_by_household() {
        assert_eq!(of("192.0.2.77").network(), "192.0.2.0/24");
        assert_eq!(of("2001:db8:1:2:3::9").network(), "2001:db8:1::/48");
        assert_eq!(of("2001:db8:1:2:3::9").household(), of("2001:db8:1:2:ffff::1").household());
        assert_ne!(of("2001:db8:1:2::1").household(), of("2001:db8:1:3::1").household());
        assert_ne!(of("192.0.2.1").household(), of("192.0.2.2").household());
    }
}
