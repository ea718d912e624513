//! A signal is raised, answered step by step, and closed or merged into an event.

use crate::cases::{Event, event_in_reach};
use crate::packed;
use crate::refuse::{exists, invalid, required};
use crate::surveillance::Signal;
use crate::surveillance::reach::{SignalRecord, signal_in_reach};
use base::{Day, Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Vault, params};

/// Where the ciphertext of a note belongs.
pub fn answer_context(signal: &str) -> String {
    format!("surveillance_answer.note|{signal}")
}

fn seal_note(tx: &mut Tx<'_>, signal: Id<Signal>, note: &mut Option<Sealed<String>>) -> Result<()> {
    if matches!(note, Some(Sealed::Open(text)) if text.trim().is_empty()) {
        *note = None;
    }
    let Some(note) = note else { return Ok(()) };
    let owner = signal.to_string();
    let key = Vault::key_for(tx, &owner)?;
    note.shut(&key, &answer_context(&owner))
}

/// The detectors, a scan or the many streams together say that something is unusual.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakeUpSignal {
    pub id: Id<Sent>,
    pub signal: Id<Signal>,
    pub territory: Territory,
    /// What is unusual: a group of indicators or one of them.
    pub subject: String,
    /// `fusion` or `scan`.
    pub origin: String,
    pub found: Found,
}

/// How unusual, and everything that says so.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Found {
    pub grade: String,
    pub day: Day,
    pub sure: f64,
    pub evidence: Json,
}

impl Change for TakeUpSignal {
    const NAME: &'static str = "take up signal";
    const NEEDS: Permission = Permission::SignalsAnswer;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.signal.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let new = NewSignal {
            signal: self.signal,
            territory: &self.territory,
            subject: &self.subject,
            origin: &self.origin,
            title: None,
            found: &self.found,
        };
        new.keep(tx, None)
    }
}

/// Somebody heard something: news, a rumour, a clinician's call. Event-based surveillance has no series, and the same answers.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RaiseSignal {
    pub id: Id<Sent>,
    pub signal: Id<Signal>,
    pub territory: Territory,
    pub group: String,
    pub grade: String,
    pub first_day: Day,
    /// What it is, without a name.
    pub title: String,
    /// `news`, `rumour`, `hotline`, `clinician` or `other`.
    pub source: String,
    #[serde(default)]
    pub note: Option<Sealed<String>>,
}

const SOURCES: [&str; 5] = ["news", "rumour", "hotline", "clinician", "other"];

impl Change for RaiseSignal {
    const NAME: &'static str = "raise signal";
    const NEEDS: Permission = Permission::SignalsAnswer;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.signal.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        seal_note(tx, self.signal, &mut self.note)
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("title", &self.title)?;
        if !SOURCES.contains(&self.source.as_str()) {
            return Err(invalid(
                "surveillance.source",
                "source",
                format!("choose where it was heard: {}", SOURCES.join(", ")),
                "请选择消息来源：新闻、传闻、热线、临床医生或其他",
            ));
        }
        if !packed::indicators().groups.iter().any(|group| group.id == self.group) {
            return Err(invalid(
                "surveillance.group",
                "group",
                "choose what it is about from the list",
                "请从列表中选择所属类别",
            ));
        }
        demand_grade(&self.grade)?;
        let today = tx.at.day_at_offset(crate::regions::UTC_OFFSET_MINUTES);
        if self.first_day > today {
            return Err(invalid(
                "surveillance.future",
                "first_day",
                format!("{} has not come yet; write a day up to today, {today}", self.first_day),
                format!("{} 尚未到来；请填写不晚于今天（{today}）的日期", self.first_day),
            ));
        }
        let found = Found {
            grade: self.grade.clone(),
            day: self.first_day,
            sure: 0.5,
            evidence: json!({ "source": self.source, "pack_version": packed::signals().version }),
        };
        let new = NewSignal {
            signal: self.signal,
            territory: &self.territory,
            subject: &self.group,
            origin: "person",
            title: Some(self.title.trim()),
            found: &found,
        };
        new.keep(tx, self.note.as_ref())
    }
}

fn demand_grade(grade: &str) -> Result<()> {
    if packed::signals().grade(grade).is_some() {
        return Ok(());
    }
    let grades: Vec<&str> = packed::signals().grades.iter().map(|grade| grade.id.as_str()).collect();
    Err(invalid(
        "surveillance.grade",
        "grade",
        format!("choose a grade: {}", grades.join(", ")),
        "请选择预警等级",
    ))
}

struct NewSignal<'a> {
    signal: Id<Signal>,
    territory: &'a Territory,
    subject: &'a str,
    origin: &'a str,
    title: Option<&'a str>,
    found: &'a Found,
}

impl NewSignal<'_> {
    fn keep(&self, tx: &mut Tx<'_>, note: Option<&Sealed<String>>) -> Result<()> {
        if tx.count("SELECT count(*) FROM surveillance_signal WHERE id = $1", params![self.signal])? > 0 {
            return Err(exists("signal", "预警信号"));
        }
        demand_grade(&self.found.grade)?;
        tx.run(
            "INSERT INTO surveillance_signal (id, territory, subject, origin, grade, state, is_open, rank, first_day, \
             last_day, raised, due, title, evidence) \
             VALUES ($1, $2, $3, $4, $5, 'raised', 1, $6, $7, $7, $8, $9, $10, $11)",
            params![
                self.signal,
                self.territory,
                self.subject,
                self.origin,
                &self.found.grade,
                rank_of(&self.found.grade, self.found.sure),
                self.found.day,
                tx.at,
                due(&self.found.grade, "raised", tx.at),
                self.title,
                self.found.evidence.to_string()
            ],
        )?;
        let step = Step {
            state: "raised",
            grade: &self.found.grade,
            day: Some(self.found.day),
            outcome: None,
            why: None,
            note,
        };
        step.keep(tx, self.signal)
    }
}

/// Orders the open list: the gravest first, then the surest.
fn rank_of(grade: &str, sure: f64) -> f64 {
    packed::signals().rank(grade) as f64 + 1.0 - sure.clamp(0.0, 1.0)
}

/// Until when the next step is due, by the clock of its grade that began when it was raised.
fn due(grade: &str, state: &str, raised: Moment) -> Option<Moment> {
    let grade = packed::signals().grade(grade)?;
    let hours = match state {
        "raised" => i64::from(grade.verify_hours),
        "verified" => i64::from(grade.field_hours),
        "field" => i64::from(grade.close_days) * 24,
        _ => return None,
    };
    Some(raised.plus_seconds(hours * 3600))
}

struct Step<'a> {
    state: &'a str,
    grade: &'a str,
    day: Option<Day>,
    outcome: Option<&'a str>,
    why: Option<&'a str>,
    note: Option<&'a Sealed<String>>,
}

impl Step<'_> {
    fn keep(&self, tx: &mut Tx<'_>, signal: Id<Signal>) -> Result<()> {
        let seq = tx.count(
            "SELECT coalesce(max(seq), 0) + 1 FROM surveillance_answer WHERE signal = $1",
            params![signal],
        )?;
        tx.run(
            "INSERT INTO surveillance_answer (signal, seq, state, grade, day, outcome, why, note, at, by_whom) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            params![
                signal,
                seq,
                self.state,
                self.grade,
                self.day,
                self.outcome,
                self.why,
                self.note.map(Sealed::cipher).transpose()?,
                tx.at,
                &tx.actor.id
            ],
        )?;
        Ok(())
    }
}

/// An open signal got louder: another day, a higher grade. It is not raised again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenewSignal {
    pub id: Id<Sent>,
    pub signal: Id<Signal>,
    pub found: Found,
}

impl Change for RenewSignal {
    const NAME: &'static str = "renew signal";
    const NEEDS: Permission = Permission::SignalsAnswer;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(signal_in_reach(tx, self.signal)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.signal.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let signal = signal_in_reach(tx, self.signal)?;
        demand_open(&signal)?;
        demand_grade(&self.found.grade)?;
        let graver = packed::signals().rank(&self.found.grade) < packed::signals().rank(&signal.grade);
        let grade = if graver { &self.found.grade } else { &signal.grade };
        // A higher grade starts its own clock.
        let due =
            if graver { due(grade, &signal.state, tx.at) } else { due(grade, &signal.state, signal.raised) };
        tx.run(
            "UPDATE surveillance_signal SET grade = $2, rank = $3, last_day = $4, due = $5, evidence = $6 WHERE id = $1",
            params![
                self.signal,
                grade,
                rank_of(grade, self.found.sure),
                signal.last_day.max(self.found.day),
                due,
                self.found.evidence.to_string()
            ],
        )?;
        let step = Step {
            state: &signal.state,
            grade,
            day: Some(self.found.day),
            outcome: None,
            why: None,
            note: None,
        };
        step.keep(tx, self.signal)
    }
}

fn demand_open(signal: &SignalRecord) -> Result<()> {
    if signal.state == "closed" || signal.state == "merged" {
        return Err(invalid(
            "surveillance.answered",
            "to",
            "this signal has had its last answer; raise another if there is news",
            "该信号已办结；如有新情况请另行上报",
        ));
    }
    Ok(())
}

/// What somebody found out about a signal.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerSignal {
    pub id: Id<Sent>,
    pub signal: Id<Signal>,
    /// `verified` (the numbers are right), `field` (somebody goes and looks) or `closed`.
    pub to: String,
    /// Of a closed one: `outbreak`, `not_outbreak` or `data_fault`.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Why it was none; a word of the signals pack.
    #[serde(default)]
    pub why: Option<String>,
    #[serde(default)]
    pub note: Option<Sealed<String>>,
}

impl Change for AnswerSignal {
    const NAME: &'static str = "answer signal";
    const NEEDS: Permission = Permission::SignalsAnswer;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(signal_in_reach(tx, self.signal)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.signal.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        seal_note(tx, self.signal, &mut self.note)
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let signal = signal_in_reach(tx, self.signal)?;
        demand_open(&signal)?;
        self.demand_sense(&signal)?;
        let closed = self.to == "closed";
        let due = if closed { None } else { due(&signal.grade, &self.to, signal.raised) };
        tx.run(
            "UPDATE surveillance_signal SET state = $2, is_open = $3, due = $4, outcome = $5, why = $6, \
             verified = CASE WHEN $2 = 'closed' THEN verified ELSE coalesce(verified, $7) END, \
             field = CASE WHEN $2 = 'field' THEN coalesce(field, $7) ELSE field END, \
             closed = CASE WHEN $2 = 'closed' THEN $7 ELSE closed END WHERE id = $1",
            params![self.signal, &self.to, !closed, due, self.outcome.as_deref(), self.why.as_deref(), tx.at],
        )?;
        let step = Step {
            state: &self.to,
            grade: &signal.grade,
            day: None,
            outcome: self.outcome.as_deref(),
            why: self.why.as_deref(),
            note: self.note.as_ref(),
        };
        step.keep(tx, self.signal)
    }
}

impl AnswerSignal {
    fn demand_sense(&self, signal: &SignalRecord) -> Result<()> {
        let forward = match self.to.as_str() {
            "verified" => signal.state == "raised",
            "field" => signal.state == "raised" || signal.state == "verified",
            "closed" => true,
            _ => false,
        };
        if !forward {
            return Err(invalid(
                "surveillance.order",
                "to",
                "a signal goes from raised to verified, to the field and to closed; choose the next step",
                "信号依次为：待核实、已核实、现场调查、办结；请选择下一步",
            ));
        }
        match (self.to.as_str(), self.outcome.as_deref()) {
            ("closed", Some("outbreak" | "data_fault")) | ("verified" | "field", None) => {}
            ("closed", Some("not_outbreak")) => {
                if self.why.as_deref().and_then(|why| packed::signals().reason(why)).is_none() {
                    return Err(invalid(
                        "surveillance.why",
                        "why",
                        "say why it was no outbreak; the answer makes the next signal better",
                        "请说明为何不是疫情；答案会改进今后的预警",
                    ));
                }
            }
            _ => {
                return Err(invalid(
                    "surveillance.outcome",
                    "outcome",
                    "say what it was when it is closed: an outbreak, none, or a fault in the data",
                    "办结时请说明结果：疫情、非疫情或数据错误",
                ));
            }
        }
        Ok(())
    }
}

/// A signal is part of an event from now on; that is its answer.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeSignal {
    pub id: Id<Sent>,
    pub signal: Id<Signal>,
    pub event: Id<Event>,
}

impl Change for MergeSignal {
    const NAME: &'static str = "merge signal";
    const NEEDS: Permission = Permission::SignalsAnswer;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(signal_in_reach(tx, self.signal)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.signal.to_string(), self.event.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let signal = signal_in_reach(tx, self.signal)?;
        demand_open(&signal)?;
        event_in_reach(tx, self.event)?;
        tx.run(
            "UPDATE surveillance_signal SET state = 'merged', is_open = 0, due = NULL, outcome = 'outbreak', event = $2, \
             verified = coalesce(verified, $3), closed = $3 WHERE id = $1",
            params![self.signal, self.event, tx.at],
        )?;
        let step = Step {
            state: "merged",
            grade: &signal.grade,
            day: None,
            outcome: Some("outbreak"),
            why: None,
            note: None,
        };
        step.keep(tx, self.signal)?;
        let facts = self.facts(tx, &signal)?;
        crate::cases::changes::date_from_signal(tx, self.event, &facts)
    }
}

impl MergeSignal {
    /// What a signal tells about the timeline of its event.
    fn facts(&self, tx: &mut Tx<'_>, signal: &SignalRecord) -> Result<Vec<(&'static str, Day)>> {
        let sql = "SELECT first_day, verified FROM surveillance_signal WHERE id = $1";
        let Some(row) = tx.first(sql, params![self.signal])? else { return Ok(Vec::new()) };
        let offset = crate::regions::UTC_OFFSET_MINUTES;
        let mut facts = vec![("emergence", row.read(0)?), ("detection", signal.raised.day_at_offset(offset))];
        facts.extend(row.opt_int(1)?.map(|at| ("notification", Moment(at).day_at_offset(offset))));
        Ok(facts)
    }
}
