//! Which key does what: the command table's keys, changed by a preset, changed by the user.
//!
//! ```text
//! default   n over    s into    o out          the table's own keys
//! gdb       n over    s line    f out  …       a preset says what differs
//! config    [keys] over = ["n", "f10"]         and the user has the last word
//! ```
//!
//! A layer that binds a key takes it from whoever had it before. Always: within one layer no key is
//! bound twice, and `quit` keeps a key. Elsewhere: keys as text (`keys`), the file (`config`).

use crate::command::{Category, Command, TABLE};
use crate::keys::{self, Key};

/// What a sequence of keys means so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Match {
    /// Nothing begins like this.
    None,
    /// Something longer begins like this, and perhaps this is a command by itself.
    Prefix(Option<Command>),
    /// A command; `nth` of its keys, from 1.
    Exact(Command, usize),
}

/// Changes to the keys of commands: for each, its keys from now on, as text.
pub type Layer = Vec<(Command, Vec<String>)>;

/// The keys bound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keymap {
    /// For each command, in the table's order, its keys as text.
    keys: Vec<Vec<String>>,
}

impl Default for Keymap {
    fn default() -> Keymap {
        let of = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Keymap { keys: TABLE.iter().map(|entry| of(entry.keys)).collect() }
    }
}

/// A preset: `+` in front of the keys adds them to those the command has, else they replace them.
struct Preset {
    name: &'static str,
    help: &'static str,
    changes: &'static [(Command, &'static str)],
}

const PRESETS: &[Preset] = &[
    Preset { name: "default", help: "lower case goes forwards, the capital goes back", changes: &[] },
    Preset {
        name: "gdb",
        help: "letters as in gdb's terminal interface and its `-tui` kin: s steps lines, i steps ops, f finishes",
        changes: &[
            (Command::Line, "s"),
            (Command::LineBack, "S"),
            (Command::Into, "i"),
            (Command::IntoBack, "I"),
            (Command::Out, "f o"),
            (Command::OutBack, "F O"),
            (Command::Call, "r"),
            (Command::CallBack, "R"),
            (Command::Input, "alt-i"),
            (Command::Watch, "w"),
        ],
    },
    Preset {
        name: "foundry",
        help: "as in Foundry's debugger: j and k step, s and a go between jumps, C and c between calls",
        changes: &[
            (Command::Block, "s }"),
            (Command::BlockBack, "a {"),
            (Command::Call, "C f"),
            (Command::CallBack, "c F"),
            (Command::Start, "g home"),
            (Command::Goto, "alt-g"),
            (Command::Help, "h ? f1"),
            (Command::NextMemory, "b M"),
            (Command::Break, "B"),
            (Command::Breakpoints, "alt-b"),
            (Command::Into, "i"),
            (Command::IntoBack, "I"),
            (Command::Input, "alt-i"),
            (Command::Continue, "f5"),
            (Command::ContinueBack, "alt-f5"),
            (Command::Address, "@"),
        ],
    },
    Preset {
        name: "ide",
        help: "function keys as in editors, besides the default keys; with Alt they go back",
        changes: &[
            (Command::Continue, "+f5"),
            (Command::ContinueBack, "+alt-f5"),
            (Command::Break, "+f9"),
            (Command::Over, "+f10 f8"),
            (Command::OverBack, "+alt-f10 alt-f8"),
            (Command::Into, "+f11 f7"),
            (Command::IntoBack, "+alt-f11 alt-f7"),
            (Command::Out, "+f12 f6"),
            (Command::OutBack, "+alt-f12 alt-f6"),
            (Command::Search, "+ctrl-f"),
            (Command::Goto, "+ctrl-g"),
        ],
    },
];

/// The names of all presets.
pub fn presets() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|it| it.name)
}

impl Keymap {
    /// The keys of a preset, if there is one of that name.
    pub fn preset(name: &str) -> Option<Keymap> {
        let preset = PRESETS.iter().find(|it| it.name == name)?;
        let mut map = Keymap::default();
        let changes = preset.changes.iter().map(|&(command, text)| {
            let (more, text) = text.strip_prefix('+').map_or((false, text), |text| (true, text));
            let mut keys = if more { map.keys(command).to_vec() } else { Vec::new() };
            keys.extend(text.split_whitespace().map(str::to_owned));
            (command, keys)
        });
        let changes: Layer = changes.collect();
        map.change(&changes).expect("presets are tested");
        Some(map)
    }

    /// The keys of a command, as text.
    pub fn keys(&self, command: Command) -> &[String] {
        &self.keys[command as usize]
    }

    /// A command's first key, as people read it; empty if it has none.
    pub fn first(&self, command: Command) -> String {
        self.keys(command).first().map_or_else(String::new, |key| keys::pretty(key))
    }

    /// Changes keys; those taken leave the commands that had them.
    ///
    /// # Errors
    /// Which command and key cannot be, and why.
    pub fn change(&mut self, layer: &Layer) -> Result<(), (Command, String)> {
        let mut taken: Vec<(&str, Command)> = Vec::new();
        for (command, list) in layer {
            for key in list {
                let name = key.rsplit('-').next().unwrap_or_default();
                if keys::function_key(name).is_some() && keys::parse(key).is_none() {
                    let last = keys::LAST_F;
                    return Err((*command, format!("'{key}' is no key: function keys are f1 to f{last}")));
                }
                // A longer word is the name of a key that there is not.
                if keys::parse(key).is_none_or(|it| it.len() > 3) {
                    let like = "j, N, gg, ctrl-d, alt-1, f5, space, shift-tab";
                    return Err((*command, format!("'{key}' is no key; keys are written {like}")));
                }
                if key.starts_with(|c: char| c.is_ascii_digit() && c != '0') {
                    return Err((*command, format!("'{key}' is no key: digits are counts, as in 10j")));
                }
                if let Some(sent) = keys::sent_as(key) {
                    return Err((*command, format!("terminals send '{key}' as {sent}: name that")));
                }
                if let Some((_, other)) = taken.iter().find(|it| it.0 == key && it.1 != *command) {
                    let other = other.entry().name;
                    return Err((*command, format!("'{key}' is bound to {other} too")));
                }
                taken.push((key, *command));
            }
        }
        let mut changed = self.clone();
        for (at, keys) in changed.keys.iter_mut().enumerate() {
            keys.retain(|key| !taken.iter().any(|(it, command)| it == key && *command as usize != at));
        }
        for (command, list) in layer {
            changed.keys[*command as usize] = list.clone();
        }
        for command in [Command::Quit, Command::Cancel, Command::CommandLine] {
            if changed.keys(command).is_empty() {
                return Err((command, "it must keep a key".into()));
            }
        }
        *self = changed;
        Ok(())
    }

    /// Looks a key sequence up.
    pub fn lookup(&self, sequence: &[Key]) -> Match {
        let mut exact = None;
        let mut longer = false;
        for entry in TABLE {
            for (index, text) in self.keys(entry.command).iter().enumerate() {
                let keys = keys::parse(text).unwrap_or_default();
                if keys == sequence {
                    exact = Some((entry.command, index + 1));
                } else if keys.starts_with(sequence) {
                    longer = true;
                }
            }
        }
        match (exact, longer) {
            (exact, true) => Match::Prefix(exact.map(|(command, _)| command)),
            (Some((command, nth)), false) => Match::Exact(command, nth),
            (None, false) => Match::None,
        }
    }
}

/// The page `docs/keys.md`.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Keys and commands\n\nGenerated from `tui/src/command.rs` and `tui/src/keymap.rs` by \
         `WASMSCOPE_BLESS=1 cargo test -p wasmscope --test keys`.\n\n\
         A number typed before a key is its count: `10j`, `3n`, `120G`. Capitals go backwards.\n\
         Every command can be typed by name after `:`, with an argument where it takes one, and stand in a file \
         for `:source` or `--commands`.\n\n\
         `preset = \"NAME\"` in the [configuration](config.md) chooses other keys; commands a preset does not \
         mention keep theirs, unless it took them:\n\n",
    );
    for preset in PRESETS {
        page.push_str(&format!("- `{}`: {}\n", preset.name, preset.help));
    }
    let maps: Vec<Keymap> = presets().filter_map(Keymap::preset).collect();
    for category in Category::ALL {
        let names: Vec<String> = presets().map(|name| format!(" {name} |")).collect();
        page.push_str(&format!(
            "\n## {}\n\n| Command |{} What it does |\n|---|{}---|\n",
            category.title(),
            names.concat(),
            "---|".repeat(maps.len())
        ));
        for entry in TABLE.iter().filter(|entry| entry.category == category) {
            let default = maps[0].keys(entry.command);
            let cells: Vec<String> = maps
                .iter()
                .enumerate()
                .map(|(at, map)| {
                    let keys = map.keys(entry.command);
                    let shown: Vec<String> =
                        keys.iter().map(|key| format!("`{}`", key.replace('|', "\\|"))).collect();
                    match at > 0 && keys == default {
                        true => " |".into(),
                        false if shown.is_empty() => " – |".into(),
                        false => format!(" {} |", shown.join(" ")),
                    }
                })
                .collect();
            page.push_str(&format!("| `:{}` |{} {} |\n", entry.name, cells.concat(), entry.help));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn in_no_preset_is_a_key_bound_twice() {
        for name in presets() {
            let map = Keymap::preset(name).unwrap();
            let mut seen = BTreeMap::new();
            for entry in TABLE {
                for key in map.keys(entry.command) {
                    assert!(keys::parse(key).is_some(), "{name}: {key}");
                    assert_eq!(seen.insert(key.clone(), entry.name), None, "{name}: {key}");
                }
            }
        }
    }

    #[test]
    fn sequences_wait_for_more() {
        let map = Keymap::default();
        let g = keys::parse("g").unwrap();
        assert_eq!(map.lookup(&g), Match::Prefix(Some(Command::Goto)));
        assert_eq!(map.lookup(&keys::parse("gg").unwrap()), Match::Exact(Command::Start, 1));
        assert_eq!(map.lookup(&keys::parse("alt-3").unwrap()), Match::Exact(Command::Pane, 3));
    }

    #[test]
    fn a_layer_takes_keys_and_says_what_cannot_be() {
        let mut map = Keymap::default();
        let keys = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        map.change(&vec![(Command::Over, keys("s f10"))]).unwrap();
        assert_eq!(map.keys(Command::Over), ["s", "f10"]);
        assert!(map.keys(Command::Into).is_empty());
        let twice = vec![(Command::Over, keys("q")), (Command::Out, keys("q"))];
        assert_eq!(map.change(&twice).unwrap_err().1, "'q' is bound to over too");
        assert_eq!(
            map.change(&vec![(Command::Over, keys("q"))]).unwrap_err(),
            (Command::Quit, "it must keep a key".into())
        );
        assert!(
            map.change(&vec![(Command::Over, keys("hyper-x"))])
                .unwrap_err()
                .1
                .starts_with("'hyper-x' is no key")
        );
    }
}
