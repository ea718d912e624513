//! Where people reach this house. A passkey is bound to the name in the address bar and a provider sends people back to
//! it, so it has to be told (`quell serve --address`), and told right.

use webauthn_rs::prelude::Url;
use webauthn_rs::{Webauthn, WebauthnBuilder};

#[derive(Debug, Clone)]
pub struct Address {
    origin: Url,
    /// `None` at a bare IP address: no browser makes a passkey for one.
    passkeys: Option<Webauthn>,
}

impl Address {
    /// `https://quell.example.org`, or plain HTTP on the machine itself.
    pub fn of(text: &str) -> Result<Address, String> {
        let wrong = |why: &str| format!("{text} {why}; say it like --address https://quell.example.org");
        let origin = Url::parse(text).map_err(|fault| wrong(&format!("is no address ({fault})")))?;
        let bare = origin.path() == "/" && origin.query().is_none() && origin.fragment().is_none();
        if !bare || !origin.username().is_empty() || origin.password().is_some() {
            return Err(wrong("has more in it than scheme, name and port"));
        }
        if origin.scheme() != "https" && !(origin.scheme() == "http" && on_this_machine(&origin)) {
            return Err(wrong("is not https, and browsers make passkeys only there and on localhost"));
        }
        let passkeys = match origin.domain() {
            None => None,
            Some(name) => Some(
                WebauthnBuilder::new(name, &origin)
                    .and_then(|builder| builder.rp_name("Quell").build())
                    .map_err(|fault| wrong(&format!("cannot carry passkeys ({fault})")))?,
            ),
        };
        Ok(Address { origin, passkeys })
    }

    pub fn passkeys(&self) -> Option<&Webauthn> {
        self.passkeys.as_ref()
    }

    /// As a browser writes it, without a stroke at the end.
    pub fn origin(&self) -> String {
        self.origin.origin().ascii_serialization()
    }

    /// The page a provider sends people back to: a page of ours, and no route that acts. Whoever comes from another site
    /// brings no strict cookie along, so the page, now on our own site, sends what it was given in a request of its own.
    pub fn back_from(&self, provider: &str) -> String {
        format!("{}/provider/{provider}", self.origin())
    }
}

/// Plain HTTP is for a loopback address only: nothing can listen in there.
pub(crate) fn on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url_host) => match url_host.to_string().as_str() {
            "localhost" | "[::1]" => true,
            name => {
                name.ends_with(".localhost")
                    || name.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback())
            }
        },
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_name_and_either_tls_or_this_machine() {
        let carries = |text: &str| Address::of(text).map(|address| address.passkeys().is_some());
        assert_eq!(carries("https://quell.example.org"), Ok(true));
        assert_eq!(carries("https://quell.example.org:8443/"), Ok(true));
        assert_eq!(carries("http://localhost:8080"), Ok(true));
        assert_eq!(carries("http://127.0.0.1:8080"), Ok(false), "a number is no name");
        assert_eq!(carries("https://192.0.2.7"), Ok(false));
        for wrong in [
            "quell.example.org",
            "http://quell.example.org",
            "http://127.0.0.1.example.org",
            "https://quell.example.org/start",
            "https://me@quell.example.org",
            "ftp://localhost",
        ] {
            assert!(carries(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_way_back_is_a_page_of_this_house() {
        let address = Address::of("http://localhost:8080/").unwrap();
        assert_eq!(address.back_from("province"), "http://localhost:8080/provider/province");
    }
}
