//! What the cells of each column look like, so that a header's promise can be checked and a date order
//! proved.

use crate::{
    Cell, Fact,
    absent::says_nothing,
    ages::Age,
    dates::Written,
    values::{fold, word_of},
};
use std::collections::{BTreeMap, BTreeSet};

/// Distinct values remembered over all columns, shared out between them; a column with more says "many".
const DISTINCT_BUDGET: usize = 200_000;
/// What each column gets of it at least and at most: 200 tell a closed answer from free text, 2,000 show
/// every code.
const DISTINCT_CAPS: (usize, usize) = (200, 2_000);
/// Characters of a value that are remembered.
const VALUE_CAP: usize = 80;
/// Values shown to the person who maps the column.
const SAMPLES: usize = 5;

#[derive(Debug, Clone, Default)]
pub struct Profile {
    pub rows: u64,
    pub columns: Vec<ColumnProfile>,
}

#[derive(Debug, Clone, Default)]
pub struct ColumnProfile {
    /// Cells that say something.
    pub filled: u64,
    pub blank: u64,
    /// Texts that say something, with how often; at most 200 to 2,000 different ones, then `many` is set.
    pub values: BTreeMap<String, u64>,
    pub many: bool,
    /// Different texts remembered.
    cap: usize,
    /// The first different values, in the order of the file.
    pub samples: Vec<String>,
    /// A caption row (SORMAS writes them under the header, starting with `##`).
    pub caption: Option<String>,
    pub dates: DateEvidence,
    pub numbers: Numbers,
    pub ages: u64,
    pub web: u64,
}

/// What the dates of a column prove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateEvidence {
    pub readable: u64,
    /// Cells that only fit day-month-year, only month-day-year, both, or none (31/31/2020).
    pub only_dmy: u64,
    pub only_mdy: u64,
    pub either: u64,
    pub neither: u64,
    /// Of those that fit both, the ones written with dots.
    pub dotted: u64,
    /// Three numbers of two digits (`22.2.18`), how many of them may have the year first, and their first and
    /// last ones.
    pub short: u64,
    pub short_ymd: u64,
    pub short_firsts: BTreeSet<i32>,
    pub short_lasts: BTreeSet<i32>,
    pub ymd: u64,
    pub words: u64,
    pub serials: u64,
    pub instants: BTreeMap<i32, u64>,
    pub without_year: u64,
    pub years: BTreeMap<i16, u64>,
    pub bare_years: u64,
    /// Examples of cells that leave the order open, then of cells that prove it.
    pub open_examples: BTreeSet<String>,
    pub proofs: BTreeSet<String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Numbers {
    pub count: u64,
    pub low: f64,
    pub high: f64,
}

impl Profile {
    /// Looks at every row given; a few thousand are enough to map, all are needed to prove a date order.
    pub fn of<R: AsRef<[Cell]>>(columns: &[String], rows: impl IntoIterator<Item = R>) -> Profile {
        let mut profile = Profile::new(columns.len());
        for row in rows {
            profile.see(row.as_ref());
        }
        profile
    }

    pub fn new(columns: usize) -> Profile {
        let (least, most) = DISTINCT_CAPS;
        let cap = (DISTINCT_BUDGET / columns.max(1)).clamp(least, most);
        Profile { rows: 0, columns: vec![ColumnProfile { cap, ..ColumnProfile::default() }; columns] }
    }

    pub fn see(&mut self, cells: &[Cell]) {
        if is_comment(cells) {
            for (column, cell) in self.columns.iter_mut().zip(cells) {
                let caption = cell.text();
                column.caption.get_or_insert_with(|| caption.trim_start_matches('#').trim().to_owned());
            }
            return;
        }
        self.rows += 1;
        for (place, column) in self.columns.iter_mut().enumerate() {
            column.see(cells.get(place).unwrap_or(&Cell::Blank));
        }
    }
}

/// SORMAS files carry caption and help rows that start with `##`; they are not about anybody.
pub fn is_comment(cells: &[Cell]) -> bool {
    cells.iter().find(|cell| !cell.is_blank()).is_some_and(|cell| cell.text().starts_with("##"))
}

impl ColumnProfile {
    fn see(&mut self, cell: &Cell) {
        let text = cell.text();
        if says_nothing(&text) {
            self.blank += 1;
            return;
        }
        self.filled += 1;
        let short: String = text.chars().take(VALUE_CAP).collect();
        if self.samples.len() < SAMPLES && !self.samples.contains(&short) {
            self.samples.push(short.clone());
        }
        if let Some(count) = self.values.get_mut(&short) {
            *count += 1;
        } else if self.values.len() < self.cap {
            self.values.insert(short, 1);
        } else {
            self.many = true;
        }
        if let Some(written) = Written::in_cell(cell) {
            self.dates.see(&written, &text);
        }
        if let Ok(number) = text.parse::<f64>() {
            self.numbers.see(number);
        }
        if Age::in_text(&text, None).is_some() {
            self.ages += 1;
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            self.web += 1;
        }
    }

    pub fn distinct(&self) -> usize {
        self.values.len()
    }

    /// Share of all cells that say nothing, 0 to 1; 1 for a column without rows.
    pub fn blank_share(&self) -> f64 {
        share(self.blank, self.blank + self.filled).unwrap_or(1.0)
    }

    /// Share of the filled cells that are dates; `None` for a blank column.
    pub fn date_share(&self) -> Option<f64> {
        share(self.dates.readable, self.filled)
    }

    /// Share of the filled cells whose words are known for this fact; `None` for a blank column.
    pub fn known_share(&self, fact: Fact) -> Option<f64> {
        let known = self.values.iter().filter(|(text, _)| word_of(fact, text).is_some());
        share(known.map(|(_, count)| count).sum(), self.values.values().sum())
    }

    /// Different spellings that one answer covers, most frequent first.
    pub fn by_count(&self) -> Vec<(String, u64)> {
        let mut folded: BTreeMap<String, (String, u64)> = BTreeMap::new();
        for (text, count) in &self.values {
            folded.entry(fold(text)).or_insert_with(|| (text.clone(), 0)).1 += count;
        }
        let mut counted: Vec<(String, u64)> = folded.into_values().collect();
        counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counted
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of rows needs no more than a double's digits")]
pub(crate) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Numbers {
    fn see(&mut self, number: f64) {
        if self.count == 0 || number < self.low {
            self.low = number;
        }
        if self.count == 0 || number > self.high {
            self.high = number;
        }
        self.count += 1;
    }
}

impl DateEvidence {
    fn see(&mut self, written: &Written, text: &str) {
        if let Written::Range(from, until) = written {
            self.see(from, text);
            self.readable = self.readable.saturating_sub(1);
            self.see(until, text);
            return;
        }
        self.readable += 1;
        match written {
            Written::Pair { first, second, year, year_digits, dotted } => {
                self.pair(*first, *second, *dotted, text);
                if *year_digits == 2 {
                    self.short(*first, *second, *year);
                } else {
                    self.year(*year);
                }
            }
            Written::PairWithoutYear { first, second } => {
                self.pair(*first, *second, false, text);
                self.without_year += 1;
            }
            Written::Day(year, ..) => {
                if text.chars().any(char::is_alphabetic) && !text.contains(['T', 't']) {
                    self.words += 1;
                } else {
                    self.ymd += 1;
                }
                self.year(*year);
            }
            Written::Month(year, _) | Written::Third(year, ..) => {
                self.words += 1;
                self.year(*year);
            }
            Written::Year(year) => {
                self.bare_years += 1;
                self.year(*year);
            }
            Written::MonthDay(..) => self.without_year += 1,
            Written::Instant(day, minute) => {
                *self.instants.entry(*minute).or_default() += 1;
                self.year(i32::from(day.year()));
            }
            Written::Serial(_) => self.serials += 1,
            Written::Range(..) => {}
        }
    }

    fn short(&mut self, first: i32, second: i32, last: i32) {
        self.short += 1;
        self.short_firsts.insert(first);
        self.short_lasts.insert(last);
        if (1..=12).contains(&second) && (1..=31).contains(&last) {
            self.short_ymd += 1;
        } else {
            self.year(2000 + last);
        }
    }

    /// Does the year come first in a column of two-digit numbers? A list covers few years and many days, so
    /// the number that hardly changes is the year. `None` when both or neither change: three rows prove
    /// nothing.
    pub fn year_first(&self) -> Option<bool> {
        // Nine in ten must fit; `1/19/20` does not, and shows that the year is not first.
        if self.short == 0 || self.short != self.pairs() || self.short_ymd * 10 < self.short * 9 {
            return Some(false);
        }
        if self.neither == self.pairs() {
            return Some(true);
        }
        match (self.short_firsts.len() <= 2, self.short_lasts.len() <= 2) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    fn year(&mut self, year: i32) {
        if let Ok(year) = i16::try_from(year) {
            *self.years.entry(year).or_default() += 1;
        }
    }

    fn pair(&mut self, first: i32, second: i32, dotted: bool, text: &str) {
        let day = 1..=31;
        let month = 1..=12;
        let dmy = day.contains(&first) && month.contains(&second);
        let mdy = day.contains(&second) && month.contains(&first);
        let (count, examples) = match (dmy, mdy) {
            (true, true) => (&mut self.either, &mut self.open_examples),
            (true, false) => (&mut self.only_dmy, &mut self.proofs),
            (false, true) => (&mut self.only_mdy, &mut self.proofs),
            (false, false) => (&mut self.neither, &mut self.proofs),
        };
        *count += 1;
        if examples.len() < 3 {
            examples.insert(text.to_owned());
        }
        if dmy && mdy && dotted {
            self.dotted += 1;
        }
    }

    /// Cells whose order of day and month is not plain by themselves.
    pub fn pairs(&self) -> u64 {
        self.only_dmy + self.only_mdy + self.either + self.neither
    }
}
