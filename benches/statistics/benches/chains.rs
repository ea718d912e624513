//! Who infected whom in outbreaker2's own simulated outbreak, by days, contacts and sequences: the peer's processor time beside
//! ours for as many effective draws as it can have.

use base::Streams;
use statistics_bench::{Target, cpu_seconds, or_stop, tell, text};
use trace::reconstruction::{
    Compatibility, Contacts, DelayDays, Distances, Evidence, Model, Posterior, Run, Situation, sample,
};

/// `outbreaker` of outbreaker2 1.1.4, 10,000 iterations, median of three runs on two busy cores of the same kind.
const PEER_SECONDS: f64 = 29.1;
/// What the peer keeps of its 10,000 iterations after 1,000 and one in 50: no more effective draws than that.
const PEER_DRAWS: f64 = 180.0;
/// Were every iteration an independent draw.
const PEER_ITERATIONS: f64 = 9_000.0;

fn rows(case: &str, file: &str) -> Vec<Vec<f64>> {
    let text = text(&format!("../cases/{case}/{file}"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let number = |cell: &str| cell.parse().unwrap_or(f64::NAN);
    reader.records().map(|row| or_stop(row, file).iter().map(number).collect()).collect()
}

fn main() {
    let case = "outbreaker2_like__fake_full";
    let delay = |file: &str| {
        let shares = std::iter::once(0.0).chain(rows(case, file).iter().map(|row| row[1])).collect();
        or_stop(DelayDays::of(shares, "delay"), file)
    };
    let pairs = rows(case, "contacts.csv");
    let sites = rows(case, "snp_distance.csv");
    let evidence = Evidence {
        days: rows(case, "cases.csv").iter().map(|row| row[1] as i32).collect(),
        contacts: Some(Contacts {
            records: pairs.iter().map(|row| (row[0] as usize - 1, row[1] as usize - 1)).collect(),
            directed: false,
        }),
        distances: Some(Distances {
            genome_length: 10_000,
            sites: sites
                .iter()
                .map(|row| row[1..].iter().map(|sites| Some(*sites as u32)).collect())
                .collect(),
        }),
        ..Evidence::default()
    };
    let truth = rows("outbreaker2__fake_full", "truth.csv");
    for (name, compatibility) in
        [("as outbreaker2", Compatibility::Outbreaker2), ("ours", Compatibility::None)]
    {
        let model =
            Model { compatibility, ..Model::of(delay("generation_time.csv"), delay("incubation.csv")) };
        let situation = or_stop(Situation::of(evidence.clone(), &model), "reading the evidence");
        let run = Run { chains: 4, warm_up: 300, draws: 1_000, every: 2 };
        let (drawn, took) =
            cpu_seconds(|| or_stop(sample(&situation, &run, &Streams::seeded(1)), "sampling"));
        let posterior = Posterior::of(&situation, &drawn);
        let effective = posterior.least_effective();
        let right = truth
            .iter()
            .filter(|row| !row[1].is_nan())
            .filter(|row| posterior.consensus[row[0] as usize - 1] == Some(row[1] as usize - 1))
            .count();
        println!(
            "{name}: {took:.3} s of processor time, {} draws worth {effective:.0}, largest R-hat {:.3}, {right} of 27 links right (peer 25 and 27)",
            posterior.draws,
            posterior.largest_r_hat()
        );
        // Of the measure that moves slowest, beside the most the peer can have of any.
        let per_second = effective / took;
        let beside = format!(
            "{per_second:.0} effective draws a second, outbreaker2 1.1.4 at most {:.1}",
            PEER_DRAWS / PEER_SECONDS
        );
        tell(
            &format!("{name}, beside the draws kept"),
            per_second * PEER_SECONDS / PEER_DRAWS,
            "times less processor time",
            Target::Above(30.0),
            &beside,
        );
        let beside = "were each of its iterations an independent draw";
        tell(
            &format!("{name}, beside iterations"),
            per_second * PEER_SECONDS / PEER_ITERATIONS,
            "times less processor time",
            Target::Above(1.0),
            beside,
        );
    }
}
