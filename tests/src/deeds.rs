//! What people in scenes do most: report a case, open an event, bring a file. The facts are invented.

use crate::person::{PATIENCE, Person};
use serde_json::{Value, json};
use std::time::Instant;
use store::{Sent, random_bits};

/// A new id of any kind, as a browser makes it.
pub fn fresh(kind: &str) -> String {
    let change = base_id().to_string();
    format!("{kind}_{}", change.rsplit('_').next().unwrap_or_default())
}

fn base_id() -> base::Id<Sent> {
    base::Id::from_bits(random_bits())
}

/// What a person keeps of what they reported.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: String,
    pub subject: String,
}

/// A confirmed Delta case with an onset; scenes change what they are about.
pub fn covid_case(territory: &str, case_no: &str) -> Value {
    json!({
        "case": fresh("case"), "subject": fresh("subject"), "case_no": case_no, "disease": "covid-19-delta",
        "territory": territory, "sex": "female", "age": 41, "classification": "confirmed", "found": "under_care",
        "dates": {
            "onset": { "day": "2022-02-18", "precision": "day", "source": "stated" },
            "result": { "day": "2022-02-20", "precision": "day", "source": "stated" },
        },
    })
}

/// Two hours at a table, two days before the onset of [`covid_case`].
pub fn supper(place: &str) -> Value {
    json!({
        "place": place, "from": "2022-02-16T18:00", "to": "2022-02-16T20:00", "source": "self", "mask": "no",
        "company": "an aunt and her son",
    })
}

impl Person {
    /// A place that counts something, asked since last year.
    pub async fn registers_site(&self, territory: &str, kind: &str, name: &str) -> String {
        let site = fresh("site");
        let fields = json!({ "site": site, "territory": territory, "kind": kind, "name": name, "started": "2025-01-01" });
        self.change("register-site", fields).await.ok();
        site
    }

    /// A place people tell of.
    pub async fn registers_place(&self, territory: &str, kind: &str, name: &str) -> String {
        let place = fresh("premises");
        let fields = json!({ "place": place, "territory": territory, "kind": kind, "name": name });
        self.change("register-place", fields).await.ok();
        place
    }

    /// A lot of goods to follow.
    pub async fn registers_goods(&self, territory: &str, event: Option<&str>, name: &str) -> String {
        let goods = fresh("goods");
        let fields = json!({ "goods": goods, "territory": territory, "event": event, "name": name, "lot": "L-2022-14" });
        self.change("register-goods", fields).await.ok();
        goods
    }

    /// Begins to ask a case, by the protocol of the day they fell ill.
    pub async fn interviews(&self, case: &Known) -> String {
        let interview = fresh("interview");
        let fields = json!({ "interview": interview, "case": case.id, "protocol": "cn-covid-8" });
        self.change("open-interview", fields).await.ok();
        interview
    }

    /// Writes down that a contact met a case the evening after [`supper`]; the exposure.
    pub async fn exposes(&self, case: &Known, contact: &Known, kind: &str) -> String {
        let exposure = fresh("exposure");
        let fields = json!({
            "exposure": exposure, "case": case.id, "contact": contact.id, "kind": kind,
            "from": "2022-02-17T18:00", "to": "2022-02-17T19:30", "found_by": "told",
        });
        self.change("add-exposure", fields).await.ok();
        exposure
    }

    /// Gives contacts to another territory; the list.
    pub async fn hands_over(&self, contacts: &[&Known], to: &str) -> String {
        let list = fresh("handover");
        let ids: Vec<&str> = contacts.iter().map(|contact| contact.id.as_str()).collect();
        self.change("hand-over-contacts", json!({ "list": list, "contacts": ids, "to": to })).await.ok();
        list
    }

    /// Writes down where somebody was; the visit.
    pub async fn tells_of(&self, interview: &str, told: Value) -> String {
        let visit = fresh("visit");
        let fields = json!({ "visit": visit, "interview": interview, "told": told });
        self.change("add-visit", fields).await.ok();
        visit
    }

    /// A site's numbers of one day, each known to be right.
    pub async fn sends(&self, site: &str, day: base::Day, numbers: Value) -> Value {
        let confirmed: Vec<&String> = numbers.as_object().into_iter().flatten().map(|(id, _)| id).collect();
        let told: serde_json::Map<String, Value> = numbers
            .as_object()
            .into_iter()
            .flatten()
            .map(|(id, value)| (id.clone(), json!({ "value": value })))
            .collect();
        let fields = json!({ "site": site, "day": day, "numbers": told, "confirmed": confirmed });
        self.change("report-numbers", fields).await.ok()
    }

    /// Somebody heard something.
    pub async fn raises_signal(&self, territory: &str) -> String {
        let signal = fresh("signal");
        let fields = json!({
            "signal": signal, "territory": territory, "group": "respiratory", "grade": "yellow", "first_day": "2022-02-20",
            "title": "many coughs at a wedding", "source": "rumour", "note": "the bride's uncle called",
        });
        self.change("raise-signal", fields).await.ok();
        signal
    }

    pub async fn tunes(&self, territory: &str) -> String {
        let tuning = fresh("tuning");
        let fields = json!({
            "tuning": tuning, "territory": territory, "weights": { "absence": 0.5 }, "reason": "three false alarms",
        });
        self.change("tune-streams", fields).await.ok();
        tuning
    }

    pub async fn reports(&self, territory: &str, case_no: &str) -> Known {
        self.reports_so(covid_case(territory, case_no)).await
    }

    pub async fn reports_so(&self, case: Value) -> Known {
        let text = |field: &str| case[field].as_str().unwrap_or_default().to_owned();
        let known = Known { id: text("case"), subject: text("subject") };
        self.change("report-case", case).await.ok();
        known
    }

    pub async fn adds_contact(&self, of: &Known, territory: &str, contact_no: &str) -> Known {
        let known = Known { id: fresh("contact"), subject: fresh("subject") };
        let fields = json!({
            "contact": known.id, "subject": known.subject, "contact_no": contact_no, "source_case": of.id,
            "territory": territory, "class": "close", "last_exposure": "2022-02-19",
        });
        self.change("add-contact", fields).await.ok();
        known
    }

    pub async fn publishes(&self, territory: &str, text: &str) -> String {
        let bulletin = fresh("bulletin");
        let fields = json!({ "bulletin": bulletin, "territory": territory, "text_en": text });
        self.change("publish-bulletin", fields).await.ok();
        bulletin
    }

    pub async fn opens_event(&self, territory: &str, name: &str) -> String {
        let event = fresh("event");
        let fields = json!({
            "event": event, "name": name, "disease": "covid-19-delta", "territory": territory, "started": "2022-02-20",
        });
        self.change("open-event", fields).await.ok();
        event
    }

    pub async fn links(&self, from: &Known, to: &Known) -> String {
        let link = fresh("link");
        let fields = json!({ "link": link, "from": from.id, "to": to.id, "evidence": "named" });
        self.change("link-cases", fields).await.ok();
        link
    }

    /// Asks for a second person who lets this name be opened.
    pub async fn asks_about(&self, known: &Known) -> String {
        let ask = fresh("ask");
        let fields = json!({
            "ask": ask, "kind": "open_identity", "about": known.subject, "reason": "the family must be told",
        });
        self.change("ask-second-person", fields).await.ok();
        ask
    }

    /// Breaks the glass on a protected disease there, and ends the look again; the glass.
    pub async fn looks_into(&self, territory: &str) -> String {
        let form = json!({
            "territory": territory, "disease": "mpox", "reason": "an unconscious traveller in our ward", "hours": 1,
        });
        let state = self.post("/api/glass", form).await.ok();
        let glass = state["account"]["acting"]["id"].as_str().expect("behind a glass").to_owned();
        self.change("end-glass", json!({ "glass": glass })).await.ok();
        glass
    }

    /// How many cases this person's list counts.
    pub async fn counts_cases(&self) -> i64 {
        self.get("/api/cases").await.ok()["count"]["n"].as_i64().unwrap_or_default()
    }

    /// The import wizard's first page with this file in it.
    pub async fn uploads(&self, name: &str, bytes: impl Into<Vec<u8>>) -> Value {
        let path = format!("/api/imports?name={name}");
        self.ask(axum::http::Method::POST, &path, bytes.into()).await.ok()
    }

    /// Presses `check` or `apply` and waits until it is over.
    pub async fn runs_import(&self, import: &Value, step: &str) -> Value {
        let id = import["id"].as_str().expect("an import has an id");
        self.post(&format!("/api/imports/{id}/{step}"), json!({})).await.ok();
        let since = Instant::now();
        loop {
            let view = self.get(&format!("/api/imports/{id}")).await.ok();
            if !matches!(view["state"].as_str(), Some("checking" | "applying")) {
                return view;
            }
            assert!(since.elapsed() < PATIENCE, "the import never ends: {view}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// A whole import of a file that asks no questions; the report.
    pub async fn imports(&self, name: &str, text: &str) -> Value {
        let import = self.uploads(name, text).await;
        let done = self.runs_import(&import, "apply").await;
        assert_eq!(done["state"], "done", "{done}");
        done["report"].clone()
    }
}
