//! A large database, loaded in blocks through a change of the benchmark's own, with every person sealed as an import
//! seals them. Kept under the target folder for the next run: loading takes minutes, reading is what is measured.

use crate::{Invented, or_stop, target_folder};
use base::{Id, Moment, Territory};
use rooms::access::changes::CreateAccount;
use rooms::cases::{Case, CaseRecord, ContactRecord, LinkRecord, keep_cases, keep_contacts, keep_links};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use store::{Actor, Basis, Change, Db, Permission, Place, Query, Result, Sent, Tx, Value, random_bits};

/// Of the accounts of a benchmark's own database, which lives on this machine only.
pub const PASSWORD: &str = "invented for a benchmark";

/// People in one block; about as many as a person waits for without noticing.
const BLOCK: usize = 10_000;

pub struct Loaded {
    pub folder: PathBuf,
    pub db: Db,
}

impl Loaded {
    /// The database with so many cases and contacts, and these accounts (login, role, territory).
    pub fn with(name: &str, cases: usize, contacts: usize, accounts: &[(&str, &str, &str)]) -> Loaded {
        let folder = target_folder().join("bench").join(format!("{name}-{cases}-{contacts}-{:x}", tables()));
        let whole = folder.join("whole");
        if !whole.exists() {
            let _ = std::fs::remove_dir_all(&folder);
        }
        let db = or_stop(Db::open(Place::Folder(folder.clone()), rooms::MIGRATIONS), "opening the database");
        if !whole.exists() {
            println!("loading {cases} cases and {contacts} contacts into {} ...", folder.display());
            accounts.iter().for_each(|account| add_account(&db, account));
            load(&db, cases, contacts);
            or_stop(std::fs::write(&whole, ""), "marking the database as whole");
        }
        Loaded { folder, db }
    }
}

/// The database of an older build has other tables and is left alone.
fn tables() -> u64 {
    let mut hash = std::hash::DefaultHasher::new();
    rooms::MIGRATIONS.iter().for_each(|step| (step.name, step.sql).hash(&mut hash));
    hash.finish()
}

fn add_account(db: &Db, (login, role, territory): &(&str, &str, &str)) {
    let change = CreateAccount {
        id: Id::from_bits(random_bits()),
        account: Id::from_bits(random_bits()),
        login: (*login).to_owned(),
        name: (*login).to_owned(),
        role: (*role).to_owned(),
        territory: or_stop(territory.parse(), "reading a territory"),
        organisation: None,
        password_hash: or_stop(rooms::access::hash_password(PASSWORD), "hashing"),
    };
    or_stop(db.apply_now(&Actor::operator(), Moment(0), change), "making an account");
}

fn load(db: &Db, cases: usize, contacts: usize) {
    let mut invented = Invented::new();
    let mut sources: Vec<Id<Case>> = Vec::with_capacity(cases);
    for first in (0..cases.max(contacts)).step_by(BLOCK) {
        let mut people = People::default();
        for number in first..(first + BLOCK).min(cases) {
            let case = invented.case(number + 1);
            // One case in three names an earlier one.
            if number % 3 == 1 {
                people.links.push(link(&mut invented, sources[number / 2], &case));
            }
            sources.push(case.id);
            people.cases.push(case);
        }
        for number in first..(first + BLOCK).min(contacts) {
            people.contacts.push(invented.contact(number + 1, &sources));
        }
        let named = people.cases.len() + people.contacts.len();
        people.names = (0..named).map(|_| format!("{} {}", invented.name(), invented.phone())).collect();
        let change = LoadPeople { id: Id::from_bits(random_bits()), people };
        or_stop(db.apply_now(&Actor::operator(), Moment(0), change), "loading");
    }
}

fn link(invented: &mut Invented, from: Id<Case>, to: &CaseRecord) -> LinkRecord {
    LinkRecord {
        id: invented.id(),
        territory: to.territory.clone(),
        event: None,
        from,
        to: to.id,
        evidence: cases::Evidence::Named,
        relation: None,
    }
}

#[derive(Default)]
struct People {
    cases: Vec<CaseRecord>,
    contacts: Vec<ContactRecord>,
    links: Vec<LinkRecord>,
    names: Vec<String>,
}

/// A block of people at once. Its rows are not in the journal: the benchmarks read, they prove nothing about writing.
#[derive(Serialize, Deserialize)]
struct LoadPeople {
    id: Id<Sent>,
    #[serde(skip)]
    people: People,
}

impl Change for LoadPeople {
    const NAME: &'static str = "load invented people";
    const NEEDS: Permission = Permission::CasesWrite;
    const BASIS: Basis = Basis::Reference;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }

    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(Territory::whole())
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let of_cases = self.people.cases.iter().map(|case| (case.subject, &case.territory));
        let of_contacts = self.people.contacts.iter().map(|contact| (contact.subject, &contact.territory));
        let mut rows = Sealing::default();
        for ((subject, territory), name) in of_cases.chain(of_contacts).zip(&self.people.names) {
            rows.person(tx, &subject.to_string(), territory, name)?;
        }
        tx.insert_many(
            "INSERT INTO people_subject (id, territory, identity, created, marked)",
            5,
            &rows.subjects,
            "",
        )?;
        tx.insert_many("INSERT INTO people_key (owner, wrapped)", 2, &rows.keys, "")?;
        let mut said = rows.said.into_iter().map(Some);
        let mut next = || said.next().flatten();
        let cases: Vec<_> = self.people.cases.iter().map(|case| (case.clone(), next())).collect();
        let contacts: Vec<_> = self.people.contacts.iter().map(|contact| (contact.clone(), next())).collect();
        keep_cases(tx, &cases)?;
        keep_contacts(tx, &contacts)?;
        keep_links(tx, &self.people.links)
    }
}

/// What an import keeps of a person: a key, the sealed identity, and what the row said, sealed, with its mark.
#[derive(Default)]
struct Sealing {
    subjects: Vec<Vec<Value>>,
    keys: Vec<Vec<Value>>,
    said: Vec<(String, String)>,
}

impl Sealing {
    fn person(&mut self, tx: &mut Tx<'_>, subject: &str, territory: &Territory, name: &str) -> Result<()> {
        let (key, wrapped) = tx.vault().new_key(subject);
        let identity = key.seal("people_subject.identity", &BTreeMap::from([("name", name)]))?;
        // As long as a row of twelve columns.
        let row = BTreeMap::from([
            ("name", name),
            ("onset", "2022-03-01"),
            ("result", "2022-03-03"),
            ("report", "2022-03-03"),
            ("occupation", "学生"),
            ("region_code", "140703001"),
            ("sex", "female"),
            ("classification", "confirmed"),
            ("age", "41"),
        ]);
        self.said.push((key.seal("cases.said", &row)?, tx.vault().mark("row", name)));
        // As if marked: the program must not begin to mark people while it is measured.
        self.subjects.push(vec![
            subject.into(),
            territory.into(),
            identity.into(),
            0.into(),
            i64::MAX.into(),
        ]);
        self.keys.push(vec![subject.into(), wrapped.into()]);
        Ok(())
    }
}
