//! `--data DIR` or `--database URL`: where the database is, the same for every command that opens one.

use clap::Args;
use std::path::PathBuf;
use store::Place;

#[derive(Args, Clone)]
pub struct PlaceArgs {
    /// Folder of the embedded database and of the master key.
    #[arg(long, default_value = "data", value_name = "DIR")]
    pub data: PathBuf,
    /// PostgreSQL instead of the embedded database; the master key stays in the data folder.
    #[arg(long, env = "QUELL_DATABASE", value_name = "URL")]
    pub database: Option<String>,
}

impl PlaceArgs {
    pub fn place(&self) -> Place {
        match &self.database {
            Some(url) => Place::Postgres { url: url.clone(), keys: self.data.join("keys") },
            None => Place::Folder(self.data.clone()),
        }
    }
}
