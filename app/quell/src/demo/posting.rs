//! How the demo sends what telephones, couriers and laboratories would have sent: through the same changes, with ids that follow
//! from what they are about, so that telling it again tells nothing new.

use super::id;
use base::{Id, Moment, Streams};
use futures_util::future::join_all;
use rooms::lab::ToldTube;
use rooms::lab::changes as lab;
use scenario::Person;
use serde_json::{Value, json};
use store::{Actor, Change, Db, Sent};

/// Tubes that wait for one commit together.
const TOGETHER: usize = 256;

/// Wells of a plate of 96 that hold tubes; the last three hold controls.
pub(super) const PLATE: usize = 93;

const CONTROLS: [(&str, &str, Option<f64>); 3] =
    [("F12", "positive", Some(28.0)), ("G12", "negative", None), ("H12", "extraction", None)];

pub(super) struct Posting<'a> {
    db: &'a Db,
    ids: Streams,
}

/// One tube with its people, as a telephone tells it; `paper` is who sampled, where it was typed in later.
pub(super) struct Filled<'a> {
    pub barcode: String,
    pub post: String,
    pub size: usize,
    pub people: &'a [Person],
    pub closed: Moment,
    pub again: Option<String>,
    pub paper: Option<&'a str>,
}

/// What an instrument says of a tube: nothing, or a late curve of both targets.
pub(super) type Curve = Option<f64>;

impl<'a> Posting<'a> {
    pub fn seeded(db: &'a Db, seed: u64) -> Posting<'a> {
        Posting { db, ids: Streams::seeded(seed) }
    }

    pub fn id(&self, kind: &str, no: &str) -> String {
        // Which noun an id is of stands in its prefix; the number is the same for all.
        let bits: Id<Sent> = id(&self.ids, kind, no);
        bits.to_string().replacen("change", kind, 1)
    }

    pub fn send<C: Change>(&self, at: Moment, no: &str, fields: Value) -> Result<(), String> {
        self.send_as::<C>("scenario", at, no, fields)
    }

    pub fn send_as<C: Change>(&self, who: &str, at: Moment, no: &str, fields: Value) -> Result<(), String> {
        self.send_by::<C>(&Actor { id: who.to_owned(), ..Actor::operator() }, at, no, fields)
    }

    pub fn send_by<C: Change>(
        &self,
        actor: &Actor,
        at: Moment,
        no: &str,
        mut fields: Value,
    ) -> Result<(), String> {
        fields["id"] = json!(id::<Sent>(&self.ids, C::NAME, no));
        let told = |fault: String| format!("the demo's {} {no}: {fault}", C::NAME);
        let change: C = serde_json::from_value(fields).map_err(|fault| told(fault.to_string()))?;
        self.db.apply_now(actor, at, change).map(|_| ()).map_err(|fault| told(fault.to_string()))
    }

    /// Many tubes, a block of them in one commit.
    pub fn register(&self, tubes: &[Filled<'_>]) -> Result<(), String> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().build().map_err(|fault| fault.to_string())?;
        let actor = Actor { id: "scenario".to_owned(), ..Actor::operator() };
        for block in tubes.chunks(TOGETHER) {
            let mut sent = Vec::with_capacity(block.len());
            for tube in block {
                let told: ToldTube =
                    serde_json::from_value(self.told(tube)).map_err(|fault| fault.to_string())?;
                let sealed = told.sealed(self.db.vault()).map_err(|fault| fault.to_string())?;
                sent.push(self.db.apply(&actor, tube.closed.plus_seconds(60), sealed));
            }
            for outcome in runtime.block_on(join_all(sent)) {
                outcome.map_err(|fault| format!("the demo's tubes: {fault}"))?;
            }
        }
        Ok(())
    }

    fn told(&self, tube: &Filled<'_>) -> Value {
        let way = if tube.paper.is_some() { "paper" } else { "number" };
        let members: Vec<Value> = tube
            .people
            .iter()
            .enumerate()
            .map(|(place, person)| {
                json!({
                    "position": place + 1, "at": tube.closed, "way": way, "name": person.name, "document": "id_card",
                    "number": person.id_number, "phone": person.phone,
                })
            })
            .collect();
        let mut told = json!({
            "id": id::<Sent>(&self.ids, "register tube", &tube.barcode), "tube": tube.barcode, "post": tube.post,
            "kind": "people", "size": tube.size, "sampled": tube.closed, "closed": tube.closed, "members": members,
            "again": tube.again,
        });
        if let Some(sampler) = tube.paper {
            told["paper"] = json!({ "sampler": sampler });
        }
        told
    }

    /// Tubes of one post, closed one after the other in so many seconds; people go into them in the order they stand in.
    pub fn queue<'p>(
        &self,
        prefix: &str,
        post: &str,
        size: usize,
        people: &'p [Person],
        opens: Moment,
        seconds: i64,
    ) -> Vec<Filled<'p>> {
        let count = people.len().div_ceil(size).max(1) as i64;
        people
            .chunks(size)
            .enumerate()
            .map(|(at, people)| Filled {
                barcode: format!("{prefix}{at:04}"),
                post: post.to_owned(),
                size,
                people,
                closed: opens.plus_seconds((at as i64 + 1) * seconds / count),
                again: None,
                paper: None,
            })
            .collect()
    }

    /// A box is packed and handed over; received by itself later, or not yet.
    pub fn pack(&self, code: &str, post: &str, tubes: &[String], at: Moment) -> Result<(), String> {
        let fields = json!({ "box": code, "post": post, "tubes": tubes, "packed": at });
        self.send::<lab::PackBox>(at, code, fields)?;
        let fields = json!({ "box": code, "at": at.plus_seconds(300), "count": tubes.len(), "courier": "转运 3 号车" });
        self.send::<lab::HandOverBox>(at.plus_seconds(300), code, fields)
    }

    pub fn receive(
        &self,
        laboratory: &str,
        code: Option<&str>,
        tubes: &[String],
        at: Moment,
    ) -> Result<(), String> {
        let mut fields = json!({ "laboratory": laboratory, "tubes": tubes });
        if let Some(code) = code {
            fields["box"] = json!(code);
        }
        self.send::<lab::ReceiveTubes>(at, code.unwrap_or(&tubes[0]), fields)
    }

    /// One plate through one instrument, called by the rule, its signals by a second reader, reported whole.
    pub fn run(
        &self,
        no: &str,
        laboratory: &str,
        tubes: &[(String, Curve)],
        filled: Moment,
    ) -> Result<(), String> {
        let run = self.id("run", no);
        let well = |at: usize| format!("{}{}", char::from(b'A' + (at % 8) as u8), at / 8 + 1);
        let mut wells: Vec<Value> = tubes
            .iter()
            .enumerate()
            .map(|(at, (tube, _))| json!({ "well": well(at), "tube": tube }))
            .collect();
        let mut cycles = Vec::new();
        let mut reads = |well: &str, ct: Curve, internal: Curve| {
            for (target, ct) in [("ORF1ab", ct), ("N", ct), ("IC", internal)] {
                cycles.push(json!({ "well": well, "target": target, "ct": ct }));
            }
        };
        for (at, (_, curve)) in tubes.iter().enumerate() {
            // A gene of the people in it, a little different in each.
            reads(&well(at), *curve, Some(24.0 + (at % 17) as f64 / 10.0));
        }
        for (place, control, ct) in CONTROLS {
            wells.push(json!({ "well": place, "control": control }));
            reads(place, ct, None);
        }
        let fields = json!({ "run": run, "laboratory": laboratory, "assay": "cn-sars-cov-2", "format": "96", "wells": wells });
        self.send::<lab::FillPlate>(filled, no, fields)?;
        let read = filled.plus_seconds(2 * 3600);
        let fields = json!({ "run": run, "file": format!("{no}.csv"), "cycles": cycles });
        self.send::<lab::ReadRun>(read, no, fields)?;
        for (at, _) in tubes.iter().enumerate().filter(|(_, (_, curve))| curve.is_some()) {
            let fields = json!({ "run": run, "well": well(at), "call": "grey" });
            self.send_as::<lab::CallWell>(
                "scenario-second",
                read.plus_seconds(300),
                &format!("{no} {at}"),
                fields,
            )?;
        }
        self.send::<lab::ReportRun>(read.plus_seconds(600), no, json!({ "run": run }))
    }
}
