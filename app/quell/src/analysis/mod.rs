//! The analyst's commands on plain files: no server, no database.

use clap::Subcommand;

#[derive(Subcommand)]
pub enum Analysis {}

impl Analysis {
    pub fn run(self) -> Result<(), String> {
        match self {}
    }
}
