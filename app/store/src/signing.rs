//! Signatures that others check with a public key: Ed25519 (RFC 8032), keys and signatures as text.

use crate::vault::BASE64;
use base64::Engine as _;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

pub struct Signer(SigningKey);

impl Signer {
    pub fn of(seed: [u8; 32]) -> Signer {
        Signer(SigningKey::from_bytes(&seed))
    }

    pub fn public_key(&self) -> String {
        BASE64.encode(self.0.verifying_key().as_bytes())
    }

    /// The same text always has the same signature.
    pub fn sign(&self, text: &str) -> String {
        BASE64.encode(self.0.sign(text.as_bytes()).to_bytes())
    }
}

pub fn signature_fits(public_key: &str, signature: &str, text: &str) -> bool {
    let key = BASE64.decode(public_key).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let signature = BASE64.decode(signature).ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
    let Some((key, signature)) = key.and_then(|key| VerifyingKey::from_bytes(&key).ok()).zip(signature)
    else {
        return false;
    };
    key.verify_strict(text.as_bytes(), &Signature::from_bytes(&signature)).is_ok()
}
