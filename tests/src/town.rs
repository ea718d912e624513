//! A running house, its people, and the stage they play on.

use crate::person::Person;
use crate::throwaway::{Engine, Throwaway};
use crate::{Answer, fresh};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use rooms::access::changes::CreateAccount;
use rooms::access::hash_password;
use rooms::{App, House, Settings};
use serde_json::{Value, json};
use std::sync::OnceLock;
use store::{Actor, Db, Rebuild};

/// A county, its neighbour, the prefecture that holds both, the province, and a county of another prefecture.
pub const TAIGU: &str = "14/1407/140703";
pub const YUCI: &str = "14/1407/140702";
pub const JINZHONG: &str = "14/1407";
pub const SHANXI: &str = "14";
pub const XIAODIAN: &str = "14/1401/140105";

/// Everybody's, and hashed once: argon2id is slow on purpose.
pub(crate) const PASSWORD: &str = "a quiet street in an invented town";

pub struct Town {
    pub house: App,
    router: Router,
    pub disk: Throwaway,
}

/// Opens a town on `engine`, plays the scene, and clears everything away, whatever happened.
pub fn run(engine: Engine, scene: impl AsyncFnOnce(&mut Town)) {
    if let Some(disk) = Throwaway::make(engine) {
        run_on(disk, scene);
    }
}

/// The same on a disk that may hold something already.
pub fn run_on(disk: Throwaway, scene: impl AsyncFnOnce(&mut Town)) {
    let mut town = Town::open(disk);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime for the scene");
    runtime.block_on(async {
        tokio::spawn(rooms::live::follow_journal(town.house.clone()));
        scene(&mut town).await;
    });
    if !town.disk.was_tampered_with() {
        town.tells_its_journal_again();
    }
}

impl Town {
    fn open(disk: Throwaway) -> Town {
        let db = Db::open(disk.place(), rooms::MIGRATIONS).expect("a new database");
        // Some scenes ask everything a person could; how fast is another test's question.
        let settings = Settings { account_rate: Some(1_000_000), ..Settings::default() };
        let house = House::open(db, settings).expect("a house");
        let router = rooms::router().with_state(house.clone());
        Town { house, router, disk }
    }

    /// Somebody with an account of this role here, signed in through the door everybody uses.
    pub async fn person(&self, role: &str, territory: &str) -> Person {
        let login = format!("{role}.{}", &fresh("x")[2..12]);
        self.has_account(&login, role, territory).await;
        self.signs_in(&login, PASSWORD).await.expect("signed in")
    }

    /// As [`Town::person`], of an organisation.
    pub async fn person_of(&self, organisation: &str, role: &str, territory: &str) -> Person {
        let login = format!("{role}.{}", &fresh("x")[2..12]);
        self.has_account_of(Some(organisation), &login, role, territory).await;
        self.signs_in(&login, PASSWORD).await.expect("signed in")
    }

    pub async fn has_account(&self, login: &str, role: &str, territory: &str) -> String {
        self.has_account_of(None, login, role, territory).await
    }

    async fn has_account_of(
        &self,
        organisation: Option<&str>,
        login: &str,
        role: &str,
        territory: &str,
    ) -> String {
        static HASH: OnceLock<String> = OnceLock::new();
        let account = fresh("account");
        let change = CreateAccount {
            id: fresh("change").parse().expect("an id"),
            account: account.parse().expect("an id"),
            login: login.to_owned(),
            name: format!("{role} of {territory}"),
            role: role.to_owned(),
            territory: territory.parse().expect("a territory"),
            organisation: organisation.map(str::to_owned),
            password_hash: HASH.get_or_init(|| hash_password(PASSWORD).expect("a hash")).clone(),
        };
        self.house.db.apply(&Actor::operator(), self.house.now(), change).await.expect("an account");
        account
    }

    /// The person, or the answer that kept them out.
    pub async fn signs_in(&self, login: &str, password: &str) -> Result<Person, Box<Answer>> {
        self.signs_in_at(&self.stranger(), login, password).await
    }

    /// Whom an answer let in.
    pub fn enters(&self, answer: Answer) -> Result<Person, Box<Answer>> {
        Person::entering(self.router.clone(), answer)
    }

    /// The same at a certain browser.
    pub async fn signs_in_at(
        &self,
        browser: &Person,
        login: &str,
        password: &str,
    ) -> Result<Person, Box<Answer>> {
        let form = json!({ "login": login, "password": password });
        let answer = browser.at(self.router.clone()).post("/api/session", form).await;
        Person::entering(self.router.clone(), answer)
    }

    /// Somebody with a browser and no account.
    pub fn stranger(&self) -> Person {
        Person::outside(self.router.clone())
    }

    /// As the program's first visitor does, with the code it printed.
    pub async fn first_run(&self, setup_code: &str, login: &str) -> Result<Person, Box<Answer>> {
        let form = json!({
            "setup_code": setup_code, "login": login, "name": "the first", "password": PASSWORD, "language": "en",
        });
        let answer = self.stranger().post("/api/first-run", form).await;
        Person::entering(self.router.clone(), answer)
    }

    /// The same person after a while: their session ended meanwhile.
    pub async fn back(&self, person: &Person) -> Person {
        self.signs_in(&person.login, PASSWORD).await.expect("signed in again")
    }

    /// Lets time pass in this house, and nowhere else.
    pub fn hours_pass(&self, hours: i64) {
        self.house.settings.clock.pass_seconds(hours * 3600);
    }

    /// The house opens in the morning of another day: before anybody has asked it for the time.
    pub fn begins_on(&self, day: &str) {
        let morning = base::Moment::start_of(day.parse().expect("a day"), 480).plus_seconds(8 * 3600);
        self.house.settings.clock.pass_seconds((morning.0 - rooms::House::clock().0) / 1000);
    }

    /// A story of one day is told by day: soon after midnight an hour ago was yesterday, and shortly before it an hour on is tomorrow.
    pub fn by_day(&self) {
        let hour = (self.house.now().0 / 3_600_000 + 8).rem_euclid(24);
        let until_morning = if hour < 8 { 8 - hour } else { 32 - hour };
        if !(3..21).contains(&hour) {
            self.hours_pass(until_morning);
        }
    }

    pub fn minutes_pass(&self, minutes: i64) {
        self.house.settings.clock.pass_seconds(minutes * 60);
    }

    /// The program ends and starts again: what it only remembered is gone, what it wrote down is not.
    pub fn restarts(&mut self) {
        self.restarts_with(|_| {});
    }

    /// The same, started in another way.
    pub fn restarts_with(&mut self, otherwise: impl FnOnce(&mut Settings)) {
        let mut settings = self.house.settings.clone();
        otherwise(&mut settings);
        let db = self.house.db.clone();
        self.house = tokio::task::block_in_place(|| House::open(db, settings)).expect("a house");
        self.router = rooms::router().with_state(self.house.clone());
    }

    /// The same person, at the door of the program as it runs now.
    pub fn comes_back(&self, person: &Person) -> Person {
        person.at(self.router.clone())
    }

    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// Whatever the scene was about: its journal verifies, and the tables made again from it alone are these tables.
    fn tells_its_journal_again(&self) {
        let verdict =
            self.house.db.read_long(|reader| store::verify(reader)).expect("the journal can be read");
        assert!(verdict.ok, "the journal of the scene does not verify: {verdict:?}");
        let differs = self.differs_from_its_journal();
        assert!(
            differs.is_empty(),
            "the tables do not follow from the journal (app/rooms/src/retold.rs says what is left out):\n{}",
            differs.join("\n")
        );
    }

    /// Rows that cannot be told again, and where the tables differ from those the journal tells of.
    pub fn differs_from_its_journal(&self) -> Vec<String> {
        let db = &self.house.db;
        let mut rebuild =
            Rebuild::in_memory(db.vault(), rooms::MIGRATIONS, rooms::RETOLD).expect("a new database");
        // On a thread of its own: it waits, and must not do so where futures run.
        let differences = std::thread::scope(|scope| {
            let telling = scope.spawn(|| {
                db.read_long(|reader| {
                    rebuild.follow(reader, None)?;
                    rebuild.compare(reader, rooms::LEFT_OUT)
                })
            });
            telling.join().expect("the journal was told")
        });
        let untold =
            rebuild.untold.iter().map(|row| format!("row {} ({}): {}", row.seq, row.change, row.why));
        let differences = differences.expect("the tables can be read");
        untold.chain(differences.iter().map(ToString::to_string)).collect()
    }

    /// An auditor's look at the whole journal.
    pub async fn journal_verdict(&self) -> Value {
        let auditor = self.person("auditor", "").await;
        auditor.get("/api/journal/verify").await.ok()
    }

    /// Any request at all, as it is.
    pub async fn request(&self, method: Method, path: &str) -> Answer {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
        Answer::of(self.router.clone(), request).await
    }
}
