//! Turns UTF-16 into UTF-8 as it is read.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding};

/// A reader that decodes what another one reads; wrong sequences become replacement characters.
pub(super) struct Transcode<R> {
    source: R,
    decoder: Decoder,
    input: Vec<u8>,
    input_start: usize,
    ended: bool,
    /// Bytes for callers whose buffer is too small for a character.
    spare: Vec<u8>,
}

impl<R: Read> Transcode<R> {
    pub(super) fn new(source: R, encoding: &'static Encoding) -> Self {
        Self {
            source,
            decoder: encoding.new_decoder_without_bom_handling(),
            input: Vec::new(),
            input_start: 0,
            ended: false,
            spare: Vec::new(),
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.input.resize(64 * 1024, 0);
        let count = self.source.read(&mut self.input)?;
        self.input.truncate(count);
        self.input_start = 0;
        Ok(())
    }
}

impl<R: Read> Read for Transcode<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.spare.is_empty() {
                let count = self.spare.len().min(buffer.len());
                buffer[..count].copy_from_slice(&self.spare[..count]);
                self.spare.drain(..count);
                return Ok(count);
            }
            if self.ended {
                return Ok(0);
            }
            if self.input_start == self.input.len() {
                self.refill()?;
            }
            let last = self.input.is_empty();
            let mut output = [0_u8; 16];
            let (target, direct) = if buffer.len() < 16 {
                (&mut output[..], false)
            } else {
                (&mut *buffer, true)
            };
            let (result, read, written, _) =
                self.decoder
                    .decode_to_utf8(&self.input[self.input_start..], target, last);
            self.input_start += read;
            self.ended = last && result == encoding_rs::CoderResult::InputEmpty;
            if direct && written > 0 {
                return Ok(written);
            }
            if !direct {
                self.spare.extend_from_slice(&output[..written]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_16BE, UTF_16LE};

    use super::*;

    #[test]
    fn utf16_becomes_utf8_in_pieces_of_any_size() {
        let text = "naam;prijs\nCaf\u{e9} \u{1f600};1,50\n".repeat(5000);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, encoding) in [(little, UTF_16LE), (big, UTF_16BE)] {
            for size in [1, 7, 16, 1000, 70_000] {
                let mut reader = Transcode::new(&bytes[..], encoding);
                let mut decoded = Vec::new();
                let mut piece = vec![0; size];
                loop {
                    let count = reader.read(&mut piece).unwrap();
                    if count == 0 {
                        break;
                    }
                    decoded.extend_from_slice(&piece[..count]);
                }
                assert!(
                    decoded == text.as_bytes(),
                    "{} in pieces of {size}",
                    encoding.name()
                );
            }
        }
    }
}
