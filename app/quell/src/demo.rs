//! A new database for looking around: a scenario of invented people on the days it happened, one account per role, and whom orders need.

mod cast;
mod contained;
mod drill;
mod followed;
mod ordered;
mod posting;
mod sentinels;
mod tested;
mod traced;

use base::{Day, Id, Moment, Stream, Streams, Territory};
use rooms::access::changes::CreateAccount;
use rooms::access::{any_account, hash_password, invent_password};
use rooms::cases::changes::{
    AddContact, AddFigure, AddNote, AddPlace, AmendContact, ClassifyCase, LinkCases, OpenEvent, ReportCase,
};
use rooms::people::Identity;
use rooms::{cases as room, packed};
use scenario::{CaseReport, ContactReport, Dated, PlaceKind, Script, Spec, Step};
use std::collections::BTreeMap;
use store::{Actor, Change, Db, Sealed, random_bits};

/// The same invented people every time, so that two people can talk about the same screen.
const SEED: u64 = 20_220_220;

const SUMMARY: &str = "一家五口自呼和浩特返回太谷，筛查发现阳性；此后发现的病例均在隔离中。数字与日期取自公开通报，人物均为虚构。\n\
     A family of five returned to Taigu from Hohhot and was found positive on screening; everybody found later was in \
     quarantine. Counts and days are the published ones, every person is invented.";

/// Yuci, the county beside.
const NEIGHBOUR: &str = "14/1407/140702";

/// Days of a scenario are written down at nine in the morning, China's time.
const NINE_IN_THE_MORNING: i64 = 9 * 3600;

/// Loads the scenario (once; a second time changes nothing) and, where nobody has an account yet, makes one per role.
pub fn prepare(db: &Db, scenario: &str) -> Result<(), String> {
    if scenario != "taigu-2022" {
        return Err(format!(
            "there is no scenario `{scenario}`; the one that comes with Quell is taigu-2022"
        ));
    }
    let spec = Spec::read(scenario::TAIGU_2022).map_err(|fault| fault.to_string())?;
    let disease = packed::diseases().by_id(&spec.disease).ok_or("the scenario's disease has no pack")?;
    let script =
        scenario::taigu(SEED, packed::shanxi(), disease, &spec).map_err(|fault| fault.to_string())?;
    let told = Telling::new(db, &script, &spec);
    told.tell(&script)?;
    traced::ask(db, &script, &spec.territory, NEIGHBOUR)?;
    let accounts = db.read_now(|reader| any_account(reader)).map_err(|fault| fault.to_string())?;
    if accounts {
        println!("The accounts exist already; a new password: quell account reset LOGIN");
        return Ok(());
    }
    sentinels::send(db, &spec.territory)?;
    tested::screen(db, &spec)?;
    drill::hold(db, &spec.territory)?;
    make_accounts(db, &spec)?;
    let cast = cast::Cast::of(db)?;
    contained::contain(db, &cast, &script, &spec)?;
    followed::follow(db, &cast, &spec.screening.sealed_zone)?;
    ordered::order(db, &cast, &spec.territory)?;
    sentinels::link_reporter(db, &spec.territory)?;
    sentinels::ask_the_public(db, &spec.territory)
}

/// Ids are drawn from the seed by the number of each thing, so that telling the scenario twice is telling it once.
struct Telling<'a> {
    db: &'a Db,
    actor: Actor,
    ids: Streams,
    disease: String,
    event: Id<room::Event>,
    territory: Territory,
    contact_cases: BTreeMap<String, Id<room::Case>>,
}

impl<'a> Telling<'a> {
    fn new(db: &'a Db, script: &Script, spec: &Spec) -> Telling<'a> {
        let ids = Streams::seeded(SEED);
        let mut contact_cases = BTreeMap::new();
        for case in script.cases() {
            if let Some(contact) = &case.was_contact {
                contact_cases.insert(contact.clone(), id(&ids, "case", &case.no));
            }
        }
        Telling {
            db,
            actor: Actor { id: "scenario".to_owned(), ..Actor::operator() },
            ids,
            disease: spec.disease.clone(),
            event: id(&ids, "event", &spec.id),
            territory: spec.territory.clone(),
            contact_cases,
        }
    }

    fn tell(&self, script: &Script) -> Result<(), String> {
        for (at, dated) in script.steps.iter().enumerate() {
            self.step(at, dated).map_err(|fault| format!("step {at} of the scenario: {fault}"))?;
        }
        Ok(())
    }

    fn change(&self, at: usize, part: &str) -> Id<store::Sent> {
        id(&self.ids, part, &format!("change {at}"))
    }

    fn send<C: Change>(&self, day: Day, change: C) -> store::Result<()> {
        let moment = Moment::start_of(day, 480).plus_seconds(NINE_IN_THE_MORNING);
        self.db.apply_now(&self.actor, moment, change).map(|_| ())
    }

    fn step(&self, at: usize, dated: &Dated) -> store::Result<()> {
        let (event, day, change) = (self.event, dated.day, self.change(at, "step"));
        match &dated.step {
            Step::OpenEvent { zh, en, disease, territory, .. } => self.send(
                day,
                OpenEvent {
                    id: change,
                    event,
                    name: format!("{zh} · {en}"),
                    disease: Some(disease.clone()),
                    territory: territory.clone(),
                    started: Some(day),
                    summary: Some(SUMMARY.to_owned()),
                },
            ),
            Step::Place { no, kind, zh, en, territory } => self.send(
                day,
                AddPlace {
                    id: change,
                    place: id(&self.ids, "place", no),
                    event,
                    name: format!("{zh} · {en}"),
                    kind: place_word(*kind).to_owned(),
                    territory: territory.clone(),
                    first_day: None,
                    last_day: None,
                },
            ),
            Step::ReportCase(report) => self.report(day, change, report),
            Step::Classify { case_no, to, why } => self.send(
                day,
                ClassifyCase {
                    id: change,
                    case: id(&self.ids, "case", case_no),
                    to: *to,
                    day,
                    reason: Sealed::Open(why.clone()),
                },
            ),
            Step::AddContact(report) => self.contact(day, change, report),
            Step::Link(link) => self.send(
                day,
                LinkCases {
                    id: change,
                    link: id(&self.ids, "link", &format!("{}>{}", link.infector, link.infectee)),
                    from: id(&self.ids, "case", &link.infector),
                    to: id(&self.ids, "case", &link.infectee),
                    evidence: link.evidence,
                    relation: None,
                },
            ),
            Step::Figure { kind, value, source, .. } => self.send(
                day,
                AddFigure {
                    id: change,
                    figure: id(&self.ids, "figure", &format!("{day} {kind} {value}")),
                    event,
                    day,
                    kind: kind.clone(),
                    value: i64::try_from(*value).unwrap_or(i64::MAX),
                    territory: self.territory.clone(),
                    source: source.clone(),
                },
            ),
            Step::Note { zh, en, .. } => self.send(
                day,
                AddNote {
                    id: change,
                    note: id(&self.ids, "note", &format!("{at}")),
                    event,
                    text: Sealed::Open(format!("{zh}\n{en}")),
                },
            ),
        }
    }

    fn report(&self, day: Day, change: Id<store::Sent>, report: &CaseReport) -> store::Result<()> {
        let case = id(&self.ids, "case", &report.no);
        self.send(
            day,
            ReportCase {
                id: change,
                case,
                subject: id(&self.ids, "subject", report.was_contact.as_ref().unwrap_or(&report.no)),
                event: Some(self.event),
                case_no: Some(report.no.clone()),
                disease: Some(self.disease.clone()),
                territory: report.person.residence.clone(),
                identity: Some(Sealed::Open(identity(&report.person))),
                sex: Some(report.person.sex),
                age: Some(f64::from(report.person.age)),
                occupation: None,
                classification: report.classification,
                found: Some(report.found),
                outcome: None,
                dates: report.dates.clone(),
            },
        )?;
        let Some(contact) = &report.was_contact else { return Ok(()) };
        self.send(
            day,
            AmendContact {
                id: id(&self.ids, "became", &report.no),
                contact: id(&self.ids, "contact", contact),
                class: None,
                relation: None,
                first_exposure: None,
                last_exposure: None,
                status: None,
                became_case: self.contact_cases.get(contact).copied(),
            },
        )
    }

    fn contact(&self, day: Day, change: Id<store::Sent>, report: &ContactReport) -> store::Result<()> {
        self.send(
            day,
            AddContact {
                id: change,
                contact: id(&self.ids, "contact", &report.no),
                subject: id(&self.ids, "subject", &report.no),
                contact_no: Some(report.no.clone()),
                event: Some(self.event),
                source_case: Some(id(&self.ids, "case", &report.of_case)),
                territory: report.person.residence.clone(),
                identity: Some(Sealed::Open(identity(&report.person))),
                sex: Some(report.person.sex),
                age: Some(f64::from(report.person.age)),
                class: report.class,
                relation: Some(exposure_word(report).to_owned()),
                first_exposure: Some(report.first_exposure),
                last_exposure: Some(report.last_exposure),
            },
        )
    }
}

fn id<T>(ids: &Streams, kind: &str, no: &str) -> Id<T> {
    let mut stream: Stream = ids.of(&format!("{kind} {no}"));
    Id::from_bits(stream.id_bits())
}

fn identity(person: &scenario::Person) -> Identity {
    Identity {
        name: Some(person.name.clone()),
        id_number: Some(person.id_number.clone()),
        phone: Some(person.phone.clone()),
        address: None,
    }
}

fn place_word(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::Home => "home",
        PlaceKind::Hospital => "hospital",
        PlaceKind::QuarantineSite => "quarantine_site",
        PlaceKind::Restaurant => "restaurant",
        PlaceKind::Workplace => "workplace",
    }
}

fn exposure_word(report: &ContactReport) -> &'static str {
    match report.exposure {
        scenario::Exposure::Meal => "meal",
        scenario::Exposure::Work => "work",
        scenario::Exposure::Visit => "visit",
        scenario::Exposure::Transport => "transport",
    }
}

/// One per role, each with the territory such a person would have, and whom orders need; passwords are made now and shown once.
fn make_accounts(db: &Db, spec: &Spec) -> Result<(), String> {
    println!("Demo accounts (made now, shown once; data and people are invented):");
    println!("  {:<16} {:<26} {:<22} territory", "role", "login", "password");
    for role in &packed::roles().roles {
        let name = format!("{} ({})", role.zh, role.en);
        make_account(db, (&role.id, &role.id, &name), territory_for(&role.id, &spec.territory), None)?;
    }
    for (login, role, name, organisation) in cast::SEATS {
        let territory = cast::territory_of_seat(login, &spec.territory);
        make_account(db, (login, role, name), territory, Some(organisation))?;
    }
    Ok(())
}

fn make_account(
    db: &Db,
    (login, role, name): (&str, &str, &str),
    territory: Territory,
    organisation: Option<&str>,
) -> Result<(), String> {
    let password = invent_password();
    println!("  {role:<16} {login:<26} {password:<22} {territory}");
    let change = CreateAccount {
        id: Id::from_bits(random_bits()),
        account: Id::from_bits(random_bits()),
        login: login.to_owned(),
        name: name.to_owned(),
        role: role.to_owned(),
        territory,
        organisation: organisation.map(str::to_owned),
        password_hash: hash_password(&password).map_err(|fault| fault.to_string())?,
    };
    let now = Moment(i64::try_from(now_millis()).unwrap_or(i64::MAX));
    db.apply_now(&Actor::operator(), now, change).map_err(|fault| fault.to_string())?;
    Ok(())
}

fn territory_for(role: &str, county: &Territory) -> Territory {
    match role {
        "field" | "sentinel" => county.clone(),
        "laboratory" => county.at_depth(2),
        "administrator" => Territory::whole(),
        _ => county.at_depth(1),
    }
}

fn now_millis() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_millis()
}
