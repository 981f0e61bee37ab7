//! WebAssembly text: its translation, and where in the text a byte of the translation comes from.
//!
//! ```text
//! text ──parse──► fields, instructions with their places ──► bytes
//!                        ▲                                     │ refused at byte 0x23
//!                        └── field 2 of its kind, operator 1 ──┘
//! ```
//!
//! Fields are encoded in the order of the text, kind by kind, and every instruction is one operator, so counting
//! finds the way back. The text is parsed a second time for that, only when there is something to say.

use anyhow::anyhow;
use std::path::Path;
use wasmparser::{FromReader, Parser, Payload, SectionLimited};
use wasmscope_core::ModuleError;
use wast::core::{FuncKind, ModuleField, ModuleKind};
use wast::parser::{self, ParseBuffer};
use wast::token::Span;
use wast::{Error, Wat};

/// Translates a module; `name` is what to call it.
///
/// # Errors
/// What is wrong with the text, with the line.
pub(super) fn translate(name: &str, text: &str) -> anyhow::Result<Vec<u8>> {
    let translated = wat::Parser::new().parse_str(Some(Path::new(name)), text);
    translated.map_err(|error| anyhow!("{}", error.to_string().trim_end()))
}

/// What is wrong with a module that was translated from text: with the line, if that can be found out.
pub(super) fn refusal(name: &str, text: &str, translated: &[u8], error: &ModuleError) -> anyhow::Error {
    let ModuleError { at, message, .. } = error;
    let message = format!("{message} (byte {at:#x} of the translated module)");
    let Some(span) = field_of(translated, *at).and_then(|field| span(text, field)) else {
        return anyhow!("{name}: {message}");
    };
    let mut error = Error::new(span, message);
    error.set_path(Path::new(name));
    error.set_text(text);
    anyhow!("{}", error.to_string().trim_end())
}

/// The sorts of fields, in the words of the binary format.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Type,
    Import,
    Func,
    Table,
    Memory,
    Tag,
    Global,
    Export,
    Start,
    Element,
    Data,
}

/// A field by its number among those of its sort, and the operator of its body.
#[derive(Clone, Copy)]
struct Field {
    sort: Sort,
    number: usize,
    operator: Option<usize>,
}

/// Which field a byte belongs to.
fn field_of(binary: &[u8], at: u64) -> Option<Field> {
    let mut bodies = 0;
    for payload in Parser::new(0).parse_all(binary) {
        let found = match payload.ok()? {
            Payload::TypeSection(section) => number(section, at).map(|number| (Sort::Type, number)),
            Payload::ImportSection(section) => number(section, at).map(|number| (Sort::Import, number)),
            Payload::FunctionSection(section) => number(section, at).map(|number| (Sort::Func, number)),
            Payload::TableSection(section) => number(section, at).map(|number| (Sort::Table, number)),
            Payload::MemorySection(section) => number(section, at).map(|number| (Sort::Memory, number)),
            Payload::TagSection(section) => number(section, at).map(|number| (Sort::Tag, number)),
            Payload::GlobalSection(section) => number(section, at).map(|number| (Sort::Global, number)),
            Payload::ExportSection(section) => number(section, at).map(|number| (Sort::Export, number)),
            Payload::StartSection { range, .. } => range.contains(&at).then_some((Sort::Start, 0)),
            Payload::ElementSection(section) => number(section, at).map(|number| (Sort::Element, number)),
            Payload::DataSection(section) => number(section, at).map(|number| (Sort::Data, number)),
            Payload::CodeSectionEntry(body) => {
                if body.range().contains(&at) {
                    let operators = body.get_operators_reader().ok()?.into_iter_with_offsets();
                    let starts = operators.map_while(Result::ok).take_while(|(_, start)| *start <= at);
                    let operator = starts.count().checked_sub(1);
                    return Some(Field { sort: Sort::Func, number: bodies, operator });
                }
                bodies += 1;
                None
            }
            _ => None,
        };
        if let Some((sort, number)) = found {
            return Some(Field { sort, number, operator: None });
        }
    }
    None
}

/// Which item of a section a byte belongs to.
fn number<'a, T: FromReader<'a>>(section: SectionLimited<'a, T>, at: u64) -> Option<usize> {
    if !section.range().contains(&at) {
        return None;
    }
    let items = section.into_iter_with_offsets().map_while(Result::ok);
    items.take_while(|(start, _)| *start <= at).count().checked_sub(1)
}

/// Where a field stands in the text, or its operator.
fn span(text: &str, wanted: Field) -> Option<Span> {
    let mut buffer = ParseBuffer::new(text).ok()?;
    buffer.track_instr_spans(true);
    let mut wat = parser::parse::<Wat<'_>>(&buffer).ok()?;
    // What is abbreviated becomes the fields it stands for.
    wat.encode().ok()?;
    let Wat::Module(module) = wat else { return None };
    let ModuleKind::Text(fields) = module.kind else { return None };
    let field = fields.iter().filter(|field| sort(field) == Some(wanted.sort)).nth(wanted.number)?;
    let operator = match field {
        ModuleField::Func(func) => match &func.kind {
            FuncKind::Inline { expression, .. } => expression.instr_spans.as_deref(),
            FuncKind::Import(..) => None,
        },
        _ => None,
    };
    // The `end` of a body stands nowhere: it is where the function is.
    let operator = operator.zip(wanted.operator).and_then(|(spans, operator)| spans.get(operator));
    operator.copied().or_else(|| place(field))
}

fn sort(field: &ModuleField<'_>) -> Option<Sort> {
    Some(match field {
        ModuleField::Type(_) | ModuleField::Rec(_) => Sort::Type,
        ModuleField::Import(_) => Sort::Import,
        ModuleField::Func(_) => Sort::Func,
        ModuleField::Table(_) => Sort::Table,
        ModuleField::Memory(_) => Sort::Memory,
        ModuleField::Tag(_) => Sort::Tag,
        ModuleField::Global(_) => Sort::Global,
        ModuleField::Export(_) => Sort::Export,
        ModuleField::Start(_) => Sort::Start,
        ModuleField::Elem(_) => Sort::Element,
        ModuleField::Data(_) => Sort::Data,
        ModuleField::Custom(_) => return None,
    })
}

fn place(field: &ModuleField<'_>) -> Option<Span> {
    Some(match field {
        ModuleField::Type(field) => field.span,
        ModuleField::Rec(field) => field.span,
        ModuleField::Import(field) => field.span,
        ModuleField::Func(field) => field.span,
        ModuleField::Table(field) => field.span,
        ModuleField::Memory(field) => field.span,
        ModuleField::Tag(field) => field.span,
        ModuleField::Global(field) => field.span,
        ModuleField::Export(field) => field.span,
        ModuleField::Start(field) => field.span(),
        ModuleField::Elem(field) => field.span,
        ModuleField::Data(field) => field.span,
        ModuleField::Custom(_) => return None,
    })
}
