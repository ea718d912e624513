//! Series, their bounds and the alarms, one panel under the other.
//!
//! Deliberately absent: more panels than a page can bear; those with the most alarms are kept, and the rest is said.

use super::Watched;
use crate::chart::{FAINT, INK, LEFT, RIGHT, WIDTH, escaped, line, opening, round_step, text};
use crate::language::Language;
use std::fmt::Write;
use std::path::Path;
use surveillance::methods::Method;

const MOST_PANELS: usize = 12;
/// More steps than this would be thinner than a pixel.
const MOST_STEPS: usize = 800;
const HEAD: f64 = 64.0;
const PANEL: f64 = 230.0;
/// Within a panel: its name above, its dates below.
const ABOVE: f64 = 30.0;
const BELOW: f64 = 36.0;
/// Okabe and Ito 2008; an alarm also has a shape of its own.
const COUNT: &str = "#56b4e9";
const ALARM: &str = "#d55e00";
const SILENT: &str = "#eeeeee";
/// A bound far above every count would flatten them; it is drawn at the edge instead.
const HIGHEST_BOUND: f64 = 3.0;
const DATES_PER_PANEL: usize = 7;
/// A date with some room beside it.
const DATE_WIDE: f64 = 90.0;

pub fn draw(watched: &[Watched], method: &Method, language: Language, path: &Path) -> Result<(), String> {
    let kept = worth_drawing(watched);
    if kept.len() < watched.len() {
        eprintln!("{} of {} series are drawn, those with the most alarms", kept.len(), watched.len());
    }
    let svg = Page { kept: &kept, all: watched.len(), method, language }.svg();
    crate::picture::write(&svg, path)
}

/// In the order of the file.
fn worth_drawing(watched: &[Watched]) -> Vec<&Watched> {
    let alarms =
        |place: usize| watched[place].points.iter().filter(|point| point.alarm == Some(true)).count();
    let mut places: Vec<usize> =
        (0..watched.len()).filter(|place| !watched[*place].points.is_empty()).collect();
    places.sort_by_key(|place| (std::cmp::Reverse(alarms(*place)), *place));
    places.truncate(MOST_PANELS);
    places.sort_unstable();
    places.into_iter().map(|place| &watched[place]).collect()
}

struct Page<'a> {
    kept: &'a [&'a Watched],
    all: usize,
    method: &'a Method,
    language: Language,
}

impl Page<'_> {
    fn svg(&self) -> String {
        let mut svg = self.opening();
        self.draw_legend(&mut svg);
        for (place, watched) in self.kept.iter().enumerate() {
            let top = HEAD + PANEL * place as f64;
            Panel::of(watched, top).draw(&mut svg, self.language);
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn opening(&self) -> String {
        let height = HEAD + PANEL * self.kept.len() as f64 + 10.0;
        let name = self.method.name;
        let title = match self.language {
            Language::Zh => format!("异常探测：{name}"),
            Language::En => format!("What is unusual, by {name}"),
        };
        opening(self.language, height, &title, &self.description())
    }

    /// What the picture shows, for those who do not see it.
    fn description(&self) -> String {
        let mut told = match self.language {
            Language::Zh => format!("{} 个序列中的 {} 个。", self.all, self.kept.len()),
            Language::En => format!("{} of {} series.", self.kept.len(), self.all),
        };
        for watched in self.kept {
            let alarms: Vec<String> = watched
                .points
                .iter()
                .filter(|point| point.alarm == Some(true))
                .map(|point| watched.label(point.t))
                .collect();
            let (name, steps, many) = (&watched.series.name, watched.points.len(), alarms.len());
            let last = alarms.last().map_or("–", String::as_str);
            let _ = match self.language {
                Language::Zh => write!(told, " {name}：{steps} 期，{many} 次预警，最近一次 {last}。"),
                Language::En => write!(told, " {name}: {steps} steps, {many} alarms, the last at {last}."),
            };
        }
        told
    }

    fn draw_legend(&self, svg: &mut String) {
        let words = |zh, en| self.language.pick(zh, en);
        let y = 46.0;
        let mut x = LEFT;
        for (word, room) in [
            (words("报告数", "count"), 80.0),
            (words("预警", "alarm"), 80.0),
            (words("阈值", "bound"), 80.0),
            (words("期望值", "expected"), 100.0),
            (words("未报告", "not reported"), 120.0),
        ] {
            let place = x;
            match room as u32 {
                _ if word == words("报告数", "count") => bar(svg, place, y - 9.0, 12.0, 10.0, COUNT, ""),
                _ if word == words("预警", "alarm") => triangle(svg, place + 6.0, y - 10.0, ""),
                _ if word == words("阈值", "bound") => {
                    line(svg, (place, y - 4.0), (place + 12.0, y - 4.0), INK)
                }
                _ if word == words("期望值", "expected") => {
                    polyline(svg, &[(place, y - 4.0), (place + 12.0, y - 4.0)], true, "");
                }
                _ => bar(svg, place, y - 9.0, 12.0, 10.0, SILENT, ""),
            }
            text(svg, place + 18.0, y, "start", word);
            x += room;
        }
    }
}

impl Watched {
    /// How a step is called.
    fn label(&self, t: usize) -> String {
        self.series.dates.get(t).map_or_else(|| (t + 1).to_string(), ToString::to_string)
    }
}

struct Panel<'a> {
    watched: &'a Watched,
    points: &'a [surveillance::Scored],
    top: f64,
    slot: f64,
    step: f64,
    highest: f64,
}

impl Panel<'_> {
    fn of(watched: &Watched, top: f64) -> Panel<'_> {
        let points = &watched.points[watched.points.len().saturating_sub(MOST_STEPS)..];
        let most = points.iter().filter_map(|point| point.observed).fold(1.0, f64::max);
        let bounds = points.iter().filter_map(|point| point.upper);
        let highest = bounds.fold(most, f64::max).min(HIGHEST_BOUND * most);
        let step = round_step(highest / 4.0);
        Panel {
            watched,
            points,
            top,
            slot: ((WIDTH - LEFT - RIGHT) / points.len().max(1) as f64).min(40.0),
            step,
            highest: (highest / step).ceil() * step,
        }
    }

    fn x(&self, place: usize) -> f64 {
        LEFT + place as f64 * self.slot
    }

    fn y(&self, value: f64) -> f64 {
        let bottom = self.top + PANEL - BELOW;
        bottom - (value / self.highest).clamp(0.0, 1.0) * (PANEL - ABOVE - BELOW)
    }

    fn draw(&self, svg: &mut String, language: Language) {
        text(svg, LEFT, self.top + 18.0, "start", &self.watched.series.name);
        self.draw_scale(svg);
        for (place, point) in self.points.iter().enumerate() {
            self.draw_count(svg, place, point, language);
        }
        self.draw_curve(svg, true, language.pick("期望值", "expected"), |point| point.expected);
        self.draw_curve(svg, false, language.pick("阈值", "bound"), |point| point.upper);
        let apart = (DATE_WIDE / self.slot).ceil() as usize;
        let every = self.points.len().div_ceil(DATES_PER_PANEL).max(apart);
        for (place, point) in self.points.iter().enumerate().step_by(every) {
            let (x, y) = (self.x(place) + self.slot / 2.0, self.y(0.0));
            line(svg, (x, y), (x, y + 5.0), INK);
            text(svg, x, y + 20.0, "middle", &self.watched.label(point.t));
        }
    }

    fn draw_scale(&self, svg: &mut String) {
        let mut value = 0.0;
        while value <= self.highest + 1e-9 {
            let y = self.y(value);
            line(svg, (LEFT, y), (WIDTH - RIGHT, y), if value == 0.0 { INK } else { FAINT });
            text(svg, LEFT - 8.0, y + 4.0, "end", &format!("{value:.0}"));
            value += self.step;
        }
    }

    fn draw_count(&self, svg: &mut String, place: usize, point: &surveillance::Scored, language: Language) {
        let gap = if self.slot > 4.0 { 1.0 } else { 0.0 };
        let (x, base, wide) = (self.x(place), self.y(0.0), self.slot - gap);
        let label = self.watched.label(point.t);
        let Some(count) = point.observed else {
            let top = self.y(self.highest);
            let words = language.pick("未报告", "not reported");
            return bar(svg, x, top, wide, base - top, SILENT, &format!("{label}: {words}"));
        };
        let alarm = point.alarm == Some(true);
        let words = if alarm { language.pick("（预警）", " (alarm)") } else { "" };
        let y = self.y(count);
        if count > 0.0 {
            let colour = if alarm { ALARM } else { COUNT };
            bar(svg, x, y, wide, base - y, colour, &format!("{label}: {count}{words}"));
        }
        if alarm {
            triangle(svg, x + wide / 2.0, y - 11.0, &format!("{label}: {count}{words}"));
        }
    }

    /// One line for each stretch without a gap.
    fn draw_curve(
        &self,
        svg: &mut String,
        dotted: bool,
        name: &str,
        value: impl Fn(&surveillance::Scored) -> Option<f64>,
    ) {
        let mut stretch = Vec::new();
        for (place, point) in self.points.iter().enumerate() {
            match value(point) {
                Some(height) => stretch.push((self.x(place) + self.slot / 2.0, self.y(height))),
                None => polyline(svg, &std::mem::take(&mut stretch), dotted, name),
            }
        }
        polyline(svg, &stretch, dotted, name);
    }
}

fn bar(svg: &mut String, x: f64, y: f64, wide: f64, tall: f64, colour: &str, words: &str) {
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{wide:.2}\" height=\"{tall:.2}\" fill=\"{colour}\"><title>{}</title></rect>",
        escaped(words)
    );
}

/// Points down at what it marks.
fn triangle(svg: &mut String, x: f64, y: f64, words: &str) {
    let _ = writeln!(
        svg,
        "<polygon points=\"{:.2},{y:.2} {:.2},{y:.2} {x:.2},{:.2}\" fill=\"{ALARM}\"><title>{}</title></polygon>",
        x - 5.0,
        x + 5.0,
        y + 9.0,
        escaped(words)
    );
}

fn polyline(svg: &mut String, points: &[(f64, f64)], dotted: bool, name: &str) {
    // A point alone would be drawn as nothing.
    let points = match points {
        [] => return,
        [(x, y)] => &[(x - 2.0, *y), (x + 2.0, *y)],
        points => points,
    };
    let places: Vec<String> = points.iter().map(|(x, y)| format!("{x:.2},{y:.2}")).collect();
    let (stroke, dashes) = if dotted { ("#777777", " stroke-dasharray=\"2 3\"") } else { (INK, "") };
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"1.5\"{dashes}><title>{}</title></polyline>",
        places.join(" "),
        escaped(name)
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use surveillance::methods;
    use surveillance::{Detector, FixedValue, Series};

    fn watched(name: &str, counts: &[f64]) -> Watched {
        let series = Series::of(name, counts.to_vec(), 52);
        let points = FixedValue { value: 3.0, period: 1 }.detect(&series, 0..counts.len());
        Watched { series, points }
    }

    fn page(language: Language, all: &[Watched]) -> String {
        let method = methods::named("fixed_value").unwrap();
        Page { kept: &worth_drawing(all), all: all.len(), method: &method, language }.svg()
    }

    #[test]
    fn the_picture_says_in_words_what_it_shows_in_both_languages() {
        let all = [watched("<b>&", &[1.0, f64::NAN, 4.0])];
        let english = page(Language::En, &all);
        assert!(
            english.contains("1 of 1 series. &lt;b&gt;&amp;: 3 steps, 1 alarms, the last at 3."),
            "{english}"
        );
        assert!(english.contains("<title>3: 4 (alarm)</title>") && english.contains("2: not reported"));
        assert!(page(Language::Zh, &all).contains("3 期，1 次预警，最近一次 3。"));
        let opened = english.matches('<').count() - english.matches("</").count();
        assert_eq!(opened, english.matches("</").count() + english.matches("/>").count());
    }

    #[test]
    fn of_many_series_those_with_alarms_are_drawn_in_the_order_of_the_file() {
        let all: Vec<Watched> =
            (0..30).map(|n| watched(&format!("s{n}"), &[if n % 2 == 0 { 1.0 } else { 5.0 }])).collect();
        let kept: Vec<&str> = worth_drawing(&all).iter().map(|w| w.series.name.as_str()).collect();
        assert_eq!(kept[..3], ["s1", "s3", "s5"]);
        assert_eq!(kept.len(), MOST_PANELS);
    }
}
