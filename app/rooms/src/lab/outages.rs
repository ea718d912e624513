//! What is known of outages: for whom a code counts longer, and what everybody may read of them.

use crate::House;
use crate::access::meter;
use crate::lab::Outage as Named;
use crate::lab::changes::ProposeOutage;
use base::{Id, Moment, Territory};
use lab::{Outage, Stood};
use sha2::{Digest, Sha256};
use store::{Query, Result, Row, params};

/// Codes of two weeks are told; twice their hours lie well within three.
const DAYS: i64 = 21;
const MOST: i64 = 200;

/// As everybody may read it.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicOutage {
    pub territory: Territory,
    pub what: String,
    pub from: Moment,
    pub until: Option<Moment>,
    pub told: String,
}

fn read(row: &Row) -> Result<PublicOutage> {
    Ok(PublicOutage {
        territory: row.read(0)?,
        what: row.text(1)?,
        from: Moment(row.int(2)?),
        until: row.opt_int(3)?.map(Moment),
        told: row.text(4)?,
    })
}

/// Recorded by a person, the newest first.
pub(crate) fn public_outages(query: &mut dyn Query, now: Moment) -> Result<Vec<PublicOutage>> {
    let sql = "SELECT territory, what, began, until, told FROM lab_outage WHERE state = 'recorded' AND began >= $1 \
               ORDER BY began DESC, id LIMIT $2";
    let rows = query.rows(sql, params![now.plus_seconds(-DAYS * 86_400), MOST])?;
    rows.iter().map(read).collect()
}

/// Those in which somebody of a place was kept from it.
pub(crate) fn standing_still(all: &[PublicOutage], place: &Territory) -> Vec<Outage> {
    let theirs = all.iter().filter(|outage| outage.territory.holds(place));
    theirs.map(|outage| Outage { from: outage.from, until: outage.until }).collect()
}

/// The house counted it itself; two copies of the program make one of it.
pub(crate) async fn propose_outage(
    house: &House,
    what: Stood,
    from: Moment,
    until: Option<Moment>,
) -> Result<()> {
    let id = |said: &str| {
        let mark = house.db.vault().mark("measured outage", &format!("{said}|{what}|{}", from.0 / 60_000));
        let digest = Sha256::digest(mark);
        u128::from_be_bytes(digest[..16].try_into().expect("sixteen of thirty-two bytes"))
    };
    let outage: Id<Named> = Id::from_bits(id("outage"));
    let sent = Id::from_bits(id(if until.is_some() { "over" } else { "begun" }));
    let territory = house.places.now().root();
    let change = ProposeOutage { id: sent, outage, territory, what, from, until };
    house.db.apply(&meter(), house.now(), change).await
}
