//! Letters as outlines, from the fonts of this machine.
//!
//! Deliberately absent: a font of our own. One that can write Chinese is larger than the program.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use ttf_parser::{Face, OutlineBuilder};

/// Beginnings of file names in the order in which they are liked, without blanks, hyphens or capitals: letters first, then Chinese.
const LETTERS: [&str; 7] = [
    "notosans-regular",
    "dejavusans.",
    "liberationsans-regular",
    "arial.",
    "segoeui.",
    "helvetica",
    "freesans.",
];
const CHINESE: [&str; 11] = [
    "notosanscjk-regular",
    "notosanssc",
    "sourcehansans",
    "msyh.",
    "pingfang",
    "wqy-microhei",
    "wqy-zenhei",
    "simhei",
    "stheiti",
    "notoserifcjk-regular",
    "simsun",
];
const DEEPEST: usize = 5;
/// Straight pieces of a curve of a letter.
const PIECES: u32 = 6;

pub struct Fonts {
    files: Vec<Vec<u8>>,
    missing: RefCell<BTreeSet<char>>,
}

impl Fonts {
    pub fn of_this_machine() -> Result<Fonts, String> {
        let mut found = Vec::new();
        for folder in folders() {
            list(&folder, DEEPEST, &mut found);
        }
        found.sort();
        let liked = |names: &[&str]| {
            names.iter().find_map(|name| found.iter().find(|path| plain(path).starts_with(name)))
        };
        let chosen = [liked(&LETTERS), liked(&CHINESE), found.first()];
        let files: Vec<Vec<u8>> =
            chosen.into_iter().flatten().filter_map(|path| std::fs::read(path).ok()).collect();
        if files.iter().all(|file| Face::parse(file, 0).is_err()) {
            return Err("this machine has no font, so a PNG would have no words; write .svg, or install one such as DejaVu Sans"
                .to_owned());
        }
        Ok(Fonts { files, missing: RefCell::default() })
    }

    /// The outlines of a word whose line begins at 0, 0, and its length.
    pub fn outlines(&self, word: &str, size: f32) -> (Vec<Vec<(f32, f32)>>, f32) {
        let faces: Vec<Face> = self.files.iter().filter_map(|file| Face::parse(file, 0).ok()).collect();
        let (mut outlines, mut x) = (Vec::new(), 0.0);
        for letter in word.chars() {
            let found = faces.iter().find_map(|face| Some((face, face.glyph_index(letter)?)));
            let Some((face, glyph)) = found else {
                self.missing.borrow_mut().insert(letter);
                x += size;
                continue;
            };
            let scale = size / f32::from(face.units_per_em());
            let mut pen = Pen { outlines: Vec::new(), at: (0.0, 0.0), x, scale };
            face.outline_glyph(glyph, &mut pen);
            outlines.append(&mut pen.outlines);
            x += f32::from(face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
        }
        (outlines, x)
    }

    pub fn tell_missing_letters(&self) {
        let missing = self.missing.borrow();
        if !missing.is_empty() {
            let letters: String = missing.iter().take(10).collect();
            eprintln!(
                "no font here has {letters}; they are blank in the PNG. Noto Sans CJK has them; so has .svg anywhere"
            );
        }
    }
}

fn folders() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let windows = std::env::var_os("WINDIR").map(PathBuf::from);
    let mut folders: Vec<PathBuf> =
        ["/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts"]
            .map(PathBuf::from)
            .to_vec();
    folders.extend(home.iter().flat_map(|home| [home.join(".fonts"), home.join(".local/share/fonts")]));
    folders.extend(windows.map(|windows| windows.join("Fonts")));
    folders
}

fn list(folder: &Path, deep: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("").to_lowercase();
        if path.is_dir() {
            if deep > 0 {
                list(&path, deep - 1, found);
            }
        } else if ["ttf", "ttc", "otf", "otc"].contains(&ending.as_str()) {
            found.push(path);
        }
    }
}

fn plain(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().to_lowercase().replace([' ', '_'], ""))
        .unwrap_or_default()
}

/// Draws a letter as straight pieces. Fonts count upwards, pages downwards.
struct Pen {
    outlines: Vec<Vec<(f32, f32)>>,
    at: (f32, f32),
    x: f32,
    scale: f32,
}

impl Pen {
    fn add(&mut self, x: f32, y: f32) {
        let point = (self.x + x * self.scale, -y * self.scale);
        if let Some(outline) = self.outlines.last_mut() {
            outline.push(point);
        }
        self.at = (x, y);
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.outlines.push(Vec::new());
        self.add(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.add(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (x0, y0) = self.at;
        for piece in 1..=PIECES {
            let t = piece as f32 / PIECES as f32;
            let along =
                |a: f32, b: f32, c: f32| (1.0 - t) * (1.0 - t) * a + 2.0 * t * (1.0 - t) * b + t * t * c;
            self.add(along(x0, x1, x), along(y0, y1, y));
        }
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (x0, y0) = self.at;
        for piece in 1..=PIECES {
            let t = piece as f32 / PIECES as f32;
            let u = 1.0 - t;
            let along = |a: f32, b: f32, c: f32, d: f32| {
                u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
            };
            self.add(along(x0, x1, x2, x), along(y0, y1, y2, y));
        }
    }

    fn close(&mut self) {}
}
