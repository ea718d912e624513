//! The door of the house: who may come in how, how long they may take, and what every answer carries. It knows requests and
//! connections, and nothing of what is asked for: that is decided in the rooms.

mod answers;
mod bodies;
mod crowd;
mod doorstep;
mod faults;
mod lanes;
mod listen;
mod patience;
mod proxy;
mod redirect;
mod refusals;
mod tls;

use answers::{ADDRESS_RATE, Manners, come_in};
use axum::Router;
use axum::middleware::from_fn_with_state;
use clap::Args;
use crowd::Crowd;
use doorstep::Asked;
pub use faults::say_only_where;
use listen::Entrance;
use proxy::{Proxies, ProxyHeader, Range};
use rooms::App;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tls::Certificates;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::Signal;
use tokio_rustls::TlsAcceptor;

#[derive(Args)]
pub struct DoorArgs {
    /// Address and port; port 0 takes any free one and says which.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Speak TLS with this certificate (PEM, the whole chain); read again when it changes.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Also listen here, for example on 0.0.0.0:80, and send every page to the encrypted address.
    #[arg(long, value_name = "ADDRESS", requires = "tls_cert")]
    redirect_from: Option<SocketAddr>,
    /// A proxy in front ends TLS: cookies are then bound to HTTPS.
    #[arg(long, conflicts_with = "tls_cert")]
    behind_tls: bool,
    /// Address or range (10.0.0.0/8) of a proxy whose word about a visitor's address is believed; may be given again.
    #[arg(long, value_name = "ADDRESS")]
    proxy: Vec<Range>,
    /// The header in which that proxy writes it.
    #[arg(long, value_enum, default_value_t)]
    proxy_header: ProxyHeader,
    /// Listen to other machines without TLS. Everybody on the way reads passwords and names: for a trusted wire only.
    #[arg(long, conflicts_with_all = ["tls_cert", "behind_tls"])]
    plain: bool,
    /// Requests a second from one address (of IPv6: one /64); ten seconds' worth may come at once.
    #[arg(long, value_name = "NUMBER", default_value_t = ADDRESS_RATE)]
    address_rate: u32,
}

/// The listener, bound, with everything that can be wrong about it known before anybody comes.
pub struct Door {
    listener: TcpListener,
    redirect: Option<TcpListener>,
    certificates: Option<(Arc<Certificates>, Option<Signal>)>,
    proxies: Arc<Proxies>,
    over_tls: bool,
    address_rate: u32,
    pub address: SocketAddr,
}

impl DoorArgs {
    /// Visitors speak TLS, to this program or to the proxy before it.
    pub fn over_tls(&self) -> bool {
        self.behind_tls || self.tls_cert.is_some()
    }

    pub fn open(self) -> Result<Door, String> {
        if !self.over_tls() && !self.plain && !self.listen.ip().is_loopback() {
            return Err(format!(
                "{} is open to other machines and would show them passwords and names unencrypted; give --tls-cert and \
                 --tls-key, or --behind-tls when a proxy ends TLS, or --plain when the wire itself is trusted",
                self.listen
            ));
        }
        let certificates = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => {
                Some((Certificates::open(certificate, key)?, tls::asked_by_hand()))
            }
            _ => None,
        };
        let listener = bind(self.listen)?;
        let redirect = match self.redirect_from {
            Some(address) => Some(bind(address)?),
            None => None,
        };
        let over_tls = self.over_tls();
        let proxies = Arc::new(Proxies { named: self.proxy, header: self.proxy_header });
        let address = listener.local_addr().map_err(|fault| fault.to_string())?;
        let address_rate = self.address_rate;
        Ok(Door { listener, redirect, certificates, proxies, over_tls, address_rate, address })
    }
}

/// What the system keeps for a visitor who does not take it, at most; enough for a fast line across a country.
const SEND_BUFFER: u32 = 128 * 1024;

/// Connections that came and were not yet taken; past it the system lets a visitor believe they are connected and tries again
/// for half a minute, so it holds as many as the house does.
const BACKLOG: u32 = 4_096;

fn bound(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    bound(address).map_err(|fault| {
        format!("cannot listen on {address}: {fault}; choose another with --listen 127.0.0.1:8081")
    })
}

impl Door {
    /// Where a browser on this machine finds the house.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.certificates.is_some() { "https" } else { "http" }, self.address)
    }

    /// What visitors speak with this program; `None` when a proxy stands between and only it knows.
    pub fn own_scheme(&self) -> Option<&'static str> {
        match (&self.certificates, self.over_tls) {
            (Some(_), _) => Some("https"),
            (None, false) => Some("http"),
            (None, true) => None,
        }
    }

    /// Answers for as long as the program runs.
    pub async fn answer(self, app: Router, house: App) -> Result<(), String> {
        let manners = Manners::new(self.over_tls, self.proxies.clone(), self.address_rate, house);
        let app = app.layer(from_fn_with_state(manners.clone(), come_in));
        let crowd = Crowd::new();
        let mut tls = None;
        if let Some((certificates, by_hand)) = self.certificates {
            tls = Some(TlsAcceptor::from(tls::settings(certificates.clone())?));
            tokio::spawn(certificates.watch(by_hand));
        }
        if let Some(listener) = self.redirect {
            let app = redirect::to_tls(self.address.port());
            let (proxies, crowd) = (self.proxies.clone(), crowd.clone());
            let way = Entrance { app, porter: Arc::new(|_| None), tls: None, proxies, crowd };
            tokio::spawn(listen::accept(listener, way));
        }
        let porter = Arc::new(move |asked: &Asked<'_>| manners.turns_away(asked));
        listen::accept(self.listener, Entrance { app, porter, tls, proxies: self.proxies, crowd }).await;
        Ok(())
    }
}
