//! A tube is closed and tells who is in it.

use crate::lab::counts::{Hour, Step, count, hour_of};
use crate::lab::messages::judge_waiting;
use crate::lab::paper_lines::{SameLines, same_day};
use crate::lab::people::{Envelope, Swab};
use crate::lab::reach::{PostRecord, hour_of_tube, one_post, post_reached};
use crate::lab::{Device, Post};
use crate::refuse::{invalid, missing, required};
use base::{Id, Moment, Territory};
use lab::{
    Barcode, Member, MergeRefused, Registration, TubeConflict, TubeKind, TubeSize, merge_registrations,
};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use store::{Basis, Change, Permission, Query, Result, Row, Sent, Tx, Value, Vault, params};

/// One tube as a telephone sends it, sealed at the door: names are in the envelope, and nowhere else.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterTube {
    pub id: Id<Sent>,
    pub tube: Barcode,
    pub post: Id<Post>,
    pub kind: TubeKind,
    pub size: TubeSize,
    pub sampled: Moment,
    pub closed: Moment,
    pub device: Option<Id<Device>>,
    pub people: Vec<Swab>,
    pub envelope: Option<Envelope>,
    /// The tube and the place in it of whoever is sampled again, alone.
    pub again: Option<String>,
    /// It is typed in from a paper list, by somebody who was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<Paper>,
    /// The key of the envelope on its way into the key table; the journal never has it.
    #[serde(skip)]
    pub wrapped: Option<Vec<u8>>,
    #[serde(skip)]
    pub(crate) looked_up: OnceLock<LookedUp>,
}

/// What is known where a tube comes in, asked in one trip and once: a city's tubes come two thousand in a second.
#[derive(Debug)]
pub(crate) struct LookedUp {
    post: PostRecord,
    /// The round that was held when it was closed; of a late one, the last that had opened.
    round: Option<String>,
    /// Itself, where another telephone registered it before.
    tube: Option<Row>,
    /// Where it was packed, arrived at a laboratory, or was told of by one, before its telephone had a network.
    before: Vec<Row>,
}

/// What a paper list says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Who took the swabs, by name or work number as the sheet has it; who typed it in is known without asking.
    pub sampler: String,
}

/// A paper list a tube was typed in from, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedIn {
    pub sampler: String,
    pub typed_by: String,
    pub typed: Moment,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Registered {
    pub tube: Barcode,
    /// Everybody who is in it now.
    pub people: usize,
    pub conflicts: Vec<Conflict>,
    /// Places of a paper list whose people are in another tube of the same day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same_day: Vec<u8>,
}

/// Two telephones said different things of one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    pub position: u8,
    pub why: String,
    /// Where else it was registered, when it was at two posts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
}

/// A tube is not sampled before it is opened by a clock that is a little wrong; by more than this it is told.
const CLOCK_MS: i64 = 10 * 60_000;

impl Change for RegisterTube {
    const NAME: &'static str = "register tube";
    const NEEDS: Permission = Permission::LabCollect;
    const BASIS: Basis = Basis::ScreeningOrder;
    type Out = Registered;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.looked_up(tx)?.post.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![format!("tube_{}", self.tube)]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Registered> {
        self.check(tx.at)?;
        let known = self.looked_up(tx)?;
        if let (Some(envelope), Some(wrapped)) = (&self.envelope, &self.wrapped) {
            Vault::keep_key(tx, &envelope.owner, wrapped)?;
        }
        let mut registered = match &known.tube {
            Some(tube) => self.join(tx, tube),
            None => self.begin(tx, known),
        }?;
        if self.paper.is_some() {
            registered.same_day = same_day(tx, &self.tube, &self.people)?;
        }
        Ok(registered)
    }
}

impl RegisterTube {
    fn looked_up(&self, tx: &mut Tx<'_>) -> Result<&LookedUp> {
        if let Some(known) = self.looked_up.get() {
            return Ok(known);
        }
        let (_, closed) = self.moments(tx.at);
        let round = "SELECT r.id FROM lab_round r JOIN lab_post p ON p.campaign = r.campaign \
                     WHERE p.id = $1 AND r.opens <= $2 ORDER BY r.opens DESC, r.number DESC LIMIT 1";
        let tube = "SELECT seq, people, sealed, size, kind, post, received, round, closed, territory, conflicts, papers \
                    FROM lab_tube WHERE barcode = $1";
        let before = "SELECT lab, box, received, 0 FROM lab_stray WHERE barcode = $1 AND settled IS NULL \
                      UNION ALL SELECT NULL, box, NULL, 0 FROM lab_expected WHERE barcode = $1 \
                      UNION ALL SELECT NULL, NULL, NULL, 1 FROM lab_report WHERE specimen = $1 AND waits IS NOT NULL";
        let barcode = params![self.tube.as_str()];
        let answers = tx.together(&[
            (&one_post(), params![self.post]),
            (round, params![self.post, closed.0 + CLOCK_MS]),
            (tube, barcode),
            (before, barcode),
        ])?;
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let post = post_reached(&tx.actor.scope, next().first())?;
        let round = next().first().map(|row| row.text(0)).transpose()?;
        let (tube, before) = (next().into_iter().next(), next());
        Ok(self.looked_up.get_or_init(|| LookedUp { post, round, tube, before }))
    }

    fn check(&self, at: Moment) -> Result<()> {
        self.check_paper(at)?;
        let size = self.size.swabs();
        if self.people.is_empty() && self.kind == TubeKind::People {
            return Err(invalid(
                "lab.nobody",
                "members",
                "nobody is in this tube; register at least one person before closing it",
                "该管内无人；请至少登记一人后再封管",
            ));
        }
        if self.people.len() > usize::from(size) {
            return Err(invalid(
                "lab.over_full",
                "members",
                format!(
                    "{} people are in a tube for {size}; put the others into another tube",
                    self.people.len()
                ),
                format!("{} 人登记在 {size} 人管内；请将其余人员登记到另一管", self.people.len()),
            ));
        }
        for (number, swab) in self.people.iter().enumerate() {
            let taken = self.people[..number].iter().any(|other| other.position == swab.position);
            if taken || swab.position == 0 || swab.position > size {
                return Err(invalid(
                    "lab.position",
                    &format!("members.{number}.position"),
                    format!(
                        "place {} is taken or beyond the tube's {size}; number people from 1",
                        swab.position
                    ),
                    format!("位置 {} 已占用或超出 {size} 人；请从 1 起依次编号", swab.position),
                ));
            }
        }
        if self.closed < self.sampled {
            return Err(invalid(
                "lab.closed_before",
                "closed",
                "the tube was closed before its first swab; look at the telephone's clock and register it again",
                "封管时间早于首次采样；请核对手机时间后重新登记",
            ));
        }
        Ok(())
    }

    /// What a sheet says is copied, never moved: a time that cannot be is a slip of whoever types.
    fn check_paper(&self, at: Moment) -> Result<()> {
        let Some(paper) = &self.paper else { return Ok(()) };
        required("paper.sampler", &paper.sampler)?;
        if self.closed > at {
            return Err(invalid(
                "lab.paper_future",
                "sampled",
                "this time has not come yet; type day and time as the sheet has them",
                "采样时间尚未到来；请按纸质名单上的日期和时间录入",
            ));
        }
        Ok(())
    }

    fn typed_in(&self, tx: &Tx<'_>) -> Option<TypedIn> {
        self.paper.as_ref().map(|paper| TypedIn {
            sampler: paper.sampler.trim().to_owned(),
            typed_by: tx.actor.id.clone(),
            typed: tx.at,
        })
    }

    /// By a clock ahead of ours, a tube was closed when it came in: it must not be lost for that.
    fn moments(&self, at: Moment) -> (Moment, Moment) {
        if self.closed.0 > at.0 + CLOCK_MS {
            let took = self.closed.0 - self.sampled.0;
            return (Moment(at.0 - took), at);
        }
        (self.sampled, self.closed)
    }

    fn begin(&self, tx: &mut Tx<'_>, known: &LookedUp) -> Result<Registered> {
        let (sampled, closed) = self.moments(tx.at);
        let post = &known.post;
        let Some(round) = known.round.clone() else {
            return Err(missing("open round of this post", "该采样点的开放轮次"));
        };
        let envelopes: Vec<&Envelope> = self.envelope.iter().collect();
        tx.put(
            "INSERT INTO lab_tube (seq, barcode, territory, round, post, kind, size, filled, people, sealed, sampled, closed, \
             registered, by_whom, again, papers) \
             VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM lab_tube), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            params![
                self.tube.as_str(),
                &post.territory,
                &round,
                post.id,
                self.kind.word(),
                u32::from(self.size.swabs()),
                self.people.len(),
                in_json(&self.people),
                in_json(&envelopes),
                sampled,
                closed,
                tx.at,
                &tx.actor.id,
                self.again.as_deref(),
                self.typed_in(tx).map(|paper| in_json(&[paper]))
            ],
        )?;
        self.keeps_names(tx)?;
        let hour = Hour {
            round,
            territory: post.territory.clone(),
            post: post.id.to_string(),
            hour: hour_of(closed),
        };
        let people = self.people.len();
        count(tx, &hour, Step { tubes: 1, people: people as i64, ..Step::default() })?;
        self.settle(tx, &known.before)?;
        Ok(Registered { tube: self.tube.clone(), people, conflicts: Vec::new(), same_day: Vec::new() })
    }

    /// What was done with it before its telephone had a network stands with it now.
    fn settle(&self, tx: &mut Tx<'_>, before: &[Row]) -> Result<()> {
        let (told, packed): (Vec<&Row>, Vec<&Row>) =
            before.iter().partition(|row| row.int(3).is_ok_and(|told| told == 1));
        for known in packed {
            tx.put(
                "UPDATE lab_tube SET lab = coalesce(lab, $2), box = coalesce(box, $3), received = coalesce(received, $4) \
                 WHERE barcode = $1",
                params![self.tube.as_str(), known.opt_text(0)?, known.opt_text(1)?, known.opt_int(2)?],
            )?;
            if known.opt_int(2)?.is_some() {
                let at = tx.at;
                tx.put(
                    "UPDATE lab_stray SET settled = $2 WHERE barcode = $1",
                    params![self.tube.as_str(), at],
                )?;
                let received = Step { received: 1, ..Step::default() };
                let hour = hour_of_tube(tx, self.tube.as_str())?;
                count(tx, &hour, received)?;
            }
        }
        if told.is_empty() { Ok(()) } else { judge_waiting(tx, self.tube.as_str()) }
    }

    /// Another telephone registered it before: it is one tube, with everybody of both.
    fn join(&self, tx: &mut Tx<'_>, known: &Row) -> Result<Registered> {
        let before: Vec<Swab> = known.json(1)?;
        let mut envelopes: Vec<Envelope> = known.json(2)?;
        let told = Told {
            kind: known.read(4)?,
            size: TubeSize::of(u8::try_from(known.int(3)?).unwrap_or(u8::MAX))
                .map_err(|fault| store::Error::Shape(fault.to_string()))?,
            post: known.text(5)?,
        };
        let same = SameLines::found(&before, &self.people);
        let merged = merge_registrations(
            &told.registration(&self.tube, &same.known),
            &self.told().registration(&self.tube, &same.told),
        );
        let merged = merged.map_err(|refused| refuse(&refused))?;
        let known_now = same.with_names(envelopes.len());
        let people = with_those_of(&known_now, &same.told, envelopes.len());
        let post = known.text(5)?;
        let fresh: Vec<Conflict> =
            merged.conflicts.iter().map(|conflict| Conflict::of(conflict, &post)).collect();
        let mut conflicts: Vec<Conflict> = match known.opt_text(10)? {
            Some(_) => known.json(10)?,
            None => Vec::new(),
        };
        for conflict in &fresh {
            if !conflicts.contains(conflict) {
                conflicts.push(conflict.clone());
            }
        }
        envelopes.extend(self.envelope.clone());
        let mut papers: Vec<TypedIn> = match known.opt_text(11)? {
            Some(_) => known.json(11)?,
            None => Vec::new(),
        };
        papers.extend(self.typed_in(tx));
        tx.run(
            "UPDATE lab_tube SET people = $2, sealed = $3, filled = $4, conflicts = $5, size = $6, papers = $7 \
             WHERE barcode = $1",
            params![
                self.tube.as_str(),
                in_json(&people),
                in_json(&envelopes),
                people.len(),
                (!conflicts.is_empty()).then(|| in_json(&conflicts)),
                u32::from(merged.registration.size.swabs()),
                (!papers.is_empty()).then(|| in_json(&papers))
            ],
        )?;
        let seq = known.int(0)?;
        self.keeps_names(tx)?;
        let late: Vec<Vec<Value>> = people
            .iter()
            .enumerate()
            .filter(|(place, _)| *place >= before.len() || same.named.contains_key(place))
            .flat_map(|(_, swab)| swab.known_by())
            .map(|(who, position)| vec![0.into(), who.into(), seq.into(), i64::from(position).into()])
            .collect();
        tx.insert_many(
            "INSERT INTO lab_swab (layer, who, tube, position)",
            4,
            &late,
            "ON CONFLICT DO NOTHING",
        )?;
        let hour = Hour {
            round: known.text(7)?,
            territory: known.read(9)?,
            post: known.text(5)?,
            hour: hour_of(Moment(known.int(8)?)),
        };
        let more = people.len() as i64 - before.len() as i64;
        count(tx, &hour, Step { people: more, ..Step::default() })?;
        Ok(Registered {
            tube: self.tube.clone(),
            people: people.len(),
            conflicts: fresh,
            same_day: Vec::new(),
        })
    }

    fn keeps_names(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.put(
            "INSERT INTO lab_named (tube) SELECT seq FROM lab_tube WHERE barcode = $1 ON CONFLICT DO NOTHING",
            params![self.tube.as_str()],
        )
    }

    fn told(&self) -> Told {
        Told { kind: self.kind, size: self.size, post: self.post.to_string() }
    }
}

/// What one registration says of the tube itself.
struct Told {
    kind: TubeKind,
    size: TubeSize,
    post: String,
}

impl Told {
    fn registration(self, tube: &Barcode, people: &[Swab]) -> Registration<String> {
        Registration {
            barcode: tube.clone(),
            kind: self.kind,
            size: self.size,
            site: self.post,
            members: people
                .iter()
                .map(|swab| Member {
                    person: swab.person(),
                    position: Some(swab.told_in.map_or(swab.position, |(_, place)| place)),
                    sampled: Moment(swab.at),
                })
                .collect(),
        }
    }
}

/// Everybody of both, each once; who comes second takes a free place.
fn with_those_of(before: &[Swab], more: &[Swab], envelope: usize) -> Vec<Swab> {
    let mut people = before.to_vec();
    for swab in more {
        if people.iter().any(|known| known.person() == swab.person()) {
            continue;
        }
        let free = |place: &u8| people.iter().all(|known| known.position != *place);
        let position =
            Some(swab.position).filter(free).or_else(|| (1..=u8::MAX).find(free)).unwrap_or(u8::MAX);
        let told_in = Some((envelope, swab.position));
        people.push(Swab { position, told_in, ..swab.clone() });
    }
    people
}

impl Conflict {
    /// As seen from the post whose tube it stays.
    fn of(conflict: &TubeConflict<String>, at: &str) -> Conflict {
        let (position, why) = match conflict {
            TubeConflict::SamePosition { position, .. } => (*position, "same_position"),
            TubeConflict::TwoPositions { positions, .. } => {
                (positions.first().copied().unwrap_or(0), "two_positions")
            }
            TubeConflict::BeyondSize { position, .. } => (*position, "beyond_size"),
            TubeConflict::TwoMoments { .. } => (0, "two_moments"),
            TubeConflict::TwoSizes { .. } => (0, "two_sizes"),
            TubeConflict::TwoSites { .. } => (0, "two_posts"),
        };
        let post = match conflict {
            TubeConflict::TwoSites { kept, other } => Some(if kept == at { other } else { kept }.clone()),
            _ => None,
        };
        Conflict { position, why: why.to_owned(), post }
    }
}

fn refuse(refused: &MergeRefused) -> store::Error {
    let zh = match refused {
        MergeRefused::OtherTube(..) | MergeRefused::OtherKind(..) => {
            "该条码已登记为另一类试管；请核对实物，登记有误的一管请更换条码".to_owned()
        }
        MergeRefused::OverFull { people, size } => {
            format!("合并后共 {people} 人，超出 {} 人管；请将这些人员另管重新采样", size.swabs())
        }
    };
    invalid("lab.barcode_used", "tube", refused.to_string(), zh)
}

fn in_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
