//! A town of invented people, some of them registered twice by tired hands: how many pairs do the marks bring together, how
//! few must be looked at, and what does the score say of them. The figures are those of docs/matching.md.

use base::{Day, Stream, Streams};
use cases::Sex;
use matching::{Born, Described, Verdict, compare, shown};
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: usize = 10_000;
const TWICE: usize = 2_000;
const SURNAMES: &str =
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈";
const GIVEN: &str = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉力建国华玉梅红春生晓小志宏海波云飞雪婷欣怡浩宇轩梓涵子墨";
const LETTERS: [(&str, &str); 6] =
    [("晓", "小"), ("伟", "卫"), ("明", "名"), ("建", "健"), ("芳", "方"), ("静", "敬")];

struct Registered {
    who: usize,
    described: Described,
}

fn pick(stream: &mut Stream, signs: &str) -> char {
    let signs: Vec<char> = signs.chars().collect();
    *stream.pick(&signs)
}

fn person(who: usize, household: usize, stream: &mut Stream) -> Described {
    let born = Day::from_number(-14_000 + stream.below(32_000) as i32).unwrap();
    let two = stream.share() < 0.8;
    let given: String = (0..1 + usize::from(two)).map(|_| pick(stream, GIVEN)).collect();
    let sex = if stream.share() < 0.5 { Sex::Female } else { Sex::Male };
    // The order digits run with the person, and the check digit is wrong: these numbers belong to nobody.
    let number = format!("1407{:02}{}{:03}Z", 20 + who % 30, born.to_string().replace('-', ""), who % 1_000);
    Described {
        name: Some(format!("{}{given}", pick(stream, SURNAMES))),
        id_number: (stream.share() < 0.7).then(|| number.replace('Z', "X")),
        phone: (stream.share() < 0.8).then(|| format!("139{:08}", household * 7_919 % 100_000_000)),
        address: Some(format!(
            "太谷区第{}号院{}单元{}室",
            household / 40,
            household % 8,
            100 + household % 37
        )),
        sex: Some(sex),
        born: Some(Born::on(born)),
        territory: Some(format!("14/1407/1407{:02}", 20 + household % 11).parse().unwrap()),
    }
}

/// The same person at another desk: fields are missing, digits slip, a name is heard or written in letters.
fn again(of: &Described, stream: &mut Stream) -> Described {
    let mut told = of.clone();
    let born = of.born.and_then(Born::exact).unwrap();
    if stream.share() < 0.45 {
        told.id_number = None;
    } else if stream.share() < 0.06 {
        told.id_number = told.id_number.map(|number| slip(&number, stream));
    }
    match stream.share() {
        share if share < 0.25 => told.phone = None,
        share if share < 0.40 => told.phone = Some(format!("138{:08}", stream.below(100_000_000))),
        share if share < 0.44 => told.phone = told.phone.map(|phone| slip(&phone, stream)),
        _ => {}
    }
    match stream.share() {
        share if share < 0.10 => {
            let heard = LETTERS.iter().fold(told.name.unwrap(), |name, (a, b)| name.replace(a, b));
            told.name = Some(heard);
        }
        share if share < 0.13 => told.name = None,
        _ => {}
    }
    told.born = match stream.share() {
        share if share < 0.60 => {
            let today = Day::of(2022, 2, 20).unwrap();
            let full = f64::from((today - born).max(0)) / 365.25;
            let off = if stream.share() < 0.08 { 1.0 } else { 0.0 };
            Born::of_age((full.floor() + off).max(0.0), today)
        }
        share if share < 0.63 => {
            Day::of(born.year(), born.day_of_month().min(12), born.month()).map(Born::on)
        }
        _ => told.born,
    };
    if stream.share() < 0.5 {
        told.address = None;
    }
    told
}

fn slip(digits: &str, stream: &mut Stream) -> String {
    let at = stream.below(digits.len() - 1);
    let mut signs: Vec<char> = digits.chars().collect();
    signs[at] = char::from_digit((signs[at].to_digit(10).unwrap_or(0) + 1 + stream.below(8) as u32) % 10, 10)
        .unwrap();
    signs.into_iter().collect()
}

fn town(seed: u64) -> Vec<Registered> {
    let streams = Streams::seeded(seed);
    let (mut first, mut second) = (streams.of("person"), streams.of("again"));
    let mut town: Vec<Registered> =
        (0..PEOPLE).map(|who| Registered { who, described: person(who, who / 3, &mut first) }).collect();
    for who in 0..TWICE {
        let described = again(&town[who * (PEOPLE / TWICE)].described, &mut second);
        town.push(Registered { who: who * (PEOPLE / TWICE), described });
    }
    town
}

#[test]
fn marks_bring_pairs_together_and_the_score_tells_them_apart() {
    let town = town(20_261_126);
    let mut marked: BTreeMap<(matching::Kind, String), Vec<usize>> = BTreeMap::new();
    for (at, registered) in town.iter().enumerate() {
        for value in shown(&registered.described) {
            marked.entry(value).or_default().push(at);
        }
    }
    let mut candidates: BTreeSet<(usize, usize)> = BTreeSet::new();
    for group in marked.values() {
        for (nth, a) in group.iter().enumerate() {
            candidates.extend(group[nth + 1..].iter().map(|b| (*a, *b)));
        }
    }
    let one_person = |(a, b): &&(usize, usize)| town[*a].who == town[*b].who;
    let met = candidates.iter().filter(one_person).count();
    let all = town.len() * (town.len() - 1) / 2;
    let (mut told, mut wrong) = (BTreeMap::new(), BTreeMap::new());
    for pair in &candidates {
        let verdict = compare(&town[pair.0].described, &town[pair.1].described).verdict;
        *(if one_person(&pair) { &mut told } else { &mut wrong }).entry(verdict).or_insert(0_usize) += 1;
    }
    let completeness = met as f64 / TWICE as f64;
    let reduction = 1.0 - candidates.len() as f64 / all as f64;
    let of = |counts: &BTreeMap<Verdict, usize>, verdict| counts.get(&verdict).copied().unwrap_or(0);
    let (right, false_same) = (of(&told, Verdict::Same), of(&wrong, Verdict::Same));
    println!(
        "{} records, {TWICE} registered twice: {} pairs to look at, completeness {completeness:.4}, reduction {reduction:.6}; \
         of the {met} true pairs {right} same, {} ask, {} different; of the {} others {false_same} same, {} ask",
        town.len(),
        candidates.len(),
        of(&told, Verdict::Ask),
        of(&told, Verdict::Different),
        candidates.len() - met,
        of(&wrong, Verdict::Ask),
    );
    assert!(completeness > 0.95, "{completeness}");
    assert!(reduction > 0.999, "{reduction}");
    let proposed = right + of(&told, Verdict::Ask);
    assert!(proposed as f64 / met as f64 > 0.97, "{proposed} of {met}");
    assert!(false_same * 500 < right, "{false_same} wrong beside {right}");
}
