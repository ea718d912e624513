//! How people reach a served house, for the ways in that are bound to an address: passkeys and providers.

use crate::door::Door;
use clap::Args;
use rooms::App;
use rooms::access::{Address, Providers};
use std::path::PathBuf;

#[derive(Args)]
pub struct WaysArgs {
    /// How people reach it, as it stands in their address bar: passkeys and providers are bound to it. On this machine
    /// alone it is localhost and the port.
    #[arg(long, value_name = "https://NAME")]
    address: Option<String>,
    /// Sign-in providers (OpenID Connect) of your organisation, named in this file.
    #[arg(long, value_name = "FILE")]
    providers: Option<PathBuf>,
}

pub struct Ways {
    /// `None`: the listener decides, if it listens to this machine alone.
    address: Option<Address>,
    providers: Option<Providers>,
}

impl WaysArgs {
    /// Read before anything is opened: a mistake in it should cost nothing.
    pub fn read(&self) -> Result<Ways, String> {
        let address = self.address.as_deref().map(Address::of).transpose()?;
        let providers = self.providers.as_deref().map(Providers::read).transpose()?;
        Ok(Ways { address, providers })
    }
}

impl Ways {
    /// Now that the port is known.
    pub fn lead_to(self, house: &App, door: &Door) -> Result<(), String> {
        let address = match (self.address, door.own_scheme()) {
            (Some(told), _) => told,
            (None, Some(scheme)) if door.address.ip().is_loopback() => {
                Address::of(&format!("{scheme}://localhost:{}", door.address.port()))?
            }
            (None, _) if self.providers.is_some() => {
                return Err(
                    "providers send people back to an address; say it with --address https://NAME".to_owned()
                );
            }
            // Passwords only; the pages say so.
            (None, _) => return Ok(()),
        };
        house.ways.lead_to(address, self.providers.unwrap_or_default());
        Ok(())
    }
}
