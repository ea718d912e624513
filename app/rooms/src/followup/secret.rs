//! The secret of a check-in link hangs on the root of the key file, so that nothing that opens anything is kept.

use base::Id;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use sha2::{Digest, Sha256};
use store::{Sent, Vault};

/// Of the change that gave it: sent twice it is one link, given again it is another.
pub(super) fn secret_of(vault: &Vault, given: Id<Sent>) -> String {
    // One alphabet for an address: the mark itself is written in the other.
    vault.mark("check-in link", &given.to_string()).replace('+', "-").replace('/', "_")
}

/// What it is known by.
pub(super) fn known_by(secret: &str) -> String {
    BASE64URL.encode(Sha256::digest(secret.as_bytes()))
}
