//! Clerks who report cases, add contacts and import lists as fast as they are answered, and a ledger of what was
//! acknowledged. The ledger lives in this process: no fault reaches it.

use crate::dice::Dice;
use crate::wire::{Answer, Badge, Wire};
use serde_json::json;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

pub const CLERKS: usize = 6;
/// Rows of a list that is imported.
const ROWS: u64 = 12;

/// Something somebody wants written.
#[derive(Debug, Clone)]
pub struct Deed {
    pub path: &'static str,
    pub change: String,
    /// The id of the row it makes.
    pub record: String,
    pub body: String,
}

#[derive(Debug, Default)]
pub struct Ledger {
    pub acknowledged: Vec<Deed>,
    /// Numbers of the cases of lists whose import was reported as done.
    pub imported: Vec<String>,
    /// Sent and not answered: each may or may not be there, and is sent again.
    pub unanswered: Vec<Deed>,
    pub refused: Vec<String>,
    pub sent_again: u64,
    /// Answered while the power was being cut.
    pub late: u64,
}

/// When the fault has begun. The answer of a program that is being killed is an answer. With the power it is none: the cut
/// takes the file system a millisecond or more, in which a flush of an aborted journal can return as if it had been done, and
/// on a machine without power nobody would have sent what follows. (A plain SQLite writer with synchronous=FULL shows the
/// same: 7 of 43,944 rows, all acknowledged after the call had begun.) Such a write may be there or not, and is sent again.
#[derive(Debug, Clone, Copy)]
pub struct Over<'a> {
    pub flag: &'a AtomicBool,
    pub power: bool,
}

impl Over<'_> {
    fn begun(&self) -> bool {
        self.flag.load(Ordering::SeqCst)
    }
}

/// Until `over`: every clerk on a connection of their own.
pub fn work(
    address: &str,
    badge: &Badge,
    dice: &mut Dice,
    ledger: &mut Ledger,
    heard: &AtomicUsize,
    over: &Over<'_>,
    fault: impl FnOnce() + Send,
) {
    let mut again = std::mem::take(&mut ledger.unanswered);
    if !ledger.acknowledged.is_empty() {
        // One that was answered long ago: it must be answered again and not happen again.
        let one = dice.below(ledger.acknowledged.len() as u64) as usize;
        again.push(ledger.acknowledged[one].clone());
    }
    ledger.sent_again += again.len() as u64;
    let shares: Vec<(Vec<Deed>, Dice)> = (0..CLERKS)
        .map(|clerk| {
            let mine = again.iter().skip(clerk).step_by(CLERKS).cloned().collect();
            (mine, Dice::of(dice.below(1 << 31)))
        })
        .collect();
    let shared = Mutex::new(ledger);
    std::thread::scope(|scope| {
        for (clerk, (mine, dice)) in shares.into_iter().enumerate() {
            let shared = &shared;
            scope.spawn(move || Clerk { address, badge, dice, shared, heard, over }.works(mine, clerk == 0));
        }
        fault();
    });
}

struct Clerk<'a, 'b> {
    address: &'a str,
    badge: &'a Badge,
    dice: Dice,
    shared: &'a Mutex<&'b mut Ledger>,
    heard: &'a AtomicUsize,
    over: &'a Over<'a>,
}

impl Clerk<'_, '_> {
    fn works(mut self, mut again: Vec<Deed>, imports: bool) {
        let mut wire = Wire::to(self.address);
        for turn in 0.. {
            if self.over.begun() {
                break;
            }
            if imports && turn % 16 == 4 {
                self.imports(&mut wire);
                continue;
            }
            let deed = again.pop().unwrap_or_else(|| self.thinks_of_a_deed());
            let answer = wire
                .as_mut()
                .and_then(|wire| wire.ask("POST", deed.path, Some(self.badge), deed.body.as_bytes()));
            self.notes(deed, answer.as_ref());
            match answer {
                None => break,
                // Nothing is saved any more: the power is gone, and the next question changes nothing about that.
                Some(answer) if answer.status >= 500 => {
                    std::thread::sleep(std::time::Duration::from_millis(5))
                }
                Some(_) => {}
            }
        }
        self.shared.lock().expect("the ledger").unanswered.append(&mut again);
    }

    fn notes(&self, deed: Deed, answer: Option<&Answer>) {
        let mut ledger = self.shared.lock().expect("the ledger");
        match answer {
            Some(answer) if answer.status == 200 && self.over.power && self.over.begun() => {
                ledger.late += 1;
                ledger.unanswered.push(deed);
            }
            Some(answer) if answer.status == 200 => {
                self.heard.fetch_add(1, Ordering::SeqCst);
                if !ledger.acknowledged.iter().rev().any(|known| known.change == deed.change) {
                    ledger.acknowledged.push(deed);
                }
            }
            // Told that nothing was saved, or not told at all.
            Some(answer) if answer.status >= 500 => ledger.unanswered.push(deed),
            Some(answer) => ledger.refused.push(format!("{} {}: {}", deed.path, answer.status, answer.body)),
            None => ledger.unanswered.push(deed),
        }
    }

    fn thinks_of_a_deed(&mut self) -> Deed {
        let (change, subject) = (self.dice.id("change"), self.dice.id("subject"));
        if self.dice.below(3) == 0 {
            let record = self.dice.id("contact");
            let body = json!({
                "id": change, "contact": record, "subject": subject, "territory": "14/1407/140703",
                "class": "close", "identity": { "name": "钱发明", "phone": "13900000001" },
            });
            return Deed { path: "/api/changes/add-contact", change, record, body: body.to_string() };
        }
        let record = self.dice.id("case");
        let body = json!({
            "id": change, "case": record, "subject": subject, "case_no": format!("K{}", &record[5..20]),
            "territory": "14/1407/140703", "classification": "confirmed", "identity": { "name": "赵发明" },
        });
        Deed { path: "/api/changes/report-case", change, record, body: body.to_string() }
    }

    /// A small list; it counts as acknowledged when the program says that all its rows were created.
    fn imports(&mut self, wire: &mut Option<Wire>) {
        let list = self.dice.below(1 << 31);
        let numbers: Vec<String> = (0..ROWS).map(|row| format!("I{list}-{row}")).collect();
        let rows: String =
            numbers.iter().map(|number| format!("{number},female,41,2022-02-11,太谷区\n")).collect();
        let text = format!("case_no,sex,age,onset date,county\n{rows}");
        let done = self.run_import(wire, list, &text) == Some(true);
        if done && !(self.over.power && self.over.begun()) {
            self.shared.lock().expect("the ledger").imported.extend(numbers);
        }
    }

    fn run_import(&self, wire: &mut Option<Wire>, list: u64, text: &str) -> Option<bool> {
        let wire = wire.as_mut()?;
        let mut ask = |method: &str, path: &str, body: &[u8]| {
            let answer = wire.ask(method, path, Some(self.badge), body)?;
            (answer.status == 200).then_some(answer.body)
        };
        let import = ask("POST", &format!("/api/imports?name=list-{list}.csv"), text.as_bytes())?;
        let page = format!("/api/imports/{}", import["id"].as_str()?);
        ask("POST", &format!("{page}/apply"), b"{}")?;
        loop {
            let view = ask("GET", &page, b"")?;
            match view["state"].as_str()? {
                "applying" | "checking" if !self.over.begun() => {
                    std::thread::sleep(std::time::Duration::from_millis(3));
                }
                state => return Some(state == "done" && view["report"]["created"] == ROWS),
            }
        }
    }
}
