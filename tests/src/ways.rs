//! What people do to come in by other ways than a password.

use crate::double::{CLIENT, SECRET};
use crate::{Answer, Authenticator, Double, Lie, Person, Town, fresh};
use axum::http::header;
use rooms::access::{Address, Providers};
use serde_json::{Value, json};

/// What stands in people's address bars in scenes.
pub const HERE: &str = "http://localhost:8080";

impl Town {
    /// The program knows under which name people reach it.
    pub fn has_a_name(&self) {
        self.house.ways.lead_to(Address::of(HERE).expect("an address"), Providers::default());
    }

    /// The same, and whoever runs it has named a provider, `province`; `more` are lines of the file about it.
    pub fn trusts(&self, double: &Double, more: &str) {
        let folder = &self.disk.folder;
        std::fs::write(folder.join("province.secret"), SECRET).expect("a file");
        let file = folder.join("providers.toml");
        let text = format!(
            "[[provider]]\nid = \"province\"\nzh = \"省\"\nen = \"Province\"\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\n\
             client_secret_file = \"province.secret\"\n{more}\n",
            double.issuer
        );
        std::fs::write(&file, text).expect("a file");
        let providers = Providers::read(&file).expect("providers");
        self.house.ways.lead_to(Address::of(HERE).expect("an address"), providers);
    }
}

impl Person {
    /// A new passkey on a new device.
    pub async fn adds_passkey(&self, name: &str) -> Authenticator {
        let mut device = Authenticator::new(HERE);
        self.adds_passkey_on(&mut device, name).await.ok();
        device
    }

    pub async fn adds_passkey_on(&self, device: &mut Authenticator, name: &str) -> Answer {
        let asked = self.post("/api/passkeys/ask", json!({})).await;
        if asked.status != 200 {
            return asked;
        }
        let asked = asked.json();
        let fields = json!({
            "passkey": fresh("passkey"), "name": name, "ticket": asked["ticket"],
            "answer": device.makes(&asked["options"]),
        });
        self.change("add-passkey", fields).await
    }

    /// What the house asks of whoever wants to come in with a passkey.
    pub async fn is_asked_for_a_passkey(&self) -> Value {
        self.post("/api/session/passkey/ask", json!({})).await.ok()
    }

    pub async fn signs_in_with(&self, device: &mut Authenticator) -> Answer {
        let asked = self.is_asked_for_a_passkey().await;
        let answer = device.answers(&asked["options"]);
        self.post("/api/session/passkey", json!({ "ticket": asked["ticket"], "answer": answer })).await
    }

    pub async fn proves_with(&mut self, device: &mut Authenticator) -> Answer {
        let asked = self.post("/api/session/prove/passkey/ask", json!({})).await.ok();
        let answer = device.answers(&asked["options"]);
        let given = json!({ "ticket": asked["ticket"], "answer": answer });
        let answer = self.post("/api/session/prove/passkey", given).await;
        self.takes_new_token(&answer);
        answer
    }

    /// Goes to the provider; the browser keeps the cookie it was given on the way.
    pub async fn goes_to_province(&mut self, why: &str) -> Answer {
        let answer = self.post("/api/providers/province/go", json!({ "why": why })).await;
        let given = answer.headers.get(header::SET_COOKIE).and_then(|value| value.to_str().ok());
        if let Some(pair) = given.and_then(|cookie| cookie.split(';').next()) {
            self.cookie = Some(match self.cookie.take() {
                Some(own) => format!("{own}; {pair}"),
                None => pair.to_owned(),
            });
        }
        answer
    }

    pub async fn brings_back(&mut self, state: &str, code: &str) -> Answer {
        let given = json!({ "state": state, "code": code });
        self.post("/api/providers/province/back", given).await
    }

    /// There and back, as `subject`.
    pub async fn by_province(&mut self, double: &Double, why: &str, (subject, lie): (&str, Lie)) -> Answer {
        let there = self.goes_to_province(why).await;
        if there.status != 200 {
            return there;
        }
        let (state, code) = double.grants(there.json()["address"].as_str().unwrap_or_default(), subject, lie);
        let answer = self.brings_back(&state, &code).await;
        if why == "prove" {
            self.takes_new_token(&answer);
        }
        answer
    }
}
