//! The elements our charts are made of, as outlines to be filled.

use super::fonts::Fonts;
use std::collections::BTreeMap;

pub type Outline = Vec<(f32, f32)>;

#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    pub outlines: Vec<Outline>,
    pub colour: [u8; 3],
    pub opacity: f32,
}

pub struct Page {
    pub width: f32,
    pub height: f32,
    pub shapes: Vec<Shape>,
}

/// Corners of a circle drawn as a polygon.
const CORNERS: u32 = 32;

const SHORTEST_DASH: f32 = 1e-3;

/// An element with its attributes and the words behind its opening tag.
struct Element<'a> {
    name: &'a str,
    attributes: BTreeMap<&'a str, String>,
    words: String,
}

pub fn read(svg: &str, fonts: &Fonts) -> Result<Page, String> {
    let mut page = Page { width: 0.0, height: 0.0, shapes: Vec::new() };
    let mut size = 16.0;
    for element in svg.split('<').skip(1).filter_map(Element::of) {
        match element.name {
            "svg" => {
                let numbers = numbers(element.says("viewBox"));
                let [_, _, width, height] = numbers[..] else {
                    return Err("the drawing has no viewBox".to_owned());
                };
                (page.width, page.height) = (width, height);
                size = element.number("font-size", size);
            }
            "title" | "desc" | "g" => {}
            "text" => element.letters(fonts, size, &mut page.shapes),
            "rect" => element.bar(page.width, page.height, &mut page.shapes),
            "line" => {
                let at = |key| element.number(key, 0.0);
                element.draw(&[(at("x1"), at("y1")), (at("x2"), at("y2"))], false, &mut page.shapes);
            }
            "polyline" | "polygon" => {
                let numbers = numbers(element.says("points"));
                let points: Outline = numbers.chunks_exact(2).map(|two| (two[0], two[1])).collect();
                element.draw(&points, element.name == "polygon", &mut page.shapes);
            }
            "circle" => {
                let (x, y) = (element.number("cx", 0.0), element.number("cy", 0.0));
                let radius = element.number("r", 0.0);
                let corner = |n| {
                    let turn = n as f32 / CORNERS as f32 * std::f32::consts::TAU;
                    (x + radius * turn.cos(), y + radius * turn.sin())
                };
                element.draw(&(0..CORNERS).map(corner).collect::<Outline>(), true, &mut page.shapes);
            }
            "path" => {
                for (points, closed) in path(element.says("d"))? {
                    element.draw(&points, closed, &mut page.shapes);
                }
            }
            other => return Err(format!("<{other}> cannot be drawn as PNG; write .svg")),
        }
    }
    Ok(page)
}

impl Element<'_> {
    /// What stands between one `<` and the next. Our charts write every attribute as name="value".
    fn of(piece: &str) -> Option<Element<'_>> {
        if piece.starts_with(['/', '!', '?']) {
            return None;
        }
        let (tag, words) = piece.split_once('>')?;
        let tag = tag.trim_end_matches('/');
        let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let mut attributes = BTreeMap::new();
        while let Some((key, after)) = rest.split_once("=\"") {
            let (value, more) = after.split_once('"')?;
            attributes.insert(key.trim(), unescaped(value));
            rest = more;
        }
        Some(Element { name, attributes, words: unescaped(words) })
    }

    fn says(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }

    fn number(&self, key: &str, otherwise: f32) -> f32 {
        self.says(key).parse().unwrap_or(otherwise)
    }

    /// `None` when nothing is to be seen; black unless said otherwise, as SVG has it.
    fn colour(&self, key: &str, otherwise: &str) -> Option<[u8; 3]> {
        let says = self.attributes.get(key).map_or(otherwise, String::as_str);
        let digits = says.strip_prefix('#')?;
        let wide = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            _ => digits.to_owned(),
        };
        let value = u32::from_str_radix(&wide, 16).ok()?;
        let [_, red, green, blue] = value.to_be_bytes();
        Some([red, green, blue])
    }

    fn shape(&self, outlines: Vec<Outline>, colour: [u8; 3], key: &str) -> Shape {
        Shape { outlines, colour, opacity: self.number("opacity", 1.0) * self.number(key, 1.0) }
    }

    fn draw(&self, points: &[(f32, f32)], closed: bool, shapes: &mut Vec<Shape>) {
        let filled = self.name != "line" && points.len() > 2;
        if let Some(colour) = self.colour("fill", "#000000").filter(|_| filled) {
            shapes.push(self.shape(vec![points.to_vec()], colour, "fill-opacity"));
        }
        if let Some(colour) = self.colour("stroke", "none") {
            let wide = self.number("stroke-width", 1.0);
            let dashes = numbers(self.says("stroke-dasharray"));
            let mut corners = points.to_vec();
            corners.extend(points.first().filter(|_| closed));
            // Each piece by itself, or overlapping pieces that run in opposite directions would cancel.
            for (from, to) in dashed(&corners, &dashes) {
                shapes.extend(
                    stroke(from, to, wide).map(|piece| self.shape(vec![piece], colour, "stroke-opacity")),
                );
            }
        }
    }

    fn bar(&self, page_width: f32, page_height: f32, shapes: &mut Vec<Shape>) {
        let side = |key: &str, whole: f32| match self.says(key) {
            "100%" => whole,
            _ => self.number(key, 0.0),
        };
        let (x, y) = (self.number("x", 0.0), self.number("y", 0.0));
        let (wide, tall) = (side("width", page_width), side("height", page_height));
        self.draw(&[(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall)], true, shapes);
    }

    fn letters(&self, fonts: &Fonts, usual: f32, shapes: &mut Vec<Shape>) {
        let Some(colour) = self.colour("fill", "#000000") else { return };
        let (mut outlines, length) = fonts.outlines(&self.words, self.number("font-size", usual));
        let x = self.number("x", 0.0)
            - match self.says("text-anchor") {
                "middle" => length / 2.0,
                "end" => length,
                _ => 0.0,
            };
        let y = self.number("y", 0.0);
        outlines.iter_mut().flatten().for_each(|point| *point = (point.0 + x, point.1 + y));
        shapes.push(self.shape(outlines, colour, "fill-opacity"));
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn numbers(text: &str) -> Vec<f32> {
    text.split([' ', ',']).filter_map(|word| word.parse().ok()).collect()
}

/// Straight paths only: `M`, `L`, `H`, `V` and `Z`.
fn path(text: &str) -> Result<Vec<(Outline, bool)>, String> {
    let mut all: Vec<(Outline, bool)> = Vec::new();
    let mut pieces: Vec<(char, String)> = Vec::new();
    for letter in text.chars() {
        match pieces.last_mut() {
            Some((_, numbers)) if !letter.is_ascii_alphabetic() => numbers.push(letter),
            _ => pieces.push((letter, String::new())),
        }
    }
    for (letter, told) in pieces {
        let numbers = numbers(&told);
        let last = all.last().and_then(|(points, _)| points.last()).copied().unwrap_or((0.0, 0.0));
        let points: Outline = match letter {
            'M' | 'L' => numbers.chunks_exact(2).map(|two| (two[0], two[1])).collect(),
            'H' => numbers.iter().map(|x| (*x, last.1)).collect(),
            'V' => numbers.iter().map(|y| (last.0, *y)).collect(),
            'Z' | 'z' => Vec::new(),
            other => return Err(format!("`{other}` of a path cannot be drawn as PNG; write .svg")),
        };
        match (letter, all.last_mut()) {
            ('M', _) => all.push((points, false)),
            ('Z' | 'z', Some(path)) => path.1 = true,
            (_, Some(path)) => path.0.extend(points),
            (_, None) => return Err("a path begins without M".to_owned()),
        }
    }
    Ok(all)
}

type Piece = ((f32, f32), (f32, f32));

/// The pieces of a line that are drawn: all of it, or the dashes.
fn dashed(corners: &[(f32, f32)], dashes: &[f32]) -> Vec<Piece> {
    let whole = corners.windows(2).map(|two| (two[0], two[1]));
    if dashes.is_empty() || dashes.iter().any(|dash| dash.is_nan() || *dash <= SHORTEST_DASH) {
        return whole.collect();
    }
    let mut pieces = Vec::new();
    let (mut which, mut left) = (0, dashes[0]);
    for (from, to) in whole {
        let (x, y) = (to.0 - from.0, to.1 - from.1);
        let length = x.hypot(y);
        let at = |part: f32| (from.0 + x * part / length, from.1 + y * part / length);
        let mut gone = 0.0;
        while gone < length {
            let until = (gone + left).min(length);
            if which % 2 == 0 {
                pieces.push((at(gone), at(until)));
            }
            left -= until - gone;
            gone = until;
            // What is left after rounding would not move the pen.
            if left <= SHORTEST_DASH {
                which += 1;
                left = dashes[which % dashes.len()];
            }
        }
    }
    pieces
}

/// A line of some width is a narrow box.
fn stroke(from: (f32, f32), to: (f32, f32), wide: f32) -> Option<Outline> {
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    let length = x.hypot(y);
    if length.is_nan() || length <= 0.0 {
        return None;
    }
    let (x, y) = (-y / length * wide / 2.0, x / length * wide / 2.0);
    Some(vec![(from.0 + x, from.1 + y), (to.0 + x, to.1 + y), (to.0 - x, to.1 - y), (from.0 - x, from.1 - y)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(inside: &str) -> Result<Vec<Shape>, String> {
        let Ok(fonts) = Fonts::of_this_machine() else { return Ok(Vec::new()) };
        Ok(read(&format!("<svg viewBox=\"0 0 10 10\">{inside}</svg>"), &fonts)?.shapes)
    }

    #[test]
    fn a_dashed_line_is_its_dashes() {
        let pieces = dashed(&[(0.0, 0.0), (10.0, 0.0)], &[2.0, 3.0]);
        assert_eq!(pieces, [((0.0, 0.0), (2.0, 0.0)), ((5.0, 0.0), (7.0, 0.0))]);
        // Far out on a page, where a small number added to a large one is lost.
        let corners: Vec<(f32, f32)> =
            (0..400).map(|x| (x as f32 * 2.37 + 900.0, (x % 7) as f32 * 31.7)).collect();
        assert!(dashed(&corners, &[2.0, 3.0]).len() > 1_000);
    }

    #[test]
    fn what_cannot_be_drawn_is_refused_by_name() {
        for (inside, why) in
            [("<image href=\"x\"/>", "<image>"), ("<path d=\"M0 0C1 1 2 2 3 3\" fill=\"none\"/>", "`C`")]
        {
            if let Err(told) = drawn(inside) {
                assert!(told.contains(why), "{told}");
            }
        }
        let lines = drawn("<path d=\"M1 1V5H9\" fill=\"none\" stroke=\"#0072b2\"/>").unwrap();
        assert!(lines.is_empty() || lines.len() == 2 && lines[0].colour == [0x00, 0x72, 0xb2]);
    }
}
