//! Cases above, reproduction number with its 95 % band below, on one axis of days.
//!
//! Deliberately absent: more than a few series; the first ones of the file are drawn.

use super::{Estimated, Row};
use crate::chart::{FAINT, INK, LEFT, RIGHT, WIDTH, escaped, line, opening, round_step, text};
use crate::language::Language;
use std::fmt::Write;
use std::path::Path;

const MOST_SERIES: usize = 4;
const HEAD: f64 = 48.0;
/// Heights of the two panels and the room above each.
const CASES: f64 = 130.0;
const NUMBER: f64 = 190.0;
const ABOVE: f64 = 28.0;
const BELOW: f64 = 34.0;
const ONE_SERIES: f64 = 2.0 * ABOVE + CASES + NUMBER + BELOW;
/// Okabe and Ito 2008.
const LOCAL: &str = "#56b4e9";
const IMPORTED: &str = "#e69f00";
const BAND: &str = "#b3d4e8";
/// Early windows may say ten or twenty; the scale is kept for where decisions are made.
const HIGHEST_NUMBER: f64 = 6.0;
const DATES: usize = 8;

pub fn draw(all: &[Estimated], language: Language, path: &Path) -> Result<(), String> {
    if all.len() > MOST_SERIES {
        eprintln!("{MOST_SERIES} of {} series are drawn, the first of the file", all.len());
    }
    crate::picture::write(&svg(&all[..all.len().min(MOST_SERIES)], language), path)
}

fn svg(all: &[Estimated], language: Language) -> String {
    let height = HEAD + ONE_SERIES * all.len() as f64 + 8.0;
    let title = language.pick("再生数", "Reproduction number");
    let told: Vec<String> = all.iter().map(|one| in_words(one, language)).collect();
    let mut svg = opening(language, height, title, &told.join(" "));
    for (place, one) in all.iter().enumerate() {
        Panels::of(one, HEAD + ONE_SERIES * place as f64).draw(&mut svg, language);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Mean and 95 % bounds of a row that has them.
fn band(row: &Row) -> Option<(f64, f64, f64)> {
    let numbers: Vec<f64> = row.numbers.iter().copied().flatten().collect();
    Some((*numbers.first()?, *numbers.get(2)?, *numbers.last()?))
}

fn in_words(one: &Estimated, language: Language) -> String {
    let name = &one.cases.name;
    let days = one.cases.incidence.len();
    let last = one.windows.rows().iter().rev().find_map(|row| Some((row.window.end, band(row)?)));
    let Some((day, (mean, low, high))) = last else {
        return match language {
            Language::Zh => format!("{name} {days} 天，尚无估计。"),
            Language::En => format!("{name} {days} days, no estimate."),
        };
    };
    let day = label(one, day);
    match language {
        Language::Zh => format!("{name} {days} 天；{day} 为 {mean:.2}（95% 区间 {low:.2} 至 {high:.2}）。"),
        Language::En => {
            format!("{name} {days} days; {mean:.2} at {day} (95 % interval {low:.2} to {high:.2}).")
        }
    }
}

fn label(one: &Estimated, day: usize) -> String {
    one.cases.dates.get(day).map_or_else(|| (day + 1).to_string(), ToString::to_string)
}

struct Panels<'a> {
    one: &'a Estimated,
    rows: Vec<Row>,
    slot: f64,
    top: f64,
    most_cases: f64,
    case_step: f64,
    most_number: f64,
}

impl Panels<'_> {
    fn of(one: &Estimated, top: f64) -> Panels<'_> {
        let days = one.cases.incidence.len();
        let rows = one.windows.rows();
        let cases = (0..days).map(|day| one.cases.incidence.all(day)).fold(1.0, f64::max);
        let case_step = round_step(cases / 3.0);
        let number = rows.iter().filter_map(band).map(|(_, _, high)| high).fold(2.0, f64::max);
        Panels {
            one,
            rows,
            slot: (WIDTH - LEFT - RIGHT) / days.max(1) as f64,
            top,
            most_cases: (cases / case_step).ceil() * case_step,
            case_step,
            most_number: number.min(HIGHEST_NUMBER).ceil(),
        }
    }

    fn x(&self, day: usize) -> f64 {
        LEFT + day as f64 * self.slot
    }

    fn y_cases(&self, count: f64) -> f64 {
        self.top + ABOVE + CASES * (1.0 - count / self.most_cases)
    }

    fn y_number(&self, number: f64) -> f64 {
        self.top + 2.0 * ABOVE + CASES + NUMBER * (1.0 - number.min(self.most_number) / self.most_number)
    }

    fn draw(&self, svg: &mut String, language: Language) {
        let name = match self.one.cases.name.as_str() {
            "" => language.pick("病例", "cases").to_owned(),
            name => name.to_owned(),
        };
        text(svg, LEFT, self.top + ABOVE - 8.0, "start", &name);
        draw_legend(svg, self.top + ABOVE - 8.0, language);
        self.draw_cases(svg, language);
        let words = language.pick("再生数（95% 区间）", "reproduction number (95 % interval)");
        text(svg, LEFT, self.top + 2.0 * ABOVE + CASES - 8.0, "start", words);
        self.draw_number(svg);
        self.draw_dates(svg);
    }

    fn draw_cases(&self, svg: &mut String, language: Language) {
        let mut count = 0.0;
        while count <= self.most_cases + 1e-9 {
            let y = self.y_cases(count);
            line(svg, (LEFT, y), (WIDTH - RIGHT, y), if count == 0.0 { INK } else { FAINT });
            text(svg, LEFT - 8.0, y + 4.0, "end", &format!("{count:.0}"));
            count += self.case_step;
        }
        let incidence = &self.one.cases.incidence;
        for day in 0..incidence.len() {
            let mut below = 0.0;
            for (count, colour, words) in [
                (incidence.local[day], LOCAL, language.pick("本地", "local")),
                (incidence.imported[day], IMPORTED, language.pick("输入", "imported")),
            ] {
                if count > 0.0 {
                    let (y, base) = (self.y_cases(below + count), self.y_cases(below));
                    let gap = if self.slot > 4.0 { 1.0 } else { 0.0 };
                    let _ = writeln!(
                        svg,
                        "<rect x=\"{:.2}\" y=\"{y:.2}\" width=\"{:.2}\" height=\"{:.2}\" fill=\"{colour}\"><title>{}</title></rect>",
                        self.x(day),
                        self.slot - gap,
                        base - y,
                        escaped(&format!("{}, {words}: {count}", label(self.one, day))),
                    );
                    below += count;
                }
            }
        }
    }

    fn draw_number(&self, svg: &mut String) {
        let mut number = 0.0;
        while number <= self.most_number + 1e-9 {
            let y = self.y_number(number);
            line(svg, (LEFT, y), (WIDTH - RIGHT, y), if number == 0.0 { INK } else { FAINT });
            text(svg, LEFT - 8.0, y + 4.0, "end", &format!("{number:.0}"));
            number += 1.0;
        }
        let mut stretch = Vec::new();
        for row in &self.rows {
            match band(row) {
                Some(numbers) => stretch.push((self.x(row.window.end) + self.slot / 2.0, numbers)),
                None => self.draw_stretch(svg, &std::mem::take(&mut stretch)),
            }
        }
        self.draw_stretch(svg, &stretch);
        let one = self.y_number(1.0);
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" y1=\"{one:.2}\" x2=\"{:.2}\" y2=\"{one:.2}\" stroke=\"{INK}\" stroke-dasharray=\"4 3\"/>",
            WIDTH - RIGHT
        );
    }

    /// Windows that follow each other without a gap: (place, (mean, low, high)).
    fn draw_stretch(&self, svg: &mut String, stretch: &[(f64, (f64, f64, f64))]) {
        if stretch.is_empty() {
            return;
        }
        let point = |x: f64, number: f64| format!("{x:.2},{:.2}", self.y_number(number));
        let upper = stretch.iter().map(|(x, (_, _, high))| point(*x, *high));
        let lower = stretch.iter().rev().map(|(x, (_, low, _))| point(*x, *low));
        let around: Vec<String> = upper.chain(lower).collect();
        let middle: Vec<String> = stretch.iter().map(|(x, (mean, ..))| point(*x, *mean)).collect();
        let _ = writeln!(svg, "<polygon points=\"{}\" fill=\"{BAND}\"/>", around.join(" "));
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{INK}\" stroke-width=\"1.5\"/>",
            middle.join(" ")
        );
    }

    fn draw_dates(&self, svg: &mut String) {
        let days = self.one.cases.incidence.len();
        let base = self.y_number(0.0);
        for day in (0..days).step_by(days.div_ceil(DATES).max(1)) {
            let x = self.x(day) + self.slot / 2.0;
            line(svg, (x, base), (x, base + 5.0), INK);
            text(svg, x, base + 20.0, "middle", &label(self.one, day));
        }
    }
}

fn draw_legend(svg: &mut String, y: f64, language: Language) {
    let mut x = WIDTH - RIGHT - 180.0;
    for (colour, words) in
        [(LOCAL, language.pick("本地", "local")), (IMPORTED, language.pick("输入", "imported"))]
    {
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{:.2}\" width=\"12\" height=\"12\" fill=\"{colour}\"/>",
            y - 11.0
        );
        text(svg, x + 18.0, y, "start", words);
        x += 90.0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::Settings;
    use super::*;
    use crate::table::Table;

    #[test]
    fn the_picture_says_in_words_what_it_shows() {
        let table = Table::parse(b"series,t,local\n<b>,1,9\n<b>,2,5\n<b>,3,9\n<b>,4,12\n<b>,5,11\n").unwrap();
        let settings: Settings =
            serde_json::from_str(r#"{"mean_si": 2.5, "std_si": 1, "window": 2}"#).unwrap();
        let all = super::super::estimate(&table, &settings.estimator(None).unwrap()).unwrap();
        let english = svg(&all, Language::En);
        assert!(
            english.contains("&lt;b&gt; 5 days; ") && english.contains("at 5 (95 % interval"),
            "{english}"
        );
        assert!(english.contains("<title>4, local: 12</title>") && english.contains("<polygon"));
        assert!(svg(&all, Language::Zh).contains("5 天；5 为"));
    }
}
