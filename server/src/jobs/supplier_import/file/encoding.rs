//! Which encoding a text file has, learned while it passes by.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How much of a line without an end is kept for judging it.
const LONGEST_LINE: usize = 64 * 1024;
/// How many bytes at the start decide about byte order marks and UTF-16 without one.
const START: usize = 4096;

/// Looks at a file's bytes as they pass and tells their encoding at the end.
pub(crate) struct EncodingScan {
    start: Vec<u8>,
    line: Vec<u8>,
    detector: EncodingDetector,
    /// Lines with characters beyond ASCII which are good UTF-8.
    utf8_lines: u64,
    /// Lines which are not UTF-8.
    other_lines: u64,
}

/// What a scan found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Encodings {
    /// The encoding of most of the text.
    pub encoding: &'static Encoding,
    /// The length of the byte order mark in bytes.
    pub mark_bytes: usize,
    /// Whether some lines are UTF-8 and others are not.
    pub mixed: bool,
}

impl Default for EncodingScan {
    fn default() -> Self {
        Self {
            start: Vec::with_capacity(START),
            line: Vec::new(),
            detector: EncodingDetector::new(Iso2022JpDetection::Deny),
            utf8_lines: 0,
            other_lines: 0,
        }
    }
}

impl EncodingScan {
    /// Takes the file's next bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let missing = START.saturating_sub(self.start.len()).min(bytes.len());
        self.start.extend_from_slice(&bytes[..missing]);
        if bytes.is_ascii() && self.line.is_ascii() {
            self.line.clear();
            return;
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = LONGEST_LINE.saturating_sub(self.line.len());
            self.line.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                self.judge_line();
            }
        }
    }

    /// Tells the encoding after the last bytes.
    pub(crate) fn finish(mut self) -> Encodings {
        self.judge_line();
        if let Some((encoding, mark_bytes)) = Encoding::for_bom(&self.start) {
            let mixed = encoding == UTF_8 && self.other_lines > 0;
            return Encodings {
                encoding,
                mark_bytes,
                mixed,
            };
        }
        if let Some(encoding) = utf16_without_mark(&self.start) {
            return Encodings {
                encoding,
                mark_bytes: 0,
                mixed: false,
            };
        }
        let mixed = self.utf8_lines > 0 && self.other_lines > 0;
        let encoding = if self.utf8_lines >= self.other_lines {
            UTF_8
        } else {
            self.detector.feed(b"", true);
            self.detector.guess(Some(b"nl"), Utf8Detection::Deny)
        };
        Encodings {
            encoding,
            mark_bytes: 0,
            mixed,
        }
    }

    fn judge_line(&mut self) {
        if !self.line.is_ascii() {
            // A line that was cut at its longest may end inside a character; that is no fault of the file.
            match std::str::from_utf8(&self.line) {
                Ok(_) => self.utf8_lines += 1,
                Err(error) if error.error_len().is_none() && self.line.len() == LONGEST_LINE => {
                    self.utf8_lines += 1;
                }
                Err(_) => {
                    self.other_lines += 1;
                    self.detector.feed(&self.line, false);
                }
            }
        }
        self.line.clear();
    }
}

/// UTF-16 of western text has a zero in every second byte.
fn utf16_without_mark(start: &[u8]) -> Option<&'static Encoding> {
    if start.len() < 4 {
        return None;
    }
    let zeros = |offset: usize| {
        start
            .iter()
            .skip(offset)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let half = start.len() / 2;
    match (zeros(0) * 10 / half, zeros(1) * 10 / half) {
        (0, 6..) => Some(UTF_16LE),
        (6.., 0) => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;

    use super::*;

    fn scan(bytes: &[u8], piece: usize) -> Encodings {
        let mut scan = EncodingScan::default();
        bytes.chunks(piece).for_each(|piece| scan.feed(piece));
        scan.finish()
    }

    #[test]
    fn an_encoding_is_told_however_the_bytes_are_cut() {
        let utf16: Vec<u8> = "ean;prijs\n871;1,50\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let cases: [(&[u8], &Encoding, usize, bool); 7] = [
            (b"ean;prijs\n871;1,50\n", UTF_8, 0, false),
            ("ean;naam\n1;Caf\u{e9}\n".as_bytes(), UTF_8, 0, false),
            (
                "\u{feff}ean;naam\n1;Caf\u{e9}\n".as_bytes(),
                UTF_8,
                3,
                false,
            ),
            (
                b"ean;naam\n1;Caf\xe9 cr\xe8me\n2;Gr\xf6\xdfe\n",
                WINDOWS_1252,
                0,
                false,
            ),
            (&utf16, UTF_16LE, 0, false),
            (
                b"naam\nCaf\xc3\xa9\nGr\xc3\xb6\xc3\x9fe\nCaf\xe9\n",
                UTF_8,
                0,
                true,
            ),
            (
                b"naam\nCaf\xe9\nGr\xf6\xdfe\nCr\xe8me\nCaf\xc3\xa9\n",
                WINDOWS_1252,
                0,
                true,
            ),
        ];
        for (bytes, encoding, mark_bytes, mixed) in cases {
            for piece in [1, 3, 4096] {
                assert_eq!(
                    scan(bytes, piece),
                    Encodings {
                        encoding,
                        mark_bytes,
                        mixed
                    },
                    "{bytes:?} in pieces of {piece}"
                );
            }
        }
    }
}
