//! Likelihood ratio charts of counts that vary more than Poisson counts, on 100 weekly series of ten years, the last two years watched,
//! beside R's surveillance.

use rayon::prelude::*;
use statistics_bench::{Columns, against, least_cpu_seconds};
use surveillance::{Compatibility, Detector, GlrNegativeBinomial};

const PEER: &str = "surveillance 1.20.3 (R 4.2.2, median of three runs on two busy cores of the same kind)";
const PEER_SECONDS: f64 = 1.12;
/// What is worth the trouble.
const TIMES_LESS: f64 = 10.0;

fn main() {
    let all = Columns::read("weekly_100x520.csv.gz").series(52);
    // The peer's call: c.ARL 5, α 0.2, one wave, no trend.
    let right = GlrNegativeBinomial { alpha: Some(0.2), ..GlrNegativeBinomial::default() };
    let peer = GlrNegativeBinomial { compatibility: Compatibility::Surveillance1_20, ..right.clone() };
    let watch = |method: &GlrNegativeBinomial| {
        all.par_iter().map(|series| method.detect(series, 416..520)).collect::<Vec<_>>()
    };
    let (as_peer, took) = least_cpu_seconds(5, || watch(&peer));
    // It repeats the peer's search step by step, for comparison; nobody waits for it.
    against("negative binomial GLR, 100 × 520, last 104, as the peer", took, PEER, PEER_SECONDS, 1.0);
    let (scored, took) = least_cpu_seconds(5, || watch(&right));
    against("  the same without the peer's faults", took, PEER, PEER_SECONDS, TIMES_LESS);

    // The peer's output for this task is not kept. Both must come to the same, up to means that R leaves open in the sixth digit.
    let (mut largest, mut differing) = (0.0_f64, 0);
    for (right, peer) in scored.iter().flatten().zip(as_peer.iter().flatten()) {
        differing += usize::from(right.alarm != peer.alarm);
        if let (Some(right), Some(peer)) = (right.score, peer.score) {
            largest = largest.max((right - peer).abs());
        }
    }
    println!("  largest difference of the statistic over its limit {largest:.1e}; {differing} alarms differ");
}
