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
    /// The key file, when it is not keys/master.key in the data folder.
    #[arg(long, env = "QUELL_KEY_FILE", value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

impl PlaceArgs {
    pub fn place(&self) -> Place {
        match &self.database {
            Some(url) => Place::Postgres { url: url.clone(), keys: self.data.join("keys") },
            None => Place::Folder(self.data.clone()),
        }
    }

    pub fn key_file(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| self.place().keys().join("master.key"))
    }
}
