//! What somebody can calculate who has everything that was told: the bounds of each cell. The same reckoning decides what
//! must be withheld, and proves afterwards that it was enough.

/// The least and the most a cell can be, as far as the published table tells; `most` is `None` when nothing bounds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub least: u64,
    pub most: Option<u64>,
}

/// Narrows what is known of each cell by the sums (whole, parts) until nothing moves. No cell is part of two sums, so the
/// sums form trees, and on trees this finds exactly the bounds that a linear programme would.
pub fn bounds(known: &[Bounds], sums: &[(usize, Vec<usize>)]) -> Vec<Bounds> {
    let mut now = known.to_vec();
    loop {
        let before = now.clone();
        for (whole, parts) in sums {
            narrow(&mut now, *whole, parts);
        }
        if now == before {
            return now;
        }
    }
}

fn narrow(now: &mut [Bounds], whole: usize, parts: &[usize]) {
    let least: u64 = parts.iter().map(|part| now[*part].least).sum();
    let unbounded = parts.iter().filter(|part| now[**part].most.is_none()).count();
    let most: u64 = parts.iter().filter_map(|part| now[*part].most).sum();
    tighten(&mut now[whole], least, (unbounded == 0).then_some(most));
    let all = now[whole];
    for part in parts {
        let own = now[*part];
        // What the others can be at most is taken from the least the whole can be, and the other way round.
        let others_unbounded = unbounded - usize::from(own.most.is_none());
        let others_most = most - own.most.unwrap_or(0);
        let at_least = if others_unbounded == 0 { all.least.saturating_sub(others_most) } else { 0 };
        let at_most = all.most.map(|most| most.saturating_sub(least - own.least));
        tighten(&mut now[*part], at_least, at_most);
    }
}

fn tighten(bounds: &mut Bounds, least: u64, most: Option<u64>) {
    bounds.least = bounds.least.max(least);
    bounds.most = match (bounds.most, most) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}
