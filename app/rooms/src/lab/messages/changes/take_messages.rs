//! Messages of a laboratory are taken, each for itself.

use crate::lab::Laboratory;
use crate::lab::messages::book::{Book, Found};
use crate::lab::messages::told::ToldMessage;
use crate::lab::reach::laboratory_in_reach;
use crate::refuse::invalid;
use base::{Day, Id, Territory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, Value, params};

/// Some of the messages of one request, without names: those are in envelopes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakeMessages {
    pub id: Id<Sent>,
    pub laboratory: Id<Laboratory>,
    /// The day by the house's calendar.
    pub day: Day,
    pub(in crate::lab::messages) messages: Vec<ToldMessage>,
    /// Keys of the envelopes on their way into the key table; the journal never has them.
    #[serde(skip)]
    pub(in crate::lab::messages) keys: BTreeMap<String, Vec<u8>>,
}

/// What became of a message: `accepted`, `in_part`, `refused`, `own`, `test`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::lab::messages) struct Verdict {
    pub word: String,
    /// It came before, and nothing was done.
    #[serde(default)]
    pub again: bool,
    /// Its number is one the sender has used for something else.
    #[serde(default)]
    pub number_used: bool,
    pub found: Vec<Found>,
}

/// A message that came before: what it said, and what was answered.
pub(in crate::lab::messages) fn stored(query: &mut dyn Query, id: &str) -> Result<Option<(String, Verdict)>> {
    let sql = "SELECT content, verdict, found FROM lab_message WHERE id = $1";
    let Some(row) = query.first(sql, params![id])? else { return Ok(None) };
    let verdict = Verdict { word: row.text(1)?, again: true, number_used: false, found: row.json(2)? };
    Ok(Some((row.text(0)?, verdict)))
}

/// More of them would keep everybody else waiting.
const MOST: usize = 500;

impl Change for TakeMessages {
    const NAME: &'static str = "take messages";
    const NEEDS: Permission = Permission::LabWork;
    const BASIS: Basis = Basis::LaboratoryTesting;
    type Out = Vec<VerdictOut>;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(laboratory_in_reach(tx, self.laboratory)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.laboratory.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<VerdictOut>> {
        if self.messages.len() > MOST {
            return Err(invalid(
                "lab.too_many_messages",
                "messages",
                format!("send at most {MOST} messages at once"),
                format!("每次最多发送 {MOST} 条消息"),
            ));
        }
        let laboratory = laboratory_in_reach(tx, self.laboratory)?;
        let mut book = Book::of(tx, self.laboratory, laboratory.territory)?;
        let mut taken = Taken::default();
        let mut told = Vec::with_capacity(self.messages.len());
        for message in &self.messages {
            told.push(VerdictOut(self.one(tx, &mut book, &mut taken, message)?));
        }
        self.keep(tx, taken)?;
        book.close(tx)?;
        Ok(told)
    }
}

/// The journal's form of a verdict.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VerdictOut(pub(in crate::lab::messages) Verdict);

/// What this change writes of messages, at its end.
#[derive(Default)]
struct Taken {
    known: BTreeMap<String, (String, Verdict)>,
    rows: Vec<Vec<Value>>,
    counts: BTreeMap<String, (i64, i64)>,
}

impl TakeMessages {
    fn one(
        &self,
        tx: &mut Tx<'_>,
        book: &mut Book,
        taken: &mut Taken,
        message: &ToldMessage,
    ) -> Result<Verdict> {
        let before = match taken.known.get(&message.id) {
            Some(known) => Some(known.clone()),
            None => stored(tx, &message.id)?,
        };
        match before {
            Some((content, verdict)) if content == message.content => {
                return Ok(Verdict { again: true, ..verdict });
            }
            // Of what was refused nothing was taken: mended, it may come again under its number.
            Some((_, verdict)) if verdict.word == "refused" => {
                tx.run("DELETE FROM lab_message WHERE id = $1", params![&message.id])?;
                taken.rows.retain(|row| row.first() != Some(&Value::from(&message.id)));
            }
            Some(_) => return self.number_used(tx, taken, message),
            None => {}
        }
        let mut found = Vec::new();
        let is_real = message.mode == "P" && !message.own;
        if is_real {
            for number in 0..message.reports.len() {
                found.push(book.take(tx, message, number, &self.keys)?);
            }
        }
        let word = match message {
            ToldMessage { own: true, .. } => "own",
            ToldMessage { reports, .. } if reports.is_empty() => "refused",
            _ if !is_real => "test",
            ToldMessage { refused: 1.., .. } => "in_part",
            _ => "accepted",
        };
        let verdict = Verdict { word: word.to_owned(), again: false, number_used: false, found };
        self.write(tx, taken, message.id.clone(), message, &verdict)?;
        taken.known.insert(message.id.clone(), (message.content.clone(), verdict.clone()));
        Ok(verdict)
    }

    /// The number was used for something else: nothing of it is taken, and it stands among what was refused.
    fn number_used(&self, tx: &mut Tx<'_>, taken: &mut Taken, message: &ToldMessage) -> Result<Verdict> {
        let id = format!("{}#{}", message.id, message.content);
        let verdict =
            Verdict { word: "refused".to_owned(), again: false, number_used: true, found: Vec::new() };
        if !taken.known.contains_key(&id) && stored(tx, &id)?.is_none() {
            self.write(tx, taken, id.clone(), message, &verdict)?;
            taken.known.insert(id, (message.content.clone(), verdict.clone()));
        }
        Ok(verdict)
    }

    fn write(
        &self,
        tx: &mut Tx<'_>,
        taken: &mut Taken,
        id: String,
        message: &ToldMessage,
        verdict: &Verdict,
    ) -> Result<()> {
        let at = tx.at;
        let mut complaints = message.complaints.clone();
        if verdict.number_used {
            complaints.insert(0, serde_json::json!({ "code": "message.number_used", "severity": "error" }));
        }
        let in_json = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
        taken.rows.push(vec![
            id.into(),
            self.laboratory.into(),
            at.into(),
            self.day.into(),
            (&message.sender).into(),
            (&message.control).into(),
            (&message.mode).into(),
            (&message.format).into(),
            (&message.content).into(),
            (&verdict.word).into(),
            message.reports.len().into(),
            in_json(serde_json::to_string(&verdict.found)).into(),
            in_json(serde_json::to_string(&complaints)).into(),
        ]);
        let count = taken.counts.entry(verdict.word.clone()).or_default();
        count.0 += 1;
        count.1 += message.reports.len() as i64;
        Ok(())
    }

    fn keep(&self, tx: &mut Tx<'_>, taken: Taken) -> Result<()> {
        tx.insert_many(
            "INSERT INTO lab_message (id, lab, received, day, sender, control, mode, format, content, verdict, reports, \
             found, complaints)",
            13,
            &taken.rows,
            "",
        )?;
        for (verdict, (messages, reports)) in taken.counts {
            tx.run(
                "INSERT INTO lab_message_count (lab, day, verdict, messages, reports) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (lab, day, verdict) DO UPDATE SET messages = lab_message_count.messages + excluded.messages, \
                 reports = lab_message_count.reports + excluded.reports",
                params![self.laboratory, self.day, &verdict, messages, reports],
            )?;
        }
        Ok(())
    }
}
