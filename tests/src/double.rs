//! A sign-in provider that speaks the real protocol over a real socket, and lies when a scene wants it to: discovery, keys
//! and token exchange as OpenID Connect Core 1.0 and RFC 7636 have them.

use crate::Town;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use rooms::Clock;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use store::random_bits;

/// What is wrong with the token that a code brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lie {
    Nothing,
    Issuer,
    Audience,
    /// For us and for somebody else, who could have kept it.
    SecondAudience,
    AuthorizedParty,
    Expired,
    IssuedTomorrow,
    Nonce,
    NoNonce,
    NoSignature,
    /// HS256, with the public key as the secret.
    PublicKeyAsSecret,
    /// HS256, with the client's own secret.
    ClientSecret,
    /// Signed by somebody else under the provider's key number.
    OtherKey,
    UnknownKey,
    ChangedAfterSigning,
    OtherAccessToken,
    /// The person was with the provider hours ago and showed nothing now.
    OldLogin,
    NoLoginTime,
}

pub const CLIENT: &str = "quell";
pub const SECRET: &str = "a secret of invented words";

/// Gone with its socket when it goes out of scope.
pub struct Double {
    pub issuer: String,
    inside: Arc<Inside>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

struct Inside {
    issuer: String,
    keys: Mutex<Vec<(String, SigningKey)>>,
    codes: Mutex<BTreeMap<String, Granted>>,
    down: AtomicBool,
    over: AtomicBool,
    asked_for_keys: AtomicUsize,
    clock: Clock,
}

struct Granted {
    nonce: String,
    challenge: String,
    redirect: String,
    subject: String,
    lie: Lie,
}

impl Double {
    /// In this town, whose time it shares.
    pub fn opens(town: &Town) -> Double {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let issuer = format!("http://{address}");
        let inside = Arc::new(Inside {
            issuer: issuer.clone(),
            keys: Mutex::new(vec![("first".to_owned(), new_key())]),
            codes: Mutex::default(),
            down: AtomicBool::new(false),
            over: AtomicBool::new(false),
            asked_for_keys: AtomicUsize::new(0),
            clock: town.house.settings.clock.clone(),
        });
        let own = inside.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if own.over.load(Ordering::Relaxed) {
                    return;
                }
                let _ = own.answer(stream);
            }
        });
        Double { issuer, inside, address, thread: Some(thread) }
    }

    /// From now on it signs with another key, and has announced it.
    pub fn changes_its_key(&self) {
        *self.inside.keys.lock().expect("keys") = vec![("second".to_owned(), new_key())];
    }

    pub fn goes_down(&self) {
        self.inside.down.store(true, Ordering::Relaxed);
    }

    pub fn asked_for_keys(&self) -> usize {
        self.inside.asked_for_keys.load(Ordering::Relaxed)
    }

    /// The person at this address has said who they are: the state and the code they bring back.
    pub fn grants(&self, address: &str, subject: &str, lie: Lie) -> (String, String) {
        let asked = query(address.split_once('?').expect("a question").1);
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["client_id"], CLIENT);
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let code = format!("code-{:x}", random_bits());
        let granted = Granted {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect: asked["redirect_uri"].clone(),
            subject: subject.to_owned(),
            lie,
        };
        self.inside.codes.lock().expect("codes").insert(code.clone(), granted);
        (asked["state"].clone(), code)
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.inside.over.store(true, Ordering::Relaxed);
        // Its last visitor is itself, so that it looks up.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn new_key() -> SigningKey {
    let bytes = [random_bits().to_le_bytes(), random_bits().to_le_bytes()].concat();
    SigningKey::from_bytes(&bytes.try_into().expect("32 bytes"))
}

impl Inside {
    fn answer(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let (mut first, mut length, mut shown) = (String::new(), 0, String::new());
        reader.read_line(&mut first)?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap_or(0),
                "authorization" => shown = value.trim().to_owned(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let path = first.split(' ').nth(1).unwrap_or_default();
        let (status, said) = self.say(path, &shown, &String::from_utf8_lossy(&body));
        let text = said.to_string();
        let mut stream = reader.into_inner();
        write!(
            stream,
            "HTTP/1.1 {status} .\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
            text.len()
        )
    }

    fn say(&self, path: &str, shown: &str, body: &str) -> (u16, Value) {
        if self.down.load(Ordering::Relaxed) {
            return (500, json!({ "sorry": true }));
        }
        match path {
            "/.well-known/openid-configuration" => (200, self.announced()),
            "/keys" => {
                self.asked_for_keys.fetch_add(1, Ordering::Relaxed);
                let keys = self.keys.lock().expect("keys");
                (200, json!({ "keys": keys.iter().map(|(id, key)| jwk(id, key)).collect::<Vec<_>>() }))
            }
            "/token" => self.token(shown, body),
            _ => (404, json!({})),
        }
    }

    fn announced(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
            "jwks_uri": at("/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
            // It offers what must not be accepted, too.
            "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
        })
    }

    fn token(&self, shown: &str, body: &str) -> (u16, Value) {
        let client = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{}", SECRET.replace(' ', "+"))));
        if shown != client {
            return (401, json!({ "error": "invalid_client" }));
        }
        let given = query(body);
        let text = |name: &str| given.get(name).cloned().unwrap_or_default();
        let granted = self.codes.lock().expect("codes").remove(&text("code"));
        let verified = URL_SAFE_NO_PAD.encode(Sha256::digest(text("code_verifier")));
        match granted {
            Some(granted) if granted.challenge == verified && granted.redirect == text("redirect_uri") => {
                let access = "an-access-token-nobody-uses";
                let token = self.identity(&granted, access);
                (200, json!({ "access_token": access, "token_type": "Bearer", "id_token": token }))
            }
            _ => (400, json!({ "error": "invalid_grant" })),
        }
    }

    fn identity(&self, granted: &Granted, access: &str) -> String {
        let now = self.clock.now().0 / 1000;
        let (name, key) = self.keys.lock().expect("keys")[0].clone();
        let half = |token: &str| URL_SAFE_NO_PAD.encode(&sha2::Sha512::digest(token)[..32]);
        let mut claims = json!({
            "iss": self.issuer, "sub": granted.subject, "aud": CLIENT, "exp": now + 300, "iat": now,
            "nonce": granted.nonce, "auth_time": now, "acr": "urn:example:two", "amr": ["pwd", "otp"],
            "at_hash": half(access),
            // Addresses change hands: no account is found by one.
            "email": format!("{}@example.org", granted.subject), "email_verified": true,
        });
        let mut head = json!({ "alg": "EdDSA", "kid": name });
        let mut signer = Some(key.clone());
        let mut secret: Option<Vec<u8>> = None;
        match granted.lie {
            Lie::Nothing | Lie::ChangedAfterSigning => {}
            Lie::Issuer => claims["iss"] = json!("https://id.example.net"),
            Lie::Audience => claims["aud"] = json!("another"),
            Lie::SecondAudience => claims["aud"] = json!([CLIENT, "another"]),
            Lie::AuthorizedParty => claims["azp"] = json!("another"),
            Lie::Expired => claims["exp"] = json!(now - 1),
            Lie::IssuedTomorrow => {
                claims["iat"] = json!(now + 86_400);
                claims["exp"] = json!(now + 90_000);
            }
            Lie::Nonce => claims["nonce"] = json!("of somebody else"),
            Lie::NoNonce => claims["nonce"] = Value::Null,
            Lie::NoSignature => {
                head = json!({ "alg": "none" });
                signer = None;
            }
            Lie::PublicKeyAsSecret => secret = Some(key.verifying_key().to_bytes().to_vec()),
            Lie::ClientSecret => secret = Some(SECRET.as_bytes().to_vec()),
            Lie::OtherKey => signer = Some(new_key()),
            Lie::UnknownKey => head["kid"] = json!("nobody's"),
            Lie::OtherAccessToken => claims["at_hash"] = json!(half("another token")),
            Lie::OldLogin => claims["auth_time"] = json!(now - 7200),
            Lie::NoLoginTime => claims["auth_time"] = Value::Null,
        }
        if let Some(claims) = claims.as_object_mut() {
            claims.retain(|_, value| !value.is_null());
        }
        if secret.is_some() {
            head["alg"] = json!("HS256");
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&head), part(&claims));
        let signature = match (secret, signer) {
            (Some(secret), _) => {
                let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&secret).expect("any length");
                mac.update(signed.as_bytes());
                mac.finalize().into_bytes().to_vec()
            }
            (None, Some(key)) => key.sign(signed.as_bytes()).to_bytes().to_vec(),
            (None, None) => Vec::new(),
        };
        if granted.lie == Lie::ChangedAfterSigning {
            claims["sub"] = json!("somebody-else");
            return format!("{}.{}.{}", part(&head), part(&claims), URL_SAFE_NO_PAD.encode(signature));
        }
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn jwk(id: &str, key: &SigningKey) -> Value {
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().to_bytes());
    json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": id, "x": x })
}

fn query(text: &str) -> BTreeMap<String, String> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, left) = match (first, tail) {
            (b'%', [high, low, left @ ..]) => {
                let hex = [*high, *low];
                let hex = std::str::from_utf8(&hex).unwrap_or_default();
                (u8::from_str_radix(hex, 16).unwrap_or(b'?'), left)
            }
            (b'+', _) => (b' ', tail),
            _ => (*first, tail),
        };
        bytes.push(byte);
        rest = left;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
