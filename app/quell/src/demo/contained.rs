//! The replay's zones on their own days: 5,300 people in two of them, as published; which places they are is invented. A part is left
//! early, so that the level above has something to look at, and one proposal waits.

use super::SEED;
use super::cast::Cast;
use super::posting::Posting;
use base::{Moment, Territory};
use rooms::control::changes as control;
use scenario::{Script, Spec};
use serde_json::{Value, json};
use store::{Actor, Db};

const HOME: &str = "锦绣苑小区";
const RESTAURANT: &str = "钟楼面馆";
const DORMITORY: &str = "东街机械厂宿舍";

/// Taigu's rules were in three kinds of area, by the 8th edition.
const LOCKDOWN: &str = "lockdown";
const CONTROL: &str = "control";

struct Ground<'a> {
    posting: Posting<'a>,
    cast: &'a Cast,
    spec: &'a Spec,
    /// The evening of the first day.
    evening: Moment,
}

pub(super) fn contain(db: &Db, cast: &Cast, script: &Script, spec: &Spec) -> Result<(), String> {
    let evening = Moment::start_of(spec.event.opened, 480).plus_seconds(20 * 3600);
    let ground = Ground { posting: Posting::seeded(db, SEED), cast, spec, evening };
    // The family of the replay: nobody knew of them as contacts before.
    let family: Vec<String> =
        script.cases().filter(|case| case.was_contact.is_none()).map(|case| case.no.clone()).collect();
    let asked_home = ground.stays(&family, HOME, "residence", false)?;
    let asked_supper = ground.stays(&family[..family.len().min(3)], RESTAURANT, "activity", true)?;
    let home = ground.zone("home", HOME, LOCKDOWN, 1_860, asked_home)?;
    let restaurant = ground.zone("restaurant", RESTAURANT, CONTROL, 3_440, asked_supper)?;
    for (no, zone) in [("home", &home), ("restaurant", &restaurant)] {
        let contacts =
            json!({ "zone": zone, "contacts": { "last_exposure": spec.event.opened, "without_result": 0 } });
        ground.send::<control::NoteContacts>(&cast.cdc, 24, no, contacts)?;
    }
    let empty = json!([ground.unit(&[HOME, "9号楼"], "building")]);
    let left = json!({
        "zone": home, "units": empty, "basis": "指挥部决定第 6 号（演示） · order 6 (replay)",
        "exception": "该楼尚未交付，无人居住 · nobody lives in this building yet",
    });
    ground.send::<control::ReleaseZone>(&cast.county, 36, "9", left)?;
    ground.propose("dormitory", DORMITORY, CONTROL, 240, json!([]), 48).map(|_| ())
}

impl Ground<'_> {
    fn send<C: store::Change>(&self, by: &Actor, hours: i64, no: &str, fields: Value) -> Result<(), String> {
        self.posting.send_by::<C>(by, self.evening.plus_seconds(hours * 3600), no, fields)
    }

    fn township(&self) -> &Territory {
        &self.spec.screening.sealed_zone
    }

    fn unit(&self, part: &[&str], kind: &str) -> Value {
        json!({ "territory": self.township(), "part": part, "kind": kind })
    }

    /// Where they stayed since they had come home, and so the reasons of a zone there.
    fn stays(&self, cases: &[String], place: &str, kind: &str, hard: bool) -> Result<Value, String> {
        let (from, until) = (self.spec.family.returned_on, self.spec.event.opened);
        let unit = self.unit(&[place], "compound");
        let rule = if hard { "some_hard_to_trace" } else { "residence" };
        let mut reasons = Vec::new();
        for no in cases {
            let case = self.posting.id("case", no);
            let stay = self.posting.id("stay", &format!("{no} {place}"));
            let fields = json!({
                "stay": stay, "case": case, "unit": unit, "kind": kind, "risk": "some", "hard_to_trace": hard,
                "from": from, "until": until,
            });
            self.send::<control::AddStay>(&self.cast.cdc, 0, &format!("{no} {place}"), fields)?;
            reasons.push(
                json!({ "case": case, "unit": unit, "rule": rule, "from": from, "until": until, "clock": until }),
            );
        }
        Ok(json!(reasons))
    }

    fn propose(
        &self,
        no: &str,
        place: &str,
        level: &str,
        people: u32,
        reasons: Value,
        hours: i64,
    ) -> Result<String, String> {
        let proposal = self.posting.id("proposal", no);
        let fields = json!({
            "proposal": proposal, "what": "set", "name": place, "disease": self.spec.disease,
            "event": self.posting.id("event", &self.spec.id), "level": level, "people": people, "entrances": 2,
            "area": { "units": [self.unit(&[place], "compound")] }, "day": self.evening.plus_seconds(hours * 3600).day_at_offset(480),
            "reasons": reasons, "why": "感染者曾在此居住或停留（演示） · somebody infected lived or stayed here (replay)",
        });
        self.send::<control::ProposeZone>(&self.cast.cdc, hours, no, fields)?;
        Ok(proposal)
    }

    fn zone(
        &self,
        no: &str,
        place: &str,
        level: &str,
        people: u32,
        reasons: Value,
    ) -> Result<String, String> {
        let proposal = self.propose(no, place, level, people, reasons, 0)?;
        let zone = self.posting.id("zone", no);
        let fields = json!({
            "proposal": proposal, "zone": zone, "accept": true,
            "basis": "太谷区疫情防控指挥部通告（演示） · order of the county headquarters (replay)",
        });
        self.send::<control::DecideZone>(&self.cast.county, 1, no, fields)?;
        Ok(zone)
    }
}
