//! A city for rehearsals and measurements: an order, a round, a post, a laboratory, an account for each telephone, and tubes of invented
//! people. Written once, so that what is rehearsed is what is measured.

use crate::access::changes::CreateAccount;
use crate::access::hash_password;
use crate::lab::changes::{OpenPost, OpenRound, PlanCampaign, RegisterLaboratory};
use crate::lab::results::known_by;
use crate::lab::{Campaign, Laboratory, Post, Round};
use base::{Id, Moment, Named, Territory};
use serde_json::json;
use store::{Actor, Change, Db, Error, Result, Sent, random_bits};

/// Everybody is sampled here.
pub const PLACE: &str = "14/1407/140703";

/// Those who look at boards.
pub const DESKS: usize = 4;

/// A day in which a whole city is sampled.
#[derive(Debug, Clone, Copy)]
pub struct City {
    pub post: Id<Post>,
    pub laboratory: Id<Laboratory>,
    pub round: Id<Round>,
    /// When it was founded, in milliseconds.
    pub now: i64,
}

impl City {
    /// Accounts `phone.0` and on sample, `bench` and `bench.second` test, `desk.0` and on look; all with this password.
    ///
    /// # Errors
    /// What the database says.
    pub fn founded(db: &Db, phones: usize, password: &str) -> Result<City> {
        let place: Territory =
            PLACE.parse().map_err(|_| Error::Setup("the place of the rehearsal".to_owned()))?;
        let city = City { post: fresh(), laboratory: fresh(), round: fresh(), now: crate::House::clock().0 };
        let (campaign, hash) = (fresh::<Campaign>(), hash_password(password)?);
        let phones = (0..phones).map(|phone| (format!("phone.{phone}"), "field"));
        let benches = ["bench", "bench.second"].map(|login| (login.to_owned(), "laboratory"));
        let desks = (0..DESKS).map(|desk| (format!("desk.{desk}"), "epidemiologist"));
        for (login, role) in phones.chain(benches).chain(desks) {
            let account = CreateAccount {
                id: fresh(),
                account: fresh(),
                name: login.clone(),
                login,
                role: role.to_owned(),
                territory: place.clone(),
                organisation: None,
                password_hash: hash.clone(),
            };
            city.apply(db, account)?;
        }
        let plan = PlanCampaign {
            id: fresh(),
            campaign,
            territory: place.clone(),
            name: "Everybody".to_owned(),
            disease: "covid-19-delta".to_owned(),
            ordered: "a rehearsal".to_owned(),
        };
        city.apply(db, plan)?;
        let round = json!({
            "id": fresh::<Sent>(), "round": city.round, "campaign": campaign, "opens": city.now - 3_600_000,
            "deadline": city.now + 86_400_000, "coverage_target": 0.98,
            "zones": [{ "territory": place, "class": "precaution", "population": 21_000_000, "pool_size": 10 }],
        });
        city.apply::<OpenRound>(db, serde_json::from_value(round).map_err(|_| Error::Closed)?)?;
        let post = json!({
            "id": fresh::<Sent>(), "post": city.post, "campaign": campaign, "territory": place, "name": "Bell Street",
            "desks": 2, "pool_size": 10,
        });
        city.apply::<OpenPost>(db, serde_json::from_value(post).map_err(|_| Error::Closed)?)?;
        let laboratory = RegisterLaboratory {
            id: fresh(),
            laboratory: city.laboratory,
            territory: place,
            name: "Laboratory".to_owned(),
            capacity: 3_000_000,
            report_hours: 12,
        };
        city.apply(db, laboratory)?;
        Ok(city)
    }

    fn apply<C: Change>(&self, db: &Db, change: C) -> Result<()> {
        db.apply_now(&Actor::operator(), Moment(self.now), change).map(|_| ())
    }

    /// Tube `number`, ten invented people with codes of their own, as a telephone sends it; whoever holds `secret` finds their result.
    pub fn tube(&self, number: u64) -> String {
        let (at, closed) = (self.now - 1_200_000, self.now - 600_000);
        let members: Vec<String> = (1..=10)
            .map(|position| {
                let person = number * 10 + position;
                let holder = known_by(&secret(person));
                format!(
                    r#"{{"position":{position},"at":{at},"way":"code","name":"Person {person}","document":"passport","number":"P{person:09}","phone":"13900000000","holder":"{holder}"}}"#,
                )
            })
            .collect();
        format!(
            r#"{{"id":"{}","tube":"{}","post":"{}","kind":"people","size":10,"sampled":{at},"closed":{closed},"members":[{}]}}"#,
            fresh::<Sent>(),
            barcode(number),
            self.post,
            members.join(",")
        )
    }
}

pub fn barcode(number: u64) -> String {
    format!("T-{number:010}")
}

/// The tube's number, back from its barcode.
pub fn number_of(barcode: &str) -> Option<u64> {
    barcode.strip_prefix("T-")?.parse().ok()
}

pub fn secret(person: u64) -> String {
    format!("rehearsed-{person:012}")
}

fn fresh<T: Named>() -> Id<T> {
    Id::from_bits(random_bits())
}
