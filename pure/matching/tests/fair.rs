//! What must hold for any two records.

use base::Day;
use cases::Sex;
use matching::{Born, Compared, Described, Verdict, compare, shown};
use proptest::prelude::*;

const NAMES: [&str; 8] =
    ["王晓明", "Xiaoming WANG", "王小红", "李建国", "Li Jianguo", "J Smith", "John Smith", "王某某"];
const NUMBERS: [&str; 6] = [
    "110105199003077713",
    "110105900307771",
    "110105199003077813",
    "140726197511123399",
    "E12345678",
    "unknown",
];
const PHONES: [&str; 4] = ["13900001234", "+86 139-0000-1234", "13900001235", "0354-6222222"];
const ADDRESSES: [&str; 3] = ["太谷区幸福路12号3单元401", "太谷区幸福路12号3单元402", "榆次区"];
const TERRITORIES: [&str; 4] = ["14/1407/140726", "14/1407/140702", "14/1401/140105", "14"];

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    proptest::option::of(proptest::sample::select(words).prop_map(str::to_owned))
}

prop_compose! {
    fn described()(
        name in one_of(&NAMES), id_number in one_of(&NUMBERS), phone in one_of(&PHONES), address in one_of(&ADDRESSES),
        sex in proptest::option::of(proptest::sample::select(vec![Sex::Female, Sex::Male])),
        born in proptest::option::of((7_000_i32..7_400, proptest::sample::select(vec![None, Some(30.0), Some(31.0)]))),
        territory in one_of(&TERRITORIES),
    ) -> Described {
        let born = born.and_then(|(day, age)| {
            let day = Day::from_number(day)?;
            age.map_or(Some(Born::on(day)), |age| Born::of_age(age, day + 11_000))
        });
        Described { name, id_number, phone, address, sex, born, territory: territory.map(|path| path.parse().unwrap()) }
    }
}

fn blanked(of: &Described, field: usize) -> Described {
    let mut of = of.clone();
    match field {
        0 => of.name = None,
        1 => of.id_number = None,
        2 => of.phone = None,
        3 => of.address = None,
        4 => of.sex = None,
        5 => of.born = None,
        _ => of.territory = None,
    }
    of
}

const FIELDS: [&[&str]; 7] =
    [&["name"], &["id", "document"], &["phone"], &["address"], &["sex"], &["born", "age"], &["place"]];

fn bits_of(field: usize, compared: &Compared) -> f64 {
    let of_field = |word: &str| FIELDS[field].iter().any(|start| word.starts_with(start));
    compared.reasons.iter().filter(|reason| of_field(reason.word.word())).map(|reason| reason.bits).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn which_record_stands_left_does_not_matter(a in described(), b in described()) {
        let (one, other) = (compare(&a, &b), compare(&b, &a));
        prop_assert_eq!(one, other);
    }

    #[test]
    fn silence_neither_accuses_nor_excuses(a in described(), b in described(), field in 0_usize..7) {
        let (whole, less) = (compare(&a, &b), compare(&blanked(&a, field), &b));
        let spoke = bits_of(field, &whole);
        if spoke > 0.0 {
            prop_assert!(less.bits <= whole.bits + 0.2, "{whole:?} {less:?}");
        }
        if spoke < 0.0 {
            prop_assert!(less.bits >= whole.bits - 0.2, "{whole:?} {less:?}");
        }
    }

    #[test]
    fn a_name_alone_never_says_same(a in described(), b in described()) {
        let only_name = |of: &Described| Described {
            name: of.name.clone(), sex: of.sex, territory: of.territory.clone(), address: of.address.clone(), ..Described::default()
        };
        prop_assert_ne!(compare(&only_name(&a), &only_name(&b)).verdict, Verdict::Same);
    }

    #[test]
    fn spelling_does_not_matter(a in described(), b in described()) {
        let mut spelled = a.clone();
        spelled.name = spelled.name.map(|name| format!("  {}", name.to_uppercase()));
        spelled.phone = spelled.phone.map(|phone| phone.replace('-', " "));
        spelled.id_number = spelled.id_number.map(|number| number.to_lowercase());
        prop_assert_eq!(compare(&a, &b), compare(&spelled, &b));
        prop_assert_eq!(shown(&a), shown(&spelled));
    }
}

#[test]
fn who_is_proposed_and_who_is_not() {
    let person = |name: &str, id: &str, phone: &str| Described {
        name: Some(name.to_owned()),
        id_number: Some(id.to_owned()).filter(|id| !id.is_empty()),
        phone: Some(phone.to_owned()).filter(|phone| !phone.is_empty()),
        sex: Some(Sex::Female),
        territory: Some("14/1407/140726".parse().unwrap()),
        ..Described::default()
    };
    let says = |a: &Described, b: &Described| compare(a, b).verdict;
    let anna = person("王晓红", "110105199003077713", "13900001234");
    assert_eq!(says(&anna, &person("Wang Xiaohong", "110105900307771", "")), Verdict::Same);
    assert_eq!(says(&anna, &person("王晓红", "", "139 0000 1234")), Verdict::Same);
    assert_eq!(
        says(&anna, &person("李建国", "110105199003077713", "")),
        Verdict::Ask,
        "one number, two names"
    );
    assert_eq!(
        says(&anna, &person("李建国", "", "13900001234")),
        Verdict::Different,
        "a household's telephone"
    );
    assert_eq!(
        says(&anna, &person("王晓红", "140726197511123399", "")),
        Verdict::Ask,
        "two numbers, one name"
    );
    let swapped =
        |day: &str| Described { born: Some(Born::on(day.parse().unwrap())), ..person("王晓红", "", "") };
    assert_eq!(says(&swapped("1990-03-05"), &swapped("1990-05-03")), Verdict::Same);
    assert_eq!(says(&swapped("1990-03-05"), &swapped("1957-05-03")), Verdict::Ask);
}
