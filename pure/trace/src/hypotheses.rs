//! Which shared exposure would explain a cluster: every suspect as a table of ill and well, exposed and not, the likeliest first.
//!
//! Deliberately absent: the verdict. Who ate the cake also drank the water; a person asks on, and samples.

use stats::{Exactness, Ratio, TwoByTwo, clopper_pearson};

/// Something people may have shared: a dish, a room, an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    pub name: String,
    /// Of each person, in the order of the ill; `None` when nobody knows.
    pub exposed: Vec<Option<bool>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    pub name: String,
    pub table: TwoByTwo,
    /// People whose exposure is not known; they are in no number.
    pub not_known: u64,
    /// Shares of 0 to 1 who fell ill, with exact intervals (Clopper-Pearson).
    pub attack_rate_exposed: Ratio,
    pub attack_rate_unexposed: Ratio,
    pub risk_ratio: Ratio,
    pub odds_ratio: Ratio,
    pub odds_ratio_mid_p: Ratio,
    /// Fisher's exact test, and the same held against the number of suspects looked at (Holm 1979).
    pub p_value: f64,
    pub p_value_of_many: f64,
}

/// The suspects by how strongly the cluster points at them at the least: by the lower end of the mid-p interval of the odds ratio at
/// `level`, then by the share of the ill they explain. A large ratio from few people ranks below a smaller one that is sure.
///
/// # Source
/// Holm 1979, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6:65-70.
pub fn rank_hypotheses(ill: &[bool], suspects: &[Suspect], level: f64) -> Vec<Hypothesis> {
    let mut ranked: Vec<Hypothesis> =
        suspects.iter().map(|suspect| hypothesis(ill, suspect, level)).collect();
    hold_against_many(&mut ranked);
    ranked.sort_by(|a, b| {
        let sure = b.odds_ratio_mid_p.low.total_cmp(&a.odds_ratio_mid_p.low);
        sure.then(b.table.explains().total_cmp(&a.table.explains())).then(a.name.cmp(&b.name))
    });
    ranked
}

fn hypothesis(ill: &[bool], suspect: &Suspect, level: f64) -> Hypothesis {
    assert_eq!(ill.len(), suspect.exposed.len(), "everybody is ill or well, and was asked");
    let (mut table, mut not_known) = (TwoByTwo::default(), 0);
    for (ill, exposed) in ill.iter().zip(&suspect.exposed) {
        let count = match (exposed, ill) {
            (None, _) => &mut not_known,
            (Some(true), true) => &mut table.exposed_ill,
            (Some(true), false) => &mut table.exposed_well,
            (Some(false), true) => &mut table.unexposed_ill,
            (Some(false), false) => &mut table.unexposed_well,
        };
        *count += 1;
    }
    let rate = |ill: u64, of: u64| {
        let (low, high) = clopper_pearson(ill, of, level);
        Ratio { value: ill as f64 / of as f64, low, high }
    };
    let p_value = table.p_value();
    Hypothesis {
        name: suspect.name.clone(),
        table,
        not_known,
        attack_rate_exposed: rate(table.exposed_ill, table.exposed()),
        attack_rate_unexposed: rate(table.unexposed_ill, table.unexposed()),
        risk_ratio: table.risk_ratio(level),
        odds_ratio: table.odds_ratio(level, Exactness::Conditional),
        odds_ratio_mid_p: table.odds_ratio(level, Exactness::MidP),
        p_value,
        p_value_of_many: p_value,
    }
}

fn hold_against_many(hypotheses: &mut [Hypothesis]) {
    hypotheses.sort_by(|a, b| a.p_value.total_cmp(&b.p_value));
    let many = hypotheses.len();
    let mut so_far = 0.0_f64;
    for (place, hypothesis) in hypotheses.iter_mut().enumerate() {
        so_far = so_far.max(((many - place) as f64 * hypothesis.p_value).min(1.0));
        hypothesis.p_value_of_many = so_far;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The church supper of Oswego 1940: exposed ill and well, others ill and well, as CDC's course prints them.
    const OSWEGO: [(&str, [usize; 4]); 6] = [
        ("baked ham", [29, 17, 17, 12]),
        ("spinach", [26, 17, 20, 12]),
        ("cakes", [27, 13, 19, 16]),
        ("vanilla ice cream", [43, 11, 3, 18]),
        ("chocolate ice cream", [25, 22, 20, 7]),
        ("water", [13, 11, 33, 18]),
    ];

    /// 46 ill and 29 well, each dish shared out among them so that its table is the one printed.
    fn supper() -> (Vec<bool>, Vec<Suspect>) {
        let ill: Vec<bool> = (0..75).map(|person| person < 46).collect();
        let dish = |(name, [a, b, c, d]): &(&str, [usize; 4])| {
            let of = |yes: usize, no: usize, all: usize| {
                let said = |person: usize| match person {
                    _ if person < yes => Some(true),
                    _ if person < yes + no => Some(false),
                    _ => None,
                };
                (0..all).map(said).collect::<Vec<_>>()
            };
            Suspect { name: (*name).to_owned(), exposed: [of(*a, *c, 46), of(*b, *d, 29)].concat() }
        };
        (ill, OSWEGO.iter().map(dish).collect())
    }

    #[test]
    fn the_ice_cream_of_oswego_comes_first_and_alone() {
        let (ill, dishes) = supper();
        let ranked = rank_hypotheses(&ill, &dishes, 0.95);
        let first = &ranked[0];
        assert_eq!(first.name, "vanilla ice cream");
        assert_eq!(first.table.exposed_ill, 43);
        assert!((first.attack_rate_exposed.value - 0.796).abs() < 0.0005);
        assert!((first.attack_rate_unexposed.value - 0.143).abs() < 0.0005);
        assert!((first.table.explains() - 43.0 / 46.0).abs() < 1e-12);
        let loud: Vec<&str> =
            ranked.iter().filter(|one| one.p_value_of_many < 0.05).map(|one| one.name.as_str()).collect();
        assert_eq!(loud, ["vanilla ice cream"]);
        let chocolate = ranked.iter().find(|one| one.name == "chocolate ice cream").unwrap();
        assert_eq!(chocolate.not_known, 1);
    }

    #[test]
    fn two_of_two_rank_below_forty_of_fifty() {
        let ill: Vec<bool> = (0..100).map(|person| person < 50).collect();
        let many = (0..100).map(|person| Some(!(40..90).contains(&person))).collect();
        let few = (0..100).map(|person| Some(person < 2)).collect();
        let suspects =
            [Suspect { name: "few".into(), exposed: few }, Suspect { name: "many".into(), exposed: many }];
        let ranked = rank_hypotheses(&ill, &suspects, 0.95);
        assert_eq!(ranked[0].name, "many");
        assert!(ranked[1].odds_ratio.high.is_infinite());
    }

    #[test]
    fn held_against_many_is_never_surer_and_keeps_the_order() {
        let (ill, dishes) = supper();
        let mut ranked = rank_hypotheses(&ill, &dishes, 0.95);
        ranked.sort_by(|a, b| a.p_value.total_cmp(&b.p_value));
        assert!((ranked[0].p_value_of_many - 6.0 * ranked[0].p_value).abs() < 1e-15);
        assert!(ranked.iter().all(|one| one.p_value_of_many >= one.p_value && one.p_value_of_many <= 1.0));
        assert!(ranked.windows(2).all(|two| two[0].p_value_of_many <= two[1].p_value_of_many));
    }
}
