//! What is known of the cases before anybody asks who infected whom: days, contacts, genetic distances, named sources.

use std::collections::BTreeMap;

/// Cases are known by their place, from 0.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The day each case has in the list (onset or sampling), as a number of days; see `base::Day::number`.
    pub days: Vec<i32>,
    /// Records of contact, from whom to whom; a repeated record counts again, as in outbreaker2.
    pub contacts: Option<Contacts>,
    pub distances: Option<Distances>,
    pub named: Vec<NamedSource>,
    /// Cases known to have been infected elsewhere.
    pub imported: Vec<usize>,
}

#[derive(Debug, Clone, Default)]
pub struct Contacts {
    pub records: Vec<(usize, usize)>,
    /// Whether `from` is known to be the one who may have infected `to`.
    pub directed: bool,
}

/// Differing sites between the sequences of two cases.
#[derive(Debug, Clone)]
pub struct Distances {
    /// Sites compared.
    pub genome_length: usize,
    /// At `[a][b]`, symmetric; `None` where one of the two has no sequence.
    pub sites: Vec<Vec<Option<u32>>>,
}

/// Somebody says that `source` infected `case`: evidence, not truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NamedSource {
    pub case: usize,
    pub source: usize,
    /// Probability that the person named is the right one, 0 to 1.
    pub reliability: f64,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReconstructionError {
    #[error(
        "{what} needs shares of days that are not negative and not all 0; give a mean and sd above 0, or the shares"
    )]
    NoDelay { what: &'static str },
    #[error("the generation time must be at least a day; give day 0 the share 0")]
    SameDay,
    #[error("{cases} cases are too few to ask who infected whom; at least 2 are needed")]
    TooFew { cases: usize },
    #[error("{what} names case {place}, and there are {cases}; leave that row out")]
    Stranger { what: &'static str, place: usize, cases: usize },
    #[error("a reliability of {reliability} is none; give a number above 0 and below 1")]
    Reliability { reliability: f64 },
    #[error(
        "the table of distances is not square, not symmetric, or holds more differences than sites; mend it"
    )]
    Distances,
    #[error("{what} must be above 0; choose at least {least}")]
    Nothing { what: &'static str, least: usize },
    #[error(
        "the days lie {days} days apart, more than the {most} one outbreak is looked at; mend a mistyped year or cut the list"
    )]
    TooLong { days: i64, most: i64 },
}

/// Longer than any chain of cases that one would still join; a mistyped year is longer.
const LONGEST_DAYS: i64 = 4_000;

impl Evidence {
    pub fn cases(&self) -> usize {
        self.days.len()
    }

    pub(super) fn check(&self) -> Result<(), ReconstructionError> {
        let cases = self.cases();
        if cases < 2 {
            return Err(ReconstructionError::TooFew { cases });
        }
        let (first, last) = (self.first_day(), self.last_day());
        let days = i64::from(last) - i64::from(first);
        if days > LONGEST_DAYS {
            return Err(ReconstructionError::TooLong { days, most: LONGEST_DAYS });
        }
        let contacts = self.contacts.iter().flat_map(|contacts| &contacts.records);
        let named = self
            .named
            .iter()
            .flat_map(|named| [("a named source", named.case), ("a named source", named.source)]);
        let places = contacts
            .flat_map(|(from, to)| [("a contact", *from), ("a contact", *to)])
            .chain(named)
            .chain(self.imported.iter().map(|place| ("an imported case", *place)));
        for (what, place) in places {
            if place >= cases {
                return Err(ReconstructionError::Stranger { what, place, cases });
            }
        }
        if let Some(bad) =
            self.named.iter().find(|named| !(named.reliability > 0.0 && named.reliability < 1.0))
        {
            return Err(ReconstructionError::Reliability { reliability: bad.reliability });
        }
        self.distances.as_ref().map_or(Ok(()), |distances| distances.check(cases))
    }

    pub(super) fn first_day(&self) -> i32 {
        self.days.iter().copied().min().unwrap_or(0)
    }

    pub(super) fn last_day(&self) -> i32 {
        self.days.iter().copied().max().unwrap_or(0)
    }
}

impl Distances {
    fn check(&self, cases: usize) -> Result<(), ReconstructionError> {
        let square = self.sites.len() == cases && self.sites.iter().all(|row| row.len() == cases);
        let symmetric = || (0..cases).all(|a| (0..a).all(|b| self.sites[a][b] == self.sites[b][a]));
        let within =
            || self.sites.iter().flatten().flatten().all(|sites| (*sites as usize) < self.genome_length);
        if square && symmetric() && within() { Ok(()) } else { Err(ReconstructionError::Distances) }
    }

    /// Whether a case has a sequence: a distance to somebody else.
    pub(super) fn sequenced(&self, case: usize) -> bool {
        self.sites[case].iter().enumerate().any(|(other, sites)| other != case && sites.is_some())
    }
}

/// Contacts as a table that answers whether an ancestor and a case met.
#[derive(Debug, Clone)]
pub(super) struct ContactTable {
    /// `true` at `[ancestor * cases + case]`.
    met: Vec<bool>,
    cases: usize,
    pub(super) records: usize,
    /// Pairs that could have met: ordered ones when records are directed.
    pub(super) pairs: usize,
}

impl ContactTable {
    pub(super) fn of(contacts: &Contacts, cases: usize) -> ContactTable {
        let mut met = vec![false; cases * cases];
        // Contact with oneself is none.
        let records = contacts.records.iter().filter(|(from, to)| from != to);
        let mut many = 0;
        for (from, to) in records {
            many += 1;
            met[from * cases + to] = true;
            if !contacts.directed {
                met[to * cases + from] = true;
            }
        }
        let ordered = cases * (cases - 1);
        ContactTable {
            met,
            cases,
            records: many,
            pairs: if contacts.directed { ordered } else { ordered / 2 },
        }
    }

    pub(super) fn met(&self, ancestor: usize, case: usize) -> bool {
        self.met[ancestor * self.cases + case]
    }
}

/// For each case, what being told of its sources makes each ancestor more or less likely.
#[derive(Debug, Clone, Default)]
pub(super) struct Tellings {
    /// By case: the factor of everybody not named, and that of each named source.
    factors: BTreeMap<usize, (f64, BTreeMap<usize, f64>)>,
}

impl Tellings {
    /// Several sources named for one case share the reliability of the most reliable of them.
    pub(super) fn of(named: &[NamedSource], cases: usize) -> Tellings {
        let mut by_case: BTreeMap<usize, BTreeMap<usize, f64>> = BTreeMap::new();
        for one in named.iter().filter(|one| one.case != one.source) {
            let best = by_case.entry(one.case).or_default().entry(one.source).or_insert(0.0);
            *best = best.max(one.reliability);
        }
        let factors = by_case.into_iter().map(|(case, sources)| {
            let most = sources.values().copied().fold(0.0, f64::max);
            let sum: f64 = sources.values().sum();
            // "Infected elsewhere" is one more that was not named.
            let others = (cases - sources.len()).max(1) as f64;
            let named = sources.iter().map(|(source, r)| (*source, most * r / sum)).collect();
            (case, ((1.0 - most) / others, named))
        });
        Tellings { factors: factors.collect() }
    }

    pub(super) fn factor(&self, case: usize, ancestor: Option<usize>, generations: usize) -> f64 {
        let Some((otherwise, named)) = self.factors.get(&case) else { return 1.0 };
        // Who infected through somebody unknown is not the one who was named.
        let told = ancestor.filter(|_| generations == 1).and_then(|source| named.get(&source));
        told.copied().unwrap_or(*otherwise)
    }
}
