//! How large the parts of a list may be; beyond them a row or the file is refused.

/// The most columns of a list.
pub(crate) const MAX_COLUMNS: usize = 256;
/// The most bytes (UTF-8) of one cell.
pub(crate) const MAX_CELL_BYTES: usize = 64 * 1024;
/// The most bytes of one row of delimited text.
pub(super) const MAX_ROW_BYTES: usize = 1024 * 1024;
/// The most rows with content.
pub(crate) const MAX_ROWS: u32 = 2_000_000;
/// The most bytes that a spreadsheet may unpack to.
pub(super) const MAX_UNPACKED_BYTES: u64 = 1024 * 1024 * 1024;
/// The most bytes of those parts of a spreadsheet that have to be held in memory.
pub(super) const MAX_HELD_BYTES: u64 = 64 * 1024 * 1024;
/// From this unpacked size on, a part that is packed beyond [`MAX_PACKING_RATIO`] is a bomb.
pub(super) const SMALL_UNPACKED_BYTES: u64 = 8 * 1024 * 1024;
/// How many times smaller a part of an honest spreadsheet may be packed.
pub(super) const MAX_PACKING_RATIO: u64 = 200;
/// The most bytes between two tags of a spreadsheet's part; its readers hold that much at once.
pub(super) const MAX_XML_RUN_BYTES: u64 = 16 * 1024 * 1024;
/// The most columns of a sheet that are looked at.
pub(super) const MAX_SHEET_COLUMNS: usize = 4096;
/// The most cells of an XLS workbook, blank ones between the others included: all of them are held in memory.
pub(super) const MAX_XLS_CELLS: u64 = 3_000_000;
/// The largest XLS file; its format ends at 65,536 rows.
pub(super) const MAX_XLS_BYTES: u64 = 64 * 1024 * 1024;
