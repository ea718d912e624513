//! The whole permission table, asked rather than read: every route × every role × {own county, another county} → status.
//! It is committed as tests/golden/access.txt, so that a change of rights is a line in a review.

use crate::control_asked::{Graded, graded, of_control, of_control_routes};
use crate::erasure::agreed;
use crate::lab_asked::{Testing, of_testing, of_testing_routes, testing};
use crate::ordering_asked::{Ordering, of_ordering, of_ordering_routes, ordering};
use crate::restrictions_asked::{Restricting, restricting};
use crate::tasks_asked::{Errands, errands, of_tasks, of_tasks_routes};
use axum::http::Method;
use scenes::{Authenticator, Double, HERE, Known, Person, TAIGU, Town, XIAODIAN, YUCI, both, fresh, golden};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

both!(every_route_answers_every_role_as_the_table_says);

pub(crate) const ROLES: [&str; 10] = [
    "epidemiologist",
    "laboratory",
    "field",
    "sentinel",
    "commander",
    "auditor",
    "analyst",
    "integrator",
    "data_officer",
    "administrator",
];

/// What lies in Taigu to be asked for.
pub(crate) struct Targets {
    colleague: Person,
    commander: Person,
    pub event: String,
    pub case: Known,
    other_case: Known,
    contact: Known,
    account: String,
    import: String,
    open_import: String,
    admin: Person,
    /// A sign-in provider; it goes when the scene is over.
    _double: Double,
    erasure: String,
    export: String,
    pub site: String,
    pub signal: String,
    pub premises: String,
    pub goods: String,
    pub fence: String,
    pub interview: String,
    pub visit: String,
    pub exposure: String,
    /// Sent to Taigu from the county beside.
    pub handover: String,
    handed: String,
    pub testing: Testing,
    /// Somebody on a pathway, and a test whose result is waited for.
    pub course: String,
    pub errands: Errands,
    pub restricting: Restricting,
    pub graded: Graded,
    pub ordering: Ordering,
}

impl Targets {
    /// Everything that has an id in Taigu.
    pub fn ids(&self) -> Vec<String> {
        let cases = [&self.case, &self.other_case, &self.contact];
        let records = cases.iter().flat_map(|known| [known.id.clone(), known.subject.clone()]);
        let others = [
            &self.event,
            &self.account,
            &self.import,
            &self.open_import,
            &self.site,
            &self.signal,
            &self.premises,
            &self.goods,
            &self.fence,
            &self.interview,
            &self.visit,
            &self.exposure,
            &self.handover,
            &self.course,
            &self.restricting.restriction,
        ];
        records
            .chain(others.into_iter().cloned())
            .chain(self.testing.ids())
            .chain(self.errands.ids())
            .chain(self.graded.ids())
            .chain(self.ordering.ids())
            .collect()
    }
}

pub(crate) async fn targets(town: &Town) -> Targets {
    let colleague = town.person("epidemiologist", TAIGU).await;
    let event = colleague.opens_event(TAIGU, "A village dinner").await;
    let (case, other_case) = (colleague.reports(TAIGU, "C1").await, colleague.reports(TAIGU, "C2").await);
    let contact = colleague.adds_contact(&case, TAIGU, "K1").await;
    let account = town.has_account("somebody.in.taigu", "laboratory", TAIGU).await;
    let import = applied_import(&colleague).await;
    let open_import = colleague.uploads("open.csv", LIST).await["id"].as_str().unwrap().to_owned();
    let commander = town.person("commander", TAIGU).await;
    let admin = town.person("administrator", TAIGU).await;
    let double = Double::opens(town);
    town.trusts(&double, "");
    let (erasure, export) = (an_erasure(town).await, a_list(town, &colleague).await);
    let site = colleague.registers_site(TAIGU, "school", "A school").await;
    colleague.registers_site(TAIGU, "public", "The public").await;
    let signal = colleague.raises_signal(TAIGU).await;
    let premises = colleague.registers_place(TAIGU, "restaurant", "Bell Street noodles").await;
    let goods = colleague.registers_goods(TAIGU, None, "Frozen fish").await;
    let interview = colleague.interviews(&case).await;
    let visit = colleague.tells_of(&interview, scenes::supper(&premises)).await;
    let exposure = colleague.exposes(&case, &contact, "dining").await;
    let neighbour = town.person("epidemiologist", XIAODIAN).await;
    let elsewhere = neighbour.reports(XIAODIAN, "X1").await;
    let handed = neighbour.adds_contact(&elsewhere, XIAODIAN, "X2").await;
    let handover = neighbour.hands_over(&[&handed], TAIGU).await;
    let course = on_pathway(&colleague, &other_case).await;
    Targets {
        course,
        erasure,
        export,
        site,
        signal,
        premises,
        goods,
        fence: crate::fence::drafted(&colleague, TAIGU).await,
        interview,
        visit,
        exposure,
        handover,
        handed: handed.id,
        testing: testing(town).await,
        errands: errands(town).await,
        restricting: restricting(town).await,
        graded: graded(town).await,
        ordering: ordering(town).await,
        colleague,
        commander,
        event,
        case,
        other_case,
        contact,
        account,
        import,
        open_import,
        admin,
        _double: double,
    }
}

/// Another contact of a case is put on the pathway of the 8th edition.
async fn on_pathway(person: &Person, case: &Known) -> String {
    let contact = person.adds_contact(case, TAIGU, &fresh("k")).await;
    let course = fresh("course");
    let people = json!([{ "course": course, "contact": contact.id }]);
    person.change("put-on-pathway", json!({ "people": people, "protocol": "cn-covid-8" })).await.ok();
    course
}

async fn of_follow_up(name: &str, targets: &Targets) -> Option<Value> {
    let course = &targets.course;
    Some(match name {
        "put-on-pathway" => {
            let contact = targets.colleague.adds_contact(&targets.case, TAIGU, &fresh("k")).await;
            let people = json!([{ "course": fresh("course"), "contact": contact.id }]);
            json!({ "people": people, "protocol": "cn-covid-8" })
        }
        "assign-follow-up" => json!({ "courses": [course], "route": "Bell Street" }),
        "tell-check" => {
            json!({ "check": fresh("check"), "course": course, "celsius": 36.5, "case": fresh("case") })
        }
        "tell-not-seen" => {
            json!({ "check": fresh("check"), "course": course, "why": "not_reached" })
        }
        "tell-test" => json!({ "test": fresh("test"), "course": course }),
        "tell-test-result" => {
            let test = fresh("test");
            targets.colleague.change("tell-test", json!({ "test": test, "course": course })).await.ok();
            json!({ "test": test, "outcome": "negative" })
        }
        "take-back-test" => {
            let test = fresh("test");
            targets.colleague.change("tell-test", json!({ "test": test, "course": course })).await.ok();
            json!({ "test": test, "reason": "of another person" })
        }
        "move-followed" => {
            json!({ "move": fresh("move"), "course": course, "day": "2022-02-21", "to": "home" })
        }
        "exempt-followed" => json!({ "course": course, "who": "pregnant", "reason": "in the eighth month" }),
        // Nobody is through on their first day, so whoever may is told what is missing.
        "release-followed" => json!({ "course": course, "phase": 0 }),
        "end-follow-up" => {
            let other = on_pathway(&targets.colleague, &targets.case).await;
            json!({ "course": other, "why": "mistaken" })
        }
        "switch-edition" => json!({ "courses": [course], "to": "cn-covid-8" }),
        _ => return None,
    })
}

/// Somebody was erased, and there is a paper about it.
async fn an_erasure(town: &Town) -> String {
    let known = town.person("epidemiologist", TAIGU).await.reports(TAIGU, "E1").await;
    let officer = town.person("data_officer", TAIGU).await;
    let (erasure, ask) =
        (fresh("erasure"), agreed(town, &officer, "erase_people", &known.subject, TAIGU).await);
    let form = json!({ "id": fresh("change"), "erasure": erasure, "subjects": [known.subject], "ask": ask });
    officer.post("/api/erasures", form).await.ok();
    erasure
}

/// A list with names, for nobody but the colleague who asked for it.
async fn a_list(town: &Town, colleague: &Person) -> String {
    let ask = agreed(town, colleague, "export_identities", "cases for follow_up: q=C1", TAIGU).await;
    let export = fresh("export");
    let form = json!({
        "id": fresh("change"), "export": export, "ask": ask, "reason": "calls", "what": "cases", "purpose": "follow_up",
        "filter": { "q": "C1" },
    });
    colleague.post("/api/exports", form).await.ok();
    export
}

const LIST: &str = "case_no,sex,age,onset date,county\nL1,female,31,2022-02-11,太谷区\n";

async fn applied_import(colleague: &Person) -> String {
    let import = colleague.uploads("list.csv", LIST).await;
    let done = colleague.runs_import(&import, "apply").await;
    done["id"].as_str().expect("an import").to_owned()
}

fn symptoms() -> Value {
    json!({ "id": fresh("change"), "county": TAIGU, "symptoms": ["cough"], "people": 1 })
}

pub(crate) type Asked = (Method, String, Value);

/// A route of a room that says by itself how its routes are asked for.
async fn of_a_rooms_route(path: &str, targets: &Targets) -> Option<(String, Value)> {
    if let Some(asked) = of_testing_routes(path, targets).await {
        return Some(asked);
    }
    of_tasks_routes(path, targets)
        .or_else(|| of_follow_up_routes(path, targets))
        .or_else(|| targets.restricting.route(path))
        .or_else(|| of_control_routes(path, targets))
        .or_else(|| of_ordering_routes(path, targets))
}

/// A request that whoever may make it makes with success.
pub(crate) async fn asked(route: &str, targets: &Targets) -> Asked {
    let (method, path) = route.split_once(' ').expect("a method and a path");
    let method: Method = method.parse().expect("a method");
    if let Some((filled, body)) = of_a_rooms_route(path, targets).await {
        return (method, filled, body);
    }
    if let Some(name) = path.strip_prefix("/api/changes/") {
        return (method, path.to_owned(), change(name, targets).await);
    }
    if let Some((filled, body)) = of_tracing_routes(path, targets).await {
        return (method, filled, body);
    }
    if let Some((filled, body)) = of_signing_in(&method, path) {
        return (method, filled, body);
    }
    let (filled, body) = match path {
        "/api/session/purpose" => (path.to_owned(), json!({ "purpose": "drill" })),
        "/api/session/password" => {
            (path.to_owned(), json!({ "old": "not the old one", "new": "a new sentence of mine" }))
        }
        "/api/accounts/{id}/sees" | "/api/accounts/{id}/ways" => {
            (path.replace("{id}", &targets.account), Value::Null)
        }
        "/api/cases/{id}" => (path.replace("{id}", &targets.case.id), Value::Null),
        of_one if of_one.starts_with("/api/interviews/{id}") => {
            (path.replace("{id}", &targets.interview).replace("{question}", "household_size"), Value::Null)
        }
        "/api/protocols/difference" => (format!("{path}?old=cn-covid-8&new=cn-covid-9"), Value::Null),
        "/api/contact-lists/{id}" => (path.replace("{id}", &targets.handover), Value::Null),
        "/api/sites/{id}" => (path.replace("{id}", &targets.site), Value::Null),
        "/api/signals/{id}" => (path.replace("{id}", &targets.signal), Value::Null),
        "/api/assessments" => (format!("{path}?signal={}", targets.signal), Value::Null),
        "/api/events/{id}/milestones" => (path.replace("{id}", &targets.event), Value::Null),
        "/api/series" => (format!("{path}?territory={TAIGU}&indicators=absence"), Value::Null),
        "/api/sites"
        | "/api/completeness"
        | "/api/signals"
        | "/api/signals/accounts"
        | "/api/signals/tuning"
        | "/api/places"
        | "/api/goods"
        | "/api/interviews"
        | "/api/exposures"
        | "/api/contacts/board"
        | "/api/milestones" => (format!("{path}?territory={TAIGU}"), Value::Null),
        "/api/public/symptoms" if method == Method::POST => (path.to_owned(), symptoms()),
        "/api/reports/file" => (format!("{path}?name=numbers.csv"), json!(NUMBERS)),
        "/api/events/{id}" => (path.replace("{id}", &targets.event), Value::Null),
        // What is lent or broken stands in scenes of its own; here, whether the door is opened at all.
        "/api/glass" if method == Method::POST => {
            (path.to_owned(), json!({ "territory": "14", "reason": "x", "hours": 9 }))
        }
        "/api/session/acting" => (path.to_owned(), json!({ "delegation": null })),
        "/api/subjects/{id}/open" => (
            path.replace("{id}", &targets.case.subject),
            json!({ "purpose": "follow_up", "reason": "the daily call" }),
        ),
        "/api/cases" | "/api/contacts" | "/api/situation" | "/api/chains" | "/api/export/cases.csv" => {
            (format!("{path}?territory={TAIGU}"), Value::Null)
        }
        "/api/subjects/{id}/access-log" => (path.replace("{id}", &targets.case.subject), Value::Null),
        "/api/retention/{clock}" => (path.replace("{clock}", "contact_identity"), Value::Null),
        // Nobody is due, so whoever may run it is told so.
        "/api/retention/{clock}/run" => (
            path.replace("{clock}", "contact_identity"),
            json!({ "id": fresh("change"), "erasure": fresh("erasure"), "ask": fresh("ask"), "day": "2022-03-01" }),
        ),
        "/api/erasures" if method == Method::POST => (
            path.to_owned(),
            json!({ "id": fresh("change"), "erasure": fresh("erasure"), "subjects": [], "ask": fresh("ask") }),
        ),
        "/api/erasures/{id}/certificate.json" => (path.replace("{id}", &targets.erasure), Value::Null),
        "/api/exports/preview" => (format!("{path}?what=cases&purpose=follow_up"), Value::Null),
        "/api/exports" if method == Method::POST => (
            path.to_owned(),
            json!({
                "id": fresh("change"), "export": fresh("export"), "ask": fresh("ask"), "reason": "calls", "what": "cases",
                "purpose": "follow_up", "filter": { "q": "nobody has this number" },
            }),
        ),
        "/api/exports/{id}/file" => (path.replace("{id}", &targets.export), json!({})),
        "/api/imports" if method == Method::POST => (format!("{path}?name=list.csv"), json!(LIST)),
        "/api/imports/{id}/undo" => {
            let import = applied_import(&targets.colleague).await;
            (path.replace("{id}", &import), json!({ "reason": "the wrong file" }))
        }
        "/api/imports/{id}/mapping" => {
            (path.replace("{id}", &targets.open_import), json!({ "kind": "cases", "columns": [] }))
        }
        "/api/imports/{id}/check" | "/api/imports/{id}/apply" | "/api/imports/{id}/cancel" => {
            (path.replace("{id}", &targets.open_import), json!({}))
        }
        "/api/imports/{id}" | "/api/imports/{id}/report.json" | "/api/imports/{id}/report.csv" => {
            (path.replace("{id}", &targets.import), Value::Null)
        }
        "/api/people/link" => (
            path.to_owned(),
            json!({ "id": fresh("change"), "one": targets.case.subject, "other": targets.other_case.subject }),
        ),
        "/api/people/known" => (
            path.to_owned(),
            json!({ "purpose": "follow_up", "reason": "named as a contact", "phone": "13900001234" }),
        ),
        "/api/witness/checkpoints" if method == Method::POST => (path.to_owned(), strangers_checkpoint()),
        "/api/witness/checkpoints" => (format!("{path}?origin=quell/unknown"), Value::Null),
        "/api/regions/import" => (format!("{path}?name=regions.json&dry_run=true"), json!(REGIONS)),
        other => (other.to_owned(), Value::Null),
    };
    (method, filled, body)
}

fn of_follow_up_routes(path: &str, targets: &Targets) -> Option<(String, Value)> {
    Some(match path {
        "/api/followup/people/{id}" => (path.replace("{id}", &targets.course), Value::Null),
        "/api/followup/preview" => {
            (format!("{path}?from=cn-covid-8&to=cn-covid-9&territory={TAIGU}"), Value::Null)
        }
        "/api/followup/length" => (format!("{path}?disease=measles&risk=0.05"), Value::Null),
        "/api/followup" | "/api/followup/waiting" | "/api/followup/counts" | "/api/followup/day" => {
            (format!("{path}?territory={TAIGU}"), Value::Null)
        }
        "/api/followup/people/{id}/link" => {
            (path.replace("{id}", &targets.course), json!({ "id": fresh("change") }))
        }
        "/api/public/check-in" => (path.to_owned(), json!({ "secret": "nobody's" })),
        // Whoever holds no secret is told that there is no such link.
        "/api/public/check-in/tell" => {
            let told = json!({
                "id": fresh("change"), "secret": "nobody's", "check": fresh("check"), "case": fresh("case"),
            });
            (path.to_owned(), told)
        }
        "/api/followup/checks" => {
            let visit = json!({
                "id": fresh("change"), "check": fresh("check"), "course": targets.course, "at": 0, "case": fresh("case"),
            });
            (path.to_owned(), json!(format!("{visit}\n")))
        }
        _ => return None,
    })
}

/// Ways in that nobody has just now.
fn of_signing_in(method: &Method, path: &str) -> Option<(String, Value)> {
    Some(match path {
        "/api/first-run" => (path.to_owned(), json!({})),
        "/api/session" if *method == Method::POST => {
            (path.to_owned(), json!({ "login": fresh("x"), "password": "not known here" }))
        }
        "/api/session/code" => (path.to_owned(), json!({ "ticket": "none.0.none", "code": "000000" })),
        "/api/session/factors/totp/confirm" => (path.to_owned(), json!({ "code": "no code" })),
        "/api/session/prove" => (path.to_owned(), json!({ "password": "not the one of this account" })),
        "/api/session/passkey" | "/api/session/prove/passkey" => {
            let answer = Authenticator::new(HERE).answers(&Value::Null);
            (path.to_owned(), json!({ "ticket": "nobody's", "answer": answer }))
        }
        "/api/providers/{id}/go" => (path.replace("{id}", "province"), json!({ "why": "sign_in" })),
        "/api/providers/{id}/back" => {
            (path.replace("{id}", "province"), json!({ "state": "nobody's", "code": "nobody's" }))
        }
        _ => return None,
    })
}

async fn of_tracing_routes(path: &str, targets: &Targets) -> Option<(String, Value)> {
    Some(match path {
        "/api/fences/{id}/run" => {
            let fence = crate::fence::drafted(&targets.colleague, TAIGU).await;
            targets.colleague.change("publish-fence", json!({ "fence": fence })).await.ok();
            (path.replace("{id}", &fence), json!({ "id": fresh("change") }))
        }
        // Nobody agreed to it, so whoever may open is told that there is no such request.
        "/api/fences/{id}/open" => (
            path.replace("{id}", &targets.fence),
            json!({ "id": fresh("change"), "ask": fresh("ask"), "purpose": "outbreak_response", "reason": "calls" }),
        ),
        "/api/registered-visits/file" => (format!("{path}?kind=check_in"), json!(VISITS)),
        "/api/trace/inferred" | "/api/trace/measures" | "/api/trace/mentions" | "/api/trace/sources" => {
            (format!("{path}?event={}", targets.event), Value::Null)
        }
        _ => return None,
    })
}

/// Signed by nobody this house is witness to.
fn strangers_checkpoint() -> Value {
    let checkpoint = json!({
        "origin": "quell/unknown", "seq": 1, "root": "", "head": "", "at": 0, "signature": "",
    });
    json!({ "checkpoint": checkpoint, "from": 0, "proof": [] })
}

/// A file of visits to a place that nobody knows: every row is told so.
const VISITS: &str = "place,name,from\nNowhere at all,Ada,2026-01-05 08:00\n";

/// A file of numbers in which no site is known: every row is told so.
const NUMBERS: &str = "site,indicator,day,value\nsite_00000000000000000000000000,absence,2022-02-21,3\n";

const REGIONS: &str = r#"{ "type": "FeatureCollection", "features": [] }"#;

async fn change(name: &str, targets: &Targets) -> Value {
    if let Some(mut fields) = of_tasks(name, targets).await {
        fields["id"] = json!(fresh("change"));
        return fields;
    }
    let (event, case, other) = (&targets.event, &targets.case.id, &targets.other_case.id);
    let mut fields = match name {
        "open-event" => json!({ "event": fresh("event"), "name": "Another", "territory": TAIGU }),
        "amend-event" => json!({ "event": event, "summary": "eleven guests" }),
        "close-event" => json!({ "event": event, "ended": "2022-03-20", "reason": "no new case" }),
        "add-note" => json!({ "note": fresh("note"), "event": event, "text": "a quiet evening" }),
        "add-place" => {
            json!({ "place": fresh("place"), "event": event, "name": "Hall", "kind": "restaurant", "territory": TAIGU })
        }
        "add-figure" => json!({
            "figure": fresh("figure"), "event": event, "day": "2022-02-21", "kind": "screened", "value": 7,
            "territory": TAIGU, "source": "invented",
        }),
        "report-case" => scenes::covid_case(TAIGU, &fresh("n")),
        "amend-case" => json!({ "case": case, "age": 40 }),
        "classify-case" => {
            let mut suspected = scenes::covid_case(TAIGU, &fresh("n"));
            suspected["classification"] = json!("suspected");
            let known = targets.colleague.reports_so(suspected).await;
            json!({ "case": known.id, "to": "confirmed", "day": "2022-02-21", "reason": "second PCR" })
        }
        "add-contact" => json!({
            "contact": fresh("contact"), "subject": fresh("subject"), "source_case": case, "territory": TAIGU,
            "class": "close", "last_exposure": "2022-02-19",
        }),
        "amend-contact" => json!({ "contact": targets.contact.id, "relation": "neighbour" }),
        "link-cases" => json!({ "link": fresh("link"), "from": case, "to": other, "evidence": "named" }),
        "unlink-cases" => {
            let pair = (
                targets.colleague.reports(TAIGU, &fresh("n")).await,
                targets.colleague.reports(TAIGU, &fresh("n")).await,
            );
            json!({ "link": targets.colleague.links(&pair.0, &pair.1).await, "reason": "sequences differ" })
        }
        "create-token" => json!({
            "token": fresh("token"), "name": "A laboratory", "territory": TAIGU, "permissions": ["cases.read"],
            "days": 30,
        }),
        "revoke-token" => json!({ "token": fresh("token") }),
        "end-session" => json!({ "session": fresh("session") }),
        "end-other-sessions" => json!({ "keep": fresh("session") }),
        "end-sessions" | "reset-second-factor" => json!({ "account": targets.account }),
        "add-passkey" => json!({
            "passkey": fresh("passkey"), "name": "a telephone", "ticket": "nobody's",
            "answer": Authenticator::new(HERE).makes(&Value::Null),
        }),
        "name-passkey" => json!({ "passkey": fresh("passkey"), "name": "nobody's" }),
        "remove-passkey" => json!({ "passkey": fresh("passkey") }),
        "take-passkeys" => json!({ "account": targets.account }),
        "unlink-provider" => json!({ "linked": fresh("linked") }),
        "link-account" => a_link(targets),
        "unlink-account" => {
            let link = a_link(targets);
            targets.admin.change("link-account", link.clone()).await.ok();
            json!({ "account": targets.account, "linked": link["linked"] })
        }
        "set-hold" => {
            let event = targets.colleague.opens_event(TAIGU, "Another").await;
            json!({ "event": event, "held": true, "reason": "an inquiry" })
        }
        "set-account" => json!({ "account": targets.account, "disabled": false }),
        "reset-password" => json!({ "account": targets.account, "password": "a new invented sentence" }),
        "create-account" => json!({
            "account": fresh("account"), "login": fresh("x"), "name": "Somebody", "role": "laboratory",
            "territory": TAIGU, "password": "a new invented sentence",
        }),
        "set-disease-access" => json!({ "disease": "mpox", "level": "protected" }),
        "name-for-disease" => json!({ "account": targets.account, "disease": "mpox", "hours": 1 }),
        "end-glass" => json!({ "glass": fresh("glass") }),
        "judge-glass" => {
            json!({ "glass": targets.colleague.looks_into(TAIGU).await, "justified": true, "note": "x" })
        }
        "lend-role" => json!({
            "delegation": fresh("delegation"), "to": targets.colleague.login, "territory": TAIGU, "days": 1,
            "permissions": ["own.account"],
        }),
        "end-lending" => json!({ "delegation": fresh("delegation") }),
        "ask-second-person" => json!({
            "ask": fresh("ask"), "kind": "open_identity", "about": targets.case.subject, "reason": "the daily call",
        }),
        "answer-ask" => json!({ "ask": targets.colleague.asks_about(&targets.case).await, "agreed": true }),
        "part-people" => json!({
            "one": targets.case.subject, "other": targets.other_case.subject, "reason": "another birthday",
        }),
        "forget-regions" => json!({}),
        "publish-bulletin" => {
            json!({ "bulletin": fresh("bulletin"), "territory": TAIGU, "text_en": "Wash your hands" })
        }
        "withdraw-bulletin" => {
            let bulletin = targets.commander.publishes(TAIGU, "Wash your hands").await;
            json!({ "bulletin": bulletin, "reason": "said twice" })
        }
        "draft-fence" | "publish-fence" | "withdraw-fence" | "register-visit" | "invite-to-test"
        | "tell-invitation" => crate::fence::asked_for(name, &targets.colleague, &targets.fence).await,
        "register-place" | "amend-place" | "register-goods" | "amend-goods" | "open-interview"
        | "answer-question" | "settle-answer" | "finish-form" | "add-exposure" | "classify-exposure"
        | "hand-over-contacts" | "acknowledge-list" | "return-contact" | "tell-contact-state"
        | "add-visit" | "add-visits" | "amend-visit" | "remove-visit" => of_tracing(name, targets).await,
        other => match of_a_room(other, targets).await {
            Some(fields) => fields,
            None => of_surveillance(other, targets).await,
        },
    };
    fields["id"] = json!(fresh("change"));
    fields
}

/// A write of a room that says by itself how its writes are asked for.
async fn of_a_room(name: &str, targets: &Targets) -> Option<Value> {
    if let Some(fields) = of_testing(name, targets).await {
        return Some(fields);
    }
    if let Some(fields) = of_follow_up(name, targets).await {
        return Some(fields);
    }
    if let Some(fields) = targets.restricting.asked(name).await {
        return Some(fields);
    }
    if let Some(fields) = of_control(name, targets).await {
        return Some(fields);
    }
    of_ordering(name, targets).await
}

async fn of_surveillance(name: &str, targets: &Targets) -> Value {
    match name {
        "register-site" => json!({
            "site": fresh("site"), "territory": TAIGU, "kind": "pharmacy", "name": "A pharmacy", "started": "2022-01-01",
        }),
        "amend-site" => json!({ "site": targets.site, "name": "Another school" }),
        "link-reporter" => json!({ "site": targets.site, "login": targets.colleague.login }),
        "unlink-reporter" => json!({ "site": targets.site, "account": fresh("account") }),
        "report-numbers" => json!({
            "site": targets.site, "day": "2025-06-02", "numbers": { "absence": { "value": 3 } }, "confirmed": ["absence"],
        }),
        "choose-method" => json!({
            "territory": TAIGU, "indicator": "absence", "method": { "detector": "ears_c2" }, "reason": "short history",
        }),
        "set-budget" => json!({ "territory": TAIGU, "per_week": 3, "reason": "two of us" }),
        "raise-signal" => json!({
            "signal": fresh("signal"), "territory": TAIGU, "group": "enteric", "grade": "blue", "first_day": "2022-02-20",
            "title": "a bad supper", "source": "news",
        }),
        "answer-signal" => {
            json!({ "signal": targets.colleague.raises_signal(TAIGU).await, "to": "verified" })
        }
        "merge-signal" => {
            json!({ "signal": targets.colleague.raises_signal(TAIGU).await, "event": targets.event })
        }
        "tune-streams" => json!({
            "tuning": fresh("tuning"), "territory": TAIGU, "weights": { "absence": 0.5 }, "reason": "false alarms",
        }),
        "revert-tuning" => {
            json!({ "tuning": targets.colleague.tunes(TAIGU).await, "reason": "too quiet" })
        }
        "assess" => json!({
            "assessment": fresh("assessment"), "signal": targets.signal, "reasons": {},
            "instrument": "annex2", "answers": { "disease": "always" },
        }),
        "set-milestone" => json!({ "event": targets.event, "kind": "detection", "day": "2022-02-20" }),
        other => panic!("say here how `{other}` is asked for"),
    }
}

async fn of_tracing(name: &str, targets: &Targets) -> Value {
    match name {
        "register-place" => json!({
            "place": fresh("premises"), "territory": TAIGU, "name": "A noodle shop", "kind": "restaurant",
        }),
        "register-goods" => json!({ "goods": fresh("goods"), "territory": TAIGU, "name": "Frozen fish" }),
        "amend-goods" => json!({ "goods": targets.goods, "name": "Frozen meat" }),
        "amend-place" => json!({ "place": targets.premises, "name": "Another noodle shop" }),
        "open-interview" => {
            let known = targets.colleague.reports(TAIGU, &fresh("n")).await;
            json!({ "interview": fresh("interview"), "case": known.id })
        }
        "answer-question" => json!({
            "interview": targets.interview, "question": "household_size", "value": 3, "based_on": 0,
        }),
        "settle-answer" => json!({
            "interview": targets.interview, "question": fresh("question"), "value": 3, "based_on": 0,
        }),
        "finish-form" => {
            json!({ "interview": targets.interview, "form": "full", "though": "in intensive care" })
        }
        "add-visit" => json!({
            "visit": fresh("visit"), "interview": targets.interview, "told": scenes::supper(&targets.premises),
        }),
        "add-visits" => json!({
            "interview": targets.interview,
            "visits": [{ "visit": fresh("visit"), "told": scenes::supper(&targets.premises) }],
        }),
        "amend-visit" => json!({
            "visit": targets.visit, "told": scenes::supper(&targets.premises), "reason": "the till says so",
        }),
        "remove-visit" => json!({ "visit": targets.visit, "removed": false }),
        "add-exposure" => json!({
            "exposure": fresh("exposure"), "case": targets.case.id, "contact": targets.contact.id, "kind": "dining",
            "from": "2022-02-17T18:00", "to": "2022-02-17T19:00", "found_by": "told",
        }),
        "classify-exposure" => json!({ "exposure": targets.exposure, "class": "close" }),
        "hand-over-contacts" => {
            let contact = targets.colleague.adds_contact(&targets.case, TAIGU, &fresh("n")).await;
            json!({ "list": fresh("handover"), "contacts": [contact.id], "to": XIAODIAN })
        }
        "acknowledge-list" => json!({ "list": targets.handover }),
        "return-contact" => {
            json!({ "list": targets.handover, "contact": targets.handed, "reason": "moved away" })
        }
        "tell-contact-state" => json!({ "contact": targets.contact.id, "reached_at": "2022-02-20T10:00" }),
        other => panic!("say here how `{other}` is asked for"),
    }
}

fn a_link(targets: &Targets) -> Value {
    json!({ "linked": fresh("linked"), "account": targets.account, "provider": "province", "subject": fresh("x") })
}

pub(crate) fn bytes(body: &Value) -> Vec<u8> {
    match body {
        Value::Null => Vec::new(),
        // A file, not JSON.
        Value::String(text) => text.clone().into_bytes(),
        other => other.to_string().into_bytes(),
    }
}

async fn every_route_answers_every_role_as_the_table_says(town: &mut Town) {
    let targets = targets(town).await;
    let mut people = Vec::new();
    for role in ROLES {
        // Of an organisation of their own: some steps need to know that it is another one.
        let house = format!("House of the {role}");
        people.push((town.person_of(&house, role, TAIGU).await, town.person_of(&house, role, YUCI).await));
    }
    let mut table = format!("{HEAD}\n{:<42} nobody", "");
    ROLES.iter().for_each(|role| table.push_str(&format!(" {role:>14}")));
    table.push('\n');
    for route in routes() {
        let (method, path, body) = asked(&route, &targets).await;
        let nobody = town.stranger().status(method, &path, bytes(&body)).await;
        let mut line = format!("{route:<42} {nobody:>6}");
        for (own, other) in &people {
            let mut statuses = Vec::new();
            for person in [own, other] {
                let (method, path, body) = asked(&route, &targets).await;
                statuses.push(person.status(method, &path, bytes(&body)).await.to_string());
            }
            line.push_str(&format!(" {:>14}", statuses.join(" / ")));
        }
        table.push_str(&line);
        table.push('\n');
    }
    golden("access.txt", &table);
}

const HEAD: &str = "\
Made by tests/scenes/access.rs; never edited. Every route, asked by somebody of each role whose territory holds what is
asked for / by somebody of the same role in the county beside it. 401 signed out, 403 not allowed, 404 not for them,
422 allowed, but the request itself is refused on purpose here.";

/// As they stand in the rooms: whoever adds a route says here how it is asked for. Signing out comes last.
pub(crate) fn routes() -> Vec<String> {
    let rooms = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/rooms/src");
    let mut routes = BTreeSet::new();
    scenes::source_files(&rooms, "rs", &mut |_, text| {
        for part in text.split(".route(\"").skip(1) {
            let Some((path, rest)) = part.split_once("\",") else { continue };
            let methods = rest.split('\n').next().unwrap_or_default();
            for method in ["get", "post", "put", "delete"] {
                if methods.contains(&format!("{method}(")) {
                    routes.insert(format!("{} {path}", method.to_uppercase()));
                }
            }
        }
    });
    for door in rooms::DOORS {
        routes.insert(format!("POST /api/changes/{}", door.name.replace(' ', "-")));
    }
    assert!(routes.len() > 40, "the routes were found: {routes:?}");
    let last = "DELETE /api/session".to_owned();
    routes.remove(&last);
    routes.into_iter().chain([last]).collect()
}
