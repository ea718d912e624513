//! Separation of duties under everything people can do with loans and requests, in random order from a printed seed: nobody
//! ever answers their own request, and nobody ever holds both halves of what is kept apart. `QUELL_SEPARATION_STEPS` makes
//! it longer than a test run should be.

use base::{Stream, Streams};
use scenes::{Person, TAIGU, Town, both, fresh};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

both!(no_order_of_loans_and_requests_joins_what_is_kept_apart);

const CAST: [&str; 8] = [
    "epidemiologist",
    "epidemiologist",
    "field",
    "analyst",
    "commander",
    "data_officer",
    "data_officer",
    "auditor",
];

struct Loan {
    id: String,
    lender: usize,
    delegate: usize,
    permissions: BTreeSet<String>,
}

/// What the test knows of the world, kept beside it and not read from it.
struct World {
    people: Vec<Person>,
    loans: Vec<Loan>,
    /// Under which loan each person acts now.
    acting: Vec<Option<usize>>,
    /// Request → everybody who stands behind it.
    asks: BTreeMap<String, Vec<usize>>,
    granted: [usize; 3],
}

fn words_of(role: &str) -> BTreeSet<String> {
    let role = rooms::packed::roles().role(role).expect("a role");
    role.permissions.iter().map(|one| one.word().to_owned()).collect()
}

fn holds_both_halves(held: &BTreeSet<String>) -> bool {
    rooms::packed::roles()
        .separations
        .iter()
        .any(|apart| apart.never_together.iter().all(|one| held.contains(one.word())))
}

impl World {
    fn parties(&self, who: usize) -> Vec<usize> {
        let lender = self.acting[who].map(|loan| self.loans[loan].lender);
        [who].into_iter().chain(lender).collect()
    }

    async fn lends(&mut self, lender: usize, delegate: usize, rng: &mut Stream) {
        let own: Vec<String> = words_of(CAST[lender]).into_iter().collect();
        let some: BTreeSet<String> = own.iter().filter(|_| rng.share() < 0.4).cloned().collect();
        let id = fresh("delegation");
        let fields = json!({
            "delegation": id, "to": self.people[delegate].login, "territory": TAIGU, "days": 1 + rng.below(39),
            "permissions": some,
        });
        if self.people[lender].change("lend-role", fields).await.status == 200 {
            let permissions = if some.is_empty() { own.into_iter().collect() } else { some };
            self.loans.push(Loan { id, lender, delegate, permissions });
            self.granted[0] += 1;
            let mut held = words_of(CAST[delegate]);
            held.extend(
                self.loans
                    .iter()
                    .filter(|loan| loan.delegate == delegate)
                    .flat_map(|loan| loan.permissions.clone()),
            );
            assert!(!holds_both_halves(&held), "{} now holds {held:?}", CAST[delegate]);
        }
    }

    async fn acts(&mut self, who: usize, loan: Option<usize>) {
        let id = loan.map(|loan| self.loans[loan].id.clone());
        let answer = self.people[who].post("/api/session/acting", json!({ "delegation": id })).await;
        if answer.status != 200 {
            return;
        }
        if let Some(loan) = loan {
            assert_eq!(self.loans[loan].delegate, who, "somebody acts under another's loan");
        }
        self.acting[who] = loan;
        let state = answer.json();
        let now = state["account"]["permissions"].as_array().expect("permissions");
        let now: BTreeSet<String> = now.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        assert!(!holds_both_halves(&now), "{now:?}");
    }

    async fn ends(&mut self, who: usize, loan: usize) {
        let answer =
            self.people[who].change("end-lending", json!({ "delegation": self.loans[loan].id })).await;
        if answer.status == 200 {
            assert!(
                [self.loans[loan].lender, self.loans[loan].delegate].contains(&who),
                "a stranger ended a loan"
            );
            // The session is its owner's own again; the loan stays in the list, so that it may be tried again.
            self.loans[loan].permissions.clear();
            let delegate = self.loans[loan].delegate;
            if self.acting[delegate] == Some(loan) {
                self.acting[delegate] = None;
            }
        }
    }

    async fn asks(&mut self, who: usize) {
        let ask = fresh("ask");
        let kind = if CAST[who] == "data_officer" { "erase_people" } else { "export_identities" };
        let fields = json!({ "ask": ask, "kind": kind, "about": "a list", "territory": TAIGU, "reason": "it is time" });
        if self.people[who].change("ask-second-person", fields).await.status == 200 {
            self.granted[1] += 1;
            self.asks.insert(ask, self.parties(who));
        }
    }

    async fn answers(&mut self, who: usize, ask: &str) {
        let answer = self.people[who].change("answer-ask", json!({ "ask": ask, "agreed": true })).await;
        if answer.status == 200 {
            self.granted[2] += 1;
            let behind = self.asks.remove(ask).expect("a request that is still open");
            let answering = self.parties(who);
            assert!(
                !answering.iter().any(|one| behind.contains(one)),
                "{behind:?} asked, {answering:?} answered"
            );
        }
    }
}

async fn no_order_of_loans_and_requests_joins_what_is_kept_apart(town: &mut Town) {
    let steps: usize =
        std::env::var("QUELL_SEPARATION_STEPS").ok().and_then(|text| text.parse().ok()).unwrap_or(600);
    let seed = 20_220_221_u64;
    println!("seed {seed}, {steps} steps");
    let mut rng = Streams::seeded(seed).of("deeds");
    let mut people = Vec::new();
    for role in CAST {
        people.push(town.person(role, TAIGU).await);
    }
    let acting = vec![None; CAST.len()];
    let mut world = World { people, loans: Vec::new(), acting, asks: BTreeMap::new(), granted: [0; 3] };
    for _ in 0..steps {
        let (who, other) = (rng.below(CAST.len()), rng.below(CAST.len()));
        match rng.below(9) {
            0 | 1 => world.lends(who, other, &mut rng).await,
            2 | 3 if !world.loans.is_empty() => {
                let loan = rng.below(world.loans.len());
                world.acts(world.loans[loan].delegate, Some(loan)).await;
                world.acts(who, (rng.share() < 0.5).then_some(loan)).await;
            }
            4 if !world.loans.is_empty() => {
                let loan = rng.below(world.loans.len());
                world.ends(who, loan).await;
            }
            5 | 6 => world.asks(who).await,
            _ => {
                let open: Vec<String> = world.asks.keys().cloned().collect();
                if let Some(ask) = open.get(rng.below(open.len().max(1))) {
                    world.answers(who, ask).await;
                }
            }
        }
    }
    let [loans, asks, answers] = world.granted;
    println!("{loans} loans, {asks} requests and {answers} answers were granted");
    assert!(loans > 10 && asks > 20 && answers > 5, "something happened: {:?}", world.granted);
}
