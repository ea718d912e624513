//! The connection to PostgreSQL. On this machine it is plain unless the URL says otherwise; to another machine it is
//! encrypted and the server proves who it is, unless the URL says otherwise. The words are libpq's: `sslmode`,
//! `sslrootcert`, `sslcert`, `sslkey`.

use crate::{Error, Result};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio_postgres::Client;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How much of a server's proof is asked for. Each asks for more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Proof {
    /// No TLS.
    Plain,
    /// TLS when the server has it; somebody on the wire can say that it has not.
    Offered,
    /// TLS, with anybody: nobody who only listens hears a word.
    Anybody,
    /// TLS, with a certificate of a known authority.
    Chain,
    /// The same, and made out to the host of the URL.
    Name,
}

/// What the URL says about TLS, taken out of it: the client knows none of these words but one.
#[derive(Debug, Default)]
struct Asked {
    mode: Option<String>,
    authority: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

/// The connection is carried by `runtime` whenever something is asked.
pub(crate) fn connect(url: &str, runtime: &Runtime) -> Result<Client> {
    let (url, asked) = take_out(url);
    let mut config: tokio_postgres::Config = url.parse()?;
    let proof = proof(&asked, &config)?;
    config.ssl_mode(match proof {
        Proof::Plain => SslMode::Disable,
        Proof::Offered => SslMode::Prefer,
        Proof::Anybody | Proof::Chain | Proof::Name => SslMode::Require,
    });
    if proof == Proof::Plain {
        let (client, connection) = runtime.block_on(config.connect(tokio_postgres::NoTls))?;
        runtime.spawn(connection);
        return Ok(client);
    }
    let tls = MakeRustlsConnect::new(settings(proof, &asked)?);
    let (client, connection) = runtime.block_on(config.connect(tls)).map_err(told)?;
    runtime.spawn(connection);
    Ok(client)
}

fn take_out(url: &str) -> (String, Asked) {
    let mut asked = Asked::default();
    let Some((address, words)) = url.split_once('?').filter(|_| url.contains("://")) else {
        return (url.to_owned(), asked);
    };
    let mut others = Vec::new();
    for word in words.split('&') {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let value = decoded(value);
        match name {
            "sslmode" => asked.mode = Some(value),
            "sslrootcert" => asked.authority = Some(value.into()),
            "sslcert" => asked.certificate = Some(value.into()),
            "sslkey" => asked.key = Some(value.into()),
            _ => others.push(word),
        }
    }
    let rest = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
    (format!("{address}{rest}"), asked)
}

/// `%2F` and the like.
fn decoded(value: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), value.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let coded = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = coded.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn proof(asked: &Asked, config: &tokio_postgres::Config) -> Result<Proof> {
    let here = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        Host::Unix(_) => true,
    };
    if config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)))
        && config.get_hostaddrs().is_empty()
    {
        // Nothing leaves the machine, and PostgreSQL speaks no TLS there.
        return Ok(Proof::Plain);
    }
    Ok(match asked.mode.as_deref() {
        None if config.get_hosts().iter().all(here)
            && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback) =>
        {
            if asked.authority.is_some() { Proof::Name } else { Proof::Plain }
        }
        None | Some("verify-full") => Proof::Name,
        Some("disable") => Proof::Plain,
        Some("prefer") => Proof::Offered,
        // As in libpq: who names an authority wants it checked.
        Some("require") if asked.authority.is_some() => Proof::Chain,
        Some("require") => Proof::Anybody,
        Some("verify-ca") => Proof::Chain,
        Some(other) => {
            return Err(Error::Setup(format!(
                "sslmode `{other}` is not known; write disable, prefer, require, verify-ca or verify-full"
            )));
        }
    })
}

fn settings(proof: Proof, asked: &Asked) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let chain = if proof >= Proof::Chain {
        let roots = Arc::new(authorities(asked.authority.as_deref())?);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build();
        Some(verifier.map_err(|fault| Error::Setup(format!("TLS cannot be set up: {fault}")))?)
    } else {
        None
    };
    let verifier = Arc::new(Verifier { provider: provider.clone(), chain, name: proof == Proof::Name });
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|fault| Error::Setup(format!("TLS cannot be set up: {fault}")))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let (Some(certificate), Some(key)) = (&asked.certificate, &asked.key) else {
        return Ok(builder.with_no_client_auth());
    };
    let key = PrivateKeyDer::from_pem_file(key).map_err(|fault| unreadable(key, &fault))?;
    builder
        .with_client_auth_cert(certificates(certificate)?, key)
        .map_err(|fault| unreadable(certificate, &fault))
}

fn unreadable(file: &Path, fault: &dyn std::fmt::Display) -> Error {
    Error::Setup(format!("{} cannot be used: {fault}; give a PEM file", file.display()))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_file_iter(file).and_then(Iterator::collect).map_err(|fault| unreadable(file, &fault))
}

/// Where Debian, Fedora, SUSE and Alpine keep the authorities everybody trusts.
const OF_THE_SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

fn authorities(named: Option<&Path>) -> Result<RootCertStore> {
    let file = named.map_or_else(
        || OF_THE_SYSTEM.iter().map(Path::new).find(|file| file.exists()).map(Path::to_owned),
        |file| Some(file.to_owned()),
    );
    let file = file.ok_or_else(|| {
        Error::Setup(
            "this system has no list of certificate authorities; name one with sslrootcert=FILE".to_owned(),
        )
    })?;
    let mut roots = RootCertStore::empty();
    let (good, _) = roots.add_parsable_certificates(certificates(&file)?);
    if good == 0 {
        return Err(unreadable(&file, &"it holds no certificate"));
    }
    Ok(roots)
}

/// What the wire says is told without the words of a library; what the server says stays as it is.
fn told(fault: tokio_postgres::Error) -> Error {
    let source = std::error::Error::source(&fault);
    let why = source.map(ToString::to_string).unwrap_or_default();
    let inner = source
        .and_then(|source| source.downcast_ref::<std::io::Error>())
        .and_then(std::io::Error::get_ref)
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(why)) => Error::Setup(format!(
            "PostgreSQL does not prove that it is the server that was meant ({why:?}); give the authority of its \
             certificate with sslrootcert=FILE, or sslmode=require to encrypt without proof"
        )),
        Some(other) => Error::Setup(format!("no encrypted connection to PostgreSQL: {other}; check its TLS settings")),
        None if why.contains("server does not support TLS") => Error::Setup(
            "PostgreSQL speaks no TLS and lies on another machine or was asked to; set ssl = on there, or write \
             sslmode=disable when the wire itself is trusted"
                .to_owned(),
        ),
        None => fault.into(),
    }
}

/// Checks as much as was asked; that the server holds the key of the certificate it shows is always checked.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    chain: Option<Arc<WebPkiServerVerifier>>,
    name: bool,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(shown, between, host, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.name => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, shown, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, shown, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(url: &str) -> Result<Proof> {
        let (url, asked) = take_out(url);
        proof(&asked, &url.parse()?)
    }

    #[test]
    fn another_machine_must_prove_itself_unless_the_url_says_otherwise() {
        for (url, proof) in [
            ("postgres://q@localhost/quell", Proof::Plain),
            ("postgres://q@127.0.0.1:5433/quell?application_name=q", Proof::Plain),
            ("postgres://q@%2Frun%2Fpostgresql/quell?sslmode=require", Proof::Plain),
            ("postgres://q@db.example/quell", Proof::Name),
            ("postgres://q@localhost,db.example/quell", Proof::Name),
            ("postgres://q@localhost/quell?sslrootcert=ca.pem", Proof::Name),
            ("postgres://q@db.example/quell?sslmode=disable", Proof::Plain),
            ("postgres://q@db.example/quell?sslmode=prefer", Proof::Offered),
            ("postgres://q@db.example/quell?sslmode=require", Proof::Anybody),
            ("postgres://q@db.example/quell?sslmode=require&sslrootcert=ca.pem", Proof::Chain),
            ("postgres://q@db.example/quell?sslmode=verify-ca", Proof::Chain),
            ("postgres://q@db.example/quell?sslmode=verify-full", Proof::Name),
        ] {
            assert_eq!(meant(url).unwrap(), proof, "{url}");
        }
        assert!(meant("postgres://q@db.example/quell?sslmode=verify_full").is_err());
    }

    #[test]
    fn words_about_tls_are_taken_out_and_the_others_stay() {
        let (url, asked) = take_out(
            "postgres://q@h/d?connect_timeout=3&sslrootcert=%2Fetc%2Fmy%20ca.pem&sslmode=require&options=-c%20x",
        );
        assert_eq!(url, "postgres://q@h/d?connect_timeout=3&options=-c%20x");
        assert_eq!(asked.authority.as_deref(), Some(Path::new("/etc/my ca.pem")));
        assert_eq!(decoded("100%"), "100%");
    }

    /// The throwaway server's address up to its database, with this host in it, and the file of its authority.
    fn server(host: &str) -> Option<(String, String)> {
        let url = std::env::var("QUELL_TEST_POSTGRES").ok()?;
        let authority = std::env::var("QUELL_TEST_POSTGRES_CA").ok();
        if authority.is_none() {
            println!("skipped: the throwaway PostgreSQL speaks no TLS; openssl is not here");
        }
        Some((url.replace("127.0.0.1", host), authority?))
    }

    fn runtime() -> Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    }

    fn is_encrypted(url: &str) -> bool {
        let runtime = runtime();
        let client = connect(url, &runtime).unwrap();
        let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        runtime.block_on(client.query_one(sql, &[])).unwrap().get(0)
    }

    #[track_caller]
    fn refused(url: &str, words: &str) {
        match connect(url, &runtime()).map(|_| ()) {
            Err(Error::Setup(told)) => assert!(told.contains(words) && told.contains(';'), "{told}"),
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn the_server_is_asked_for_as_much_proof_as_the_url_says() {
        let (Some((named, authority)), Some((numbered, _))) = (server("localhost"), server("127.0.0.1"))
        else {
            println!("skipped: QUELL_TEST_POSTGRES is not set (run under tests/with-postgres.sh)");
            return;
        };
        assert!(!is_encrypted(&named) && !is_encrypted(&format!("{named}?sslmode=disable")));
        for words in ["sslmode=prefer", "sslmode=require"] {
            assert!(is_encrypted(&format!("{numbered}?{words}")), "{words}");
        }
        for words in ["verify-full", "verify-ca", "require"] {
            assert!(is_encrypted(&format!("{named}?sslmode={words}&sslrootcert={authority}")), "{words}");
        }
        assert!(
            is_encrypted(&format!("{numbered}?sslmode=verify-ca&sslrootcert={authority}")),
            "no name is asked"
        );
        refused(&format!("{numbered}?sslmode=verify-full&sslrootcert={authority}"), "NotValidForName");
        refused(&format!("{numbered}?sslrootcert={authority}"), "NotValidForName");
        // The machine's own list does not know the authority.
        refused(&format!("{named}?sslmode=verify-full"), "sslrootcert");
        let stranger = std::env::temp_dir().join(format!("quell-stranger-{}.pem", std::process::id()));
        let made = std::process::Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
            .args(["-subj", "/CN=authority", "-keyout", "/dev/null", "-out"])
            .arg(&stranger)
            .output();
        assert!(made.unwrap().status.success());
        let url = format!("{named}?sslmode=verify-ca&sslrootcert={}", stranger.display());
        refused(&url, "does not prove");
        std::fs::remove_file(stranger).unwrap();
        refused(&format!("{named}?sslmode=verify-ca&sslrootcert=/nowhere.pem"), "cannot be used");
    }

    /// Somebody on the wire who says that the server has no TLS, to hear the password in the open.
    #[test]
    fn a_server_that_denies_tls_is_not_talked_to() {
        let wire = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = wire.local_addr().unwrap();
        let heard = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let mut heard = Vec::new();
            for _ in 0..2 {
                let (mut visitor, _) = wire.accept().unwrap();
                let mut request = [0; 8];
                visitor.read_exact(&mut request).unwrap();
                visitor.write_all(b"N").unwrap();
                visitor.read_to_end(&mut heard).unwrap();
            }
            heard
        });
        let authority = std::env::temp_dir().join(format!("quell-none-{}.pem", std::process::id()));
        std::fs::write(&authority, AUTHORITY).unwrap();
        for words in ["sslmode=require".to_owned(), format!("sslrootcert={}", authority.display())] {
            refused(&format!("postgres://quell:secret@{address}/quell?{words}"), "speaks no TLS");
        }
        std::fs::remove_file(authority).unwrap();
        assert!(heard.join().unwrap().is_empty(), "not a word after the refusal");
    }

    /// Of nobody: its key was thrown away.
    const AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----
MIIBeTCCAR+gAwIBAgIUf1AX7zBuLQM8dkwkqZ8Dobs098IwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyNjAzNTIxNFoYDzIxMjYxMTAyMDM1
MjE0WjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AARQq0f3If5qOrA2YpecuQPyb6Xm7zED90hDpsR9+UVvLJWxDuGOfKQltzPCjjgi
JoYrKjaMKl541wWxsHFaMks1o1MwUTAdBgNVHQ4EFgQU3QWGK5Zib/b5MLFhH54q
sfDWJRwwHwYDVR0jBBgwFoAU3QWGK5Zib/b5MLFhH54qsfDWJRwwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA/X/NC5Br46azhOYVlhM4Q1yf1YEY
cgSbQrDQ6ZuuYkMCIHJe3/zgmuBp5pD3wLSNOIq0EcWntFEMmuShyaVRoSLE
-----END CERTIFICATE-----
";
}
