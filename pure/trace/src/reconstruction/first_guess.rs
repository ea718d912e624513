//! Where a chain begins.

use super::chain::Board;
use super::likelihood::Ancestry;
use super::model::Compatibility;
use base::Stream;

const MOST_APART: usize = 80;

/// Cases in the order of their days, each with an ancestor that can have infected it, if one can. The first is infected so
/// long before that the fewest are left without. Half of our own chains begin with everybody introduced instead, unless more
/// than `MOST_APART` cases have sequences.
pub(super) fn first_guess(board: &Board, stream: &mut Stream) -> Ancestry {
    let situation = board.situation;
    let mut apart = situation.compatibility == Compatibility::None && stream.bits() & 1 == 1;
    // So many introduced sequences take long to compare.
    apart &= situation.evidence.distances.is_none() || situation.cases() <= MOST_APART;
    let delays = situation.sampling.shortest()..=situation.sampling.longest();
    let possible = delays.filter(|delay| situation.sampling.share(*delay as i32) > 0.0);
    let guesses = possible.map(|delay| guess(board, delay as i32, apart, stream));
    let without = |guess: &Ancestry| guess.ancestor.iter().filter(|ancestor| ancestor.is_none()).count();
    guesses.min_by_key(without).unwrap_or_else(|| unreachable!("a delay has a day with a share"))
}

fn guess(board: &Board, delay_of_first: i32, apart: bool, stream: &mut Stream) -> Ancestry {
    let situation = board.situation;
    let days = &situation.evidence.days;
    let cases = situation.cases();
    let shortest = situation.sampling.shortest() as i32;
    let mut order: Vec<usize> = (0..cases).collect();
    order.sort_by_key(|case| (days[*case], *case));
    let mut infected: Vec<i32> = days.iter().map(|day| day - shortest).collect();
    infected[order[0]] = days[order[0]] - delay_of_first;
    let mut ancestor = vec![None; cases];
    for (place, &case) in order.iter().enumerate().skip(1) {
        if apart || board.introduced[case] {
            continue;
        }
        let seen = situation.sampling.shares().iter().enumerate().filter(|(_, share)| **share > 0.0);
        let ways: Vec<(i32, usize)> = seen
            .map(|(delay, _)| days[case] - delay as i32)
            .flat_map(|day| order[..place].iter().map(move |other| (day, *other)))
            .filter(|(day, other)| situation.delays.share(1, day - infected[*other]) > 0.0)
            .collect();
        if !ways.is_empty() {
            let (day, from) = *stream.pick(&ways);
            (infected[case], ancestor[case]) = (day, Some(from));
        }
    }
    Ancestry { ancestor, infected, generations: vec![1; cases] }
}
