//! One measure: what it rests on, who said what, what it costs, and what was done to it.

use super::told::told;
use crate::access::account_by_id;
use crate::control::measures::Order;
use crate::control::measures::record::measure_seen;
use crate::packed;
use base::{Id, Moment};
use control::Stamp;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, params};

pub fn measure_page(query: &mut dyn Query, scope: &Scope, id: Id<Order>, now: Moment) -> Result<Json> {
    scope.demand(Permission::ControlRead)?;
    let record = measure_seen(query, scope, id)?;
    let mut page = told(&record, scope, now);
    let measure = &record.measure;
    let mut stamped = |stamp: Option<&Stamp>| -> Result<Json> {
        let Some(stamp) = stamp else { return Ok(Json::Null) };
        let account = account_by_id(query, &stamp.by.person)?;
        Ok(json!({
            "at": stamp.at, "organisation": stamp.by.organisation, "territory": stamp.by.territory,
            "name": account.as_ref().map(|account| &account.name), "role": account.as_ref().map(|account| &account.role),
        }))
    };
    page["proposed"] = stamped(Some(&measure.proposed))?;
    page["decided"] = stamped(measure.decided.as_ref())?;
    page["approved"] = stamped(measure.approved.as_ref())?;
    page["refused"] = stamped(measure.refused.as_ref())?;
    page["reason"] = json!(record.reason);
    page["lift"] = json!(measure.terms.lift);
    page["duties"] = json!(measure.terms.duties);
    page["pack"] = json!(record.pack);
    if let Some((text, article)) = packed::measures().laws.find(&measure.terms.article) {
        page["basis"] = json!({
            "text_zh": text.zh, "text_en": text.en, "numbering": text.numbering, "from": text.from, "to": text.to,
            "article_zh": article.zh, "article_en": article.en, "says_zh": article.says_zh, "says_en": article.says_en,
            "confidence": article.confidence,
        });
    }
    let steps = query.rows(
        "SELECT at, deed, organisation, territory, note FROM control_measure_step WHERE measure = $1 ORDER BY number",
        params![id],
    )?;
    let steps: Result<Vec<Json>> = steps
        .iter()
        .map(|row| {
            Ok(json!({
                "at": row.int(0)?, "deed": row.text(1)?, "organisation": row.opt_text(2)?, "territory": row.text(3)?,
                "note": row.text(4)?,
            }))
        })
        .collect();
    page["steps"] = json!(steps?);
    page["now"] = json!(now);
    Ok(page)
}
