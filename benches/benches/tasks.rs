//! A million tasks: lists by page for a grid worker, a county, a prefecture, the province and the nation, each way they are narrowed, and
//! who has delivered, over HTTP. Then five hundred grid workers come back from a day without a network and send fifty checks each within
//! a minute, every one durable before it is answered.

use base::{Id, Moment, Territory};
use benches::{PASSWORD, Program, Room, Target, Times, Visitor, or_stop, tell};
use rooms::access::changes::CreateAccount;
use rooms::tasks::Task;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use store::{Actor, Basis, Change, Db, Permission, Place, Result, Sent, Tx, Value, random_bits};

const TASKS: usize = 1_000_000;
const OWNERS: usize = 4_000;
const BLOCK: usize = 20_000;
const HOUR: i64 = 3_600_000;

const WORKERS: usize = 500;
const CHECKS: usize = 50;
const WITHIN: Duration = Duration::from_secs(60);
const CLIENTS: usize = 16;

/// Where the workers of the second part go from door to door.
const COUNTY: &str = "14/1407/140703";

fn main() {
    let binary = Program::binary();
    let room = Room::new("tasks");
    let data = room.path().join("data");
    let db = or_stop(Db::open(Place::Folder(data.clone()), rooms::MIGRATIONS), "opening the database");
    let hash = or_stop(rooms::access::hash_password(PASSWORD), "hashing");
    let readers = [("county", COUNTY), ("prefecture", "14/1407"), ("province", "14"), ("nation", "")];
    for (login, territory) in readers {
        account(&db, login, "epidemiologist", territory, &hash);
    }
    let worker = account(&db, "worker", "field", COUNTY, &hash);
    let begun = Instant::now();
    fill(&db, &worker);
    println!("  {TASKS} tasks filled in {:.0} s", begun.elapsed().as_secs_f64());
    let days = workers_with_a_day(&db, &hash);
    drop(db);
    let program = Program::serve(&binary, &["--data", &data.to_string_lossy()]);
    for (login, _) in readers {
        lists(&program.address, login);
    }
    let mut visitor = or_stop(Visitor::signed_in(&program.address, "worker", PASSWORD), "signing in");
    asks(&mut visitor, "grid worker, own tasks", "/api/tasks/mine");
    come_back(&program.address, days);
    println!("  the server's peak resident memory: {:.0} MB", program.peak_resident_mb());
}

fn account(db: &Db, login: &str, role: &str, territory: &str, hash: &str) -> String {
    let account = Id::from_bits(random_bits());
    let change = CreateAccount {
        id: Id::from_bits(random_bits()),
        account,
        login: login.to_owned(),
        name: login.to_owned(),
        role: role.to_owned(),
        territory: or_stop(territory.parse(), "reading a territory"),
        organisation: None,
        password_hash: hash.to_owned(),
    };
    or_stop(db.apply_now(&Actor::operator(), rooms::House::clock(), change), "making an account");
    account.to_string()
}

/// Half of them over, half still to be done; one in fifty of those late. Owners have work in one township each.
fn fill(db: &Db, worker: &str) {
    let townships: Vec<Territory> = rooms::packed::shanxi()
        .iter()
        .filter(|region| region.territory.depth() == 4)
        .map(|region| region.territory.clone())
        .collect();
    let kinds: Vec<&str> = rooms::packed::tasks().kinds.iter().map(|kind| kind.id.as_str()).collect();
    let owners: Vec<(String, Territory)> = (0..OWNERS)
        .map(|number| {
            let owner = Id::<rooms::access::AccountId>::from_bits(random_bits()).to_string();
            (owner, townships[number * 7 % townships.len()].clone())
        })
        .collect();
    let now = rooms::House::clock().0;
    for first in (0..TASKS).step_by(BLOCK) {
        let rows = (first..(first + BLOCK).min(TASKS)).map(|number| {
            let (owner, territory) = match number % 5_000 {
                0 => (worker.to_owned(), or_stop(COUNTY.parse(), "reading a territory")),
                _ => owners[number * 31 % OWNERS].clone(),
            };
            let over = number % 2 == 0;
            // Spread over a week on either side by a step that meets every hour.
            let spread = (number as i64).wrapping_mul(7_919_777) % (7 * 24 * HOUR);
            let late = number % 100 == 1;
            let deadline = if over || late { now - 1 - spread } else { now + 1 + spread };
            Row {
                task: Id::from_bits(random_bits()),
                territory,
                kind: if number % 10_000 == 3 { "hear_appeal" } else { kinds[number % (kinds.len() - 2)] }
                    .to_owned(),
                owner,
                over,
                in_time: number % 6 != 0,
                deadline,
                // Nobody is told while lists are measured; one in three that is late was told before.
                told: late && !over && number % 3 == 0,
                opened: deadline - 24 * HOUR,
            }
        });
        let change = LoadTasks { id: Id::from_bits(random_bits()), rows: rows.collect() };
        or_stop(db.apply_now(&Actor::operator(), Moment(now), change), "filling");
    }
}

struct Row {
    task: Id<Task>,
    territory: Territory,
    kind: String,
    owner: String,
    over: bool,
    in_time: bool,
    deadline: i64,
    told: bool,
    opened: i64,
}

/// A block of tasks at once. Its rows are not in the journal: lists are measured, nothing is proved about writing.
#[derive(Serialize, Deserialize)]
struct LoadTasks {
    id: Id<Sent>,
    #[serde(skip)]
    rows: Vec<Row>,
}

impl Change for LoadTasks {
    const NAME: &'static str = "load invented tasks";
    const NEEDS: Permission = Permission::TasksManage;
    const BASIS: Basis = Basis::Reference;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(Territory::whole())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let spot = r#"{"street":"Bell Street","building":"12","stairwell":"3"}"#;
        let mut hours = Sums::new();
        let mut rows: Vec<Vec<Value>> = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let state = if row.over { "done" } else { "open" };
            let ended = row.deadline + if row.in_time { -60_000 } else { 60_000 };
            rows.push(vec![
                row.task.into(),
                (&row.territory).into(),
                row.kind.clone().into(),
                "bench".into(),
                state.into(),
                (!row.over).into(),
                row.owner.clone().into(),
                spot.into(),
                row.opened.into(),
                row.deadline.into(),
                "operator".into(),
                if row.over { ended.into() } else { Value::Null },
                i64::from(row.told).into(),
                if row.told { 2_i64.into() } else { Value::Null },
            ]);
            let key = (row.deadline.div_euclid(HOUR), row.territory.path().to_owned(), row.owner.clone());
            let sum = hours.entry(key).or_default();
            let by = [
                1,
                i64::from(!row.over),
                i64::from(row.over && row.in_time),
                i64::from(row.over && !row.in_time),
                0,
            ];
            sum.iter_mut().zip(by).for_each(|(sum, by)| *sum += by);
        }
        tx.insert_many(
            "INSERT INTO tasks_task (id, territory, kind, pack, state, active, owner, spot, opened, deadline, by_whom, ended, rung, told_depth)",
            14,
            &rows,
            "",
        )?;
        let mut days = Sums::new();
        for ((hour, territory, owner), sum) in &hours {
            let day = days.entry((hour.div_euclid(24), territory.clone(), owner.clone())).or_default();
            day.iter_mut().zip(sum).for_each(|(day, sum)| *day += sum);
        }
        tallied(tx, "tasks_tally", "hour", hours)?;
        tallied(tx, "tasks_tally_day", "day", days)
    }
}

/// Due, open, in time, late and not possible, by an hour or a day, a place and an owner.
type Sums = BTreeMap<(i64, String, String), [i64; 5]>;

fn tallied(tx: &mut Tx<'_>, table: &str, step: &str, sums: Sums) -> Result<()> {
    let rows: Vec<Vec<Value>> = sums
        .into_iter()
        .map(|((number, territory, owner), sum)| {
            let head = [Value::from(number), territory.into(), owner.into()];
            head.into_iter().chain(sum.map(Value::from)).collect()
        })
        .collect();
    tx.insert_many(
        &format!("INSERT INTO {table} ({step}, territory, owner, due, open, in_time, late, cannot)"),
        8,
        &rows,
        &format!(
            "ON CONFLICT ({step}, territory, owner) DO UPDATE SET due = {table}.due + excluded.due, \
             open = {table}.open + excluded.open, in_time = {table}.in_time + excluded.in_time, \
             late = {table}.late + excluded.late, cannot = {table}.cannot + excluded.cannot"
        ),
    )
}

const PAGES: usize = 6;
const ROUNDS: usize = 10;

/// Six pages, ten times over, of every way a list is narrowed.
fn lists(address: &str, login: &str) {
    let mut visitor = or_stop(Visitor::signed_in(address, login, PASSWORD), "signing in");
    for (what, path) in [
        ("active", "/api/tasks?"),
        ("late", "/api/tasks?late=true"),
        ("over", "/api/tasks?state=over"),
        ("a rare kind", "/api/tasks?kind=hear_appeal"),
        ("nobody gave up", "/api/tasks?state=cannot"),
        ("told to me", "/api/tasks?told=true"),
    ] {
        let mut times = Times::default();
        for _ in 0..ROUNDS {
            let mut next = String::new();
            for _ in 0..PAGES {
                let begun = Instant::now();
                let answer = or_stop(visitor.get(&format!("{path}{next}")), "a page");
                times.add(begun.elapsed());
                assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
                let page: Json = or_stop(serde_json::from_slice(&answer.body), "a page");
                next = match page["next"].as_str() {
                    Some(after) => format!("&after={}", after.replace('|', "%7C")),
                    None => String::new(),
                };
            }
        }
        told(&format!("{login}, {what}"), &mut times);
    }
    for (what, path) in
        [("who has delivered", "/api/tasks/delivered"), ("overdue by place", "/api/tasks/overdue")]
    {
        asks(&mut visitor, &format!("{login}, {what}"), path);
    }
}

fn asks(visitor: &mut Visitor, what: &str, path: &str) {
    let mut times = Times::default();
    for _ in 0..20 {
        let begun = Instant::now();
        let answer = or_stop(visitor.get(path), "asking");
        times.add(begun.elapsed());
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }
    told(what, &mut times);
}

fn told(what: &str, times: &mut Times) {
    let beside = format!("p50 {:.1} ms", times.within_ms(0.5));
    tell(
        &format!("tasks of {TASKS}, {what}, HTTP, p95"),
        times.within_ms(0.95),
        "ms",
        Target::Below(100.0),
        &beside,
    );
}

/// Everybody has fifty checks of a county's doors; what they will send, by login.
fn workers_with_a_day(db: &Db, hash: &str) -> Vec<(String, String)> {
    let now = rooms::House::clock().0;
    let mut rows = Vec::new();
    let mut days = Vec::new();
    for number in 0..WORKERS {
        let login = format!("grid{number}");
        let owner = account(db, &login, "field", COUNTY, hash);
        let mut lines = String::new();
        for _ in 0..CHECKS {
            let task: Id<Task> = Id::from_bits(random_bits());
            let line = json!({
                "id": Id::<Sent>::from_bits(random_bits()), "task": task, "did": "finish", "at": now,
                "proof": { "answers": { "temperature": 36.5, "symptoms": "no" } },
            });
            lines.push_str(&format!("{line}\n"));
            rows.push(Row {
                task,
                territory: or_stop(COUNTY.parse(), "reading a territory"),
                kind: "check_in".to_owned(),
                owner: owner.clone(),
                over: false,
                in_time: true,
                deadline: now + 12 * HOUR,
                told: false,
                opened: now - HOUR,
            });
        }
        days.push((login, lines));
    }
    let change = LoadTasks { id: Id::from_bits(random_bits()), rows };
    or_stop(db.apply_now(&Actor::operator(), Moment(now), change), "filling");
    days
}

/// One request each, spread over a minute.
fn come_back(address: &str, days: Vec<(String, String)>) {
    let mut visitors = Vec::new();
    for (login, lines) in days {
        // One after the other: coming in is not what is measured.
        let visitor = or_stop(Visitor::signed_in(address, &login, PASSWORD), "signing in");
        visitors.push((visitor, lines));
    }
    let mut clients: Vec<Vec<(usize, Visitor, String)>> = (0..CLIENTS).map(|_| Vec::new()).collect();
    for (number, (visitor, lines)) in visitors.into_iter().enumerate() {
        // The connection of somebody who signed in long ago was let go meanwhile.
        let visitor = or_stop(visitor.elsewhere(address), "connecting");
        clients[number % CLIENTS].push((number, visitor, lines));
    }
    let begun = Instant::now();
    let running: Vec<_> = clients
        .into_iter()
        .map(|client| {
            let address = address.to_owned();
            std::thread::spawn(move || {
                let mut times = Times::default();
                for (number, visitor, lines) in client {
                    let at = begun + WITHIN.mul_f64(number as f64 / WORKERS as f64);
                    std::thread::sleep(at.saturating_duration_since(Instant::now()));
                    let mut visitor = or_stop(visitor.elsewhere(&address), "connecting");
                    let asked = Instant::now();
                    let answer = or_stop(visitor.post("/api/tasks/done", &lines), "sending");
                    times.add(asked.elapsed());
                    let text = String::from_utf8_lossy(&answer.body).into_owned();
                    let counted = text.matches("\"counted\":true").count();
                    assert_eq!((answer.status, counted), (200, CHECKS), "{text}");
                }
                times
            })
        })
        .collect();
    let mut all = Times::default();
    for client in running {
        all.join(or_stop(client.join().map_err(|_| "a client broke off"), "sending"));
    }
    let what =
        format!("{WORKERS} grid workers send {CHECKS} checks each in {} s, durable, p99", WITHIN.as_secs());
    let beside = format!("p50 {:.1} ms a request of {CHECKS}", all.within_ms(0.5));
    tell(&what, all.within_ms(0.99), "ms", Target::Below(300.0), &beside);
}
