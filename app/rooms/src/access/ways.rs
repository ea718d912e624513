//! The ways in besides a password: what they must know of this house, and what waits for an answer.

use crate::access::Address;
use crate::access::passkeys::Challenge;
use crate::access::providers::{Errand, Provider, Providers};
use crate::access::waiting::Waiting;
use crate::refuse::missing;
use crate::reply::Failure;
use std::sync::{Arc, OnceLock};
use store::{Refusal, Status};
use webauthn_rs::Webauthn;

#[derive(Default)]
pub struct Ways {
    /// Set once, after the program knows its port.
    known: OnceLock<(Address, Providers)>,
    pub(crate) challenges: Waiting<Challenge>,
    pub(crate) errands: Waiting<Errand>,
}

impl Ways {
    /// Told once at the start; a second telling changes nothing.
    pub fn lead_to(&self, address: Address, providers: Providers) {
        let _ = self.known.set((address, providers));
    }

    pub(crate) fn address(&self) -> Option<&Address> {
        self.known.get().map(|(address, _)| address)
    }

    pub(crate) fn passkeys(&self) -> Result<&Webauthn, Failure> {
        self.address().and_then(Address::passkeys).ok_or_else(|| {
            Refusal::new(
                Status::Conflict,
                "access.passkeys_off",
                "passkeys need an address with a name; sign in with the password, and ask whoever runs Quell to start it with --address",
                "通行密钥需要以域名访问；请使用密码登录，并请运维人员以 --address 启动系统",
            )
            .into()
        })
    }

    pub(crate) fn providers(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.known.get().into_iter().flat_map(|(_, providers)| providers.all())
    }

    /// The provider of this name, and where it sends people back to.
    pub(crate) fn provider(&self, id: &str) -> Result<(Arc<Provider>, String), Failure> {
        let known = self.known.get();
        let found = known.and_then(|(address, providers)| {
            let provider = providers.all().iter().find(|provider| provider.id == id)?;
            Some((provider.clone(), address.back_from(id)))
        });
        found.ok_or_else(|| missing("provider", "身份提供方").into())
    }
}
