//! The name section: what the tool chain called things.
//!
//! Names stay in the file; this is a sorted index of where each one is, twelve bytes an entry. Names of locals are
//! many, so only the place of each function's list is kept and the list is read when somebody looks.
//!
//! Always: names are as written, mangled and with control characters; whoever shows one strips them. A broken section
//! yields the names before the damage and a note, never an error.

use std::{borrow::Cow, ops::Range, str};

use wasmparser::{BinaryReader, IndirectNameMap, Name, NameMap, NameSectionReader, Naming};

/// What a name can belong to, besides locals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NameSpace {
    /// Functions.
    Func,
    /// Types.
    Type,
    /// Tables.
    Table,
    /// Memories.
    Memory,
    /// Globals.
    Global,
    /// Element segments.
    Element,
    /// Data segments.
    Data,
    /// Exception tags.
    Tag,
}

/// An index of a name section.
#[derive(Default, Debug)]
pub struct Names {
    module: Option<Text>,
    spaces: [Vec<(u32, Text)>; 8],
    locals: Vec<LocalNames>,
    damage: Option<String>,
}

/// Where a name is in the file.
#[derive(Clone, Copy, Debug)]
struct Text {
    start: u32,
    len: u32,
}

/// Where the names of one function's locals are in the file.
#[derive(Clone, Copy, Debug)]
struct LocalNames {
    func: u32,
    start: u32,
    count: u32,
}

impl Names {
    /// What is wrong with the section, if anything; the names before that place are there.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// How many names there are in a space.
    pub fn count(&self, space: NameSpace) -> usize {
        self.spaces[space as usize].len()
    }

    pub(super) fn read(bytes: &[u8], section: &Range<u32>) -> Names {
        let mut names = Names::default();
        let contents = &bytes[section.start as usize..section.end as usize];
        let reader = NameSectionReader::new(BinaryReader::new(contents, u64::from(section.start)));
        for subsection in reader {
            let outcome = subsection.and_then(|subsection| names.subsection(bytes, subsection));
            if let Err(error) = outcome {
                names.damage = Some(format!("byte {:#x}: {}", error.offset(), error.message()));
                break;
            }
        }
        names
    }

    fn subsection(&mut self, bytes: &[u8], subsection: Name<'_>) -> wasmparser::Result<()> {
        match subsection {
            Name::Module { name, .. } => self.module = Some(Text::of(bytes, name)),
            Name::Function(map) => self.space(bytes, NameSpace::Func, map)?,
            Name::Type(map) => self.space(bytes, NameSpace::Type, map)?,
            Name::Table(map) => self.space(bytes, NameSpace::Table, map)?,
            Name::Memory(map) => self.space(bytes, NameSpace::Memory, map)?,
            Name::Global(map) => self.space(bytes, NameSpace::Global, map)?,
            Name::Element(map) => self.space(bytes, NameSpace::Element, map)?,
            Name::Data(map) => self.space(bytes, NameSpace::Data, map)?,
            Name::Tag(map) => self.space(bytes, NameSpace::Tag, map)?,
            Name::Local(map) => self.local_lists(map)?,
            _ => {}
        }
        Ok(())
    }

    fn space(&mut self, bytes: &[u8], space: NameSpace, map: NameMap<'_>) -> wasmparser::Result<()> {
        let list = &mut self.spaces[space as usize];
        list.clear();
        for naming in map {
            let naming = naming?;
            list.push((naming.index, Text::of(bytes, naming.name)));
        }
        Ok(())
    }

    fn local_lists(&mut self, map: IndirectNameMap<'_>) -> wasmparser::Result<()> {
        self.locals.clear();
        for list in map {
            let list = list?;
            let start = list.names.names.original_position() as u32;
            let count = list.names.names.size_hint().0 as u32;
            self.locals.push(LocalNames { func: list.index, start, count });
        }
        Ok(())
    }

    pub(super) fn module<'a>(&self, bytes: &'a [u8]) -> Option<&'a str> {
        self.module?.read(bytes)
    }

    pub(super) fn get<'a>(&self, bytes: &'a [u8], space: NameSpace, index: u32) -> Option<&'a str> {
        let list = &self.spaces[space as usize];
        let at = list.binary_search_by_key(&index, |entry| entry.0).ok()?;
        list[at].1.read(bytes)
    }

    pub(super) fn local<'a>(&self, bytes: &'a [u8], func: u32, local: u32) -> Option<&'a str> {
        self.locals(bytes, func).find(|&(index, _)| index == local).map(|(_, name)| name)
    }

    pub(super) fn locals<'a>(
        &self,
        bytes: &'a [u8],
        func: u32,
    ) -> impl Iterator<Item = (u32, &'a str)> + use<'a> {
        let list = self.locals.binary_search_by_key(&func, |list| list.func).ok().map(|at| self.locals[at]);
        let (start, count) = list.map_or((0, 0), |list| (list.start, list.count));
        let mut reader = BinaryReader::new(&bytes[start as usize..], u64::from(start));
        (0..count).map_while(move |_| {
            let naming: Naming<'a> = reader.read().ok()?;
            Some((naming.index, naming.name))
        })
    }
}

impl Text {
    /// `name` is a part of `bytes`.
    fn of(bytes: &[u8], name: &str) -> Text {
        let start = name.as_ptr() as usize - bytes.as_ptr() as usize;
        Text { start: start as u32, len: name.len() as u32 }
    }

    fn read(self, bytes: &[u8]) -> Option<&str> {
        str::from_utf8(&bytes[self.start as usize..][..self.len as usize]).ok()
    }
}

/// The name as its author wrote it, if a Rust or C++ compiler mangled it; Rust's without the hash.
pub(super) fn demangled(name: &str) -> Cow<'_, str> {
    if let Ok(plain) = rustc_demangle::try_demangle(name) {
        return format!("{plain:#}").into();
    }
    cpp(name).map_or(name.into(), Cow::Owned)
}

/// A C++ name, unless it is none, or a short name for an endless one.
fn cpp(name: &str) -> Option<String> {
    let mangled = ["_Z", "__Z", "___Z"].iter().any(|start| name.starts_with(start));
    if !mangled || name.len() > LONGEST {
        return None;
    }
    let symbol = cpp_demangle::BorrowedSymbol::with_tail(name.as_bytes()).ok()?.0;
    let mut text = Short(String::new());
    let options = cpp_demangle::DemangleOptions::new().no_return_type();
    symbol.structured_demangle(&mut text, &options).ok()?;
    Some(text.0)
}

/// The longest name that is demangled, and the longest that comes of it, in bytes.
const LONGEST: usize = 4096;

/// Text that refuses to grow without end.
struct Short(String);

impl std::fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        if self.0.len() + text.len() > LONGEST {
            return Err(std::fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}
