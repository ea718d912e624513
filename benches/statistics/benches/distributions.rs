//! What the distribution of a count costs: every threshold of a detector asks for one quantile.

use statistics_bench::{Target, least_cpu_seconds, tell};
use std::hint::black_box;

const MANY: usize = 200_000;

fn main() {
    for mean in [0.3, 12.0, 900.0] {
        let (_, took) = least_cpu_seconds(3, || {
            (0..MANY)
                .map(|i| {
                    let size = 1.0 + (i % 50) as f64;
                    stats::negative_binomial_quantile(black_box(0.99), size, mean * (1.0 + 1e-6 * i as f64))
                })
                .sum::<f64>()
        });
        let each = took / MANY as f64 * 1e6;
        tell(&format!("a negative binomial quantile, mean {mean}"), each, "µs", Target::Below(5.0), "");
    }
}
