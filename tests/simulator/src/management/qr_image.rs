//! The images of QR codes.

use qrcode::{Color, QrCode};

/// White modules around the code, as readers need them.
const MARGIN: usize = 4;
/// Pixels of a module.
const SCALE: usize = 4;

/// The rows of a code with its margin; true is dark.
fn rows(text: &str) -> Vec<Vec<bool>> {
    // A link of 36 characters always fits.
    let Ok(code) = QrCode::new(text) else { return Vec::new() };
    let (width, colours) = (code.width(), code.to_colors());
    let whole = width + 2 * MARGIN;
    let dark = |x: usize, y: usize| {
        let inner = |n: usize| n.checked_sub(MARGIN).filter(|n| *n < width);
        inner(x).zip(inner(y)).is_some_and(|(x, y)| colours[y * width + x] == Color::Dark)
    };
    (0..whole).map(|y| (0..whole).map(|x| dark(x, y)).collect()).collect()
}

pub(super) fn svg(text: &str) -> Vec<u8> {
    let rows = rows(text);
    let mut path = String::new();
    for (y, row) in rows.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    let size = rows.len();
    format!(r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>"##)
        .into_bytes()
}

/// A PNG of one bit per pixel. Its data is stored, not compressed: it is a kilobyte or two.
pub(super) fn png(text: &str) -> Vec<u8> {
    let rows = rows(text);
    let size = rows.len() * SCALE;
    let mut data = Vec::new();
    for row in rows.iter().flat_map(|row| std::iter::repeat_n(row, SCALE)) {
        // Every row begins with its filter: none.
        data.push(0);
        let light: Vec<bool> = row.iter().flat_map(|dark| [!dark; SCALE]).collect();
        data.extend(light.chunks(8).map(|bits| {
            bits.iter().enumerate().fold(0, |byte, (i, light)| byte | (u8::from(*light) << (7 - i)))
        }));
    }
    let mut header = Vec::new();
    header.extend((size as u32).to_be_bytes());
    header.extend((size as u32).to_be_bytes());
    // One bit, greyscale.
    header.extend([1, 0, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [(b"IHDR", header), (b"IDAT", zlib(&data)), (b"IEND", Vec::new())] {
        png.extend((content.len() as u32).to_be_bytes());
        let start = png.len();
        png.extend(kind);
        png.extend(content);
        let sum = crc(&png[start..]);
        png.extend(sum.to_be_bytes());
    }
    png
}

/// A zlib stream of stored blocks.
fn zlib(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = data.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        out.push(u8::from(blocks.peek().is_none()));
        out.extend((block.len() as u16).to_le_bytes());
        out.extend((!(block.len() as u16)).to_le_bytes());
        out.extend(block);
    }
    let (a, b) = data.iter().fold((1u32, 0u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    out.extend((b << 16 | a).to_be_bytes());
    out
}

/// The CRC-32 of a PNG chunk.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    };
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_of_a_png_are_the_published_ones() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc(b"IEND"), 0xae42_6082);
        assert_eq!(&zlib(b"Wikipedia")[16..], &0x11e6_0398u32.to_be_bytes());
    }

    #[test]
    fn a_code_has_its_three_corners_and_its_margin() {
        let rows = rows("https://wa.me/message/ABCDEFGHIJKLMN");
        let n = rows.len();
        for (x, y) in [(MARGIN, MARGIN), (n - MARGIN - 1, MARGIN), (MARGIN, n - MARGIN - 1)] {
            assert!(rows[y][x]);
        }
        assert!(rows[..MARGIN].iter().flatten().all(|dark| !dark));
        assert!(svg("x").starts_with(b"<svg"));
    }
}
