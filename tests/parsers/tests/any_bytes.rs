//! The short run: good files, and the same files broken in every way a random hand breaks them. The long run is
//! `make fuzz`, which lets coverage guide the hand.

use parsers::{PARSERS, Parser};

/// Broken files a parser meets here; `QUELL_BROKEN` says otherwise.
const BROKEN: u64 = 1_500;

/// SplitMix64 (Steele, Lea, Flood 2014): the same breaks every time.
struct Hand(u64);

impl Hand {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }

    /// A byte changed, cut off, a stretch repeated, removed or swapped in from another file, a telling word put in.
    fn breaks(&mut self, file: &mut Vec<u8>, other: &[u8]) {
        const WORDS: [&[u8]; 12] = [
            b"\"",
            b"\0",
            b"\r\n",
            b",",
            b"[[",
            b"{",
            b"9999999999999999999",
            b"-1",
            b"NaN",
            b"\xFF\xFE",
            "年".as_bytes(),
            b"'",
        ];
        let at = self.below(file.len() + 1);
        let stretch = self.below(40);
        match self.below(6) {
            0 if !file.is_empty() => {
                let at = self.below(file.len());
                file[at] = self.below(256) as u8;
            }
            1 => file.truncate(at),
            2 => {
                let piece = file[at..(at + stretch).min(file.len())].to_vec();
                file.splice(at..at, piece);
            }
            3 => {
                file.drain(at..(at + stretch).min(file.len()));
            }
            4 => {
                let from = self.below(other.len() + 1);
                let piece = other[from..(from + stretch).min(other.len())].to_vec();
                file.splice(at..at, piece);
            }
            _ => {
                let word = WORDS[self.below(WORDS.len())];
                file.splice(at..at, word.iter().copied());
            }
        }
    }
}

fn meets_broken_files(parser: &Parser) {
    let seeds = (parser.seeds)();
    seeds.iter().for_each(|seed| (parser.reads)(seed));
    (parser.reads)(b"");
    let broken = std::env::var("QUELL_BROKEN").ok().and_then(|many| many.parse().ok()).unwrap_or(BROKEN);
    for round in 0..broken {
        let mut hand = Hand(round);
        let mut file = seeds[hand.below(seeds.len())].clone();
        for _ in 0..=hand.below(6) {
            let other = &seeds[hand.below(seeds.len())];
            hand.breaks(&mut file, other);
        }
        let outcome = std::panic::catch_unwind(|| (parser.reads)(&file));
        assert!(outcome.is_ok(), "{} round {round}: {:?}", parser.name, String::from_utf8_lossy(&file));
    }
}

#[test]
fn every_parser_answers_or_refuses() {
    std::thread::scope(|scope| {
        for parser in PARSERS {
            std::thread::Builder::new()
                .name(parser.name.to_owned())
                .spawn_scoped(scope, || meets_broken_files(parser))
                .expect("a thread");
        }
    });
}
