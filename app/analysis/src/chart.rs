//! A bar chart as an SVG text: no script, no outside font, readable by a screen reader and in print.

use super::language::Language;
use std::fmt::Write;

pub struct Chart {
    pub language: Language,
    pub title: String,
    /// The chart in a sentence or two, for those who do not see it.
    pub description: String,
    pub across: String,
    pub up: String,
    pub series: Vec<String>,
    pub bars: Vec<Bar>,
    pub line: Option<Line>,
}

pub struct Bar {
    pub label: String,
    /// One height per series, stacked from below.
    pub heights: Vec<u64>,
}

/// A curve over the bars: one height per bar, in the same unit.
pub struct Line {
    pub name: String,
    pub heights: Vec<f64>,
}

/// Okabe and Ito 2008, "Color universal design": told apart with any colour vision. More series than these
/// share the last: nobody tells more than eight colours apart.
const COLOURS: [&str; 8] =
    ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999"];
pub const INK: &str = "#222222";
pub const FAINT: &str = "#dddddd";

pub const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 420.0;
/// Room for the title above, the labels left and below, and the legend on the right.
const TOP: f64 = 56.0;
pub const LEFT: f64 = 64.0;
const BOTTOM: f64 = 64.0;
pub const RIGHT: f64 = 24.0;
const LEGEND: f64 = 150.0;

/// Room per letter of a label, and between two labels.
const LETTER: f64 = 7.8;
const LABEL_GAP: f64 = 12.0;
/// Longer names would run out of the picture; the bars carry them in full.
const LEGEND_LETTERS: usize = 15;

impl Chart {
    pub fn svg(mut self) -> String {
        self.fold_small_series();
        let frame = Frame::of(&self);
        let mut svg = opening(self.language, HEIGHT, &self.title, &self.description);
        self.draw_scale(&mut svg, &frame);
        self.draw_bars(&mut svg, &frame);
        self.draw_line(&mut svg, &frame);
        self.draw_labels(&mut svg, &frame);
        self.draw_legend(&mut svg);
        svg.push_str("</svg>\n");
        svg
    }

    /// Keeps the largest series, as many as there are colours, and adds up the rest as "others". The order
    /// stays.
    fn fold_small_series(&mut self) {
        if self.series.len() <= COLOURS.len() {
            return;
        }
        let total = |series: usize| self.bars.iter().map(|bar| bar.heights[series]).sum::<u64>();
        let mut by_size: Vec<usize> = (0..self.series.len()).collect();
        by_size.sort_by_key(|series| (std::cmp::Reverse(total(*series)), *series));
        let (mut kept, small) =
            (by_size[..COLOURS.len() - 1].to_vec(), by_size[COLOURS.len() - 1..].to_vec());
        kept.sort_unstable();
        for bar in &mut self.bars {
            let others = small.iter().map(|series| bar.heights[*series]).sum();
            bar.heights = kept.iter().map(|series| bar.heights[*series]).chain([others]).collect();
        }
        let others = match self.language {
            Language::Zh => format!("其他 {} 组", small.len()),
            Language::En => format!("{} others", small.len()),
        };
        self.series = kept.iter().map(|series| self.series[*series].clone()).chain([others]).collect();
    }

    fn draw_scale(&self, svg: &mut String, frame: &Frame) {
        let mut height = 0.0;
        while height <= frame.top_value + 1e-9 {
            let y = frame.y(height);
            let (end, at) = (LEFT + frame.width, LEFT - 8.0);
            line(svg, (LEFT, y), (end, y), if height == 0.0 { INK } else { FAINT });
            text(svg, at, y + 4.0, "end", &plain_number(height));
            height += frame.step;
        }
        text(svg, LEFT, TOP - 10.0, "start", &self.up);
    }

    fn draw_bars(&self, svg: &mut String, frame: &Frame) {
        for (place, bar) in self.bars.iter().enumerate() {
            let mut below = 0;
            for (series, &height) in bar.heights.iter().enumerate().filter(|(_, height)| **height > 0) {
                let (x, y) = (frame.x(place), frame.y((below + height) as f64));
                let tall = frame.y(below as f64) - y;
                let gap = if frame.slot > 4.0 { 1.0 } else { 0.0 };
                let name = match self.series[series].as_str() {
                    "" => String::new(),
                    name => format!(", {name}"),
                };
                let _ = writeln!(
                    svg,
                    "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{:.2}\" height=\"{tall:.2}\" fill=\"{}\"><title>{}</title>\
                     </rect>",
                    frame.slot - gap,
                    COLOURS[series],
                    escaped(&format!("{}{name}: {height}", bar.label)),
                );
                below += height;
            }
        }
    }

    fn draw_line(&self, svg: &mut String, frame: &Frame) {
        let Some(curve) = &self.line else { return };
        let points: Vec<String> = curve
            .heights
            .iter()
            .enumerate()
            .map(|(place, height)| {
                format!("{:.2},{:.2}", frame.x(place) + frame.slot / 2.0, frame.y(*height))
            })
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{INK}\" stroke-width=\"2\"><title>{}</title></polyline>",
            points.join(" "),
            escaped(&curve.name)
        );
    }

    fn draw_labels(&self, svg: &mut String, frame: &Frame) {
        let longest = self.bars.iter().map(|bar| bar.label.chars().count()).max().unwrap_or(0);
        let every = (((longest as f64 * LETTER + LABEL_GAP) / frame.slot).ceil() as usize).max(1);
        let base = frame.y(0.0);
        for (place, bar) in self.bars.iter().enumerate().step_by(every) {
            let x = frame.x(place) + frame.slot / 2.0;
            line(svg, (x, base), (x, base + 5.0), INK);
            text(svg, x, base + 20.0, "middle", &bar.label);
        }
        text(svg, LEFT + frame.width / 2.0, HEIGHT - 14.0, "middle", &self.across);
    }

    fn draw_legend(&self, svg: &mut String) {
        let x = WIDTH - LEGEND;
        let mut y = TOP;
        let named = if self.has_legend() { self.series.as_slice() } else { &[] };
        for (series, name) in named.iter().enumerate() {
            let colour = COLOURS[series];
            let _ = writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"12\" height=\"12\" fill=\"{colour}\"/>");
            text(svg, x + 18.0, y + 11.0, "start", &shortened(name));
            y += 20.0;
        }
        if let Some(curve) = &self.line {
            line(svg, (x, y + 6.0), (x + 12.0, y + 6.0), INK);
            text(svg, x + 18.0, y + 11.0, "start", &curve.name);
        }
    }

    /// One series needs no legend.
    fn has_legend(&self) -> bool {
        self.series.len() > 1 || self.line.is_some()
    }
}

/// The scales of a chart: pixels per bar and per case.
struct Frame {
    width: f64,
    slot: f64,
    step: f64,
    top_value: f64,
}

impl Frame {
    fn of(chart: &Chart) -> Frame {
        let bars = chart.bars.iter().map(|bar| bar.heights.iter().sum::<u64>() as f64);
        let curve = chart.line.iter().flat_map(|line| line.heights.iter().copied());
        let highest = bars.chain(curve).fold(1.0, f64::max);
        let step = round_step(highest / 5.0);
        let width = WIDTH - LEFT - if chart.has_legend() { LEGEND + RIGHT } else { RIGHT };
        Frame {
            width,
            // Few bars stay bars: 60 pixels are wide enough.
            slot: (width / chart.bars.len().max(1) as f64).min(60.0),
            step,
            top_value: (highest / step).ceil() * step,
        }
    }

    fn x(&self, place: usize) -> f64 {
        LEFT + place as f64 * self.slot
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - value / self.top_value * (HEIGHT - BOTTOM - TOP)
    }
}

/// The next of 1, 2, 5, 10, 20, 50, …: people count in these. Never below one case.
pub fn round_step(at_least: f64) -> f64 {
    let decade = 10_f64.powf(at_least.max(1.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|m| m * decade).into_iter().find(|step| *step >= at_least).unwrap_or(decade)
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LEGEND_LETTERS {
        return name.to_owned();
    }
    name.chars().take(LEGEND_LETTERS - 1).chain(['…']).collect()
}

/// How every picture begins: a page of the usual width, with its title, and what it shows for those who do not see it.
pub fn opening(language: Language, height: f64, title: &str, description: &str) -> String {
    let title = escaped(title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"title description\" lang=\"{}\" font-size=\"13\" \
         font-family=\"system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif\">\n\
         <title id=\"title\">{title}</title>\n<desc id=\"description\">{}</desc>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"28\" font-size=\"18\" font-weight=\"600\" fill=\"{INK}\">{title}</text>\n",
        language.tag(),
        escaped(description),
    )
}

pub fn line(svg: &mut String, from: (f64, f64), to: (f64, f64), colour: &str) {
    let ((x1, y1), (x2, y2)) = (from, to);
    let _ = writeln!(
        svg,
        "<line x1=\"{x1:.2}\" y1=\"{y1:.2}\" x2=\"{x2:.2}\" y2=\"{y2:.2}\" stroke=\"{colour}\"/>"
    );
}

pub fn text(svg: &mut String, x: f64, y: f64, anchor: &str, words: &str) {
    let words = escaped(words);
    let _ = writeln!(
        svg,
        "<text x=\"{x:.2}\" y=\"{y:.2}\" text-anchor=\"{anchor}\" fill=\"{INK}\">{words}</text>"
    );
}

fn plain_number(value: f64) -> String {
    format!("{value:.0}")
}

/// Text of a list may hold anything; XML allows neither bare markup nor control characters.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(series: &[&str], bars: usize) -> Chart {
        Chart {
            language: Language::En,
            title: "Cases".to_owned(),
            description: "A curve".to_owned(),
            across: "day".to_owned(),
            up: "cases".to_owned(),
            series: series.iter().map(|s| (*s).to_owned()).collect(),
            bars: (0..bars)
                .map(|n| Bar { label: n.to_string(), heights: vec![1 + n as u64; series.len()] })
                .collect(),
            line: None,
        }
    }

    #[test]
    fn a_group_named_in_markup_stays_text() {
        let svg = chart(&["<script>alert(1)</script>", "b"], 2).svg();
        assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;"));
    }

    #[test]
    fn the_chart_says_in_words_what_it_shows() {
        let svg = chart(&[""], 3).svg();
        assert!(svg.contains("<title id=\"title\">Cases</title>") && svg.contains("role=\"img\""));
        assert!(svg.contains("<title>2: 3</title>"), "{svg}");
    }

    #[test]
    fn more_groups_than_colours_keep_the_largest_and_add_up_the_rest() {
        let names: Vec<String> = (0..12).map(|n| format!("g{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut crowded = chart(&names, 1);
        crowded.bars[0].heights = vec![1, 9, 1, 9, 9, 9, 1, 9, 9, 9, 1, 1];
        crowded.fold_small_series();
        assert_eq!(crowded.series, ["g1", "g3", "g4", "g5", "g7", "g8", "g9", "5 others"]);
        assert_eq!(crowded.bars[0].heights, [9, 9, 9, 9, 9, 9, 9, 5]);
        let mut eight = chart(&names[..8], 1);
        eight.fold_small_series();
        assert_eq!(eight.series.len(), 8);
    }

    #[test]
    fn the_scale_counts_in_ones_twos_and_fives() {
        for (at_least, step) in [(0.2, 1.0), (1.2, 2.0), (3.0, 5.0), (7.0, 10.0), (40.0, 50.0)] {
            assert_eq!(round_step(at_least), step);
        }
    }
}
