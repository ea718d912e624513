//! Whose word counts about where a request came from. Only a proxy named with `--proxy` is believed, only in the header it
//! is said to write, and only as far as the chain of named proxies reaches: whatever stands further left was written by
//! the visitor and may be anything.

use axum::http::HeaderMap;
use clap::ValueEnum;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// One address, or all that share its first bits. IPv4 lies inside IPv6 here (RFC 4291, 2.5.5.2), so that both compare alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    first: u128,
    mask: u128,
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(four) => four.to_ipv6_mapped().into(),
        IpAddr::V6(six) => six.into(),
    }
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Range, String> {
        let wrong = || format!("`{text}` is no address; write 10.0.0.7, 10.0.0.0/8 or fd00::/8");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let (before, most) = if address.is_ipv4() { (96, 32) } else { (0, 128) };
        let bits = bits.unwrap_or(most);
        if bits > most {
            return Err(wrong());
        }
        let mask = u128::MAX.checked_shl(128 - before - bits).unwrap_or(0);
        Ok(Range { first: number(address) & mask, mask })
    }
}

impl Range {
    fn holds(self, address: IpAddr) -> bool {
        number(address) & self.mask == self.first
    }
}

/// Proxies write one of these and pass the other on as the visitor sent it, so both are never believed at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ProxyHeader {
    #[default]
    XForwardedFor,
    Forwarded,
}

#[derive(Debug, Clone, Default)]
pub struct Proxies {
    pub named: Vec<Range>,
    pub header: ProxyHeader,
}

impl Proxies {
    pub fn holds(&self, address: IpAddr) -> bool {
        self.named.iter().any(|range| range.holds(address.to_canonical()))
    }

    /// The rightmost hop that is no named proxy; a hop that cannot be read ends the search at the proxy that wrote it.
    pub fn visitor(&self, from: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut known = from.to_canonical();
        if !self.holds(known) {
            return known;
        }
        for hop in self.hops(headers).into_iter().rev() {
            let Some(address) = hop else { return known };
            known = address;
            if !self.holds(known) {
                return known;
            }
        }
        known
    }

    fn hops(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let (name, read): (_, fn(&str) -> Option<IpAddr>) = match self.header {
            ProxyHeader::XForwardedFor => ("x-forwarded-for", address_of),
            ProxyHeader::Forwarded => ("forwarded", address_of_element),
        };
        let lines = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default());
        lines.flat_map(|line| line.split(',')).map(|hop| read(hop.trim())).collect()
    }
}

/// `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7`, `[2001:db8::7]:4711`.
fn address_of(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().ok().or_else(|| hop.parse().ok().map(|hop: SocketAddr| hop.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// One element of RFC 7239: `for="[2001:db8::7]:4711";proto=https`.
fn address_of_element(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then(|| address_of(value.trim_matches('"')))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn seen(proxies: &[&str], from: &str, header: ProxyHeader, lines: &[&'static str]) -> String {
        let named = proxies.iter().map(|range| range.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        let name = if header == ProxyHeader::Forwarded { "forwarded" } else { "x-forwarded-for" };
        lines.iter().for_each(|line| {
            headers.append(name, HeaderValue::from_static(line));
        });
        Proxies { named, header }.visitor(from.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_stranger_says_what_they_like_and_is_not_believed() {
        let seen = |lines| seen(&["10.0.0.0/8"], "198.51.100.4", ProxyHeader::XForwardedFor, lines);
        assert_eq!(seen(&["127.0.0.1"]), "198.51.100.4");
        assert_eq!(seen(&["10.0.0.1, 192.0.2.1"]), "198.51.100.4");
    }

    #[test]
    fn the_proxy_is_believed_about_the_hop_it_saw_and_no_further() {
        let seen = |lines| seen(&["10.0.0.0/8", "fd00::/8"], "10.1.2.3", ProxyHeader::XForwardedFor, lines);
        assert_eq!(seen(&["192.0.2.1"]), "192.0.2.1");
        assert_eq!(
            seen(&["127.0.0.1, 10.9.9.9, 192.0.2.1"]),
            "192.0.2.1",
            "what the visitor wrote stands left"
        );
        assert_eq!(
            seen(&["127.0.0.1", "192.0.2.1, 10.9.9.9"]),
            "192.0.2.1",
            "lines are one list, named proxies skipped"
        );
        assert_eq!(
            seen(&["192.0.2.1, nonsense"]),
            "10.1.2.3",
            "a hop that cannot be read hides everything before it"
        );
        assert_eq!(seen(&["[2001:db8::7]:4711, fd00::1"]), "2001:db8::7");
        assert_eq!(seen(&["::ffff:192.0.2.9"]), "192.0.2.9");
        assert_eq!(seen(&[]), "10.1.2.3");
        assert_eq!(seen(&["10.0.0.5"]), "10.0.0.5", "a visit from the proxy's own network");
    }

    #[test]
    fn the_other_header_is_the_visitors_own_and_ignored() {
        let proxies =
            Proxies { named: vec!["10.0.0.1".parse().unwrap()], header: ProxyHeader::XForwardedFor };
        let mut headers = HeaderMap::new();
        headers.insert("forwarded", HeaderValue::from_static("for=127.0.0.1"));
        headers.insert("x-forwarded-for", HeaderValue::from_static("192.0.2.1"));
        assert_eq!(proxies.visitor("10.0.0.1".parse().unwrap(), &headers).to_string(), "192.0.2.1");
        let seen = |lines| seen(&["10.0.0.1"], "::ffff:10.0.0.1", ProxyHeader::Forwarded, lines);
        assert_eq!(seen(&["for=127.0.0.1, For=\"[2001:db8::7]:4711\";proto=https"]), "2001:db8::7");
        assert_eq!(seen(&["for=192.0.2.1, for=_hidden"]), "10.0.0.1");
    }

    #[test]
    fn a_range_is_as_wide_as_it_says() {
        let holds = |range: &str, address: &str| {
            range.parse::<Range>().unwrap().holds(address.parse::<IpAddr>().unwrap())
        };
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("192.0.2.7", "192.0.2.7") && !holds("192.0.2.7", "192.0.2.8"));
        assert!(holds("0.0.0.0/0", "203.0.113.1") && !holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("::/0", "2001:db8::1"));
        for wrong in ["10.0.0.0/33", "fd00::/129", "proxy.example", "10.0.0.0/", ""] {
            assert!(wrong.parse::<Range>().is_err(), "{wrong}");
        }
    }
}
