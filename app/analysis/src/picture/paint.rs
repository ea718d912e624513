//! Outlines as pixels.

use super::shapes::Shape;

/// Wider or taller shapes than this are none of ours.
const LARGEST_SIDE: f32 = 30_000.0;

pub struct Canvas {
    pub width: usize,
    pub height: usize,
    /// Red, green, blue.
    pub pixels: Vec<u8>,
}

impl Canvas {
    pub fn white(width: usize, height: usize) -> Canvas {
        Canvas { width, height, pixels: vec![255; width * height * 3] }
    }

    pub fn fill(&mut self, shape: &Shape, scale: f32) {
        let points = || shape.outlines.iter().flatten().map(|(x, y)| (x * scale, y * scale));
        let Some(first) = points().next() else { return };
        let (low, high) = points().fold((first, first), |(low, high), (x, y)| {
            ((low.0.min(x), low.1.min(y)), (high.0.max(x), high.1.max(y)))
        });
        let (left, top) = (low.0.floor(), low.1.floor());
        let (wide, tall) = (high.0 - left, high.1 - top);
        if !(wide < LARGEST_SIDE && tall < LARGEST_SIDE) {
            return;
        }
        let mut cover = Cover::of(wide.ceil() as usize + 2, tall.ceil() as usize + 1);
        for outline in &shape.outlines {
            let ends = outline.iter().zip(outline.iter().cycle().skip(1));
            for (from, to) in ends {
                let place = |(x, y): (f32, f32)| (x * scale - left, y * scale - top);
                cover.edge(place(*from), place(*to));
            }
        }
        self.lay(&cover, (left as i64, top as i64), shape);
    }

    fn lay(&mut self, cover: &Cover, (left, top): (i64, i64), shape: &Shape) {
        for (row, line) in cover.change.chunks_exact(cover.width).enumerate() {
            let y = top + row as i64;
            let mut inside = 0.0;
            for (column, change) in line.iter().enumerate() {
                inside += change;
                let x = left + column as i64;
                let share = inside.abs().min(1.0) * shape.opacity;
                if share < 1.0 / 512.0 || x < 0 || y < 0 || x >= self.width as i64 || y >= self.height as i64
                {
                    continue;
                }
                let at = (y as usize * self.width + x as usize) * 3;
                for (pixel, colour) in self.pixels[at..at + 3].iter_mut().zip(shape.colour) {
                    *pixel = (f32::from(*pixel) * (1.0 - share) + f32::from(colour) * share).round() as u8;
                }
            }
        }
    }
}

/// How much of each pixel lies inside, as changes along each row.
///
/// # Source
/// Levien 2016, font-rs: the exact area each edge leaves to its right, summed up along the row.
struct Cover {
    width: usize,
    change: Vec<f32>,
}

impl Cover {
    fn of(width: usize, height: usize) -> Cover {
        Cover { width, change: vec![0.0; width * height] }
    }

    fn edge(&mut self, from: (f32, f32), to: (f32, f32)) {
        if from.1 == to.1 {
            return;
        }
        let (sign, (x0, y0), (x1, y1)) = if from.1 < to.1 { (1.0, from, to) } else { (-1.0, to, from) };
        let slant = (x1 - x0) / (y1 - y0);
        let mut x = x0;
        for row in y0 as usize..y1.ceil() as usize {
            let part = (row as f32 + 1.0).min(y1) - (row as f32).max(y0);
            let next = x + slant * part;
            self.slice(row, x.min(next).max(0.0), x.max(next).max(0.0), sign * part);
            x = next;
        }
    }

    /// A piece of an edge within one row, from `left` to `right`, that covers `tall` of the row's height.
    fn slice(&mut self, row: usize, left: f32, right: f32, tall: f32) {
        let first = left.floor();
        let cells = &mut self.change[row * self.width + first as usize..(row + 1) * self.width];
        if right <= first + 1.0 {
            let middle = 0.5 * (left + right) - first;
            cells[0] += tall * (1.0 - middle);
            cells[1] += tall * middle;
            return;
        }
        // The area to the right of the edge grows from cell to cell; each gets what is new.
        let per_cell = 1.0 / (right - left);
        let mut told = 0.0;
        let mut cell = 0;
        loop {
            let end = first + cell as f32 + 1.0;
            let (enters, leaves) = (left.max(end - 1.0), right.min(end));
            let before = (enters - left) * per_cell;
            let within = (leaves - enters) * per_cell;
            // Of what crosses this cell, the part to the right of the crossing is inside it.
            let passed = right <= end - 1.0;
            let inside = if passed { 1.0 } else { before + within * (end - 0.5 * (enters + leaves)) };
            cells[cell] += tall * (inside - told);
            if passed {
                return;
            }
            told = inside;
            cell += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(outline: &[(f32, f32)]) -> Vec<u8> {
        let mut canvas = Canvas::white(4, 3);
        let shape = Shape { outlines: vec![outline.to_vec()], colour: [0, 0, 0], opacity: 1.0 };
        canvas.fill(&shape, 1.0);
        canvas.pixels.chunks_exact(3).map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn a_bar_fills_its_pixels_and_half_of_those_it_half_covers() {
        let bar = painted(&[(1.0, 1.0), (2.5, 1.0), (2.5, 2.0), (1.0, 2.0)]);
        assert_eq!(bar, [255, 255, 255, 255, 255, 0, 128, 255, 255, 255, 255, 255]);
    }

    /// Under the diagonal of a square lies half of each pixel it crosses.
    #[test]
    fn a_slope_covers_what_lies_under_it() {
        let flat = painted(&[(0.0, 1.0), (4.0, 0.0), (4.0, 1.0)]);
        let shares = [1.0, 3.0, 5.0, 7.0].map(|eighths| (255.0_f32 * (1.0 - eighths / 8.0)).round() as u8);
        assert_eq!(flat[..4], shares);
        assert_eq!(flat[4..], [255; 8]);
    }

    #[test]
    fn what_lies_beyond_the_page_is_cut_off() {
        let pixels = painted(&[(-50.0, -50.0), (2.0, -50.0), (2.0, 1.0), (-50.0, 1.0)]);
        assert_eq!(pixels[..5], [0, 0, 255, 255, 255]);
    }
}
