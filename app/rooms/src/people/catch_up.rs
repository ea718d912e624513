//! People who were registered before there were marks, or under older rules, are marked in the background: a block at a
//! time, so that a program that stops half way goes on with the next.

use crate::cases::views::traits_of;
use crate::people::Subject;
use crate::people::marks::{RULES, blocks, keep_marks};
use crate::{App, House};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Actor, Basis, Change, Permission, Query, Result, Sent, Tx, params, random_bits};

/// These people are marked by the rules of today.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkPeople {
    pub id: Id<Sent>,
    pub people: Vec<Id<Subject>>,
}

const BLOCK: i64 = 256;

impl Change for MarkPeople {
    const NAME: &'static str = "mark people";
    const NEEDS: Permission = Permission::PeopleLink;
    const BASIS: Basis = Basis::PersonMatching;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(Territory::whole())
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let known = traits_of(tx, &self.people)?;
        let people: Vec<_> =
            self.people.iter().filter_map(|one| Some((*one, known.get(one)?.clone()))).collect();
        keep_marks(tx, &people)?;
        for (list, mut params) in blocks(&self.people) {
            params.push(RULES.into());
            let sql = format!("UPDATE people_subject SET marked = ${} WHERE id IN ({list})", params.len());
            tx.run(&sql, &params)?;
        }
        Ok(())
    }
}

/// Marks everybody who is not; returns how many.
pub fn mark_everybody(house: &House) -> Result<usize> {
    let (mut after, mut done) = (String::new(), 0);
    loop {
        let from = after.clone();
        let people: Vec<Id<Subject>> = house.db.read_now(move |reader| {
            let sql = "SELECT id FROM people_subject WHERE id > $1 AND identity IS NOT NULL AND marked < $2 \
                       ORDER BY id LIMIT $3";
            let rows = reader.rows(sql, params![from, RULES, BLOCK])?;
            rows.iter().map(|row| row.read(0)).collect()
        })?;
        let Some(last) = people.last() else { return Ok(done) };
        after = last.to_string();
        done += people.len();
        let change = MarkPeople { id: Id::from_bits(random_bits()), people };
        house.db.apply_now(&Actor::operator(), house.now(), change)?;
        if done % 10_240 == 0 {
            println!("Marked {done} people so far");
        }
    }
}

/// Beside the work of people; said on the console when there was something to do.
pub fn start(house: &App) {
    let house = house.clone();
    std::thread::spawn(move || match mark_everybody(&house) {
        Ok(0) => {}
        Ok(done) => println!("Marked {done} people, so that duplicates among them are found"),
        Err(fault) => eprintln!("quell: marking people stopped and goes on at the next start: {fault}"),
    });
}
