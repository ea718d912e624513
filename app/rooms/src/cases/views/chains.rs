//! Who infected whom, as recorded: nodes, links and what the graph says as a whole.

use crate::cases::views::filter::Filter;
use base::{Day, Territory};
use serde_json::{Value as Json, json};
use stats::OnsetPair;
use std::collections::{BTreeMap, HashSet};
use store::{Permission, Query, Result, Scope, Value};
use trace::{ContactGraph, Generation, earliest_named_infector};

/// A page that draws more than this is not read any more; narrow by event or territory.
const MOST: usize = 60_000;

struct Node {
    json: Json,
    onset: Option<Day>,
}

struct Link {
    id: String,
    from: String,
    to: String,
    evidence: String,
    relation: Option<String>,
}

pub fn chains(query: &mut dyn Query, scope: &Scope, filter: &Filter) -> Result<Json> {
    scope.demand(Permission::CasesRead)?;
    let mut nodes = nodes(query, scope, filter)?;
    let links = links(query, scope, filter)?;
    let ids: Vec<String> = nodes.keys().cloned().collect();
    let known: Vec<&Link> =
        links.iter().filter(|link| nodes.contains_key(&link.from) && nodes.contains_key(&link.to)).collect();
    let graph = ContactGraph::new(ids, known.iter().map(|link| (link.from.clone(), link.to.clone())));
    let generations = graph.generations();
    let clusters = graph.clusters();
    for (at, id) in graph.keys().iter().enumerate() {
        if let Some(Node { json: Json::Object(node), .. }) = nodes.get_mut(id) {
            let generation = match generations[at] {
                Generation::Number(number) => json!(number),
                Generation::AfterRing => Json::Null,
            };
            node.insert("generation".to_owned(), generation);
            node.insert("cluster".to_owned(), json!(clusters[at]));
        }
    }
    let pairs = pairs_of(&nodes, &known, true);
    let offspring = stats::estimate_offspring(&graph.offspring());
    let sizes = graph.cluster_sizes();
    let told_links: Vec<Json> = known
        .iter()
        .map(|link| {
            json!({ "id": link.id, "from": link.from, "to": link.to, "evidence": link.evidence, "relation": link.relation })
        })
        .collect();
    Ok(json!({
        "serial": stats::serial_interval(&pairs, 0.95).map(|serial| json!({
            "n": serial.days.n, "mean": serial.days.mean, "sd": serial.days.sd, "median": serial.days.median,
            "low": serial.days.low, "high": serial.days.high, "negative": serial.negative,
        })),
        "offspring": offspring.filter(|o| o.infections > 0).map(|offspring| json!({
            "mean": offspring.mean, "k": offspring.k, "max": offspring.max, "share_top_20": offspring.share_top_20,
        })),
        "clusters": sizes.iter().filter(|size| **size > 1).count(),
        "open_ends": graph.open_ends().len(),
        "rings": graph.rings().len(),
        "dangling": dangling(query, scope, filter)?,
        "nodes": nodes.into_values().map(|node| node.json).collect::<Vec<_>>(),
        "links": told_links,
    }))
}

fn nodes(query: &mut dyn Query, scope: &Scope, filter: &Filter) -> Result<BTreeMap<String, Node>> {
    let conditions = filter.conditions(query, scope, false)?;
    let sql = format!(
        "SELECT c.id, c.case_no, c.curve_day, c.curve_kind, c.classification, c.found, c.territory, c.sex, c.age, c.onset, \
         c.age_band, c.place FROM cases_case c WHERE {} AND c.classification <> 'discarded' \
         ORDER BY c.curve_day, c.id LIMIT {MOST}",
        conditions.sql
    );
    let mut nodes = BTreeMap::new();
    for row in query.rows(&sql, &conditions.params)? {
        let territory: Territory = row.read(6)?;
        let json = json!({
            "id": row.text(0)?, "no": row.text(1)?, "day": row.opt_text(2)?, "day_kind": row.opt_text(3)?,
            "classification": row.text(4)?, "found": row.opt_text(5)?, "territory": territory, "sex": row.opt_text(7)?,
            "age": row.opt_real(8)?, "age_band": row.opt_text(10)?, "place": row.text(11)?,
        });
        nodes.insert(row.text(0)?, Node { json, onset: row.opt_read(9)? });
    }
    Ok(nodes)
}

fn links(query: &mut dyn Query, scope: &Scope, filter: &Filter) -> Result<Vec<Link>> {
    let territory = filter.territory_within(scope)?;
    let (first, past) = territory.range();
    let mut params: Vec<Value> = vec![first.into(), past.into()];
    let mut event = String::new();
    if let Some(wanted) = filter.event.as_deref().filter(|event| !event.is_empty()) {
        params.push(wanted.into());
        event = " AND l.event = $3".to_owned();
    }
    let sql = format!(
        "SELECT l.id, l.from_case, l.to_case, l.evidence, l.relation FROM cases_link l \
         WHERE l.territory >= $1 AND l.territory < $2{event} ORDER BY l.id LIMIT {}",
        2 * MOST
    );
    query
        .rows(&sql, &params)?
        .iter()
        .map(|row| {
            Ok(Link {
                id: row.text(0)?,
                from: row.text(1)?,
                to: row.text(2)?,
                evidence: row.text(3)?,
                relation: row.opt_text(4)?,
            })
        })
        .collect()
}

fn dangling(query: &mut dyn Query, scope: &Scope, filter: &Filter) -> Result<i64> {
    let conditions = filter.conditions(query, scope, false)?;
    let sql = format!(
        "SELECT count(*) FROM cases_dangling d JOIN cases_case c ON c.id = d.case_id WHERE {}",
        conditions.sql
    );
    query.count(&sql, &conditions.params)
}

/// Onsets of infector and infectee over the recorded links. With `earliest`, an infectee with several infectors counts
/// once, with the one who fell ill first.
pub fn onset_pairs(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
    earliest: bool,
) -> Result<Vec<OnsetPair>> {
    let links = links(query, scope, filter)?;
    let nodes = nodes_with_onset(query, scope, filter, &links)?;
    let known: Vec<&Link> = links.iter().collect();
    Ok(pairs_of(&nodes, &known, earliest))
}

/// Only what the pairs need. Every case in reach is looked at once, in an index that holds both columns, and only those
/// that stand in a link are kept: fetching each end by its id reads as many whole rows as there are ends.
fn nodes_with_onset(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
    links: &[Link],
) -> Result<BTreeMap<String, Node>> {
    let mut nodes = BTreeMap::new();
    if links.is_empty() {
        return Ok(nodes);
    }
    let ends: HashSet<&str> = links.iter().flat_map(|link| [link.from.as_str(), link.to.as_str()]).collect();
    let conditions = filter.conditions_of_all(scope, false)?;
    let sql = format!(
        "SELECT c.id, c.onset FROM cases_case c WHERE {} AND c.classification <> 'discarded'",
        conditions.sql
    );
    query.each(&sql, &conditions.params, &mut |row| {
        let id = row.text(0)?;
        if ends.contains(id.as_str()) {
            nodes.insert(id, Node { json: Json::Null, onset: row.opt_read(1)? });
        }
        Ok(())
    })?;
    Ok(nodes)
}

fn pairs_of(nodes: &BTreeMap<String, Node>, links: &[&Link], earliest: bool) -> Vec<OnsetPair> {
    let onset = |id: &str| nodes.get(id).and_then(|node| node.onset);
    let mut by_infectee: BTreeMap<&str, Vec<Option<Day>>> = BTreeMap::new();
    for link in links.iter().filter(|link| nodes.contains_key(&link.from)) {
        by_infectee.entry(&link.to).or_default().push(onset(&link.from));
    }
    let mut pairs = Vec::new();
    for (infectee, infectors) in by_infectee {
        let Some(infectee_onset) = onset(infectee) else { continue };
        let chosen: Vec<Option<Day>> = if earliest {
            earliest_named_infector(infectors.iter().copied()).map(|at| infectors[at]).into_iter().collect()
        } else {
            infectors
        };
        pairs.extend(
            chosen.into_iter().flatten().map(|infector_onset| OnsetPair { infector_onset, infectee_onset }),
        );
    }
    pairs
}
