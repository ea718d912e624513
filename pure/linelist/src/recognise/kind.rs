//! Is this a list of cases, of contacts, or of who infected whom?

use super::super::header::Header;
use crate::{ListKind, Whose};

const INFECTOR: [&str; 6] = ["infector", "index", "primary", "donor", "from", "source"];
const INFECTEE: [&str; 6] = ["infectee", "secondary", "recipient", "to", "infected", "case"];
const INFECTOR_CHINESE: [&str; 5] = ["传染者", "上代病例", "一代病例", "指示病例", "传染源"];
const INFECTEE_CHINESE: [&str; 5] = ["被感染者", "下代病例", "二代病例", "续发病例", "被传染者"];

/// Whom a header of a list of links speaks about, and the header without that word.
pub fn whose(header: &Header) -> (Whose, Header) {
    let without = |names: &[&str]| {
        let name = names.iter().find(|name| header.chinese.starts_with(*name))?;
        Some(Header { chinese: header.chinese[name.len()..].to_owned(), ..header.clone() })
    };
    if let Some(rest) = without(&INFECTEE_CHINESE) {
        return (Whose::Infectee, rest);
    }
    if let Some(rest) = without(&INFECTOR_CHINESE) {
        return (Whose::Infector, rest);
    }
    match header.words.first().map(String::as_str) {
        Some(first) if INFECTOR.contains(&first) => (Whose::Infector, header.without_first(1)),
        Some(first) if INFECTEE.contains(&first) => (Whose::Infectee, header.without_first(1)),
        _ => (Whose::Row, header.clone()),
    }
}

pub fn kind_of(headers: &[Header]) -> ListKind {
    let sides: Vec<(Whose, Header)> = headers.iter().map(whose).collect();
    let facts_about = |side: Whose| {
        sides
            .iter()
            .filter(|(whose, rest)| *whose == side && !(rest.words.is_empty() && rest.chinese.is_empty()))
            .count()
    };
    // Facts about both ends of a link, as in `infector_age`, `infectee_age`.
    if facts_about(Whose::Infector) >= 2 && facts_about(Whose::Infectee) >= 2 {
        return ListKind::Links;
    }
    // A bare edge list: two ends and little else.
    let bare = |names: &[&str]| headers.iter().any(|header| names.contains(&header.words.join(" ").as_str()));
    let ends = bare(&["infector", "infector id", "from"]);
    let others = bare(&["infectee", "infectee id", "to", "case id", "case"]);
    // Anything about a person or a day makes it a list of cases that names infectors.
    let about_cases =
        ["onset", "symptom", "sex", "gender", "age", "confirmed", "confirmation", "report", "name"];
    let facts =
        headers.iter().any(|header| header.words.iter().any(|word| about_cases.contains(&word.as_str())));
    if ends && others && !facts {
        return ListKind::Links;
    }
    let of_contacts = headers.iter().filter(|header| speaks_of_contacts(header)).count();
    if of_contacts >= 2 { ListKind::Contacts } else { ListKind::Cases }
}

fn speaks_of_contacts(header: &Header) -> bool {
    let english = header.content().join(" ");
    let names = [
        "contact id",
        "class contact",
        "classification contact",
        "contact last",
        "contact first",
        "contact no",
        "contact number",
        "contact type",
        "contact name",
    ];
    let chinese = ["接触者", "密接", "末次接触", "最后接触", "首次接触", "关联病例"];
    names.contains(&english.as_str()) || chinese.iter().any(|name| header.chinese.contains(name))
}
