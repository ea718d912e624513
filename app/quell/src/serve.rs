//! `quell serve`: opens the database, prints where it listens, answers until told to stop.

use crate::door::DoorArgs;
use crate::place::PlaceArgs;
use crate::{demo, pages};
use axum::Router;
use clap::Args;
use rooms::{App, House, Settings};

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    door: DoorArgs,
    /// Load this scenario of invented people into a new database, with one account per role.
    #[arg(long, value_name = "SCENARIO")]
    demo: Option<String>,
}

impl Serve {
    pub fn run(self) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|fault| format!("cannot start: {fault}"))?;
        let db = crate::open::database(&self.place)?;
        if let Some(scenario) = &self.demo {
            demo::prepare(&db, scenario)?;
        }
        let settings =
            Settings { behind_tls: self.door.over_tls(), demo: self.demo.is_some(), ..Settings::default() };
        let house = House::open(db, settings).map_err(|fault| fault.to_string())?;
        runtime.block_on(answer(house, self.door))
    }
}

async fn answer(house: App, door: DoorArgs) -> Result<(), String> {
    let door = door.open().await?;
    let url = door.url();
    println!("Listening on {url}");
    if let Some(code) = &house.setup_code {
        println!("There is no account yet. Make the first administrator at:");
        println!("  {url}/?setup={code}");
    }
    tokio::spawn(rooms::live::follow_journal(house.clone()));
    rooms::people::start_marking(&house);
    rooms::imports::resume(&house).await.map_err(|fault| fault.to_string())?;
    let app: Router = rooms::router().with_state(house).fallback(pages::page);
    tokio::select! {
        ended = door.answer(app) => ended,
        () = told_to_stop() => Ok(()),
    }
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
