//! What a trace holds, for who must decide whom to show it to.

use super::TraceReader;
use crate::frame::kind;
use crate::host_log::HostEntry;
use crate::manifest::Profile;
use std::collections::BTreeMap;

/// Frames of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The kind's name: `module`, `host log`, `pages`, …
    pub name: &'static str,
    /// How many there are.
    pub count: u64,
    /// Bytes they take in the file, headers and all.
    pub bytes: u64,
}

/// What a trace holds. See [`TraceReader::contents`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Each kind there is, in order of its number. Headers of blocks that only help to
    /// find others are not counted.
    pub parts: Vec<Part>,
    /// The guest's command line stands in it.
    pub arguments: bool,
    /// Parts of the guest's memory stand in it, as checkpoints or as what was read and
    /// written.
    pub memory: bool,
    /// What the guest printed stands in it.
    pub output: bool,
    /// What came in from outside stands in it: results of host calls and what they wrote
    /// to memory, with environment, files and input if the guest asked for them.
    pub input: bool,
    /// How much of each step.
    pub profile: Profile,
}

impl TraceReader {
    /// Takes stock of the trace, reading nothing but what opening it has read.
    pub fn contents(&self) -> Contents {
        let mut parts = BTreeMap::<u16, Part>::new();
        for object in self.objects.every() {
            let number = object.kind & !(kind::ANCILLARY | kind::PRIVATE);
            let name = kind::name(object.kind);
            let part = parts.entry(number).or_insert(Part { name, count: 0, bytes: 0 });
            part.count += 1;
            part.bytes += self.objects.bytes(object);
        }
        let has = |name| parts.values().any(|part| part.name == name);
        let profile = self.manifest.profile;
        Contents {
            arguments: !self.manifest.args.is_empty(),
            memory: has("pages") || profile >= Profile::Values && has("event chunk") || has("host log"),
            output: has("output"),
            input: has("host log"),
            profile,
            parts: parts.into_values().collect(),
        }
    }

    /// How often each host function was called, by its name, in order of names: `env.read`,
    /// 3. Reads the whole host log; stops where it is damaged.
    pub fn host_functions(&self) -> Vec<(String, u64)> {
        let mut names = BTreeMap::new();
        let mut calls = BTreeMap::<u32, u64>::new();
        for record in self.host_log().map_while(Result::ok) {
            match record.entry {
                HostEntry::HostFunc { func, module, name, .. } => {
                    names.insert(func, format!("{module}.{name}"));
                }
                HostEntry::HostEnter { func, .. } => *calls.entry(func).or_default() += 1,
                _ => {}
            }
        }
        let mut named: Vec<_> = calls
            .into_iter()
            .map(|(func, calls)| {
                (names.get(&func).cloned().unwrap_or_else(|| format!("function {func}")), calls)
            })
            .collect();
        named.sort();
        named
    }
}
