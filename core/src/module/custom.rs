//! Custom sections: where they are, and what the `producers` one says.

use std::ops::Range;

use wasmparser::{BinaryReader, ProducersSectionReader};

/// A custom section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomSection {
    /// Its name.
    pub name: Box<str>,
    /// The file range of its contents, without the name.
    pub range: Range<u32>,
}

/// A tool that had a part in making a module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Producer {
    /// `language`, `processed-by` or `sdk`.
    pub field: String,
    /// The tool's name.
    pub name: String,
    /// Its version, possibly empty.
    pub version: String,
}

/// The entries of a `producers` section, up to the first that is broken.
pub(super) fn producers(bytes: &[u8]) -> Vec<Producer> {
    let mut producers = Vec::new();
    let Ok(section) = ProducersSectionReader::new(BinaryReader::new(bytes, 0)) else {
        return producers;
    };
    for field in section.into_iter().map_while(Result::ok) {
        for value in field.values.into_iter().map_while(Result::ok) {
            producers.push(Producer {
                field: field.name.to_owned(),
                name: value.name.to_owned(),
                version: value.version.to_owned(),
            });
        }
    }
    producers
}
