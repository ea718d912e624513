//! Pairs of records that may be one person: found by shared marks, opened in memory, scored, and told by handle and reason.

use crate::cases::views::{people_records, traits_of};
use crate::people::Subject;
use crate::people::marks::describe;
use base::{Id, Territory};
use matching::{Compared, Described, Verdict, compare};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, params};

/// A mark that more records share is no sign of one person: a hotline's number, a number that was made up.
const TOO_MANY: i64 = 20;
/// So many pairs are opened and scored for one page; the likeliest by what they share.
const SCORED: usize = 600;
/// So many stand on the page. Decided ones make room for the next.
const SHOWN: usize = 100;
/// Shared marks that are read for one page.
const READ: i64 = 40_000;

type Pair = (Id<Subject>, Id<Subject>);

pub fn duplicates(
    query: &mut dyn Query,
    scope: &Scope,
    within: Option<&Territory>,
    of: Option<Id<Subject>>,
) -> Result<Json> {
    scope.demand(Permission::PeopleLink)?;
    scope.demand(Permission::CasesRead)?;
    let within = within.filter(|within| scope.territory.holds(within)).unwrap_or(&scope.territory);
    let met = pairs_that_share_marks(query, within, of)?;
    let looked_at = met.len();
    let met: Vec<Pair> = met.into_iter().take(SCORED).collect();
    let mut scored = scores(query, &met)?;
    scored.retain(|(_, compared)| compared.verdict != Verdict::Different);
    scored.sort_by(|a, b| b.1.bits.total_cmp(&a.1.bits).then(a.0.cmp(&b.0)));
    let proposed = scored.len();
    scored.truncate(SHOWN);
    let people: Vec<Id<Subject>> = scored.iter().flat_map(|(pair, _)| [pair.0, pair.1]).collect();
    let records = people_records(query, scope, &people)?;
    let side = |subject: Id<Subject>| json!({ "subject": subject, "records": records.get(&subject) });
    // Somebody who stands only in records one does not read is nobody's duplicate here.
    let shown = |pair: &Pair| [pair.0, pair.1].iter().all(|one| records.contains_key(one));
    let pairs: Vec<Json> = scored
        .iter()
        .filter(|(pair, _)| scope.kept.unread.is_empty() || shown(pair))
        .map(|(pair, compared)| {
            json!({
                "one": side(pair.0), "other": side(pair.1), "bits": compared.bits, "verdict": compared.verdict,
                "reasons": compared.reasons,
            })
        })
        .collect();
    Ok(json!({ "pairs": pairs, "proposed": proposed, "looked_at": looked_at.min(SCORED), "met": looked_at }))
}

/// What both say, weighed; a side of which nothing can be opened says nothing.
pub(crate) fn scores(query: &mut dyn Query, pairs: &[Pair]) -> Result<Vec<(Pair, Compared)>> {
    let mut people: Vec<Id<Subject>> = pairs.iter().flat_map(|pair| [pair.0, pair.1]).collect();
    people.sort();
    people.dedup();
    let traits = traits_of(query, &people)?;
    let described = describe(query, &people, &traits)?;
    let silent = Described::default();
    let of = |subject: &Id<Subject>| described.get(subject).unwrap_or(&silent);
    Ok(pairs.iter().map(|pair| (*pair, compare(of(&pair.0), of(&pair.1)))).collect())
}

/// Undecided pairs inside the territory, those that share most first.
fn pairs_that_share_marks(
    query: &mut dyn Query,
    within: &Territory,
    of: Option<Id<Subject>>,
) -> Result<Vec<Pair>> {
    let (first, past) = within.range();
    let mut params = params![first, past].to_vec();
    let (seed, only) = match of {
        // Every mark of one person is small work.
        Some(subject) => {
            params.push(subject.into());
            ("subject = $3", " AND (a.subject = $3 OR b.subject = $3)")
        }
        None => ("1 = 1", ""),
    };
    let groups = if of.is_some() {
        format!("SELECT mark FROM people_mark WHERE {seed}")
    } else {
        format!("SELECT mark FROM people_mark GROUP BY mark HAVING count(*) BETWEEN 2 AND {TOO_MANY}")
    };
    let sql = format!(
        "SELECT a.subject, b.subject, a.kind FROM ({groups}) g \
         JOIN people_mark a ON a.mark = g.mark JOIN people_mark b ON b.mark = g.mark AND b.subject > a.subject \
         JOIN people_subject s ON s.id = a.subject JOIN people_subject t ON t.id = b.subject \
         LEFT JOIN people_cluster c ON c.subject = a.subject LEFT JOIN people_cluster d ON d.subject = b.subject \
         WHERE s.territory >= $1 AND s.territory < $2 AND t.territory >= $1 AND t.territory < $2{only} \
         AND (c.cluster IS NULL OR d.cluster IS NULL OR c.cluster <> d.cluster) \
         AND NOT EXISTS (SELECT 1 FROM people_link l WHERE l.one = a.subject AND l.other = b.subject) LIMIT {READ}"
    );
    let mut shared: BTreeMap<Pair, u32> = BTreeMap::new();
    for row in query.rows(&sql, &params)? {
        let weight = match row.text(2)?.as_str() {
            "id_number" | "document" => 4,
            "name_born" => 2,
            _ => 1,
        };
        *shared.entry((row.read(0)?, row.read(1)?)).or_default() += weight;
    }
    let mut shared: Vec<(Pair, u32)> = shared.into_iter().collect();
    shared.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(shared.into_iter().map(|(pair, _)| pair).collect())
}

/// Records within reach that are likely to be of the same person as `subject`, the likeliest first: for whoever registers somebody.
pub(crate) fn known_alike(query: &mut dyn Query, scope: &Scope, subject: Id<Subject>) -> Result<Vec<Json>> {
    const LOOKED_AT: usize = 40;
    let met = pairs_that_share_marks(query, &scope.territory, Some(subject))?;
    let mut scored = scores(query, &met[..met.len().min(LOOKED_AT)])?;
    scored.retain(|(_, compared)| compared.verdict != Verdict::Different);
    scored.sort_by(|a, b| b.1.bits.total_cmp(&a.1.bits).then(a.0.cmp(&b.0)));
    let others: Vec<Id<Subject>> =
        scored.iter().map(|(pair, _)| if pair.0 == subject { pair.1 } else { pair.0 }).collect();
    let mut records = people_records(query, scope, &others)?;
    let told = others.iter().flat_map(|other| records.remove(other).unwrap_or_default());
    Ok(told
        .map(|record| {
            json!({ "kind": record["kind"], "id": record["id"], "no": record["no"], "territory": record["territory"] })
        })
        .collect())
}
