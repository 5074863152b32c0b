//! One row of a list; its memory is used again for the next one.

/// What a cell was in its file; text has to be understood, the others already are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Text, as all cells of delimited text are.
    Text,
    /// A number, written plainly: `-12.5`, and `15%` where the cell shows percents.
    Number,
    /// A date, written as `2026-01-31`.
    Date,
    /// A yes or no, written as `true` or `false`.
    Bool,
    /// The error value of a formula, such as `#N/A`.
    Error,
}

/// Why a row cannot be looked at cell by cell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Defect {
    /// Its bytes are not text in the file's encoding.
    Encoding,
    /// It is larger than a row may be; its cells were not kept.
    TooLong,
    /// A quote that it opens is never closed, so the rest of the file became part of it.
    QuoteUnclosed,
}

/// One row: its number in the file and its cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    number: u32,
    text: String,
    cells: Vec<(usize, Kind)>,
    defect: Option<Defect>,
}

impl Row {
    /// The 1-based row in the file; the header counts.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// How many cells it has.
    pub(crate) fn width(&self) -> usize {
        self.cells.len()
    }

    /// Whether nothing stands in it.
    pub(crate) fn is_blank(&self) -> bool {
        self.defect.is_none() && self.text.chars().all(char::is_whitespace)
    }

    /// Why its cells cannot be trusted.
    pub(crate) fn defect(&self) -> Option<Defect> {
        self.defect
    }

    /// A cell's trimmed text and what it was; a cell that the row does not have is empty text.
    pub(crate) fn cell(&self, index: usize) -> (&str, Kind) {
        let Some(&(end, kind)) = self.cells.get(index) else {
            return ("", Kind::Text);
        };
        let start = if index == 0 {
            0
        } else {
            self.cells[index - 1].0
        };
        (trimmed(&self.text[start..end]), kind)
    }

    /// All cells in order, untrimmed.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (&str, Kind)> {
        let mut start = 0;
        self.cells.iter().map(move |&(end, kind)| {
            let text = &self.text[start..end];
            start = end;
            (text, kind)
        })
    }

    /// Begins anew as row `number`.
    pub(super) fn begin(&mut self, number: u32) {
        self.number = number;
        self.text.clear();
        self.cells.clear();
        self.defect = None;
    }

    /// Becomes another row of the same content.
    pub(super) fn renumber(&mut self, number: u32) {
        self.number = number;
    }

    /// How many bytes its cells have together.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Adds a cell.
    pub(super) fn push(&mut self, text: &str, kind: Kind) {
        self.text.push_str(text);
        self.cells.push((self.text.len(), kind));
    }

    /// Adds empty cells until the next one is at `index`.
    pub(super) fn pad_to(&mut self, index: usize) {
        while self.cells.len() < index {
            self.cells.push((self.text.len(), Kind::Text));
        }
    }

    /// Marks the row as one whose cells cannot be trusted.
    pub(super) fn spoil(&mut self, defect: Defect) {
        self.defect = Some(defect);
    }

    /// Takes the text's buffer to be filled with bytes; [`Row::fill`] gives it back.
    pub(super) fn take_buffer(&mut self) -> Vec<u8> {
        let mut buffer = std::mem::take(&mut self.text).into_bytes();
        buffer.clear();
        buffer
    }

    /// Becomes row `number` with this text cut at `ends`; the text has to be cut at character boundaries.
    pub(super) fn fill(&mut self, number: u32, text: String, ends: &[usize]) {
        self.number = number;
        self.text = text;
        self.cells.clear();
        self.cells.extend(ends.iter().map(|&end| (end, Kind::Text)));
        self.defect = None;
    }
}

/// As `str::trim`, which looks at characters even where there is nothing to trim.
fn trimmed(text: &str) -> &str {
    let is_graphic = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    if is_graphic(bytes.first()) && is_graphic(bytes.last()) {
        text
    } else {
        text.trim()
    }
}
