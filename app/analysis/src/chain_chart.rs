//! Links drawn as chains: one line per case, to the right by the day of onset, an arrow from each
//! named source.

use super::chart::{INK, escaped, line, text};
use super::language::Language;
use base::Day;
use std::collections::BTreeSet;
use std::fmt::Write;
use trace::Candidate;

/// More lines than this are not read on paper; the console's chain page draws thousands.
const MOST_CASES: usize = 400;

const TOP: f64 = 70.0;
const LEFT: f64 = 50.0;
const RIGHT: f64 = 110.0;
const ROW: f64 = 18.0;
const WIDTH: f64 = 960.0;
/// Cases without an onset stand in a column of their own, left of the first day.
const UNDATED: f64 = 90.0;

/// Who may have infected whom, and what is said of it.
pub struct Drawing<'a> {
    /// Cases with their days; those at either end of an arrow are among them.
    pub cases: Vec<(&'a str, Option<Day>)>,
    pub arrows: Vec<Arrow<'a>>,
    pub title: String,
    pub description: &'static str,
}

pub struct Arrow<'a> {
    pub from: &'a str,
    pub to: &'a str,
    /// The source that counts; the others are dashed.
    pub first: bool,
    pub told: String,
}

#[derive(Clone, Copy)]
struct Node<'a> {
    case_no: &'a str,
    onset: Option<Day>,
}

/// Candidate links of free text.
pub fn chain_svg(candidates: &[Candidate], language: Language) -> Result<String, String> {
    let mut cases = Vec::new();
    let mut seen = BTreeSet::new();
    for c in candidates {
        for (case_no, onset) in [(&c.infector, c.infector_onset), (&c.infectee, c.infectee_onset)] {
            if seen.insert(case_no.as_str()) {
                cases.push((case_no.as_str(), onset));
            }
        }
    }
    let arrows = candidates
        .iter()
        .map(|c| Arrow {
            from: &c.infector,
            to: &c.infectee,
            first: c.earliest,
            told: format!("{}: {}", c.relation.map_or("", trace::Relation::word), c.said),
        })
        .collect();
    let (links, many) = (candidates.len(), cases.len());
    let (title, description) = match language {
        Language::Zh => (
            format!("文字中提到的可能传播关系（{links} 条，{many} 例）"),
            "每行一例，横轴为发病日期；实线指向最早发病的被提及者，虚线为其他被提及者。均待核实。",
        ),
        Language::En => (
            format!("Candidate links named in the text ({links} links, {many} cases)"),
            "One line per case, placed by onset. A solid line comes from the named source who fell ill first, a \
             dashed one from every other named source. All are to be confirmed.",
        ),
    };
    drawing_svg(&Drawing { cases, arrows, title, description }, language)
}

pub fn drawing_svg(drawing: &Drawing, language: Language) -> Result<String, String> {
    let many = drawing.cases.len();
    if many > MOST_CASES {
        return Err(format!(
            "{many} linked cases are too many for one drawing (at most {MOST_CASES}); choose \
             --format csv or json"
        ));
    }
    let nodes = in_reading_order(drawing);
    let days: Vec<Day> = nodes.iter().filter_map(|node| node.onset).collect();
    let scale = Scale::of(days.iter().min().copied(), days.iter().max().copied());
    let mut svg = opening(drawing, language);
    draw_days(&mut svg, &scale, nodes.len(), language);
    for arrow in &drawing.arrows {
        draw_link(&mut svg, arrow, &nodes, &scale);
    }
    for (row, node) in nodes.iter().enumerate() {
        draw_case(&mut svg, row, node, &scale);
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

/// Each source above those who name it first: sources by onset, below each its infectees by onset, and so on
/// down.
fn in_reading_order<'a>(drawing: &Drawing<'a>) -> Vec<Node<'a>> {
    let mut nodes: Vec<Node> =
        drawing.cases.iter().map(|(case_no, onset)| Node { case_no, onset: *onset }).collect();
    // A day far ahead puts those without an onset last.
    nodes.sort_by_key(|node| (node.onset.map_or(i32::MAX, Day::number), node.case_no.len(), node.case_no));
    let place = |case_no: &str| nodes.iter().position(|node| node.case_no == case_no);
    let mut source = vec![None; nodes.len()];
    for arrow in drawing.arrows.iter().filter(|arrow| arrow.first) {
        if let (Some(infectee), Some(infector)) = (place(arrow.to), place(arrow.from)) {
            source[infectee] = Some(infector);
        }
    }
    let mut order = Vec::new();
    let mut placed = vec![false; nodes.len()];
    // Those without a source first; what is left over stands in a ring and starts anywhere.
    let starts = (0..nodes.len()).filter(|n| source[*n].is_none()).chain(0..nodes.len());
    for start in starts {
        let mut next = vec![start];
        while let Some(node) = next.pop() {
            if std::mem::replace(&mut placed[node], true) {
                continue;
            }
            order.push(node);
            next.extend((0..nodes.len()).rev().filter(|n| source[*n] == Some(node)));
        }
    }
    order.into_iter().map(|node| nodes[node]).collect()
}

struct Scale {
    first: Option<Day>,
    days: f64,
}

impl Scale {
    fn of(first: Option<Day>, last: Option<Day>) -> Scale {
        let days = first.zip(last).map_or(1, |(first, last)| (last - first).max(1));
        Scale { first, days: f64::from(days) }
    }

    fn x(&self, onset: Option<Day>) -> f64 {
        let room = WIDTH - LEFT - UNDATED - RIGHT;
        match (onset, self.first) {
            (Some(day), Some(first)) => LEFT + UNDATED + f64::from(day - first) / self.days * room,
            _ => LEFT,
        }
    }
}

fn y(row: usize) -> f64 {
    TOP + (row as f64 + 0.5) * ROW
}

fn opening(drawing: &Drawing, language: Language) -> String {
    let height = TOP + drawing.cases.len() as f64 * ROW + 20.0;
    let (title, description) = (&drawing.title, drawing.description);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" lang=\"{}\" \
         aria-labelledby=\"title description\" font-size=\"12\" \
         font-family=\"system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"description\">{}</desc>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"28\" font-size=\"18\" font-weight=\"600\" fill=\"{INK}\">{}</text>\n",
        language.tag(),
        escaped(title),
        escaped(description),
        escaped(title),
    )
}

/// A label and a faint line about every hundred pixels, on whole days.
fn draw_days(svg: &mut String, scale: &Scale, rows: usize, language: Language) {
    let end = TOP + rows as f64 * ROW;
    text(svg, LEFT, TOP - 12.0, "middle", language.pick("发病日未知", "not known"));
    let Some(first) = scale.first else { return };
    let every = ((scale.days / 7.0).ceil() as i32).max(1);
    for offset in (0..=scale.days as i32).step_by(every as usize) {
        let x = scale.x(Some(first + offset));
        line(svg, (x, TOP - 6.0), (x, end), "#dddddd");
        text(svg, x, TOP - 12.0, "middle", &(first + offset).to_string());
    }
}

fn draw_link(svg: &mut String, arrow: &Arrow, nodes: &[Node], scale: &Scale) {
    let place = |case_no: &str| nodes.iter().position(|node| node.case_no == case_no);
    let (Some(from), Some(to)) = (place(arrow.from), place(arrow.to)) else { return };
    let (x1, y1) = (scale.x(nodes[from].onset), y(from));
    let (x2, y2) = (scale.x(nodes[to].onset), y(to));
    let dashes = if arrow.first { "" } else { " stroke-dasharray=\"3 3\" opacity=\"0.6\"" };
    // Down first, then across: the elbow keeps lines of different days apart.
    let _ = writeln!(
        svg,
        "<path d=\"M{x1:.1} {y1:.1}V{y2:.1}H{x2:.1}\" fill=\"none\" stroke=\"#0072b2\"{dashes}>\
         <title>{}</title></path>",
        escaped(&format!("{} → {} {}", arrow.from, arrow.to, arrow.told))
    );
}

fn draw_case(svg: &mut String, row: usize, node: &Node, scale: &Scale) {
    let (x, y) = (scale.x(node.onset), y(row));
    // A case without an onset is hollow: its place says nothing.
    let fill = if node.onset.is_some() { "#d55e00" } else { "#ffffff" };
    let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{fill}\" stroke=\"#d55e00\"/>");
    // A white edge keeps the number readable where a line passes under it.
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{INK}\" stroke=\"#ffffff\" stroke-width=\"3\" \
         paint-order=\"stroke\">{}</text>",
        x + 8.0,
        y + 4.0,
        escaped(node.case_no)
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use trace::{KnownIds, Telling};

    fn links(list: &[(&str, &str, &str)]) -> Vec<Candidate> {
        let tellings: Vec<Telling> = list
            .iter()
            .map(|(case_no, onset, text)| Telling { case_no, text, onset: onset.parse().ok() })
            .collect();
        trace::candidate_links(&tellings, &KnownIds::new(list.iter().map(|row| row.0)))
    }

    #[test]
    fn a_source_stands_above_those_who_name_it() {
        let links = links(&[
            ("A1", "2022-02-03", "contact of A9"),
            ("A2", "2022-02-05", "family of A1"),
            ("A9", "2022-02-01", ""),
            ("A4", "", "A9"),
            ("A5", "2022-02-02", "A6"),
            ("A6", "2022-02-02", "A5"),
        ]);
        let svg = chain_svg(&links, Language::En).unwrap();
        let order: Vec<&str> = svg
            .lines()
            .filter(|line| line.starts_with("<text") && line.contains("paint-order"))
            .filter_map(|line| line.rsplit('>').nth(1)?.split('<').next())
            .collect();
        assert_eq!(order, ["A9", "A1", "A2", "A4", "A5", "A6"]);
    }

    #[test]
    fn what_the_text_says_is_shown_as_text() {
        let links = links(&[("A1", "2022-02-03", ""), ("A2", "2022-02-05", "<script> of A1")]);
        let svg = chain_svg(&links, Language::En).unwrap();
        assert!(!svg.contains("<script") && svg.contains("A1 → A2"), "{svg}");
    }
}
