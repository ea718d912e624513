//! Links that cases name: an infector by number, or one mentioned in words.

use crate::cases::{Case, Link, LinkRecord};
use crate::imports::account::found;
use crate::imports::changes::{Dangling, ImportLinks};
use crate::imports::engine::case_rows::Described;
use crate::imports::engine::{CHUNK, Fault, Pass, id_of};
use base::{Id, Territory};
use cases::Evidence;
use linelist::{InfectorRef, Severity};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{Query, params, random_bits};
use trace::{Form, KnownIds, mentions};

/// What a case says about where it was infected.
pub struct Wanted {
    line: u64,
    case: Id<Case>,
    number: String,
    territory: Territory,
    infectors: Vec<InfectorRef>,
    source_text: Option<String>,
    /// The list said something else before: links it no longer says go.
    rewrites: bool,
}

impl Wanted {
    pub fn of(described: &Described, case: Id<Case>, territory: Territory) -> Option<Wanted> {
        let source_text = described.draft.said.get("source_text").filter(|text| !text.is_empty()).cloned();
        if described.draft.infectors.is_empty() && source_text.is_none() {
            return None;
        }
        Some(Wanted {
            line: described.line,
            case,
            number: described.number.clone(),
            territory,
            infectors: described.draft.infectors.clone(),
            source_text,
            rewrites: false,
        })
    }

    pub fn rewriting(mut self, rewrites: bool) -> Wanted {
        self.rewrites = rewrites;
        self
    }

    /// Named ones first; those the text mentions are candidates with evidence of their own kind.
    fn infectors(&self, ids: &KnownIds) -> Vec<InfectorRef> {
        let mut named = self.infectors.clone();
        let mentioned = self.source_text.as_deref().map(|text| mentions(text, ids)).unwrap_or_default();
        // Only numbers written in full become links: "case 9" may be another list's ninth case.
        for mention in mentioned.into_iter().filter(|mention| mention.form == Form::Full) {
            if mention.case_no != self.number && !named.iter().any(|known| known.case_no == mention.case_no) {
                named.push(InfectorRef {
                    case_no: mention.case_no,
                    evidence: Evidence::Text,
                    said: None,
                    relation: mention.relation.map(|relation| relation.word().to_owned()),
                });
            }
        }
        named
    }
}

/// A link to be kept, and the row that says it.
pub struct Pair {
    line: u64,
    link: LinkRecord,
}

impl Pair {
    pub fn of(
        line: u64,
        from: Id<Case>,
        to: Id<Case>,
        territory: Territory,
        evidence: Evidence,
        relation: Option<String>,
    ) -> Pair {
        let id = Id::from_bits(random_bits());
        Pair { line, link: LinkRecord { id, territory, event: None, from, to, evidence, relation } }
    }
}

/// A link that is kept already.
pub struct Kept {
    pub id: Id<Link>,
    pub evidence: Evidence,
    pub relation: Option<String>,
}

pub type Existing = BTreeMap<(Id<Case>, Id<Case>), Kept>;

/// Links whose infectee is in this list.
pub fn existing(pass: &Pass<'_>) -> Result<Existing, Fault> {
    let list = pass.ground.list;
    Ok(pass.engine.db.read_now(move |reader| {
        let sql = "SELECT l.from_case, l.to_case, l.id, l.evidence, l.relation FROM cases_link l \
                   JOIN cases_case c ON c.id = l.to_case WHERE c.list = $1";
        let mut existing = Existing::new();
        reader.each(sql, params![list], &mut |row| {
            let kept = Kept { id: row.read(2)?, evidence: row.read(3)?, relation: row.opt_text(4)? };
            existing.insert((row.read(0)?, row.read(1)?), kept);
            Ok(())
        })?;
        Ok(existing)
    })?)
}

pub fn run(pass: &mut Pass<'_>) -> Result<(), Fault> {
    let wanted = std::mem::take(&mut pass.wanted);
    if wanted.is_empty() {
        return Ok(());
    }
    let ids = KnownIds::new(pass.known.keys());
    let cases: HashMap<String, Id<Case>> = pass
        .known
        .iter()
        .map(|(number, known)| Ok((number.clone(), id_of(&known.record)?)))
        .collect::<Result<_, Fault>>()?;
    let existing = existing(pass)?;
    let (mut pairs, mut dangling, mut gone) = (Vec::new(), Vec::new(), Gone::default());
    let mut met: BTreeSet<(Id<Case>, Id<Case>)> = BTreeSet::new();
    for one in wanted {
        let mut says: BTreeSet<Id<Case>> = BTreeSet::new();
        for infector in one.infectors(&ids) {
            let Some(from) = cases.get(&infector.case_no).copied() else {
                dangles(pass, &one, &infector);
                dangling.push(Dangling {
                    case: one.case,
                    list: pass.ground.list,
                    infector_no: infector.case_no,
                    evidence: infector.evidence,
                    relation: infector.relation,
                });
                continue;
            };
            says.insert(from);
            if from == one.case || !met.insert((from, one.case)) {
                continue;
            }
            if existing.contains_key(&(from, one.case)) {
                pass.report.links.unchanged += 1;
            } else {
                pass.report.links.created += 1;
                pairs.push(Pair::of(
                    one.line,
                    from,
                    one.case,
                    one.territory.clone(),
                    infector.evidence,
                    infector.relation,
                ));
            }
        }
        if one.rewrites {
            gone.retold.push(one.case);
            gone.links.extend(no_longer_said(&existing, one.case, &says));
        }
    }
    pass.report.links.removed = gone.links.len() as u64;
    send(pass, pairs, dangling, gone)
}

/// Only what a list said can be withdrawn by the list; what people found stays.
fn no_longer_said(
    existing: &Existing,
    case: Id<Case>,
    says: &BTreeSet<Id<Case>>,
) -> Vec<(Id<Case>, Id<Case>)> {
    existing
        .iter()
        .filter(|((from, to), kept)| {
            *to == case && !says.contains(from) && matches!(kept.evidence, Evidence::Named | Evidence::Text)
        })
        .map(|(pair, _)| *pair)
        .collect()
}

fn dangles(pass: &mut Pass<'_>, one: &Wanted, infector: &InfectorRef) {
    pass.report.links.dangling += 1;
    let told = format!(
        "{} is named as the source of {}, and no case has that number; the name is kept and joined when the case arrives: correct it or import that case",
        infector.case_no, one.number
    );
    pass.problem(found(one.line, "infected_by", &infector.case_no, "link.dangling", Severity::Warning, told));
}

/// What an edition takes back.
#[derive(Default)]
pub struct Gone {
    links: Vec<(Id<Case>, Id<Case>)>,
    retold: Vec<Id<Case>>,
}

/// Sends links in chunks; infectors named in earlier editions who have arrived now are joined by the same way.
pub fn send(pass: &mut Pass<'_>, pairs: Vec<Pair>, dangling: Vec<Dangling>, gone: Gone) -> Result<(), Fault> {
    if pass.dry || (pairs.is_empty() && dangling.is_empty() && gone.retold.is_empty()) {
        return Ok(());
    }
    let event = pass.ground.event;
    let mut links: Vec<(u64, LinkRecord)> =
        pairs.into_iter().map(|pair| (pair.line, LinkRecord { event, ..pair.link })).collect();
    let (mut dangling, mut gone) = (dangling, gone);
    loop {
        let rest = links.split_off(links.len().min(CHUNK));
        pass.engine.send(ImportLinks {
            id: Id::from_bits(random_bits()),
            import: pass.engine.target.import,
            territory: pass.engine.target.territory.clone(),
            links: std::mem::replace(&mut links, rest),
            dangling: std::mem::take(&mut dangling),
            gone: std::mem::take(&mut gone.links),
            retold: std::mem::take(&mut gone.retold),
        })?;
        if links.is_empty() {
            return Ok(());
        }
    }
}
