//! A laboratory's reports put beside what is known of their tubes: taken once, replaced with history, judged anew when what they
//! wait for has come.

use super::codes::{Codes, Read};
use super::told::{Code, ToldMessage, ToldReport};
use crate::lab::Laboratory;
use crate::lab::changes::{AGAIN_WITHIN_S, ask_again, held_and_freed};
use crate::lab::counts::{Hour, Step, count, hour_of};
use crate::lab::people::Swab;
use base::{Id, Moment, Territory};
use lab::{Call, ToldResult, ToldStanding, ToldTube, judge_told};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Query, Result, Row, Tx, Value, Vault, params};

/// What became of one report, as its sender is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Which of the message's reports that could be read, from 0.
    #[serde(rename = "n")]
    pub number: usize,
    #[serde(rename = "s")]
    pub standing: ToldStanding,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub specimen: Option<String>,
    /// The code nobody knows.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Code>,
}

struct Tube {
    barcode: String,
    hour: Hour,
    sampled: Moment,
    received: Option<i64>,
    rejected: bool,
    run: bool,
    result: Option<Call>,
    reported: bool,
    people: Vec<Swab>,
    again: Option<String>,
    told: Option<i64>,
}

const TUBE: &str = "SELECT barcode, round, territory, post, closed, sampled, received, rejected, run, result, reported, people, \
                    again, told FROM lab_tube WHERE barcode = $1";

impl Tube {
    fn of(row: &Row) -> Result<Tube> {
        Ok(Tube {
            barcode: row.text(0)?,
            hour: Hour {
                round: row.text(1)?,
                territory: row.read(2)?,
                post: row.text(3)?,
                hour: hour_of(Moment(row.int(4)?)),
            },
            sampled: Moment(row.int(5)?),
            received: row.opt_int(6)?,
            rejected: row.opt_text(7)?.is_some(),
            run: row.opt_text(8)?.is_some(),
            result: row.opt_read(9)?,
            reported: row.opt_int(10)?.is_some(),
            people: row.json(11)?,
            again: row.opt_text(12)?,
            told: row.opt_int(13)?,
        })
    }

    fn facts(&self) -> ToldTube {
        ToldTube {
            sampled: self.sampled,
            rejected: self.rejected,
            on_plate: self.run && !self.reported,
            result: self.result.filter(|_| self.reported),
        }
    }
}

/// A report that was taken before.
struct Kept {
    seq: i64,
    content: String,
    standing: ToldStanding,
    call: Option<Call>,
    specimen: Option<String>,
    linked: Option<String>,
    sealed: Option<String>,
}

const KEPT: &str = "seq, content, standing, call, specimen, linked, sealed";

impl Kept {
    fn of(row: &Row) -> Result<Kept> {
        Ok(Kept {
            seq: row.int(0)?,
            content: row.text(1)?,
            standing: row.read(2)?,
            call: row.opt_read(3)?,
            specimen: row.opt_text(4)?,
            linked: row.opt_text(5)?,
            sealed: row.opt_text(6)?,
        })
    }
}

pub(super) struct Book {
    lab: Id<Laboratory>,
    territory: Territory,
    codes: Codes,
    steps: BTreeMap<Hour, Step>,
    /// Of each round that was met.
    diseases: BTreeMap<String, Option<String>>,
    next: i64,
}

impl Book {
    pub(super) fn of(tx: &mut Tx<'_>, lab: Id<Laboratory>, territory: Territory) -> Result<Book> {
        let codes = Codes::of(tx, &lab.to_string())?;
        let next = 1 + tx.count("SELECT coalesce(max(seq), 0) FROM lab_report", params![])?;
        Ok(Book { lab, territory, codes, steps: BTreeMap::new(), diseases: BTreeMap::new(), next })
    }

    /// What was counted, and the codes nobody knows.
    pub(super) fn close(self, tx: &mut Tx<'_>) -> Result<()> {
        self.counted(tx)?;
        self.codes.keep(tx, (self.lab, &self.territory), false)
    }

    /// The same after judging anew.
    pub(super) fn close_anew(self, tx: &mut Tx<'_>) -> Result<()> {
        self.counted(tx)?;
        self.codes.keep(tx, (self.lab, &self.territory), true)
    }

    fn counted(&self, tx: &mut Tx<'_>) -> Result<()> {
        for (hour, step) in &self.steps {
            if *step != Step::default() {
                count(tx, hour, *step)?;
            }
        }
        Ok(())
    }

    /// `keys`: those of the envelopes, on the way in.
    pub(super) fn take(
        &mut self,
        tx: &mut Tx<'_>,
        message: &ToldMessage,
        number: usize,
        keys: &BTreeMap<String, Vec<u8>>,
    ) -> Result<Found> {
        let report = &message.reports[number];
        let tube = self.tube_of(tx, &report.specimens)?;
        let disease = tube.as_ref().map(|tube| self.disease_of(tx, &tube.hour.round)).transpose()?.flatten();
        let read = self.codes.read(report, disease.as_deref());
        let before = self.versions(tx, &report.key)?;
        if let Some(same) = before.iter().find(|before| before.content == report.content) {
            let standing = if same.standing.waits() { same.standing } else { ToldStanding::Same };
            return Ok(found(number, standing, &read, same.specimen.clone()));
        }
        let specimen =
            tube.as_ref().map(|tube| tube.barcode.clone()).or_else(|| report.specimens.first().cloned());
        let standing = self.beside_those_before(tx, report, &read, &before, specimen.as_deref())?;
        let outside = tube.is_none() && report.person;
        let corrects = !before.is_empty();
        let (tube, standing) = match standing {
            Some(standing) => (None, standing),
            None if outside => (None, ToldStanding::Outside),
            None => {
                // What was taken back a moment ago is no result any more.
                let tube = if corrects { self.tube_of(tx, &report.specimens)? } else { tube };
                let standing = judge(report, &read, tube.as_ref(), tx.at, false);
                (tube, standing)
            }
        };
        let seq = self.next;
        self.next += 1;
        let sealed = report.envelope.as_ref().filter(|_| outside);
        if let Some((envelope, wrapped)) = sealed.and_then(|one| Some((one, keys.get(&one.owner)?))) {
            Vault::keep_key(tx, &envelope.owner, wrapped)?;
        }
        let row =
            NewRow { seq, message, report, read: &read, specimen: specimen.as_deref(), standing, outside };
        self.insert(tx, &row, before.into_iter().find_map(|before| before.linked))?;
        if let (ToldStanding::Stands, Some(tube), Some(call)) = (standing, &tube, read.call()) {
            let deciding =
                Deciding { seq, call, analysed: read.analysed, received: report.received, corrects };
            self.make_it_the_result(tx, tube, &deciding)?;
        }
        Ok(found(number, standing, &read, specimen))
    }

    /// What was taken of the same report before: the one that stands first, then those that came last.
    fn versions(&self, tx: &mut Tx<'_>, key: &str) -> Result<Vec<Kept>> {
        let sql = format!(
            "SELECT {KEPT} FROM lab_report WHERE lab = $1 AND key = $2 AND standing <> 'replaced' ORDER BY seq DESC LIMIT 20"
        );
        let rows = tx.rows(&sql, params![self.lab, key])?;
        let mut versions: Vec<Kept> = rows.iter().map(Kept::of).collect::<Result<_>>()?;
        versions.sort_by_key(|one| one.standing != ToldStanding::Stands);
        Ok(versions)
    }

    /// What follows from the report's own earlier versions; nothing, when it is to be judged like a new one.
    fn beside_those_before(
        &mut self,
        tx: &mut Tx<'_>,
        report: &ToldReport,
        read: &Read,
        versions: &[Kept],
        specimen: Option<&str>,
    ) -> Result<Option<ToldStanding>> {
        let Some(before) = versions.first() else {
            return Ok(report.withdraws.then_some(ToldStanding::Withdrawn));
        };
        let corrects = report.status.as_deref() == Some("C");
        // Of somebody who has become a case nothing is taken back without a person's word.
        let against_a_case = before.standing == ToldStanding::Stands
            && before.call == Some(Call::Positive)
            && read.call() != Some(Call::Positive)
            && is_a_case(tx, specimen)?;
        if against_a_case && (report.withdraws || corrects) {
            return Ok(Some(ToldStanding::Conflict));
        }
        let waited = before.standing.waits() || before.standing == ToldStanding::Outside;
        let (instead, standing) = if report.withdraws {
            (ToldStanding::Withdrawn, Some(ToldStanding::Withdrawn))
        } else if read.preliminary && before.standing != ToldStanding::Preliminary && !waited {
            return Ok(Some(ToldStanding::Replaced));
        } else if corrects || waited || before.standing == ToldStanding::Linked {
            (ToldStanding::Replaced, None)
        } else {
            return Ok(Some(ToldStanding::Conflict));
        };
        for version in versions {
            self.take_back(tx, version, instead)?;
        }
        Ok(standing)
    }

    fn take_back(&mut self, tx: &mut Tx<'_>, before: &Kept, instead: ToldStanding) -> Result<()> {
        tx.run(
            "UPDATE lab_report SET standing = $2, waits = NULL WHERE seq = $1",
            params![before.seq, instead.word()],
        )?;
        if let Some(sealed) = &before.sealed {
            super::outside::shut(tx, before.seq, sealed)?;
        }
        let specimen: Vec<String> = before.specimen.iter().cloned().collect();
        let Some(tube) = self.tube_of(tx, &specimen)?.filter(|tube| tube.told == Some(before.seq)) else {
            return Ok(());
        };
        self.uncount(&tube);
        tx.run(
            "UPDATE lab_tube SET result = NULL, called = NULL, reported = NULL, told = NULL WHERE barcode = $1",
            params![&tube.barcode],
        )?;
        if instead == ToldStanding::Withdrawn {
            // Nobody is negative by a withdrawal: they are sampled again.
            tx.run(
                "UPDATE lab_hold SET state = 'repeat' WHERE barcode = $1 AND ended IS NULL AND state = 'held'",
                params![&tube.barcode],
            )?;
            // Whom it had let go is behind the signal of before, as if it had never come.
            let due = tx.at.plus_seconds(AGAIN_WITHIN_S);
            let sql = "SELECT DISTINCT barcode FROM lab_hold WHERE again = $1 AND state = 'released' ORDER BY barcode";
            let before = tx.rows(sql, params![&tube.barcode])?;
            tx.run(
                "UPDATE lab_hold SET state = 'held', ended = NULL, again = NULL, told = NULL, due = $2 \
                 WHERE again = $1 AND state = 'released'",
                params![&tube.barcode, due],
            )?;
            for row in &before {
                ask_again(tx, &row.text(0)?)?;
            }
        }
        Ok(())
    }

    fn uncount(&mut self, tube: &Tube) {
        if !tube.reported {
            return;
        }
        let step = self.steps.entry(tube.hour.clone()).or_default();
        step.reported -= 1;
        step.reported_people -= tube.people.len() as i64;
        step.positive -= i64::from(tube.result == Some(Call::Positive));
    }

    fn make_it_the_result(&mut self, tx: &mut Tx<'_>, tube: &Tube, deciding: &Deciding) -> Result<()> {
        self.uncount(tube);
        let (at, call) = (tx.at, deciding.call);
        let received = deciding.received.map_or(at.0, |received| received.min(at.0));
        let called = deciding.analysed.map_or(at.0, |analysed| analysed.min(at.0));
        tx.run(
            "UPDATE lab_tube SET result = $2, called = $3, reported = $4, told = $5, lab = coalesce(lab, $6), \
             received = coalesce(received, $7) WHERE barcode = $1",
            params![&tube.barcode, call.word(), called, at, deciding.seq, self.lab, received],
        )?;
        let step = self.steps.entry(tube.hour.clone()).or_default();
        step.received += i64::from(tube.received.is_none());
        step.reported += 1;
        step.reported_people += tube.people.len() as i64;
        step.positive += i64::from(call == Call::Positive);
        if call == Call::Negative && deciding.corrects {
            // Somebody may have been held by what this replaces.
            tx.run(
                "UPDATE lab_hold SET state = 'released', ended = $2 WHERE barcode = $1 AND ended IS NULL AND again IS NULL",
                params![&tube.barcode, at],
            )?;
            ask_again(tx, &tube.barcode)?;
        }
        held_and_freed(tx, &tube.barcode, &tube.people, &tube.hour.territory, tube.again.as_deref(), call)?;
        Ok(())
    }

    fn tube_of(&self, tx: &mut Tx<'_>, specimens: &[String]) -> Result<Option<Tube>> {
        for specimen in specimens {
            if let Some(row) = tx.first(TUBE, params![specimen])? {
                return Tube::of(&row).map(Some);
            }
        }
        Ok(None)
    }

    fn disease_of(&mut self, tx: &mut Tx<'_>, round: &str) -> Result<Option<String>> {
        if let Some(known) = self.diseases.get(round) {
            return Ok(known.clone());
        }
        let sql =
            "SELECT c.disease FROM lab_round r JOIN lab_campaign c ON c.id = r.campaign WHERE r.id = $1";
        let found = tx.first(sql, params![round])?.map(|row| row.text(0)).transpose()?;
        self.diseases.insert(round.to_owned(), found.clone());
        Ok(found)
    }

    fn insert(&self, tx: &mut Tx<'_>, new: &NewRow<'_>, linked: Option<String>) -> Result<()> {
        let NewRow { message, report, read, .. } = new;
        let bare =
            ToldReport { key: String::new(), content: String::new(), envelope: None, ..(*report).clone() };
        let sealed = report.envelope.as_ref().filter(|_| new.outside);
        let sealed = sealed.map(|envelope| serde_json::to_string(envelope).unwrap_or_default());
        let at = tx.at;
        let row: Vec<Value> = vec![
            new.seq.into(),
            (&self.territory).into(),
            self.lab.into(),
            (&message.id).into(),
            (&message.control).into(),
            (&message.sender).into(),
            (&report.key).into(),
            (&report.content).into(),
            report.number.clone().into(),
            new.specimen.into(),
            report.status.clone().into(),
            new.standing.word().into(),
            read.call().map(Call::word).into(),
            read.test.as_ref().map(|test| format!("{}|{}", test.system, test.code)).into(),
            read.test.as_ref().map(|test| test.text.clone()).into(),
            read.disease.clone().into(),
            report.collected.into(),
            read.analysed.into(),
            report.reported.into(),
            at.into(),
            serde_json::to_string(&bare).unwrap_or_default().into(),
            sealed.into(),
            linked.into(),
            waits_for(new.standing).into(),
        ];
        tx.run(
            "INSERT INTO lab_report (seq, territory, lab, message, control, sender, key, content, number, specimen, status, \
             standing, call, test, test_text, disease, collected, analysed, reported, received, said, sealed, linked, waits) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)",
            &row,
        )?;
        if report.envelope.is_some() && new.outside {
            super::outside::keeps_names(tx, new.seq)?;
        }
        Ok(())
    }

    /// A report that waits, judged by what is known now. `word`: somebody says that it holds.
    pub(super) fn again(&mut self, tx: &mut Tx<'_>, seq: i64, word: bool) -> Result<ToldStanding> {
        let sql = "SELECT said, standing, sealed FROM lab_report WHERE seq = $1";
        let Some(row) = tx.first(sql, params![seq])? else { return Ok(ToldStanding::Dropped) };
        let report: ToldReport = row.json(0)?;
        let before: ToldStanding = row.read(1)?;
        let tube = self.tube_of(tx, &report.specimens)?;
        let disease = tube.as_ref().map(|tube| self.disease_of(tx, &tube.hour.round)).transpose()?.flatten();
        let read = self.codes.read(&report, disease.as_deref());
        let standing = match &tube {
            None if report.person => before,
            // It disagreed with an earlier version of itself: no mapping and no registration settles that.
            _ if before == ToldStanding::Conflict && !word => before,
            tube => judge(&report, &read, tube.as_ref(), tx.at, word),
        };
        let specimen =
            tube.as_ref().map(|tube| tube.barcode.as_str()).or(report.specimens.first().map(String::as_str));
        tx.run(
            "UPDATE lab_report SET standing = $2, call = $3, test = $4, test_text = $5, disease = $6, analysed = $7, \
             specimen = $8, waits = $9 WHERE seq = $1",
            params![
                seq,
                standing.word(),
                read.call().map(Call::word),
                read.test.as_ref().map(|test| format!("{}|{}", test.system, test.code)),
                read.test.as_ref().map(|test| test.text.clone()),
                read.disease.clone(),
                read.analysed,
                specimen,
                waits_for(standing)
            ],
        )?;
        if before == ToldStanding::Outside
            && standing != before
            && let Some(sealed) = row.opt_text(2)?
        {
            // Its person is in the tube's own envelope.
            super::outside::shut(tx, seq, &sealed)?;
        }
        if let (ToldStanding::Stands, Some(tube), Some(call)) = (standing, &tube, read.call()) {
            if let Some(told) = tube.told {
                tx.run(
                    "UPDATE lab_report SET standing = 'replaced', waits = NULL WHERE seq = $1",
                    params![told],
                )?;
            }
            let deciding =
                Deciding { seq, call, analysed: read.analysed, received: report.received, corrects: true };
            self.make_it_the_result(tx, tube, &deciding)?;
        }
        Ok(standing)
    }
}

/// The report that becomes its tube's result.
struct Deciding {
    seq: i64,
    call: Call,
    analysed: Option<i64>,
    received: Option<i64>,
    /// Something was known of the tube before.
    corrects: bool,
}

struct NewRow<'a> {
    seq: i64,
    message: &'a ToldMessage,
    report: &'a ToldReport,
    read: &'a Read,
    specimen: Option<&'a str>,
    standing: ToldStanding,
    outside: bool,
}

fn found(number: usize, standing: ToldStanding, read: &Read, specimen: Option<String>) -> Found {
    Found { number, standing, call: read.call(), specimen, unknown: read.unknown.clone() }
}

fn judge(report: &ToldReport, read: &Read, tube: Option<&Tube>, now: Moment, word: bool) -> ToldStanding {
    let told = ToldResult {
        read: read.read,
        preliminary: read.preliminary,
        measured: read.measured,
        analysed: read.analysed.map(Moment),
        collected: report.collected.map(Moment),
        reported: report.reported.map(Moment),
    };
    judge_told(&told, tube.map(Tube::facts).as_ref(), now, word)
}

fn waits_for(standing: ToldStanding) -> Option<&'static str> {
    match standing {
        ToldStanding::Outside => Some("outside"),
        standing if standing.waits() => Some("lab"),
        _ => None,
    }
}

/// Whether this tube has made somebody a case: by its own signal, or as the swab of somebody held behind another.
fn is_a_case(tx: &mut Tx<'_>, specimen: Option<&str>) -> Result<bool> {
    let sql = "SELECT count(*) FROM lab_hold WHERE (barcode = $1 OR again = $1) AND state = 'confirmed'";
    Ok(tx.count(sql, params![specimen])? > 0)
}

/// What was told of this tube before it was registered, or while it stood on a plate, is judged now.
pub(crate) fn judge_waiting(tx: &mut Tx<'_>, barcode: &str) -> Result<()> {
    let sql = "SELECT r.seq, r.lab, r.territory FROM lab_report r WHERE r.specimen = $1 AND r.waits IS NOT NULL ORDER BY r.seq";
    for row in tx.rows(sql, params![barcode])? {
        let mut book = Book::of(tx, row.read(1)?, row.read(2)?)?;
        book.again(tx, row.int(0)?, false)?;
        book.close_anew(tx)?;
    }
    Ok(())
}
