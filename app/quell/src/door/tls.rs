//! TLS in the program itself: certificate and key from two files, read again when either changes or SIGHUP comes.
//! Conversations that have begun go on with what they began with; a new pair that does not fit leaves the old one in place.

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How often the files are looked at.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(2);

/// When each file was last written, and how long it is.
type Stamp = [Option<(SystemTime, u64)>; 2];

#[derive(Debug)]
pub struct Certificates {
    files: [PathBuf; 2],
    /// As the files were before they were first read.
    seen: Stamp,
    shown: RwLock<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone())
    }
}

impl Certificates {
    pub fn open(certificate: &Path, key: &Path) -> Result<Arc<Certificates>, String> {
        let files = [certificate.to_owned(), key.to_owned()];
        let seen = stamp(&files);
        let shown = RwLock::new(Arc::new(pair(certificate, key)?));
        Ok(Arc::new(Certificates { files, seen, shown }))
    }

    fn read_again(&self) -> Result<(), String> {
        let fresh = Arc::new(pair(&self.files[0], &self.files[1])?);
        *self.shown.write().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Watches for as long as the program runs.
    pub async fn watch(self: Arc<Self>, mut asked: Option<Signal>) {
        let mut seen = self.seen;
        loop {
            let by_hand = tokio::select! {
                () = tokio::time::sleep(LOOKED_AT_EVERY) => false,
                Some(()) = next(&mut asked) => true,
            };
            let now = stamp(&self.files);
            if now == seen && !by_hand {
                continue;
            }
            seen = now;
            match self.read_again() {
                Ok(()) => println!("The certificate was read again; new conversations use it."),
                Err(fault) => eprintln!("quell: {fault}; going on with the certificate from before"),
            }
        }
    }
}

/// SIGHUP, from now on: until somebody listens for it, it ends a program.
pub fn asked_by_hand() -> Option<Signal> {
    signal(SignalKind::hangup()).ok()
}

fn stamp(files: &[PathBuf; 2]) -> Stamp {
    files.each_ref().map(|file| {
        let known = std::fs::metadata(file).ok()?;
        Some((known.modified().ok()?, known.len()))
    })
}

async fn next(signals: &mut Option<Signal>) -> Option<()> {
    match signals {
        Some(signals) => signals.recv().await,
        None => std::future::pending().await,
    }
}

fn pair(certificate: &Path, key: &Path) -> Result<CertifiedKey, String> {
    let unreadable = |file: &Path, fault: &dyn std::fmt::Display| {
        format!("{} cannot be used: {fault}; give a PEM file", file.display())
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|fault| unreadable(certificate, &fault))?;
    if chain.is_empty() {
        return Err(unreadable(certificate, &"it holds no certificate"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|fault| unreadable(key, &fault))?;
    CertifiedKey::from_der(chain, secret, &ring::default_provider()).map_err(|fault| {
        format!(
            "{} and {} do not fit each other: {fault}; give the key this certificate was made for",
            certificate.display(),
            key.display()
        )
    })
}

/// TLS 1.2 and 1.3 with the provider's choice of suites, all of them with forward secrecy and authenticated encryption.
pub fn settings(certificates: Arc<Certificates>) -> Result<Arc<ServerConfig>, String> {
    let mut settings = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|fault| format!("TLS cannot be set up: {fault}"))?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    settings.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(settings))
}
