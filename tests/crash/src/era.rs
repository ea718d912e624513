//! One database, many faults: it is killed or cut, comes back, is looked at, and goes on.

use crate::Fault;
use crate::database::{Cluster, Database};
use crate::dice::Dice;
use crate::ground::Ground;
use crate::load::{Ledger, Over, work};
use crate::program::Program;
use crate::wire::Badge;
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What a number of faults came to.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    pub cycles: u64,
    pub acknowledged: u64,
    pub imported_rows: u64,
    pub unanswered: u64,
    pub late: u64,
    pub sent_again: u64,
    pub cycles_with_loss: u64,
    pub lost: u64,
    /// Journals that did not verify, tables that did not hold together, programs that did not come back.
    pub broken: u64,
    pub refused: u64,
}

pub struct Era<'a> {
    pub binary: &'a Path,
    pub fault: Fault,
    pub postgres: Option<&'a Path>,
}

impl Era<'_> {
    /// `cycles` faults on a database that is new.
    pub fn run(&self, room: &Path, cycles: u64, dice: &mut Dice, tally: &mut Tally) -> Result<(), String> {
        let ground = match self.fault {
            Fault::Kill => Ground::folder(room)?,
            Fault::Cut => Ground::ext4(room)?,
        };
        let data = ground.path().join("data");
        let mut database = match self.postgres {
            None => Database::Sqlite { file: data.join("quell.db") },
            Some(programs) => Database::Postgres(Cluster::make(programs, &ground.path().join("postgres"))?),
        };
        let badge = self.set_up(&ground, &data, &database)?;
        let (mut ledger, mut known_lost) = (Ledger::default(), HashSet::new());
        for cycle in 0..cycles {
            let before = ledger.unanswered.len();
            let program = Program { binary: self.binary, data: data.clone(), database: &database };
            self.works_until_the_fault(&program, &ground, &badge, dice, &mut ledger)?;
            tally.cycles += 1;
            tally.unanswered += ledger.unanswered.len().saturating_sub(before) as u64;
            // Every other time the server of the database dies with the program; with the power it always does.
            if let Database::Postgres(cluster) = &mut database
                && (self.fault == Fault::Cut || cycle % 2 == 1)
            {
                cluster.killed();
                ground.comes_back()?;
                cluster.start()?;
            } else {
                ground.comes_back()?;
            }
            let program = Program { binary: self.binary, data: data.clone(), database: &database };
            let lost = looks(&program, &ledger, tally);
            let fresh = lost.iter().filter(|change| known_lost.insert((*change).clone())).count() as u64;
            tally.lost += fresh;
            tally.cycles_with_loss += u64::from(fresh > 0);
        }
        tally.acknowledged += ledger.acknowledged.len() as u64;
        tally.imported_rows += ledger.imported.len() as u64;
        tally.sent_again += ledger.sent_again;
        tally.late += ledger.late;
        tally.refused += ledger.refused.len() as u64;
        ledger.refused.iter().take(3).for_each(|refused| println!("  refused: {refused}"));
        drop(database);
        Ok(())
    }

    fn set_up(&self, ground: &Ground, data: &Path, database: &Database) -> Result<Badge, String> {
        let program = Program { binary: self.binary, data: data.to_path_buf(), database };
        let made =
            program.run(&["account", "create", "clerk", "--role", "epidemiologist", "--territory", "14"])?;
        let password = made.split_whitespace().last().ok_or("no password")?.to_owned();
        let serving = program.serve()?;
        let badge = program.clerk(&serving, &password)?;
        serving.killed();
        ground.settle()?;
        Ok(badge)
    }

    fn works_until_the_fault(
        &self,
        program: &Program<'_>,
        ground: &Ground,
        badge: &Badge,
        dice: &mut Dice,
        ledger: &mut Ledger,
    ) -> Result<(), String> {
        let serving = program.serve()?;
        let address = serving.address.clone();
        let switch = if self.fault == Fault::Cut { Some(ground.switch()?) } else { None };
        let (heard, over) = (AtomicUsize::new(0), AtomicBool::new(false));
        // Somewhere in the first tenths of a second after the first answer: between two commits or in the middle of one.
        let after = Duration::from_micros(dice.below(150_000));
        let mut cut = Ok(());
        let cutting = &mut cut;
        let power = self.fault == Fault::Cut;
        work(&address, badge, dice, ledger, &heard, &Over { flag: &over, power }, || {
            let since = Instant::now();
            while heard.load(Ordering::SeqCst) == 0 && since.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(after);
            over.store(true, Ordering::SeqCst);
            if let Some(switch) = switch {
                *cutting = switch.cut();
            }
            serving.killed();
        });
        cut
    }
}

/// Everything that was acknowledged, looked for past the program; what the journal says of itself, asked of the program.
fn looks(program: &Program<'_>, ledger: &Ledger, tally: &mut Tally) -> Vec<String> {
    let mut broken = |why: String| {
        println!("  BROKEN: {why}");
        tally.broken += 1;
    };
    match program.run(&["journal", "verify"]) {
        Ok(told) if told.contains("each follows from the one before") => {}
        Ok(told) => broken(told),
        Err(why) => broken(why),
    }
    let mut texts = |sql: &str| -> Vec<String> {
        program.database.texts(sql).unwrap_or_else(|why| {
            broken(format!("{sql}: {why}"));
            Vec::new()
        })
    };
    if matches!(program.database, Database::Sqlite { .. }) {
        let check = texts("PRAGMA quick_check");
        if check != ["ok"] {
            println!("  {check:?}");
            return ledger.acknowledged.iter().map(|deed| deed.change.clone()).collect();
        }
    }
    let changes = texts("SELECT change_id FROM journal");
    let cases = texts("SELECT id FROM cases_case");
    let contacts = texts("SELECT id FROM cases_contact");
    let numbers = texts("SELECT case_no FROM cases_case");
    let (reported, added) = (
        texts("SELECT change_id FROM journal WHERE change = 'report case'").len(),
        texts("SELECT change_id FROM journal WHERE change = 'add contact'").len(),
    );
    let once: BTreeSet<&String> = numbers.iter().collect();
    let from_reports = numbers.iter().filter(|number| number.starts_with('K')).count();
    // A row for each journal entry, an entry for each row, and nobody twice.
    if once.len() != numbers.len() || from_reports != reported || contacts.len() != added {
        broken(format!(
            "{} numbers of {} cases; {from_reports} of {reported} reported; {} of {added} contacts",
            once.len(),
            numbers.len(),
            contacts.len()
        ));
    }
    let (changes, records): (HashSet<&String>, HashSet<&String>) =
        (changes.iter().collect(), cases.iter().chain(&contacts).collect());
    let gone = |deed: &&crate::load::Deed| !changes.contains(&deed.change) || !records.contains(&deed.record);
    let mut lost: Vec<String> =
        ledger.acknowledged.iter().filter(gone).map(|deed| deed.change.clone()).collect();
    lost.extend(ledger.imported.iter().filter(|number| !once.contains(number)).cloned());
    lost.iter().take(3).for_each(|change| println!("  LOST: {change}"));
    lost
}
