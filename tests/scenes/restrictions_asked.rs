//! How the routes and steps of restrictions are asked for, for the table of who may what.

use crate::restrictions::{ARTICLE, Cast, HOUR, approves, cast};
use scenes::{Known, TAIGU, Town, fresh};
use serde_json::{Value, json};

/// Somebody in Taigu who is restricted, and those who restricted them.
pub(crate) struct Restricting {
    cast: Cast,
    now: i64,
    pub restriction: String,
}

pub(crate) async fn restricting(town: &Town) -> Restricting {
    let (cast, now) = (cast(town).await, town.house.now().0);
    let mut here = Restricting { cast, now, restriction: String::new() };
    here.restriction = here.approved().await;
    here
}

impl Restricting {
    async fn proposal(&self) -> (String, Value) {
        let (restriction, known) =
            (fresh("restriction"), Known { id: fresh("contact"), subject: fresh("subject") });
        let met = json!({
            "contact": known.id, "subject": known.subject, "source_case": self.cast.case.id, "territory": TAIGU,
            "class": "close", "last_exposure": base::Moment(self.now).day_at_offset(480),
        });
        self.cast.zhang.change("add-contact", met).await.ok();
        let body = json!({
            "restriction": restriction, "subject": known.subject, "kind": "home", "reason": "contact",
            "evidence": known.id, "article": ARTICLE, "begins": self.now + HOUR, "ends": self.now + 48 * HOUR,
        });
        (restriction, body)
    }

    async fn waiting(&self) -> String {
        let (restriction, body) = self.proposal().await;
        self.cast.zhang.change("propose-restriction", body).await.ok();
        restriction
    }

    async fn approved(&self) -> String {
        let restriction = self.waiting().await;
        approves(&self.cast.bureau, &restriction).await.ok();
        approves(&self.cast.county, &restriction).await.ok();
        restriction
    }

    pub async fn asked(&self, name: &str) -> Option<Value> {
        let appeal = |restriction: String| json!({ "restriction": restriction, "appeal": fresh("appeal"), "how": "paper", "words": "I was not there" });
        Some(match name {
            "propose-restriction" => self.proposal().await.1,
            "approve-restriction" => json!({ "restriction": self.waiting().await }),
            "decline-restriction" => json!({ "restriction": self.waiting().await, "note": "met outdoors" }),
            "lift-restriction" => json!({ "restriction": self.waiting().await, "note": "no longer needed" }),
            "tell-restriction" => json!({ "restriction": self.approved().await, "how": "paper" }),
            "appeal-restriction" => appeal(self.approved().await),
            "decide-appeal" => {
                let said = appeal(self.approved().await);
                let id = said["appeal"].clone();
                self.cast.zhang.change("appeal-restriction", said).await.ok();
                json!({ "appeal": id, "won": true, "reason": "the ward confirms it" })
            }
            "judge-restriction" => json!({ "restriction": self.approved().await, "sound": true }),
            _ => return None,
        })
    }

    pub fn route(&self, path: &str) -> Option<(String, Value)> {
        Some(match path {
            "/api/restrictions" => (format!("{path}?territory={TAIGU}"), Value::Null),
            "/api/restrictions/{id}" => (path.replace("{id}", &self.restriction), Value::Null),
            "/api/restrictions/{id}/notice" => {
                (path.replace("{id}", &self.restriction), json!({ "id": fresh("change") }))
            }
            // Nobody on it is named by handle: whoever may offer a list is told so row by row.
            "/api/restrictions/list" => (
                format!("{path}?offer={}&name=list.csv", fresh("offer")),
                json!("name,reason\nAda,contact\n"),
            ),
            "/api/restrictions/audit" => (path.to_owned(), Value::Null),
            "/api/restrictions/audit/export" => (format!("{path}?day=2022-02-21"), Value::Null),
            "/api/public/me" => (path.to_owned(), json!({ "secret": "nobody's" })),
            "/api/public/me/appeal" => (
                path.to_owned(),
                json!({
                    "id": fresh("change"), "secret": "nobody's", "restriction": fresh("restriction"),
                    "appeal": fresh("appeal"), "words": "I was not there",
                }),
            ),
            _ => return None,
        })
    }
}
