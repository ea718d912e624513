//! The file that names the providers (`quell serve --providers FILE`). Read once at the start; what is wrong in it keeps
//! the program from starting, in words.

use crate::access::address::on_this_machine;
use crate::access::providers::Provider;
use openidconnect::{ClientId, ClientSecret, IssuerUrl};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// A provider that is slow keeps a person waiting, not the house.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Providers(Vec<Arc<Provider>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    provider: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Stands in addresses: small letters, digits and hyphens.
    id: String,
    zh: String,
    en: String,
    issuer: String,
    client_id: String,
    /// Without one the client is public, and PKCE alone binds the answer to the question.
    #[serde(default)]
    client_secret_file: Option<PathBuf>,
    /// Certificates (PEM) that vouch for the provider instead of the public ones.
    #[serde(default)]
    ca_file: Option<PathBuf>,
    /// Asked for, and the provider's token must carry one of them. Empty: any will do.
    #[serde(default)]
    acr: Vec<String>,
    /// The provider's own session is enough to come in; for computers that nobody shares.
    #[serde(default)]
    remembered: bool,
}

impl Providers {
    pub fn all(&self) -> &[Arc<Provider>] {
        &self.0
    }

    /// Paths in the file are meant from where the file is.
    pub fn read(file: &Path) -> Result<Providers, String> {
        let text = contents(file)?;
        let book: Book = toml::from_str(&text).map_err(|fault| format!("{}: {fault}", file.display()))?;
        let beside = file.parent().unwrap_or(Path::new("."));
        let mut providers: Vec<Arc<Provider>> = Vec::new();
        for entry in book.provider {
            let here = format!("{}, provider `{}`", file.display(), entry.id);
            if providers.iter().any(|other| other.id == entry.id) {
                return Err(format!("{here} stands there twice; give each an id of its own"));
            }
            let provider = entry.open(beside).map_err(|fault| format!("{here}: {fault}"))?;
            providers.push(Arc::new(provider));
        }
        Ok(Providers(providers))
    }
}

impl Entry {
    fn open(self, beside: &Path) -> Result<Provider, String> {
        let id = &self.id;
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            return Err("an id has small letters, digits and hyphens; choose another".to_owned());
        }
        let issuer = IssuerUrl::new(self.issuer.clone())
            .map_err(|fault| format!("`issuer` is no address ({fault}); copy it from the provider"))?;
        let local = on_this_machine(issuer.url());
        if issuer.url().scheme() != "https" && !local {
            return Err("`issuer` must be https; the provider's word would be anybody's".to_owned());
        }
        let secret = match &self.client_secret_file {
            None => None,
            Some(file) => {
                let secret = contents(&beside.join(file))?.trim().to_owned();
                if secret.is_empty() {
                    return Err(format!("{} is empty; put the client's secret into it", file.display()));
                }
                Some(ClientSecret::new(secret))
            }
        };
        let authorities = self.ca_file.as_ref().map(|file| authorities(&beside.join(file))).transpose()?;
        let agent = agent(issuer.url().scheme() == "https", local, authorities);
        Ok(Provider::new(
            self.id,
            (self.zh, self.en),
            issuer,
            ClientId::new(self.client_id),
            secret,
            (self.acr, !self.remembered),
            agent,
        ))
    }
}

fn agent(https_only: bool, local: bool, authorities: Option<RootCerts>) -> Agent {
    let tls = TlsConfig::builder().root_certs(authorities.unwrap_or(RootCerts::WebPki)).build();
    let mut config = Agent::config_builder()
        .https_only(https_only)
        // A redirect could lead the program anywhere in its own network.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_global(Some(ANSWERS_WITHIN))
        .tls_config(tls);
    if local {
        config = config.proxy(None);
    }
    config.build().into()
}

fn authorities(file: &Path) -> Result<RootCerts, String> {
    let text = contents(file)?;
    let found: Vec<Certificate<'static>> = parse_pem(text.as_bytes())
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        return Err(format!(
            "{} holds no certificate (PEM); put the provider's authority into it",
            file.display()
        ));
    }
    Ok(RootCerts::new_with_certs(&found))
}

fn contents(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|fault| format!("{}: {fault}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(entry: &str) -> Result<usize, String> {
        let book: Book = toml::from_str(entry).map_err(|fault| fault.to_string())?;
        let mut count = 0;
        for entry in book.provider {
            entry.open(Path::new("."))?;
            count += 1;
        }
        Ok(count)
    }

    const GOOD: &str =
        "[[provider]]\nid = \"province\"\nzh = \"省\"\nen = \"Province\"\nclient_id = \"quell\"\n";

    #[test]
    fn a_provider_speaks_https_or_stands_on_this_machine() {
        assert_eq!(written(&format!("{GOOD}issuer = \"https://id.example.org\"")), Ok(1));
        assert_eq!(written(&format!("{GOOD}issuer = \"http://127.0.0.1:9000\"")), Ok(1));
        assert!(written(&format!("{GOOD}issuer = \"http://id.example.org\"")).unwrap_err().contains("https"));
    }

    #[test]
    fn a_misspelt_key_or_a_missing_file_keeps_the_program_from_starting() {
        let misspelt = format!("{GOOD}issuer = \"https://id.example.org\"\nclient_secret = \"in the open\"");
        assert!(written(&misspelt).unwrap_err().contains("client_secret"));
        let missing = format!("{GOOD}issuer = \"https://id.example.org\"\nca_file = \"not/there.pem\"");
        assert!(written(&missing).unwrap_err().contains("there.pem"));
    }
}
