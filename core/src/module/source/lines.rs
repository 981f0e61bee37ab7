//! Line tables: one sorted list of rows for the whole module.
//!
//! ```text
//! pc      0x41        0x4b        0x52       0x60
//! row     main.c:3 s  main.c:4 s  main.c:4   end       a row holds up to the next one
//! ```
//!
//! Always: rows are sorted by pc and have distinct ones; each sequence ends in a row without a file. Sequences of
//! functions that are not in the code, and those that overlap one before them, are left out.

use super::{
    SourceFile, SourceLocation,
    files::{FileNumbers, Files},
    units::{Code, Sections, Trouble, Units},
};
use gimli::ColumnType;
use std::{
    collections::HashSet,
    ops::Range,
    sync::{Arc, OnceLock},
};

/// The file of a row that ends a sequence, or whose file is not known.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Row {
    pc: u32,
    file: u32,
    /// 0 if the compiler added the code on its own.
    line: u32,
    column: u32,
    /// A statement begins here.
    statement: bool,
}

/// The line tables of a module.
pub(super) struct Lines {
    rows: Vec<Row>,
    files: Vec<Arc<SourceFile>>,
    note: Option<String>,
    /// Numbers of rows, by file and line.
    by_line: OnceLock<Vec<u32>>,
}

impl Lines {
    pub(super) fn read(sections: &Sections, code: &Code) -> Lines {
        let (mut units, trouble) = Units::find(sections);
        let mut note = trouble.map(|trouble| trouble.note());
        let mut reading = Reading::default();
        for at in 0..units.len() {
            match reading.unit(&mut units, code, at) {
                Ok(()) => {}
                Err(trouble) => {
                    note.get_or_insert_with(|| trouble.note());
                    if let Trouble::TooMuch = trouble {
                        break;
                    }
                }
            }
        }
        let rows = reading.sorted();
        if rows.is_empty()
            && let Some(file) = sections.elsewhere()
        {
            note.get_or_insert_with(|| format!("the debug information is in another file, {file}"));
        }
        Lines { rows, files: reading.files.into_list(), note, by_line: OnceLock::new() }
    }

    pub(super) fn files(&self) -> &[Arc<SourceFile>] {
        &self.files
    }

    pub(super) fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    pub(super) fn locate(&self, pc: u32) -> Option<SourceLocation> {
        let after = self.rows.partition_point(|row| row.pc <= pc);
        self.location(self.rows.get(after.checked_sub(1)?)?)
    }

    fn location(&self, row: &Row) -> Option<SourceLocation> {
        let file = self.files.get(row.file as usize)?.clone();
        (row.line != 0).then_some(SourceLocation { file, line: row.line, column: row.column })
    }

    /// The rows of a line, or of all lines of a file, in order of line and pc.
    fn of(&self, file: &SourceFile, lines: Range<u64>) -> &[u32] {
        let by_line = self.by_line.get_or_init(|| {
            let mut order: Vec<u32> = (0..self.rows.len() as u32).collect();
            order.retain(|&at| self.rows[at as usize].file != NONE && self.rows[at as usize].line != 0);
            order.sort_by_key(|&at| (self.rows[at as usize].file, self.rows[at as usize].line, at));
            order
        });
        let Some(file) = self.files.iter().position(|known| **known == *file) else { return &[] };
        let key = |at: &u32| (self.rows[*at as usize].file as usize, u64::from(self.rows[*at as usize].line));
        let from = by_line.partition_point(|at| key(at) < (file, lines.start));
        let to = by_line.partition_point(|at| key(at) < (file, lines.end));
        &by_line[from..to]
    }

    fn of_line(&self, file: &SourceFile, line: u32) -> &[u32] {
        self.of(file, u64::from(line)..u64::from(line) + 1)
    }

    pub(super) fn lines(&self, file: &SourceFile) -> Vec<u32> {
        let rows = self.of(file, 0..1 << 32);
        let mut lines: Vec<u32> = rows.iter().map(|&at| self.rows[at as usize].line).collect();
        lines.dedup();
        lines
    }

    pub(super) fn pcs(&self, file: &SourceFile, line: u32) -> Vec<Range<u32>> {
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for &at in self.of_line(file, line) {
            let at = at as usize;
            // The last row of a sequence has no file, so there is a next one.
            let pcs = self.rows[at].pc..self.rows[at + 1].pc;
            match ranges.last_mut() {
                Some(last) if last.end == pcs.start => last.end = pcs.end,
                _ => ranges.push(pcs),
            }
        }
        ranges
    }

    pub(super) fn statements(&self, file: &SourceFile, line: u32) -> Vec<u32> {
        let rows = self.of_line(file, line).iter().map(|&at| at as usize);
        rows.filter(|&at| self.begins(at)).map(|at| self.rows[at].pc).collect()
    }

    /// Whether a statement begins at a row: not one that goes on after an interruption of no line.
    fn begins(&self, at: usize) -> bool {
        let row = &self.rows[at];
        let before = at.checked_sub(1).map(|before| &self.rows[before]);
        let goes_on = before.is_some_and(|before| (before.file, before.line) == (row.file, row.line));
        row.statement && row.file != NONE && row.line != 0 && !goes_on
    }

    pub(super) fn statement(&self, pcs: Range<u32>) -> Option<SourceLocation> {
        let from = self.rows.partition_point(|row| row.pc < pcs.start);
        let to = self.rows.partition_point(|row| row.pc < pcs.end);
        let at = (from..to).find(|&at| self.begins(at))?;
        self.location(&self.rows[at])
    }
}

/// Line tables while they are read.
#[derive(Default)]
struct Reading {
    files: Files,
    /// Complete sequences, in the order of the tables.
    rows: Vec<Row>,
    /// Where each begins and ends in `rows`.
    sequences: Vec<Range<usize>>,
    /// Line tables that have been read.
    done: HashSet<usize>,
}

impl Reading {
    fn unit(&mut self, units: &mut Units<'_>, code: &Code, at: usize) -> Result<(), Trouble> {
        let unit = units.open(at)?;
        let Some(program) = unit.line_program.clone() else { return Ok(()) };
        if !self.done.insert(program.header().offset().0) {
            return Ok(());
        }
        let mut numbers = FileNumbers::default();
        let mut rows = program.rows();
        // The sequence that is being read starts here; `None` if it is none of this code.
        let mut start = Some(self.rows.len());
        let outcome = loop {
            let (header, row) = match rows.next_row() {
                Ok(Some(next)) => next,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error.into()),
            };
            let (row, end) = (*row, row.end_sequence());
            let Some(first) = start else {
                start = end.then_some(self.rows.len());
                continue;
            };
            let last = (self.rows.len() > first).then(|| self.rows[self.rows.len() - 1].pc);
            let pc = code.pc(row.address()).filter(|&pc| last.is_none_or(|last| last <= pc));
            let Some(pc) = pc else {
                self.rows.truncate(first);
                start = end.then_some(first);
                continue;
            };
            let file = match end {
                true => NONE,
                false => match self.files.number(&mut numbers, units, &unit, header, row.file_index()) {
                    Ok(file) => file.unwrap_or(NONE),
                    Err(error) => break Err(error),
                },
            };
            self.add(first, convert(&row, pc, file));
            if end {
                self.sequences.push(first..self.rows.len());
                start = Some(self.rows.len());
            }
        };
        // What has no end is not known to be code.
        self.rows.truncate(self.sequences.last().map_or(0, |sequence| sequence.end));
        outcome
    }

    /// Adds a row of the sequence that begins at `first`; the last of several at one pc counts.
    fn add(&mut self, first: usize, mut row: Row) {
        if self.rows.len() > first
            && let Some(last) = self.rows.last_mut()
            && last.pc == row.pc
        {
            row.statement |= last.statement && (last.file, last.line) == (row.file, row.line);
            *last = row;
        } else {
            self.rows.push(row);
        }
    }

    /// All sequences in order of pc, without those that overlap an earlier one.
    fn sorted(&mut self) -> Vec<Row> {
        self.sequences.sort_by_key(|sequence| self.rows[sequence.start].pc);
        let mut sorted: Vec<Row> = Vec::with_capacity(self.rows.len());
        for sequence in &self.sequences {
            let rows = &self.rows[sequence.clone()];
            match sorted.last() {
                // The end of one sequence may be the start of the next.
                Some(last) if last.pc == rows[0].pc => drop(sorted.pop()),
                Some(last) if last.pc > rows[0].pc => continue,
                _ => {}
            }
            sorted.extend_from_slice(rows);
        }
        sorted
    }
}

fn convert(row: &gimli::LineRow, pc: u32, file: u32) -> Row {
    let narrow = |number: u64| u32::try_from(number).unwrap_or(0);
    let column = match row.column() {
        ColumnType::LeftEdge => 0,
        ColumnType::Column(column) => narrow(column.get()),
    };
    let line = row.line().map_or(0, |line| narrow(line.get()));
    Row { pc, file, line, column, statement: row.is_stmt() }
}
