//! Connections: taken, greeted with TLS where it is on, spoken HTTP with, and ended when they take too long.

use crate::door::crowd::{Crowd, Place};
use crate::door::doorstep::{Answered, Doorstep, MOST_LINES, Porter};
use crate::door::patience::Patient;
use crate::door::proxy::Proxies;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rooms::Peer;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

const HANDSHAKE_WITHIN: Duration = Duration::from_secs(5);

/// A browser's request has a kilobyte of headers; a long address and a full set of cookies have eight.
const HEADER_BYTES: usize = 16 * 1024;

/// Read and write buffers grow no further for one connection.
const BUFFER_BYTES: usize = 64 * 1024;

/// What every conversation at one listener shares.
#[derive(Clone)]
pub struct Entrance {
    pub app: Router,
    pub porter: Arc<Porter>,
    pub tls: Option<TlsAcceptor>,
    pub proxies: Arc<Proxies>,
    pub crowd: Arc<Crowd>,
}

pub async fn accept(listener: TcpListener, entrance: Entrance) {
    loop {
        match listener.accept().await {
            Ok((stream, from)) => {
                let from = from.ip().to_canonical();
                // Too many are here: this connection is closed at once, which costs less than any word to it.
                if let Some(place) = entrance.crowd.enter(entrance.counted(from)) {
                    tokio::spawn(entrance.clone().greet(stream, from, place));
                }
            }
            // Out of file descriptors: wait for some to be given back.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

impl Entrance {
    fn counted(&self, from: IpAddr) -> Option<IpAddr> {
        (!from.is_loopback() && !self.proxies.holds(from)).then_some(from)
    }

    async fn greet(self, stream: TcpStream, from: IpAddr, _place: Place) {
        let _ = stream.set_nodelay(true);
        let wire = Patient::with(stream);
        match self.tls.clone() {
            None => self.converse(wire, from).await,
            Some(tls) => {
                if let Ok(Ok(secret)) = timeout(HANDSHAKE_WITHIN, tls.accept(wire)).await {
                    self.converse(secret, from).await;
                }
            }
        }
    }

    async fn converse<S>(self, wire: S, from: IpAddr)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let proxies = self.proxies;
        let app = self.app.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
            let peer = Peer(proxies.visitor(from, request.headers()));
            request.extensions_mut().insert(peer);
            request
        });
        let answered = Answered::default();
        let wire = Doorstep::before(wire, self.porter, HEADER_BYTES, answered.clone());
        let app = app.map_response(move |answer: Response| {
            answer.map(|body| OnItsWay { body, answered: answered.clone() })
        });
        // The doorstep looks at the clock.
        let connection = hyper::server::conn::http1::Builder::new()
            .header_read_timeout(None)
            .max_headers(MOST_LINES)
            .max_header_size(HEADER_BYTES)
            .max_buf_size(BUFFER_BYTES)
            .serve_connection(TokioIo::new(wire), TowerToHyperService::new(app));
        // A connection that breaks is the visitor's business.
        let _ = connection.await;
    }
}

/// An answer, which tells the doorstep when HTTP has all of it.
struct OnItsWay {
    body: Body,
    answered: Answered,
}

impl HttpBody for OnItsWay {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        self.answered.tell();
    }
}
