//! Pictures as LOGIKAL draws them: a frame, panes and a handle's side, each elevation a little different, as PNG.

/// Pixels on each side.
const SIDE: usize = 120;
/// Background, frame, glass, and the line that shows how a pane opens.
const COLORS: [[u8; 3]; 4] = [
    [255, 255, 255],
    [84, 96, 110],
    [196, 222, 236],
    [208, 96, 64],
];
const FRAME: usize = 5;

/// The picture of the elevation with this number.
pub(super) fn drawing(number: u32) -> Vec<u8> {
    let panes = 1 + usize::try_from(number).unwrap_or_default() % 4;
    let top = 8 + usize::try_from(number).unwrap_or_default() * 7 % 40;
    let mut lines = Vec::with_capacity(SIDE * (1 + SIDE / 4));
    for y in 0..SIDE {
        // No filter; then four pixels a byte.
        lines.push(0);
        for x in (0..SIDE).step_by(4) {
            lines.push((0..4).fold(0, |byte, next| byte << 2 | color(x + next, y, panes, top)));
        }
    }
    png(&lines)
}

/// The color's number at a place.
fn color(x: usize, y: usize, panes: usize, top: usize) -> u8 {
    let (left, right, bottom) = (8, SIDE - 8, SIDE - 8);
    if x < left || x >= right || y < top || y >= bottom {
        return 0;
    }
    let width = (right - left) / panes;
    let (across, down) = ((x - left) % width, y - top);
    let height = bottom - top;
    let is_frame =
        across < FRAME || across >= width - FRAME || down < FRAME || down >= height - FRAME;
    let middle = across.abs_diff(width / 2) * height;
    match () {
        () if is_frame => 1,
        // The first pane opens: two lines from its upper middle to its lower corners.
        () if (x - left) / width == 0 && middle.abs_diff(down * width / 2) < height => 3,
        () => 2,
    }
}

/// A picture of four colors from its lines; nothing is compressed.
fn png(lines: &[u8]) -> Vec<u8> {
    let side = u32::try_from(SIDE).expect("a small picture");
    let mut header = [side.to_be_bytes(), side.to_be_bytes()].concat();
    header.extend([2, 3, 0, 0, 0]);
    let length = u16::try_from(lines.len()).expect("a small picture");
    let mut data = vec![0x78, 0x01, 0x01];
    data.extend(length.to_le_bytes());
    data.extend((!length).to_le_bytes());
    data.extend(lines);
    data.extend(adler(lines).to_be_bytes());
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [
        (b"IHDR", header),
        (b"PLTE", COLORS.concat()),
        (b"IDAT", data),
        (b"IEND", Vec::new()),
    ] {
        let length = u32::try_from(content.len()).expect("a small picture");
        let chunk = [kind.as_slice(), &content].concat();
        png.extend(length.to_be_bytes());
        png.extend(&chunk);
        png.extend(crc(&chunk).to_be_bytes());
    }
    png
}

fn adler(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _bit| match crc & 1 {
            0 => crc >> 1,
            _ => crc >> 1 ^ 0xedb8_8320,
        })
    })
}
