//! Pixels as a PNG file.
//!
//! # Source
//! W3C 2003, Portable Network Graphics (ISO/IEC 15948).

use super::paint::Canvas;
use flate2::{Compression, Crc, write::ZlibEncoder};
use std::io::Write;

pub fn encode(canvas: &Canvas) -> Result<Vec<u8>, String> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend((canvas.width as u32).to_be_bytes());
    header.extend((canvas.height as u32).to_be_bytes());
    // Eight bits, colours, the only compression and filter there are, not interlaced.
    header.extend([8, 2, 0, 0, 0]);
    chunk(&mut file, b"IHDR", &header);

    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    for row in canvas.pixels.chunks_exact(canvas.width * 3) {
        // 0: the row as it is.
        packed.write_all(&[0]).and_then(|()| packed.write_all(row)).map_err(|why| why.to_string())?;
    }
    chunk(&mut file, b"IDAT", &packed.finish().map_err(|why| why.to_string())?);
    chunk(&mut file, b"IEND", &[]);
    Ok(file)
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) {
    let mut sum = Crc::new();
    sum.update(kind);
    sum.update(content);
    file.extend((content.len() as u32).to_be_bytes());
    file.extend(kind);
    file.extend(content);
    file.extend(sum.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn the_pixels_are_in_the_file() {
        let file = encode(&Canvas { width: 1, height: 2, pixels: vec![1, 2, 3, 4, 5, 6] }).unwrap();
        assert!(file.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x02\x08\x02\0\0\0"));
        // The closing chunk has the checksum that stands in every PNG.
        assert!(file.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82"));
        let start = file.windows(4).position(|four| four == b"IDAT").unwrap() + 4;
        let mut pixels = Vec::new();
        flate2::read::ZlibDecoder::new(&file[start..]).read_to_end(&mut pixels).unwrap();
        assert_eq!(pixels, [0, 1, 2, 3, 0, 4, 5, 6]);
    }
}
