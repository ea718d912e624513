//! `quell serve`: opens the database, prints where it listens, answers until told to stop.

use crate::place::PlaceArgs;
use crate::{demo, pages};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use clap::Args;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rooms::{App, House, Peer, Settings};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    place: PlaceArgs,
    /// Address and port; port 0 takes any free one and says which.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A proxy in front ends TLS: cookies are then bound to HTTPS.
    #[arg(long)]
    behind_tls: bool,
    /// Load this scenario of invented people into a new database, with one account per role.
    #[arg(long, value_name = "SCENARIO")]
    demo: Option<String>,
}

/// Requests at work at the same time; the next one is told to come again rather than made to wait for all others.
const MOST_AT_ONCE: usize = 512;

/// Slow senders of headers are let go: 1,000 of them would otherwise hold 1,000 connections for ever.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);

impl Serve {
    pub fn run(self) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|fault| format!("cannot start: {fault}"))?;
        let db = crate::open::database(&self.place)?;
        if let Some(scenario) = &self.demo {
            demo::prepare(&db, scenario)?;
        }
        let settings =
            Settings { behind_tls: self.behind_tls, demo: self.demo.is_some(), ..Settings::default() };
        let house = House::open(db, settings).map_err(|fault| fault.to_string())?;
        runtime.block_on(answer(house, self.listen))
    }
}

async fn answer(house: App, listen: SocketAddr) -> Result<(), String> {
    let listener = TcpListener::bind(listen).await.map_err(|fault| {
        format!("cannot listen on {listen}: {fault}; choose another with --listen 127.0.0.1:8081")
    })?;
    let address = listener.local_addr().map_err(|fault| fault.to_string())?;
    println!("Listening on http://{address}");
    if let Some(code) = &house.setup_code {
        println!("There is no account yet. Make the first administrator at:");
        println!("  http://{address}/?setup={code}");
    }
    tokio::spawn(rooms::live::follow_journal(house.clone()));
    rooms::imports::resume(&house).await.map_err(|fault| fault.to_string())?;
    let app = routes(house);
    tokio::select! {
        () = accept(listener, app) => Ok(()),
        () = told_to_stop() => Ok(()),
    }
}

fn routes(house: App) -> Router {
    let room = Arc::new(Semaphore::new(MOST_AT_ONCE));
    rooms::router().with_state(house).fallback(pages::page).layer(from_fn_with_state(room, come_in))
}

/// Refuses openly when the house is full, and writes the headers that every answer carries.
async fn come_in(State(room): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut response = match room.try_acquire() {
        Ok(_place) if sent_by_another_site(&request) => StatusCode::FORBIDDEN.into_response(),
        Ok(_place) => next.run(request).await,
        Err(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "2")], "busy; try again in 2 seconds")
                .into_response()
        }
    };
    let headers = response.headers_mut();
    for (name, value) in pages::GUARDS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// A browser says where a request was started. Another site starts no write here, a sign-in included.
fn sent_by_another_site(request: &Request) -> bool {
    let writes = request.method() != Method::GET && request.method() != Method::HEAD;
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    writes && site.is_some_and(|site| site != "same-origin" && site != "none")
}

async fn accept(listener: TcpListener, app: Router) {
    loop {
        match listener.accept().await {
            Ok((stream, from)) => {
                tokio::spawn(converse(stream, from.ip(), app.clone()));
            }
            // Out of file descriptors: wait for some to be given back.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn converse(stream: TcpStream, from: IpAddr, app: Router) {
    let _ = stream.set_nodelay(true);
    let app = app.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Peer(from));
        request
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    // A connection that breaks is the visitor's business.
    let _ = connection.await;
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
