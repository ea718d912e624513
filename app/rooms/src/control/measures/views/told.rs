//! One measure as lists and pages tell it: where it stands, until when, and what it costs.

use crate::control::measures::record::MeasureRecord;
use crate::packed;
use base::Moment;
use control::{Cost, cost, days_between};
use serde_json::{Value as Json, json};
use store::Scope;

/// So far and by its end, as far as that is decided; a proposal is told by what it would cost.
pub(super) fn costs(record: &MeasureRecord, now: Moment) -> Option<(Cost, Cost)> {
    let terms = &record.measure.terms;
    let kind = packed::measures().kind(&terms.kind)?;
    let output = packed::measures().economy.output(&terms.territory)?;
    let by_the_end = record.measure.binds().unwrap_or((terms.starts, terms.ends));
    let (from, to) = record.measure.binds().unwrap_or((terms.starts, terms.starts));
    let of = |days: f64| cost(kind, output, terms.affected, days);
    let so_far = days_between(from, to.min(now));
    let whole = match record.measure.lifted {
        Some(_) => days_between(from, to),
        None => days_between(by_the_end.0, by_the_end.1),
    };
    Some((of(so_far), of(whole)))
}

/// The order is everybody's who is under it; a disease that is closed to the reader is not named to them.
pub(super) fn told(record: &MeasureRecord, scope: &Scope, now: Moment) -> Json {
    let measure = &record.measure;
    let terms = &measure.terms;
    let (so_far, by_the_end) = costs(record, now).unzip();
    let half = measure.binds().map(|(from, to)| Moment(from.0 + (to.0 - from.0) / 2));
    json!({
        "id": record.id, "kind": terms.kind, "article": terms.article, "government": terms.government,
        "territory": terms.territory, "place": record.place, "disease": record.disease.as_deref().filter(|disease| scope.kept.sees(Some(disease))), "affected": terms.affected,
        "starts": terms.starts, "ends": terms.ends, "state": measure.state(now).word(),
        "approval": measure.approval, "announce": measure.announce, "next_upper": measure.next_upper(),
        "announced": measure.announced, "lifted": measure.lifted, "half": half,
        "answer_due": measure.is_answer_due(now), "review_due": measure.is_review_due(now),
        "extension": measure.extension.as_ref().map(|longer| {
            json!({ "ends": longer.ends, "asked": longer.asked.at, "decided": longer.decided.as_ref().map(|stamp| stamp.at) })
        }),
        "so_far": so_far, "by_the_end": by_the_end,
    })
}
