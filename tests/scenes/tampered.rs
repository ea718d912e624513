//! Somebody with the database owner's rights changes the journal. Every attack is found, and the rows it touched are named:
//! hundreds of them here, and as many as `QUELL_TAMPER` says (`make tamper`: 100,000) with a printed seed.

use base::{Moment, Stream, Streams};
use scenes::{TAIGU, Town, both};
use store::{Checkpoint, Entry, Known, Tree, Verdict, each_entry, leaf, verify_against};

both!(
    whatever_is_done_to_the_journal_is_found_and_named,
    a_journal_cut_off_at_its_end_is_found_by_any_one_checkpoint,
    a_signed_rewrite_of_the_whole_journal_is_found_by_a_code_on_paper,
);

/// What was done, and to which rows.
struct Attack {
    what: String,
    rows: Vec<Entry>,
    first: i64,
    last: i64,
    /// The chain alone cannot show it: checkpoints kept elsewhere must.
    needs_checkpoint: bool,
}

async fn a_busy_journal(town: &Town) -> Vec<Entry> {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = zhang.opens_event(TAIGU, "A village dinner").await;
    for number in 1..=12 {
        let mut case = scenes::covid_case(TAIGU, &format!("C{number}"));
        case["event"] = serde_json::json!(event);
        let known = zhang.reports_so(case).await;
        let amend = serde_json::json!({ "case": known.id, "age": 20 + number });
        zhang.change("amend-case", amend).await.ok();
    }
    entries(town).await
}

async fn entries(town: &Town) -> Vec<Entry> {
    let read = town.house.db.read(|reader| {
        let mut entries = Vec::new();
        each_entry(reader, 0, &mut |entry| {
            entries.push(entry);
            Ok(())
        })?;
        Ok(entries)
    });
    read.await.expect("the journal")
}

/// A checkpoint after so many rows, as the house would have signed it.
fn checkpoint(town: &Town, rows: &[Entry], seq: usize) -> Checkpoint {
    let mut tree = Tree::default();
    rows[..seq].iter().for_each(|row| tree.push(leaf(&row.hash)));
    let key = town.house.db.vault().checkpoint_key();
    Checkpoint::signed(&key, seq as i64, &tree.root(), &rows[seq - 1].hash, Moment(0))
}

async fn verdict(town: &Town, known: Vec<Known>) -> Verdict {
    let read = town.house.db.read(move |reader| verify_against(reader, &known));
    read.await.expect("the journal can be read")
}

/// The journal becomes these rows, past the program.
fn becomes(town: &Town, rows: &[Entry]) {
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut sql = String::from("BEGIN; DELETE FROM journal;");
    for row in rows {
        let words = [
            &row.change_id,
            &row.change,
            &row.actor,
            &row.purpose,
            &row.territory,
            &row.basis,
            &row.about,
            &row.body,
            &row.out,
            &row.hash,
        ];
        let words: Vec<String> = words.into_iter().map(|word| text(word)).collect();
        sql.push_str(&format!(
            "INSERT INTO journal (seq, at, change_id, change, actor, purpose, territory, basis, about, body, out, hash) \
             VALUES ({}, {}, {});",
            row.seq,
            row.at.0,
            words.join(", ")
        ));
    }
    sql.push_str("COMMIT;");
    town.disk.tamper(&sql);
}

/// Hashes follow from `from` (a place from 0) on, as somebody who knows the rule would make them.
fn rehash(rows: &mut [Entry], from: usize) {
    for at in from..rows.len() {
        let before = if at == 0 { String::new() } else { rows[at - 1].hash.clone() };
        rows[at].hash = rows[at].hash_after(&before);
    }
}

fn edit(row: &mut Entry, chance: &mut Stream) -> &'static str {
    let (name, column) = match chance.below(11) {
        0 => {
            row.at = Moment(row.at.0 + [-60_000, -1, 1, 3_600_000][chance.below(4)]);
            return "at";
        }
        1 => ("change_id", &mut row.change_id),
        2 => ("change", &mut row.change),
        3 => ("actor", &mut row.actor),
        4 => ("purpose", &mut row.purpose),
        5 => ("territory", &mut row.territory),
        6 => ("basis", &mut row.basis),
        7 => ("about", &mut row.about),
        8 => ("body", &mut row.body),
        9 => ("out", &mut row.out),
        _ => ("hash", &mut row.hash),
    };
    // A letter more, a letter less, another letter, or nothing at all.
    let letters: Vec<char> = column.chars().collect();
    let at = chance.below(letters.len() + 1);
    let before = column.clone();
    match chance.below(4) {
        0 => column.clear(),
        1 if at < letters.len() => {
            *column = letters[..at].iter().chain(&letters[at + 1..]).collect();
        }
        2 if at < letters.len() => {
            let other = if letters[at] == '7' { '4' } else { '7' };
            *column = letters[..at].iter().chain([&other]).chain(&letters[at + 1..]).collect();
        }
        _ => column.insert(column.char_indices().nth(at).map_or(column.len(), |(byte, _)| byte), 'x'),
    }
    if *column == before {
        column.push('y');
    }
    name
}

fn forged(like: &Entry, seq: i64) -> Entry {
    let id = scenes::fresh("change");
    Entry { seq, change_id: id, actor: "account_forged".to_owned(), ..like.clone() }
}

fn attack(honest: &[Entry], chance: &mut Stream) -> Attack {
    let count = honest.len();
    let at = chance.below(count);
    let seq = honest[at].seq;
    let mut rows = honest.to_vec();
    let told = |what: String, rows: Vec<Entry>, first: i64, last: i64| Attack {
        what,
        rows,
        first,
        last,
        needs_checkpoint: false,
    };
    match chance.below(10) {
        0 | 1 => {
            let column = edit(&mut rows[at], chance);
            told(format!("{column} of row {seq} edited"), rows, seq, seq)
        }
        2 => {
            let at = chance.below(count - 1);
            while edit(&mut rows[at], chance) == "hash" {}
            rows[at].hash =
                rows[at].hash_after(&if at == 0 { String::new() } else { honest[at - 1].hash.clone() });
            let seq = rows[at].seq;
            told(format!("row {seq} edited and given a new hash"), rows, seq, seq)
        }
        3 => {
            let many = 1 + chance.below(3);
            let at = chance.below(count - many);
            rows.drain(at..at + many);
            let (first, last) = (honest[at].seq, honest[at].seq + many as i64 - 1);
            told(format!("rows {first} to {last} dropped"), rows, first, last)
        }
        4 => {
            let many = 1 + chance.below(3);
            let at = chance.below(count - many - 3);
            rows.drain(at..at + many);
            rows[at..].iter_mut().for_each(|row| row.seq -= many as i64);
            let (first, last) = (honest[at].seq, count as i64);
            told(format!("{many} rows dropped at {first} and the rest numbered anew"), rows, first, last)
        }
        5 => {
            let other = (at + 1 + chance.below(count - 1)) % count;
            let (one, two) = (at.min(other), at.max(other));
            rows.swap(one, two);
            (rows[one].seq, rows[two].seq) = (honest[one].seq, honest[two].seq);
            told(format!("rows {} and {} swapped", one + 1, two + 1), rows, honest[one].seq, honest[two].seq)
        }
        6 => {
            // Put in where no number was free, at the end with a wrong hash, or inside with the rest numbered anew.
            match chance.below(3) {
                0 => {
                    rows.insert(0, forged(&honest[at], -(chance.below(3) as i64)));
                    let seq = rows[0].seq;
                    told(format!("a row {seq} put in"), rows, seq, seq)
                }
                1 => {
                    rows.push(forged(&honest[at], count as i64 + 1));
                    told(
                        "a row added with another's hash".to_owned(),
                        rows,
                        count as i64 + 1,
                        count as i64 + 1,
                    )
                }
                _ => {
                    let at = chance.below(count - 3);
                    let mut row = forged(&honest[at], honest[at].seq);
                    row.hash =
                        row.hash_after(&if at == 0 { String::new() } else { honest[at - 1].hash.clone() });
                    rows[at..].iter_mut().for_each(|row| row.seq += 1);
                    rows.insert(at, row);
                    told(format!("a row put in at {}", at + 1), rows, at as i64 + 1, count as i64 + 1)
                }
            }
        }
        7 => {
            let kept = chance.below(count);
            rows.truncate(kept);
            let what = format!("cut off after row {kept}");
            Attack { needs_checkpoint: true, ..told(what, rows, kept as i64 + 1, count as i64) }
        }
        8 => {
            while edit(&mut rows[at], chance) == "hash" {}
            rehash(&mut rows, at);
            let what = format!("row {seq} edited and everything after it given new hashes");
            Attack { needs_checkpoint: true, ..told(what, rows, seq, count as i64) }
        }
        _ => {
            // An older copy put back, and written on until it is as long as before, or longer.
            let kept = chance.below(count);
            rows.truncate(kept);
            for seq in kept..count + chance.below(4) {
                rows.push(forged(&honest[seq.min(count - 1)], seq as i64 + 1));
            }
            rehash(&mut rows, kept);
            let what = format!("forked after row {kept}");
            Attack { needs_checkpoint: true, ..told(what, rows, kept as i64 + 1, count as i64) }
        }
    }
}

async fn whatever_is_done_to_the_journal_is_found_and_named(town: &mut Town) {
    let honest = a_busy_journal(town).await;
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (tries, seed) = (number("QUELL_TAMPER").unwrap_or(300), number("QUELL_TAMPER_SEED").unwrap_or(2022));
    let mut chance = Streams::seeded(seed).of("tampering");
    let places = [honest.len() / 3, honest.len() * 2 / 3, honest.len()];
    let checkpoints: Vec<Checkpoint> = places.iter().map(|seq| checkpoint(town, &honest, *seq)).collect();
    assert!(verdict(town, checkpoints.iter().map(Checkpoint::known).collect()).await.ok, "untouched");
    let mut found = 0;
    for try_number in 0..tries {
        let attack = attack(&honest, &mut chance);
        becomes(town, &attack.rows);
        let known = |checkpoint: &Checkpoint| match try_number % 2 {
            0 => checkpoint.known(),
            _ => Known::of_code(&checkpoint.code()).expect("a code"),
        };
        let kept = if attack.needs_checkpoint { checkpoints.iter().map(known).collect() } else { Vec::new() };
        let verdict = verdict(town, kept).await;
        let named = verdict
            .faults
            .iter()
            .any(|fault| fault.seq - 1 <= attack.last && attack.first <= fault.last.max(fault.seq) + 1);
        assert!(
            !verdict.ok && named,
            "seed {seed}, try {try_number}: {} was not named: {:?}",
            attack.what,
            verdict.faults
        );
        found += 1;
    }
    println!("{found} of {tries} attacks on {} rows found and named, seed {seed}", honest.len());
    becomes(town, &honest);
    assert!(verdict(town, Vec::new()).await.ok, "put back as it was");
}

async fn a_journal_cut_off_at_its_end_is_found_by_any_one_checkpoint(town: &mut Town) {
    let honest = a_busy_journal(town).await;
    let seen = checkpoint(town, &honest, honest.len());
    let kept = honest.len() - 3;
    becomes(town, &honest[..kept]);
    assert!(verdict(town, Vec::new()).await.ok, "the chain alone cannot tell");
    for known in [seen.known(), Known::of_code(&seen.code()).expect("a code")] {
        let verdict = verdict(town, vec![known]).await;
        let fault = &verdict.faults[0];
        assert_eq!((fault.seq, fault.last), (kept as i64 + 1, honest.len() as i64));
        assert!(fault.en.contains("missing at the end"), "{fault}");
    }
}

async fn a_signed_rewrite_of_the_whole_journal_is_found_by_a_code_on_paper(town: &mut Town) {
    let honest = a_busy_journal(town).await;
    let paper = checkpoint(town, &honest, honest.len()).code();
    let mut rows = honest.clone();
    rows[3].actor = "account_somebody_else".to_owned();
    rehash(&mut rows, 3);
    becomes(town, &rows);
    // Even the key is stolen: the forger signs the rewritten journal.
    let forged = checkpoint(town, &rows, rows.len());
    assert!(verdict(town, vec![forged.known()]).await.ok);
    let verdict = verdict(town, vec![Known::of_code(&paper).expect("a code")]).await;
    assert!(verdict.faults[0].en.contains("is not the one the printed code"), "{:?}", verdict.faults);
}
