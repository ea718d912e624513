//! How the routes and writes about measures and permits are asked for, for the table of who may what.

use crate::access::Targets;
use crate::control_measures::{Governments, close_schools, governments};
use crate::control_permits::{asks, wedding};
use base::Moment;
use scenes::Town;
use serde_json::{Value, json};

/// An order of Taigu's in force, and a gathering somebody asked for.
pub(crate) struct Ordering {
    all: Governments,
    now: Moment,
    measure: String,
    permit: String,
}

pub(crate) async fn ordering(town: &Town) -> Ordering {
    let (all, now) = (governments(town).await, town.house.now());
    let measure = all.orders(close_schools(now)).await;
    let permit = asks(town, wedding(now)).await;
    Ordering { all, now, measure, permit }
}

impl Ordering {
    pub fn ids(&self) -> Vec<String> {
        vec![self.measure.clone(), self.permit.clone()]
    }

    async fn proposed(&self) -> String {
        self.all.proposes(close_schools(self.now)).await
    }

    async fn decided(&self) -> String {
        let measure = self.proposed().await;
        self.all.decides(&measure).await;
        measure
    }

    async fn asked_for(&self) -> String {
        let form = wedding(self.now);
        self.all.cdc.change("apply-permit", form.clone()).await.ok();
        form["permit"].as_str().expect("a permit").to_owned()
    }
}

pub(crate) fn of_ordering_routes(path: &str, targets: &Targets) -> Option<(String, Value)> {
    let ordering = &targets.ordering;
    Some(match path {
        "/api/control/measures/{id}" => (path.replace("{id}", &ordering.measure), Value::Null),
        "/api/control/permits/{id}" | "/api/public/permits/{id}" => {
            (path.replace("{id}", &ordering.permit), Value::Null)
        }
        "/api/control/measures" | "/api/control/permits" => {
            (format!("{path}?territory={}", scenes::TAIGU), Value::Null)
        }
        "/api/control/measures/preview" => {
            let mut form = close_schools(ordering.now);
            form.as_object_mut()
                .expect("fields")
                .retain(|key, _| !["measure", "reason"].contains(&key.as_str()));
            (path.to_owned(), form)
        }
        "/api/public/permits" => {
            let mut form = wedding(ordering.now);
            form["id"] = json!(scenes::fresh("change"));
            (path.to_owned(), form)
        }
        _ => return None,
    })
}

pub(crate) async fn of_ordering(name: &str, targets: &Targets) -> Option<Value> {
    let ordering = &targets.ordering;
    Some(match name {
        "propose-measure" => close_schools(ordering.now),
        "decide-measure" => json!({ "measure": ordering.proposed().await, "agreed": true }),
        "approve-measure" => json!({ "measure": ordering.decided().await }),
        "refuse-measure" => json!({ "measure": ordering.decided().await, "reason": "not needed" }),
        "announce-measure" => {
            let measure = ordering.decided().await;
            ordering.all.prefecture.change("approve-measure", json!({ "measure": measure })).await.ok();
            json!({ "measure": measure })
        }
        "extend-measure" => {
            let order = ordering.all.orders(close_schools(ordering.now)).await;
            json!({ "measure": order, "ends": ordering.now.0 + 12 * 86_400_000, "reason": "new finds" })
        }
        "lift-measure" => {
            let order = ordering.all.orders(close_schools(ordering.now)).await;
            json!({ "measure": order, "reason": "no longer needed" })
        }
        "review-measure" => json!({ "measure": ordering.measure, "reason": "still needed" }),
        "tell-effect" => {
            json!({ "measure": ordering.measure, "r_before": 1.4, "r_after": 0.8, "note": "seven-day windows" })
        }
        "apply-permit" => wedding(ordering.now),
        "decide-permit" => json!({ "permit": ordering.asked_for().await, "granted": true }),
        "withdraw-permit" => json!({ "permit": ordering.asked_for().await }),
        _ => return None,
    })
}
