//! What stands before the lines of code: breakpoints, where the program is, how often it ran.
//!
//! Elsewhere: the lines (`levels`).

use crate::moment::{Breakpoint, Counts, Listing, SourceView, WasmLine};
use crate::theme::Theme;
use crate::widgets::line::Line;
use crate::words;
use std::ops::Range;
use wasmscope_trace_format::CodeFunc;

/// Puts what stands before a line: whether something stops there, whether the program is there, whether the
/// pane's cursor is.
pub(super) fn put_sign(line: &mut Line<'_>, stop: &'static str, here: bool, selected: bool, theme: &Theme) {
    line.put(stop, theme.breakpoint);
    line.put(
        match (here, selected) {
            (true, _) => "▶",
            (false, true) => "›",
            (false, false) => " ",
        },
        theme.strong,
    );
}

/// The sign of the breakpoint at a line: whether there is one, and whether it is on.
pub(super) fn stop_sign(stops: &[(usize, &Breakpoint)], line: usize) -> &'static str {
    match stops.iter().find(|it| it.0 == line) {
        Some((_, breakpoint)) if breakpoint.enabled => "●",
        Some(_) => "○",
        None => " ",
    }
}

/// Puts how often something ran into the margin.
pub(super) fn put_count(line: &mut Line<'_>, count: Option<u64>, theme: &Theme) {
    let text = match count {
        // What only structures the code is no step.
        None => String::new(),
        Some(0) => "·".into(),
        Some(count) => words::brief(count),
    };
    line.put(&format!("{text:>6} "), if count == Some(0) { theme.dim } else { theme.host });
}

/// How often each of some operators ran: as often as the op that stands for it, the first of several.
pub(super) fn of_operators(counts: &Counts, listing: &Listing, lines: &[WasmLine]) -> Vec<Option<u64>> {
    let mut ran = vec![None; lines.len()];
    for (index, op) in listing.code.ops.iter().enumerate() {
        let (from, to) = listing.stands_for(index);
        let first = lines.partition_point(|line| line.pc < from);
        let own = lines[first..].iter().zip(&mut ran[first..]).take_while(|(line, _)| line.pc <= to);
        for (_, ran) in own {
            ran.get_or_insert_with(|| counts.of(op.ip));
        }
    }
    ran
}

/// How often each of some lines of a file ran: the op of it that ran most. `None` for lines of no op.
pub(super) fn of_lines(
    counts: &Counts,
    code: &CodeFunc,
    source: &SourceView,
    file: u32,
    lines: &Range<usize>,
) -> Vec<Option<u64>> {
    let mut most = vec![None; lines.len()];
    for (index, &(from, line)) in source.lines.iter().enumerate() {
        let row = line.filter(|it| it.file == file && it.line > 0).map(|it| it.line as usize - 1);
        let Some(row) = row.filter(|row| lines.contains(row)) else { continue };
        let to = source.lines.get(index + 1).map_or(u32::MAX, |next| next.0);
        let first = code.ops.partition_point(|op| op.pc < from);
        let ran = code.ops[first..].iter().take_while(|op| op.pc < to).map(|op| counts.of(op.ip)).max();
        let of_line = &mut most[row - lines.start];
        *of_line = ran.max(*of_line);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::SourceLine;
    use wasmscope_trace_format::CodeOp;

    fn code() -> CodeFunc {
        let ops = [(0, 10), (8, 12), (16, 14), (24, 20), (32, 30)];
        let ops = ops.map(|(ip, pc)| CodeOp { ip, pc, ..CodeOp::default() });
        CodeFunc { ops: ops.into(), ..CodeFunc::default() }
    }

    const RAN: [(u32, u64); 4] = [(0, 1), (8, 1), (24, 7), (32, 9)];

    #[test]
    fn a_line_ran_as_often_as_its_busiest_op() {
        let at = |file, line| Some(SourceLine { file, line });
        let source = SourceView {
            files: Vec::new(),
            // A loop: its line is in two pieces; line 0 is no line, and another file has a line 3 too.
            lines: vec![(10, at(0, 3)), (14, at(0, 4)), (16, at(0, 0)), (20, at(0, 3)), (25, at(1, 3))],
        };
        let counts = Counts { ops: RAN.into() };
        let lines = of_lines(&counts, &code(), &source, 0, &(1..5));
        assert_eq!(lines, [None, Some(7), Some(0), None]);
    }

    #[test]
    fn an_operator_ran_as_often_as_its_op() {
        let listing = Listing { code: code(), ..Listing::default() };
        let pcs = [8, 10, 13, 14, 17, 30, 31];
        let lines = pcs.map(|pc| WasmLine { pc, depth: 0, text: String::new() });
        let counts = Counts { ops: RAN.into() };
        let ran = of_operators(&counts, &listing, &lines);
        assert_eq!(ran, [Some(1), Some(1), Some(0), Some(0), Some(7), Some(9), None]);
        // As one asks of each.
        let each = lines.iter().map(|line| Some(counts.of(listing.code.ops[listing.op_of(line.pc)?].ip)));
        assert_eq!(each.collect::<Vec<_>>(), ran);
    }
}
