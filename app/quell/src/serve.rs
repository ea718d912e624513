//! `quell serve`: opens the database, prints where it listens, answers until told to stop.

use crate::backup::Schedule;
use crate::door::DoorArgs;
use crate::hold::{GroundArgs, hold};
use crate::place::PlaceArgs;
use crate::ways::{Ways, WaysArgs};
use crate::{demo, pages};
use axum::Router;
use clap::Args;
use rooms::access::Breached;
use rooms::journal::Keeping;
use rooms::{App, House, Settings};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    door: DoorArgs,
    #[command(flatten)]
    ways: WaysArgs,
    /// Requests a second of one account; ten seconds' worth may come at once.
    #[arg(long, value_name = "NUMBER")]
    account_rate: Option<u32>,
    #[command(flatten)]
    ground: GroundArgs,
    #[command(flatten)]
    backups: Schedule,
    /// Keep checkpoints of the journal here as well, such as on another disk; as many as there are.
    #[arg(long, value_name = "FILE")]
    checkpoint_to: Vec<std::path::PathBuf>,
    /// The address of a Quell that is witness to this one's journal; as many as there are.
    #[arg(long, value_name = "URL")]
    witness: Vec<String>,
    /// Minutes between checkpoints; one comes earlier after a thousand writes, and one when the program stops.
    #[arg(long, default_value_t = 10, value_name = "MINUTES")]
    checkpoint_every: u64,
    /// Load this scenario of invented people into a new database, with one account per role.
    #[arg(long, value_name = "SCENARIO")]
    demo: Option<String>,
    /// Passwords that have leaked elsewhere, sorted SHA-1 lines as Have I Been Pwned gives them; searched in place.
    #[arg(long, value_name = "FILE")]
    breached: Option<PathBuf>,
    /// Administrators, auditors, commanders and data officers may only enrol until they have a second factor.
    #[arg(long)]
    require_second_factor: bool,
}

impl Serve {
    pub fn run(self) -> Result<(), String> {
        crate::door::say_only_where();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|fault| format!("cannot start: {fault}"))?;
        let ways = self.ways.read()?;
        let _held = hold(&self.place.data)?;
        let db = crate::open::database(&self.place)?;
        self.ground.demand(&self.place, &db)?;
        if let Some(scenario) = &self.demo {
            demo::prepare(&db, scenario)?;
        }
        let keeping = Keeping {
            to: self.checkpoint_to.clone(),
            witnesses: self.witness.clone(),
            every: Duration::from_secs(self.checkpoint_every.max(1) * 60),
            ..Keeping::default()
        };
        let settings = Settings {
            behind_tls: self.door.over_tls(),
            demo: self.demo.is_some(),
            breached: self.breached.as_deref().map(Breached::at).transpose()?,
            require_second_factor: self.require_second_factor,
            keeping,
            account_rate: self.account_rate,
            ..Settings::default()
        };
        let repeated = rooms::people::repeat_erasures(&db).map_err(|fault| fault.to_string())?;
        if repeated > 0 {
            println!("This is an older copy: {repeated} erasures since were repeated.");
        }
        let house = House::open(db, settings).map_err(|fault| fault.to_string())?;
        self.backups.begin(house.clone(), self.place.key_file())?;
        let ended = runtime.block_on(answer(house.clone(), self.door, ways));
        // The last rows are signed too before the machine is left alone.
        if let Err(fault) = house.checkpoint() {
            eprintln!("quell: no checkpoint of the journal: {fault}");
        }
        ended
    }
}

async fn answer(house: App, door: DoorArgs, ways: Ways) -> Result<(), String> {
    let door = door.open()?;
    ways.lead_to(&house, &door)?;
    let url = door.url();
    println!("Listening on {url}");
    if let Some(code) = &house.setup_code {
        println!("There is no account yet. Make the first administrator at:");
        println!("  {url}/?setup={code}");
    }
    println!("The journal is signed with {}", house.checkpoint_key());
    tokio::spawn(rooms::live::follow_journal(house.clone()));
    tokio::spawn(rooms::people::keep_clocks(house.clone()));
    tokio::spawn(rooms::surveillance::watch::keep_watch(house.clone()));
    tokio::spawn(rooms::control::measures::keep_measures(house.clone()));
    tokio::spawn(rooms::lab::keep_index(house.clone()));
    tokio::spawn(rooms::lab::keep_reporting(house.clone()));
    tokio::spawn(rooms::followup::keep_follow_up(house.clone()));
    tokio::spawn(rooms::followup::keep_joining(house.clone()));
    tokio::spawn(rooms::tasks::keep_telling(house.clone()));
    tokio::spawn(rooms::entry::keep_reading_tests(house.clone()));
    tokio::spawn(rooms::control::restrictions::keep_restrictions(house.clone()));
    tokio::spawn(rooms::control::keep_proposing(house.clone()));
    rooms::people::start_marking(&house);
    tokio::spawn(rooms::journal::keep_checkpoints(house.clone()));
    rooms::imports::resume(&house).await.map_err(|fault| fault.to_string())?;
    tokio::spawn(rooms::load::keep_counting(house.clone()));
    let app: Router = rooms::router().with_state(house.clone()).fallback(pages::page);
    tokio::select! {
        ended = door.answer(app, house) => ended,
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
