//! Whether a provider's token holds, claim by claim, and whom it names.
//!
//! # Source
//! OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725 (JSON Web Token Best Current Practices).

use crate::access::changes::Outside;
use crate::access::providers::{Provider, Trouble};
use base::Moment;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreTokenResponse};
use openidconnect::{
    AccessTokenHash, AuthenticationContextClass, ClaimsVerificationError, Nonce, OAuth2TokenResponse,
    SignatureVerificationError, TokenResponse,
};
use std::time::{Duration, UNIX_EPOCH};

/// Signatures that only the provider can make. Neither `none` nor a shared secret: with a secret, whoever takes a public
/// key for it could sign.
const SIGNATURES: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Two clocks may differ by this much.
const LEEWAY_SECONDS: i64 = 120;

/// Whom a good token names, and how the provider made sure.
pub(crate) struct Vouched {
    pub who: Outside,
    pub acr: Option<String>,
    pub amr: Vec<String>,
    /// When the person last showed the provider who they are.
    pub shown: Option<Moment>,
}

impl Provider {
    pub(super) fn vouches(
        &self,
        now: Moment,
        answer: &CoreTokenResponse,
        nonce: &Nonce,
    ) -> Result<Vouched, Trouble> {
        let token = answer.id_token().ok_or(Trouble::Token("none"))?;
        match self.holds(self.verifier(now, false)?, answer, token, nonce) {
            // The provider may have begun to sign with a key that we have not seen.
            Err(Doubt::UnknownKey) => self.holds(self.verifier(now, true)?, answer, token, nonce),
            held => held,
        }
        .map_err(|doubt| match doubt {
            Doubt::UnknownKey => Trouble::Token("key"),
            Doubt::Other(what) => Trouble::Token(what),
        })
    }

    /// Whether the person showed themselves to the provider after they were sent there.
    pub(super) fn shown_since(&self, vouched: &Vouched, asked: Moment) -> bool {
        vouched.shown.is_some_and(|shown| shown.plus_seconds(LEEWAY_SECONDS) >= asked)
    }

    fn verifier(&self, now: Moment, again: bool) -> Result<CoreIdTokenVerifier<'static>, Trouble> {
        let announced = if again { self.announced_again(now)? } else { self.announced(now)? };
        // A public client's verifier knows no secret, so that none can be a key by mistake.
        let verifier = CoreIdTokenVerifier::new_public_client(
            self.client().clone(),
            announced.issuer().clone(),
            announced.jwks().clone(),
        );
        let clock = move || (UNIX_EPOCH + Duration::from_millis(now.0.unsigned_abs())).into();
        let acr = self.acr.clone();
        Ok(verifier
            .set_allowed_algs(SIGNATURES)
            .set_time_fn(clock)
            .set_issue_time_verifier_fn(move |issued| {
                let late = issued.timestamp_millis() - now.0;
                if late > LEEWAY_SECONDS * 1000 { Err("issued in the future".to_owned()) } else { Ok(()) }
            })
            .set_auth_context_verifier_fn(move |said: Option<&AuthenticationContextClass>| {
                let enough =
                    acr.is_empty() || said.is_some_and(|said| acr.iter().any(|acr| acr == said.as_str()));
                if enough { Ok(()) } else { Err("not the assurance asked for".to_owned()) }
            }))
    }

    fn holds(
        &self,
        verifier: CoreIdTokenVerifier<'_>,
        answer: &CoreTokenResponse,
        token: &CoreIdToken,
        nonce: &Nonce,
    ) -> Result<Vouched, Doubt> {
        let claims = token.claims(&verifier, nonce)?;
        if let Some(announced) = claims.access_token_hash() {
            let signing = token.signing_alg().and_then(|alg| Ok((alg, token.signing_key(&verifier)?)));
            let (alg, key) = signing.map_err(|_| Doubt::Other("signature"))?;
            let own = AccessTokenHash::from_token(answer.access_token(), alg, key);
            if own.ok().as_ref() != Some(announced) {
                return Err(Doubt::Other("access token"));
            }
        }
        if claims.authorized_party().is_some_and(|party| party != self.client()) {
            return Err(Doubt::Other("audience"));
        }
        Ok(Vouched {
            who: Outside { issuer: claims.issuer().to_string(), subject: claims.subject().to_string() },
            acr: claims.auth_context_ref().map(|acr| acr.to_string()),
            amr: claims
                .auth_method_refs()
                .into_iter()
                .flatten()
                .take(16)
                .map(|amr| amr.to_string())
                .collect(),
            shown: claims.auth_time().map(|at| Moment(at.timestamp_millis())),
        })
    }
}

enum Doubt {
    UnknownKey,
    Other(&'static str),
}

/// The word is part of what the person is told and what the operator looks for.
impl From<ClaimsVerificationError> for Doubt {
    fn from(fault: ClaimsVerificationError) -> Doubt {
        use ClaimsVerificationError as Claims;
        use SignatureVerificationError as Signature;
        Doubt::Other(match fault {
            Claims::SignatureVerification(Signature::NoMatchingKey) => return Doubt::UnknownKey,
            Claims::SignatureVerification(Signature::DisallowedAlg(_) | Signature::UnsupportedAlg(_)) => {
                "algorithm"
            }
            Claims::SignatureVerification(_) => "signature",
            Claims::Expired(_) => "time",
            Claims::InvalidAudience(_) => "audience",
            Claims::InvalidAuthContext(_) => "assurance",
            Claims::InvalidIssuer(_) => "issuer",
            Claims::InvalidNonce(_) => "nonce",
            Claims::InvalidSubject(_) => "subject",
            _ => "shape",
        })
    }
}
