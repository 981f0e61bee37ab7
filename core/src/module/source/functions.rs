//! Functions, and those that were inlined into them.
//!
//! ```text
//! subprogram main           0x41 ─────────────── 0x90
//!   inlined_subroutine sum       0x4b ──── 0x60           called at main.c:12
//!     inlined_subroutine add         0x50-0x55            called at main.c:4
//! ```
//!
//! One walk over all entries, at the first question. Entries of no function are skipped without being decoded.
//!
//! Always: functions are sorted by pc; what was inlined stands behind what it was inlined into.

use super::{
    SourceFile, SourceLocation,
    files::{FileNumbers, Files},
    units::{Code, Sections, Slice, Trouble, Units},
};
use gimli::{Attribute, AttributeValue, DwAt, Unit, UnitOffset};
use std::{collections::HashMap, ops::Range, sync::Arc};

/// The most frames at one pc.
const MOST: usize = 64;
/// How often a name may refer to another entry.
const HOPS: usize = 8;

/// The number of a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct NameId(u32);

const NO_NAME: NameId = NameId(u32::MAX);

/// A function's code.
struct Function {
    pcs: Range<u32>,
    name: NameId,
    /// What is inlined, in `Functions::inlined`.
    inlined: Range<u32>,
}

/// A range of code that comes from a function inlined there.
pub(super) struct Inlined {
    pcs: Range<u32>,
    pub(super) name: NameId,
    /// How many are around it in the same function.
    depth: u32,
    /// File, line and column of the call.
    call: (u32, u32, u32),
}

/// All functions of a module that have code.
#[derive(Default)]
pub(super) struct Functions {
    functions: Vec<Function>,
    inlined: Vec<Inlined>,
    names: Vec<Arc<str>>,
    files: Vec<Arc<SourceFile>>,
    note: Option<String>,
}

impl Functions {
    pub(super) fn read(sections: &Sections, code: &Code) -> Functions {
        let (units, trouble) = Units::find(sections);
        let mut note = trouble.map(|trouble| trouble.note());
        let mut walk = Walk {
            open: (0..units.len()).map(|_| None).collect(),
            units,
            code,
            files: Files::default(),
            names: HashMap::new(),
            found: Functions::default(),
        };
        for at in 0..walk.units.len() {
            if let Err(trouble) = walk.unit(at) {
                note.get_or_insert_with(|| trouble.note());
                if let Trouble::TooMuch = trouble {
                    break;
                }
            }
        }
        let mut found = walk.found;
        found.files = walk.files.into_list();
        found.note = note;
        found.functions.sort_by_key(|function| function.pcs.start);
        found
    }

    pub(super) fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    pub(super) fn name(&self, name: NameId) -> Option<&Arc<str>> {
        self.names.get(name.0 as usize)
    }

    /// The name of the function at a pc, and what was inlined there, innermost first.
    pub(super) fn at(&self, pc: u32) -> Option<(NameId, impl Iterator<Item = &Inlined>)> {
        let after = self.functions.partition_point(|function| function.pcs.start <= pc);
        let function =
            self.functions.get(after.checked_sub(1)?).filter(|function| function.pcs.contains(&pc))?;
        let range = function.inlined.start as usize..function.inlined.end as usize;
        let mut chain: Vec<&Inlined> = Vec::new();
        for inlined in self.inlined[range].iter().filter(|inlined| inlined.pcs.contains(&pc)) {
            chain.truncate(inlined.depth as usize);
            chain.push(inlined);
        }
        chain.reverse();
        chain.truncate(MOST - 1);
        Some((function.name, chain.into_iter()))
    }

    /// Where something was inlined.
    pub(super) fn call_site(&self, inlined: &Inlined) -> Option<SourceLocation> {
        let (file, line, column) = inlined.call;
        let file = self.files.get(file as usize)?.clone();
        (line != 0).then_some(SourceLocation { file, line, column })
    }
}

struct Walk<'a> {
    units: Units<'a>,
    code: &'a Code,
    open: Vec<Option<Arc<Unit<Slice<'a>>>>>,
    files: Files,
    /// Names of entries by unit and offset.
    names: HashMap<(usize, usize), NameId>,
    found: Functions,
}

/// A function around the entries that are read.
struct Scope {
    /// Depth of its entry in the tree.
    depth: isize,
    /// Its ranges in `functions`; empty for what is inlined.
    functions: Range<usize>,
    /// How many inlined functions are around what is in it.
    inside: u32,
}

impl<'a> Walk<'a> {
    fn opened(&mut self, at: usize) -> Result<Arc<Unit<Slice<'a>>>, Trouble> {
        if let Some(unit) = &self.open[at] {
            return Ok(unit.clone());
        }
        let unit = Arc::new(self.units.open(at)?);
        self.open[at] = Some(unit.clone());
        Ok(unit)
    }

    fn unit(&mut self, at: usize) -> Result<(), Trouble> {
        let unit = self.opened(at)?;
        let mut numbers = FileNumbers::default();
        let mut scopes: Vec<Scope> = Vec::new();
        let mut attributes = Vec::new();
        let mut entries = unit.entries_raw(None)?;
        let outcome = loop {
            if entries.is_empty() {
                break Ok(());
            }
            let (offset, depth) = (entries.next_offset(), entries.next_depth());
            while let Some(scope) = scopes.pop_if(|scope| scope.depth >= depth) {
                self.close(scope);
            }
            let read = entries.read_abbreviation().map_err(Trouble::from).and_then(|abbreviation| {
                let Some(abbreviation) = abbreviation else { return Ok(None) };
                self.units.budget.spend(1 + abbreviation.attributes().len())?;
                match abbreviation.tag() {
                    tag @ (gimli::DW_TAG_subprogram | gimli::DW_TAG_inlined_subroutine) => {
                        entries.read_attributes(abbreviation.attributes(), &mut attributes)?;
                        Ok(Some(tag))
                    }
                    _ => {
                        entries.skip_attributes(abbreviation.attributes())?;
                        Ok(None)
                    }
                }
            });
            let tag = match read {
                Ok(Some(tag)) => tag,
                Ok(None) => continue,
                Err(error) => break Err(error),
            };
            let inlined = tag == gimli::DW_TAG_inlined_subroutine;
            let entered = self.function(at, &unit, offset, &attributes, inlined, &scopes, &mut numbers);
            match entered {
                Ok((functions, inside)) => scopes.push(Scope { depth, functions, inside }),
                Err(error) => break Err(error),
            }
        };
        while let Some(scope) = scopes.pop() {
            self.close(scope);
        }
        outcome
    }

    /// Takes note of a function; its ranges if it has a frame of its own, and its depth.
    #[expect(clippy::too_many_arguments, reason = "what one entry is and where it stands")]
    fn function(
        &mut self,
        at: usize,
        unit: &Unit<Slice<'a>>,
        offset: UnitOffset,
        attributes: &[Attribute<Slice<'a>>],
        inlined: bool,
        scopes: &[Scope],
        numbers: &mut FileNumbers,
    ) -> Result<(Range<usize>, u32), Trouble> {
        let around = match inlined {
            true => scopes.last().map_or(0, |scope| scope.inside),
            false => 0,
        };
        let first = self.found.functions.len();
        let inside = around + u32::from(inlined);
        let ranges = match self.ranges(unit, attributes) {
            Ok(ranges) => ranges,
            Err(Trouble::TooMuch) => return Err(Trouble::TooMuch),
            Err(Trouble::Broken(_)) => Vec::new(),
        };
        if ranges.is_empty() {
            return Ok((first..first, inside));
        }
        let name = self.name(at, offset, HOPS)?;
        let start = self.found.inlined.len() as u32;
        if !inlined {
            let functions = ranges.into_iter().map(|pcs| Function { pcs, name, inlined: start..start });
            self.found.functions.extend(functions);
            return Ok((first..self.found.functions.len(), inside));
        }
        let number = |name: DwAt| value(attributes, name).and_then(|value| value.udata_value());
        let narrow = |number: Option<u64>| number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
        let line = narrow(number(gimli::DW_AT_call_line));
        let column = narrow(number(gimli::DW_AT_call_column));
        let file = match (value(attributes, gimli::DW_AT_call_file), &unit.line_program) {
            (Some(AttributeValue::FileIndex(file)), Some(program)) => {
                self.files.number(numbers, &mut self.units, unit, program.header(), file)?
            }
            _ => None,
        };
        let call = (file.unwrap_or(u32::MAX), line, column);
        let inlined = ranges.into_iter().map(|pcs| Inlined { pcs, name, depth: around, call });
        self.found.inlined.extend(inlined);
        Ok((first..first, inside))
    }

    /// All entries inside a function have been read.
    fn close(&mut self, scope: Scope) {
        let end = self.found.inlined.len() as u32;
        for function in &mut self.found.functions[scope.functions] {
            function.inlined.end = end;
        }
    }

    /// The code of an entry.
    fn ranges(
        &mut self,
        unit: &Unit<Slice<'a>>,
        attributes: &[Attribute<Slice<'a>>],
    ) -> Result<Vec<Range<u32>>, Trouble> {
        let dwarf = &self.units.dwarf;
        let mut ranges = Vec::new();
        if let Some(list) = value(attributes, gimli::DW_AT_ranges) {
            let Some(mut list) = dwarf.attr_ranges(unit, list)? else { return Ok(ranges) };
            while let Some(range) = list.next()? {
                self.units.budget.spend(1)?;
                ranges.extend(self.code.pcs(range.begin, range.end));
            }
            return Ok(ranges);
        }
        let (Some(low), Some(high)) =
            (value(attributes, gimli::DW_AT_low_pc), value(attributes, gimli::DW_AT_high_pc))
        else {
            return Ok(ranges);
        };
        let Some(low) = dwarf.attr_address(unit, low)? else { return Ok(ranges) };
        let high = match high {
            AttributeValue::Udata(size) => low.checked_add(size),
            high => dwarf.attr_address(unit, high)?,
        };
        ranges.extend(high.and_then(|high| self.code.pcs(low, high)));
        Ok(ranges)
    }

    /// The name of an entry: its own, the linker's before the plain one, or that of the entry it refers to.
    fn name(&mut self, at: usize, offset: UnitOffset, hops: usize) -> Result<NameId, Trouble> {
        if let Some(&known) = self.names.get(&(at, offset.0)) {
            return Ok(known);
        }
        let name = match self.read_name(at, offset, hops) {
            Err(Trouble::TooMuch) => return Err(Trouble::TooMuch),
            Err(Trouble::Broken(_)) => NO_NAME,
            Ok(name) => name,
        };
        self.names.insert((at, offset.0), name);
        Ok(name)
    }

    fn read_name(&mut self, at: usize, offset: UnitOffset, hops: usize) -> Result<NameId, Trouble> {
        let unit = self.opened(at)?;
        let mut entries = unit.entries_raw(Some(offset))?;
        let Some(abbreviation) = entries.read_abbreviation()? else { return Ok(NO_NAME) };
        self.units.budget.spend(1 + abbreviation.attributes().len())?;
        let mut attributes = Vec::new();
        entries.read_attributes(abbreviation.attributes(), &mut attributes)?;
        let find = |names: &[DwAt]| names.iter().find_map(|&name| value(&attributes, name));
        if let Some(text) = find(&[gimli::DW_AT_linkage_name, gimli::DW_AT_MIPS_linkage_name]) {
            return self.named(&unit, text);
        }
        let other = match find(&[gimli::DW_AT_abstract_origin, gimli::DW_AT_specification]) {
            Some(AttributeValue::UnitRef(offset)) => Some((at, offset)),
            Some(AttributeValue::DebugInfoRef(offset)) => self.units.holding(offset.0).and_then(|other| {
                let unit = self.opened(other).ok()?;
                Some((other, offset.to_unit_offset(&unit.header)?))
            }),
            _ => None,
        };
        if let Some((at, offset)) = other.filter(|_| hops > 0) {
            let name = self.name(at, offset, hops - 1)?;
            if name != NO_NAME {
                return Ok(name);
            }
        }
        match find(&[gimli::DW_AT_name]) {
            Some(text) => self.named(&unit, text),
            None => Ok(NO_NAME),
        }
    }

    fn named(&mut self, unit: &Unit<Slice<'a>>, text: AttributeValue<Slice<'a>>) -> Result<NameId, Trouble> {
        let text = self.units.text(unit, text)?;
        self.found.names.push(text.into());
        Ok(NameId(self.found.names.len() as u32 - 1))
    }
}

fn value<'a>(attributes: &[Attribute<Slice<'a>>], name: DwAt) -> Option<AttributeValue<Slice<'a>>> {
    attributes.iter().find(|attribute| attribute.name() == name).map(|attribute| attribute.value())
}
