//! Signatures that others check with a public key: Ed25519 (RFC 8032), keys and signatures as text; and ES256 (ECDSA over P-256 with
//! SHA-256, RFC 7518) for standards that ask for it.

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

/// The public half of an ES256 key is a point; a signature is its two numbers one after the other.
pub struct Es256(p256::ecdsa::SigningKey);

impl Es256 {
    /// `None`: the seed is no key of this curve, which happens once in 2^32 seeds.
    pub(crate) fn of(seed: &[u8; 32]) -> Option<Es256> {
        p256::ecdsa::SigningKey::from_slice(seed).ok().map(Es256)
    }

    pub fn public_point(&self) -> [[u8; 32]; 2] {
        let point = self.0.verifying_key().to_sec1_point(false);
        let bytes = point.as_bytes();
        let half =
            |from: usize| bytes[from..from + 32].try_into().expect("an uncompressed point has 65 bytes");
        [half(1), half(33)]
    }

    /// The same bytes always have the same signature (RFC 6979): who asks twice is given the same.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        let signature: p256::ecdsa::Signature = self.0.sign(bytes);
        signature.to_bytes().into()
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
