//! TLS in the program: both versions, cookies bound to it, a certificate replaced while people are talking.

use crate::desk::{Desk, PATIENCE};
use crate::served::{Served, ask};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion, version};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

/// A certificate for this machine that nobody else trusts, with its key.
fn certificate(desk: &Desk, name: &str) -> Option<[String; 2]> {
    let files = ["pem", "key"].map(|kind| desk.path(&format!("{name}.{kind}")).to_str().unwrap().to_owned());
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", &format!("/CN={name}"), "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-out", &files[0], "-keyout", &files[1]])
        .stderr(Stdio::null())
        .status();
    if made.is_ok_and(|status| status.success()) {
        return Some(files);
    }
    println!("skipped: certificates are made with openssl, which is not here");
    None
}

type Wire = BufReader<StreamOwned<ClientConnection, TcpStream>>;

/// Speaks TLS and trusts this certificate alone.
fn greet(address: &str, trusted: &str, version: &'static SupportedProtocolVersion) -> Result<Wire, String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(trusted).unwrap()).unwrap();
    let settings = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut greeting = ClientConnection::new(Arc::new(settings), name).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    greeting.complete_io(&mut stream).map_err(|fault| fault.to_string())?;
    Ok(BufReader::new(StreamOwned::new(greeting, stream)))
}

/// One request on a kept connection: the head of the answer, in small letters, and its body.
fn asked(wire: &mut Wire, method: &str, path: &str, body: &str) -> (String, String) {
    let length = body.len();
    write!(
        wire.get_mut(),
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(wire.read_line(&mut head).unwrap() > 0, "cut off after {head}");
    }
    let head = head.to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    wire.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

fn over_tls(desk: &Desk, files: &[String; 2]) -> Served {
    Served::with(desk, &["--tls-cert", &files[0], "--tls-key", &files[1]])
}

#[test]
fn both_versions_are_spoken_and_cookies_are_bound_to_them() {
    let desk = Desk::of("tls");
    let Some(files) = certificate(&desk, "shown") else { return };
    assert!(desk.quell(&["account", "create", "wang.li", "--role", "auditor"]).ok);
    let told = desk.quell(&["account", "reset", "wang.li"]);
    let password = told.out.split_whitespace().last().unwrap().to_owned();
    let served = over_tls(&desk, &files);
    for version in [&version::TLS12, &version::TLS13] {
        let mut wire = greet(&served.address(), &files[0], version).unwrap();
        let (head, _) = asked(&mut wire, "GET", "/api/state", "");
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains("strict-transport-security: max-age=63072000"), "{head}");
        let form = serde_json::json!({ "login": "wang.li", "password": password }).to_string();
        let (head, body) = asked(&mut wire, "POST", "/api/session", &form);
        assert!(head.contains("set-cookie: __host-quell=") && head.contains("; secure"), "{head} {body}");
    }
    assert!(
        ask(&served.address(), "GET", "/api/state", None, &Value::Null).is_none(),
        "plain HTTP gets no answer"
    );
}

#[test]
fn a_certificate_is_replaced_while_people_are_talking() {
    let desk = Desk::of("tls-again");
    let Some(files) = certificate(&desk, "first") else { return };
    let second = certificate(&desk, "second").unwrap();
    let first = desk.file("kept.pem", std::fs::read(&files[0]).unwrap());
    let served = over_tls(&desk, &files);
    let hang_up = || {
        let told = Command::new("kill").args(["-HUP", &served.process().to_string()]).status();
        assert!(told.unwrap().success());
    };
    std::fs::write(&files[0], "no certificate").unwrap();
    hang_up();
    served.said().waits_for("going on with the certificate from before");
    assert!(greet(&served.address(), &first, &version::TLS13).is_ok(), "a broken file changes nothing");
    std::fs::copy(&second[0], &files[0]).unwrap();
    hang_up();
    served.said().waits_for("do not fit each other");
    let mut talking = greet(&served.address(), &first, &version::TLS13).unwrap();
    std::fs::copy(&second[1], &files[1]).unwrap();
    // Nobody says so: the program sees it by itself, and whoever was talking talks on.
    let begun = Instant::now();
    while !served.said().has("The certificate was read again") {
        let (head, _) = asked(&mut talking, "GET", "/api/state", "");
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(begun.elapsed() < PATIENCE, "it never read the new certificate");
    }
    asked(&mut talking, "GET", "/api/state", "");
    assert!(greet(&served.address(), &second[0], &version::TLS13).is_ok());
    assert!(
        greet(&served.address(), &first, &version::TLS13).is_err(),
        "the old one is shown to nobody any more"
    );
}

#[test]
fn nothing_is_shown_to_other_machines_in_the_open_by_mistake() {
    let desk = Desk::of("tls-plain");
    let told = desk.quell(&["serve", "--listen", "0.0.0.0:0"]);
    assert!(!told.ok && told.err.contains("--tls-cert") && told.err.contains("--plain"), "{}", told.err);
    let told = desk.quell(&["serve", "--tls-cert", "only.pem"]);
    assert!(!told.ok && told.err.contains("--tls-key"), "{}", told.err);
    let missing = desk.path("none.pem").to_str().unwrap().to_owned();
    let told = desk.quell(&["serve", "--tls-cert", &missing, "--tls-key", &missing]);
    assert!(!told.ok && told.err.contains("cannot be used") && told.err.contains("PEM"), "{}", told.err);
}
