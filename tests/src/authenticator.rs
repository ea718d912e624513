//! A telephone or a security key, as far as a browser lets a page see it: makes a passkey and answers with it. It can also
//! do what a broken or stolen one would.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::random_bits;

#[derive(Clone)]
pub struct Authenticator {
    key: SigningKey,
    credential: Vec<u8>,
    user: String,
    /// How often it has signed; 0 for ever when it does not count.
    pub counter: Option<u32>,
    /// The page it believes to stand on.
    origin: String,
    /// Whether it has seen a finger or a PIN.
    verifies: bool,
}

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const WITH_KEY: u8 = 0x40;

impl Authenticator {
    pub fn new(origin: &str) -> Authenticator {
        let bytes = [random_bits().to_le_bytes(), random_bits().to_le_bytes()].concat();
        Authenticator {
            key: SigningKey::from_slice(&bytes).expect("nearly every number is a key"),
            credential: random_bits().to_le_bytes().to_vec(),
            user: String::new(),
            counter: Some(0),
            origin: origin.to_owned(),
            verifies: true,
        }
    }

    /// The same, asking for neither finger nor PIN.
    #[must_use]
    pub fn unlocked(&self) -> Authenticator {
        Authenticator { verifies: false, ..self.clone() }
    }

    /// The same, on a page that only looks like ours.
    #[must_use]
    pub fn lured_to(&self, origin: &str) -> Authenticator {
        Authenticator { origin: origin.to_owned(), ..self.clone() }
    }

    /// One that keeps no count, as passkeys do that a cloud carries from device to device.
    #[must_use]
    pub fn that_does_not_count(&self) -> Authenticator {
        Authenticator { counter: None, ..self.clone() }
    }

    fn data(&mut self, rp: &str, with_key: bool) -> Vec<u8> {
        self.counter = self.counter.map(|count| count + 1);
        let mut flags = PRESENT;
        if self.verifies {
            flags |= VERIFIED;
        }
        if with_key {
            flags |= WITH_KEY;
        }
        let mut data = Sha256::digest(rp.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.unwrap_or(0).to_be_bytes());
        if with_key {
            data.extend([0; 16]);
            data.extend(u16::try_from(self.credential.len()).expect("short").to_be_bytes());
            data.extend(&self.credential);
            data.extend(self.public_key());
        }
        data
    }

    /// COSE: an elliptic key (1: 2) for ES256 (3: -7) on P-256 (-1: 1) at x (-2) and y (-3).
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let mut cose = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        cose.extend(point.x().expect("a point"));
        cose.extend([0x22, 0x58, 0x20]);
        cose.extend(point.y().expect("a point"));
        cose
    }

    fn client_data(&self, what: &str, challenge: &Value) -> Vec<u8> {
        json!({ "type": what, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    /// What `navigator.credentials.create` gives the page.
    pub fn makes(&mut self, options: &Value) -> Value {
        let options = &options["publicKey"];
        self.user = options["user"]["id"].as_str().unwrap_or_default().to_owned();
        let data = self.data(options["rp"]["id"].as_str().unwrap_or_default(), true);
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": bytes}.
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).expect("less than 256 bytes"));
        attestation.extend(data);
        let own = URL_SAFE_NO_PAD.encode(&self.credential);
        json!({
            "id": own, "rawId": own, "type": "public-key", "extensions": {},
            "response": {
                "attestationObject": URL_SAFE_NO_PAD.encode(attestation),
                "clientDataJSON": URL_SAFE_NO_PAD.encode(self.client_data("webauthn.create", &options["challenge"])),
            },
        })
    }

    /// What `navigator.credentials.get` gives the page.
    pub fn answers(&mut self, options: &Value) -> Value {
        let options = &options["publicKey"];
        let data = self.data(options["rpId"].as_str().unwrap_or_default(), false);
        let client = self.client_data("webauthn.get", &options["challenge"]);
        let signed = [data.clone(), Sha256::digest(&client).to_vec()].concat();
        let signature: DerSignature = self.key.sign(&signed);
        let own = URL_SAFE_NO_PAD.encode(&self.credential);
        json!({
            "id": own, "rawId": own, "type": "public-key", "extensions": {},
            "response": {
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
                "signature": URL_SAFE_NO_PAD.encode(signature.as_bytes()),
                "userHandle": self.user,
            },
        })
    }
}
