//! The secret on a notice: whoever holds it reads what restricts that person, and appeals. It hangs on the root of the key file, so
//! that nothing that opens anything is kept.

use super::Restriction;
use base::Id;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use sha2::{Digest, Sha256};
use store::Vault;

/// 144 bits, as they stand behind the address of the person's page.
pub(super) fn secret_of(vault: &Vault, restriction: Id<Restriction>) -> String {
    // One alphabet for an address: the mark itself is written in the other.
    vault.mark("restriction notice", &restriction.to_string()).replace('+', "-").replace('/', "_")
}

/// What it is known by.
pub(super) fn known_by(secret: &str) -> String {
    BASE64URL.encode(Sha256::digest(secret.as_bytes()))
}
