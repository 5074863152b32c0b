//! Tables whose columns line up.

use std::fmt;

/// To which side a column's cells go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows of cells, under a header or not.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    alignment: Vec<Align>,
}

impl Table {
    pub(crate) fn new(header: &[&str]) -> Self {
        Self {
            rows: vec![header.iter().map(|&cell| cell.to_owned()).collect()],
            alignment: Vec::new(),
        }
    }

    /// A table of names and values, without a header.
    pub(crate) fn facts() -> Self {
        Self {
            rows: Vec::new(),
            alignment: Vec::new(),
        }
    }

    /// The alignment of the first columns; the others go left.
    #[must_use]
    pub(crate) fn align(mut self, alignment: &[Align]) -> Self {
        self.alignment = alignment.to_vec();
        self
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        for (index, row) in self.rows.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let padding = " ".repeat(widths[column] - cell.chars().count());
                let gap = if column > 0 { "  " } else { "" };
                line = match self.alignment.get(column) {
                    Some(Align::Right) => format!("{line}{gap}{padding}{cell}"),
                    _ => format!("{line}{gap}{cell}{padding}"),
                };
            }
            formatter.write_str(line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_numbers_go_right() {
        let mut table = Table::new(&["NAME", "ROWS", "NOTE"]).align(&[Align::Left, Align::Right]);
        table.row(["é".to_owned(), "13,445".to_owned(), String::new()]);
        table.row(["longer".to_owned(), "7".to_owned(), "x".to_owned()]);
        assert_eq!(
            table.to_string(),
            "NAME      ROWS  NOTE\né       13,445\nlonger       7  x"
        );
    }
}
