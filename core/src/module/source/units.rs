//! Reading DWARF without trusting it.
//!
//! ```text
//! units         │ 0      │ 1      │ 2 …          headers, one after the other
//! abbreviations │ of 0, 2        │ of 1         each read once, up to where the next begins
//! line tables   │ of 0      │ of 1 │ of 2       the same
//! ```
//!
//! DWARF is a graph of offsets, so a short file can ask for endless work: a thousand units that share one large table,
//! entries with a million attributes that take no bytes, range lists that everybody refers to. Each thing read is
//! therefore paid from a budget that honest files do not come near, and shared tables are cut where the next begins.
//! Addresses of functions the linker dropped are 0 or -1, before or behind all bodies; they are nobody's.

use gimli::{
    AbbreviationsCache, AttributeValue, DebugAbbrev, DebugLine, Dwarf, EndianSlice, LittleEndian, Section,
    SectionId, Unit, UnitHeader,
};
use std::{collections::HashMap, ops::Range, sync::Arc};

use crate::module::ModuleData;

/// Part of a section.
pub(super) type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// Where the debug sections are.
pub(super) struct Sections {
    bytes: Arc<[u8]>,
    ranges: HashMap<Box<str>, Range<u32>>,
}

impl Sections {
    /// The debug sections of a module; `None` if it has none.
    pub(super) fn of(module: &ModuleData) -> Option<Sections> {
        let mut ranges = HashMap::new();
        for section in module.custom_sections() {
            if section.name.starts_with(".debug_") || *section.name == *"external_debug_info" {
                ranges.entry(section.name.clone()).or_insert(section.range.clone());
            }
        }
        (!ranges.is_empty()).then(|| Sections { bytes: module.bytes().clone(), ranges })
    }

    /// The name of the file that has the debug information instead.
    pub(super) fn elsewhere(&self) -> Option<String> {
        let bytes = self.section("external_debug_info")?;
        let name = wasmparser::BinaryReader::new(bytes, 0).read_string().ok()?;
        Some(name.chars().take(256).collect())
    }

    fn section(&self, name: &str) -> Option<&[u8]> {
        let range = self.ranges.get(name)?;
        Some(&self.bytes[range.start as usize..range.end as usize])
    }

    fn dwarf(&self) -> Dwarf<Slice<'_>> {
        let load = |id: SectionId| {
            let bytes = self.section(id.name()).unwrap_or_default();
            Ok::<_, std::convert::Infallible>(Slice::new(bytes, LittleEndian))
        };
        let Ok(dwarf) = Dwarf::load(load);
        dwarf
    }

    fn size(&self) -> u64 {
        self.ranges.values().map(|range| range.len() as u64).sum()
    }
}

/// Where a module's code lies.
pub(super) struct Code {
    /// The contents of the code section.
    section: Range<u32>,
    /// The first body's first byte.
    first: u32,
}

impl Code {
    pub(super) fn of(module: &ModuleData) -> Code {
        let first = module.bodies.first().map_or(module.code.end, |body| body.start);
        Code { section: module.code.clone(), first }
    }

    /// The pc of an address; `None` outside of all bodies.
    pub(super) fn pc(&self, address: u64) -> Option<u32> {
        let pc = u64::from(self.section.start).checked_add(address)?;
        (u64::from(self.first)..=u64::from(self.section.end)).contains(&pc).then_some(pc as u32)
    }

    /// The pcs of a range of addresses; `None` if it is empty or not in the code.
    pub(super) fn pcs(&self, begin: u64, end: u64) -> Option<Range<u32>> {
        let pcs = self.pc(begin)?..self.pc(end)?;
        (!pcs.is_empty()).then_some(pcs)
    }
}

/// Why something was left out.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The bytes make no sense.
    Broken(gimli::Error),
    /// Reading on would take more work than the size of the sections justifies.
    TooMuch,
}

impl From<gimli::Error> for Trouble {
    fn from(error: gimli::Error) -> Trouble {
        Trouble::Broken(error)
    }
}

impl Trouble {
    /// In words.
    pub(super) fn note(&self) -> String {
        match self {
            Trouble::Broken(error) => {
                format!("parts of the debug information are broken and left out: {error}")
            }
            Trouble::TooMuch => "the debug information is a knot; what is behind it is left out".to_owned(),
        }
    }
}

/// Work that may still be done.
pub(super) struct Budget(u64);

impl Budget {
    /// Pays for something.
    pub(super) fn spend(&mut self, work: usize) -> Result<(), Trouble> {
        self.0 = self.0.checked_sub(work as u64).ok_or(Trouble::TooMuch)?;
        Ok(())
    }
}

/// The units of the debug information, to be opened one by one.
pub(super) struct Units<'a> {
    pub(super) dwarf: Dwarf<Slice<'a>>,
    pub(super) budget: Budget,
    list: Vec<UnitHeader<Slice<'a>>>,
    abbreviations: HashMap<usize, Arc<gimli::Abbreviations>>,
    /// Where abbreviation tables begin, in order.
    abbreviation_starts: Vec<usize>,
    /// Where line tables begin, in order.
    line_starts: Vec<usize>,
    line: Slice<'a>,
}

impl<'a> Units<'a> {
    /// Finds the units; and what stopped the search, if something did.
    pub(super) fn find(sections: &'a Sections) -> (Units<'a>, Option<Trouble>) {
        let mut dwarf = sections.dwarf();
        dwarf.abbreviations_cache = AbbreviationsCache::new();
        let mut trouble = None;
        let mut list = Vec::new();
        let mut headers = dwarf.units();
        loop {
            match headers.next() {
                Ok(Some(header)) => list.push(header),
                Ok(None) => break,
                Err(error) => {
                    trouble = Some(error.into());
                    break;
                }
            }
        }
        let mut abbreviation_starts: Vec<usize> =
            list.iter().map(|unit| unit.debug_abbrev_offset().0).collect();
        abbreviation_starts.sort_unstable();
        abbreviation_starts.dedup();
        let mut units = Units {
            line: *dwarf.debug_line.reader(),
            dwarf,
            budget: Budget(sections.size() * 8 + (1 << 20)),
            list,
            abbreviations: HashMap::new(),
            abbreviation_starts,
            line_starts: Vec::new(),
        };
        for at in 0..units.len() {
            match units.line_start(at) {
                Ok(start) => units.line_starts.extend(start),
                Err(Trouble::TooMuch) => {
                    trouble.get_or_insert(Trouble::TooMuch);
                    units.list.truncate(at);
                    break;
                }
                // Told when the unit is opened.
                Err(Trouble::Broken(_)) => {}
            }
        }
        units.line_starts.sort_unstable();
        units.line_starts.dedup();
        (units, trouble)
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The unit that holds an offset in `.debug_info`.
    pub(super) fn holding(&self, offset: usize) -> Option<usize> {
        let start = |unit: &UnitHeader<Slice<'_>>| unit.debug_info_offset().map_or(0, |offset| offset.0);
        self.list.partition_point(|unit| start(unit) <= offset).checked_sub(1)
    }

    /// The abbreviations of a unit.
    fn abbreviations(&mut self, unit: usize) -> Result<Arc<gimli::Abbreviations>, Trouble> {
        let start = self.list[unit].debug_abbrev_offset();
        if let Some(known) = self.abbreviations.get(&start.0) {
            return Ok(known.clone());
        }
        let section = *self.dwarf.debug_abbrev.reader();
        let section =
            DebugAbbrev::from(section.range_to(..next(&self.abbreviation_starts, start.0, section.len())));
        let read = Arc::new(section.abbreviations(start)?);
        self.abbreviations.insert(start.0, read.clone());
        Ok(read)
    }

    /// Where the line table of a unit begins, if it has one.
    fn line_start(&mut self, unit: usize) -> Result<Option<usize>, Trouble> {
        let abbreviations = self.abbreviations(unit)?;
        let mut entries = self.list[unit].entries_raw(&abbreviations, None)?;
        let Some(root) = entries.read_abbreviation()? else { return Ok(None) };
        self.budget.spend(root.attributes().len())?;
        let mut start = None;
        for &spec in root.attributes() {
            let attribute = entries.read_attribute(spec)?;
            if attribute.name() == gimli::DW_AT_stmt_list
                && let AttributeValue::DebugLineRef(offset) = attribute.value()
            {
                start = Some(offset.0);
            }
        }
        Ok(start)
    }

    /// Opens a unit.
    pub(super) fn open(&mut self, unit: usize) -> Result<Unit<Slice<'a>>, Trouble> {
        let abbreviations = self.abbreviations(unit)?;
        let start = self.line_start(unit)?;
        let end = start.map_or(0, |start| next(&self.line_starts, start, self.line.len()));
        self.budget.spend(end - start.unwrap_or(end).min(end))?;
        self.dwarf.debug_line = DebugLine::from(self.line.range_to(..end));
        let unit = Unit::new_with_abbreviations(&self.dwarf, self.list[unit], abbreviations)?;
        self.budget
            .spend(unit.name.map_or(0, |name| name.len()) + unit.comp_dir.map_or(0, |dir| dir.len()))?;
        Ok(unit)
    }

    /// A string of a unit, which stays in its section.
    pub(super) fn text(
        &mut self,
        unit: &Unit<Slice<'a>>,
        value: AttributeValue<Slice<'a>>,
    ) -> Result<&'a str, Trouble> {
        let bytes = self.dwarf.attr_string(unit, value)?.slice();
        self.budget.spend(bytes.len() + 1)?;
        std::str::from_utf8(bytes).map_err(|_| Trouble::Broken(gimli::Error::BadUtf8))
    }
}

/// The first of `starts` behind `start`, or `end`.
fn next(starts: &[usize], start: usize, end: usize) -> usize {
    let after = starts.partition_point(|&at| at <= start);
    starts.get(after).copied().unwrap_or(end).min(end)
}
