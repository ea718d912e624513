//! Whether the house is under pressure, and what it then does without. It gives way step by step and takes back more slowly than it
//! gave, so that nothing flickers.

use super::counts::Strain;
use cases::words;

words! {
    /// What can be done without, the first to go first.
    Feature, "optional feature" {
        Exports = "exports",
        Planning = "planning",
        Live = "live",
        Boards = "boards",
        ResultCodes = "result_codes",
    }
}

impl Feature {
    /// Why it goes at this place in the order, and what is then done instead.
    pub fn why(self) -> (&'static str, &'static str) {
        match self {
            Feature::Exports => {
                ("files of everything can be fetched in a quiet hour", "整库导出文件可在空闲时段再取")
            }
            Feature::Planning => {
                ("a plan for tomorrow can be reckoned after today's peak", "明日方案可在今日高峰后再计算")
            }
            Feature::Live => (
                "open pages learn of news every half minute and not at once",
                "已打开的页面每半分钟更新一次，不再即时更新",
            ),
            Feature::Boards => (
                "boards show the last picture with its time and are not counted anew",
                "看板显示最近一次的结果及其时间，暂不重新统计",
            ),
            Feature::ResultCodes => (
                "results are told without a new signed code; a code already on the phone goes on until it ends",
                "查询结果时暂不生成新的签名码；手机上已有的码在有效期内继续有效",
            ),
        }
    }
}

/// A bench this full, or anybody refused, is strain; one emptier than that with nobody refused is calm; between the two nothing changes.
const STRAINED_FROM: f64 = 0.5;
const CALM_BELOW: f64 = 0.2;
/// So many seconds of strain take the next thing away, so many of calm give the last one back.
const SECONDS_TO_GIVE_WAY: u32 = 3;
const SECONDS_TO_TAKE_BACK: u32 = 30;

/// How many of `Feature::ALL` are off by themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pressure {
    pub level: usize,
    strained: u32,
    calm: u32,
}

impl Pressure {
    /// One second more; whether the level is another now.
    pub fn second(&mut self, strain: Strain) -> bool {
        let strained = strain.refused || strain.fullest >= STRAINED_FROM;
        let calm = !strain.refused && strain.fullest < CALM_BELOW;
        self.strained = if strained { self.strained + 1 } else { 0 };
        self.calm = if calm { self.calm + 1 } else { 0 };
        if self.strained >= SECONDS_TO_GIVE_WAY && self.level < Feature::ALL.len() {
            (self.level, self.strained) = (self.level + 1, 0);
            return true;
        }
        if self.calm >= SECONDS_TO_TAKE_BACK && self.level > 0 {
            (self.level, self.calm) = (self.level - 1, 0);
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRAINED: Strain = Strain { fullest: 0.1, refused: true };
    const BETWEEN: Strain = Strain { fullest: 0.3, refused: false };
    const CALM: Strain = Strain { fullest: 0.0, refused: false };

    fn after(pressure: &mut Pressure, strain: Strain, seconds: usize) -> usize {
        for _ in 0..seconds {
            pressure.second(strain);
        }
        pressure.level
    }

    #[test]
    fn it_gives_way_step_by_step_and_takes_back_slowly() {
        let mut pressure = Pressure::default();
        assert_eq!(after(&mut pressure, STRAINED, 2), 0, "a blink is no pressure");
        assert_eq!(after(&mut pressure, BETWEEN, 1), 0);
        assert_eq!(after(&mut pressure, STRAINED, 3), 1);
        assert_eq!(after(&mut pressure, STRAINED, 100), Feature::ALL.len(), "and no further");
        assert_eq!(
            after(&mut pressure, BETWEEN, 1_000),
            Feature::ALL.len(),
            "between the two nothing changes"
        );
        assert_eq!(after(&mut pressure, CALM, 29), Feature::ALL.len());
        assert_eq!(
            after(&mut pressure, BETWEEN, 1),
            Feature::ALL.len(),
            "half a minute of calm in one piece"
        );
        assert_eq!(after(&mut pressure, CALM, 30), Feature::ALL.len() - 1);
        assert_eq!(after(&mut pressure, CALM, 30 * Feature::ALL.len()), 0);
    }

    #[test]
    fn exports_go_first_and_codes_of_results_last() {
        assert_eq!(Feature::ALL.first(), Some(&Feature::Exports));
        assert_eq!(Feature::ALL.last(), Some(&Feature::ResultCodes));
    }
}
