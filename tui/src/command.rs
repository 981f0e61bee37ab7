//! THE command table: every action has one line here.
//!
//! ```text
//! command   name        keys         short     what it does
//! Over      "over"      "n"          "over"    "step over calls: …"
//!    │         │           │            │          └ help overlay, docs/keys.md
//!    │         │           │            └ footer; neighbours with one short label share an entry: n/N over
//!    │         │           └ keymap; several keys apart by spaces, `gg` is a sequence
//!    │         └ command line: `:over`, `:over 3`
//!    └ what panes and the application match on; nobody matches on a key
//! ```
//!
//! Always: names are unique, no key belongs to two commands (both tested).
//! A number typed before a key is its count, as in vim. Elsewhere: keys as text (`keys`).

use crate::keys::{self, Key};

/// What a command is about; the order of the help overlay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Category {
    /// Through the run's time.
    Time,
    /// Breakpoints, marks, places visited.
    Places,
    /// Around the screen.
    Screen,
    /// What is shown and how.
    View,
    /// The program itself.
    Program,
}

impl Category {
    /// All categories, in the order they are listed.
    pub const ALL: [Category; 5] =
        [Category::Time, Category::Places, Category::Screen, Category::View, Category::Program];

    /// The heading in help and docs.
    pub fn title(self) -> &'static str {
        match self {
            Category::Time => "Moving through the run",
            Category::Places => "Breakpoints and places",
            Category::Screen => "Panes",
            Category::View => "What is shown",
            Category::Program => "The program and the session",
        }
    }
}

/// One line of the table.
#[derive(Debug)]
pub struct Entry {
    /// The command itself.
    pub command: Command,
    /// Its name on the command line.
    pub name: &'static str,
    /// Its keys as text, apart by spaces.
    pub keys: &'static str,
    /// The footer's label.
    pub short: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// Where help lists it.
    pub category: Category,
}

macro_rules! commands {
    ($( $category:ident { $( $command:ident $name:literal $keys:literal $short:literal $help:literal; )* } )*) => {
        /// Every action there is.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum Command { $($( #[doc = $help] $command, )*)* }

        /// The table, in the order help shows it.
        pub const TABLE: &[Entry] = &[ $($( Entry {
            command: Command::$command, name: $name, keys: $keys, short: $short, help: $help,
            category: Category::$category,
        }, )*)* ];
    };
}

commands! {
    Time {
        Down         "down"         "j down"           "step"     "one step forward; outside the flow pane, one line down";
        Up           "up"           "k up"             "step"     "one step back; outside the flow pane, one line up";
        Step         "step"         "right space l"    "step"     "one step forward, whichever pane has the focus";
        StepBack     "step-back"    "left backspace h" "step"     "one step back, whichever pane has the focus";
        Over         "over"         "n"                "over"     "forward to the next step of this frame, running calls to their end";
        OverBack     "over-back"    "N"                "over"     "back to the previous step of this frame, running calls to their start";
        Into         "into"         "s"                "into"     "one step forward, into the function if it is a call; n runs over it";
        IntoBack     "into-back"    "S"                "into"     "one step back, into the function that just returned";
        Out          "out"          "o"                "out"      "forward until this frame has returned to its caller";
        OutBack      "out-back"     "O"                "out"      "back to the call that entered this frame";
        Continue     "continue"     "c"                "run" "forward to the next breakpoint, or the end";
        ContinueBack "continue-back" "C"               "run on" "back to the previous breakpoint, or the start";
        Goto         "goto"         "g"                "goto"    "go to a step: 120, 1_000, +10, -10, 50%, start, end";
        Start        "start"        "gg home"          "start"    "go to the first step";
        End          "end"          "G end"            "end"      "go to the last moment known; 120G goes to step 120";
        Percent      "percent"      "%"                "percent"  "go to that part of the run: 50% is the middle";
        PageDown     "page-down"    "ctrl-d pagedown"  "page"     "a page of steps forward; outside the flow pane, half a page down";
        PageUp       "page-up"      "ctrl-u pageup"    "page"     "a page of steps back; outside the flow pane, half a page up";
    }
    Places {
        Break        "break"        "b"                "break"    "set or remove a breakpoint: at the code cursor, else at the next op; :break NAME, NAME+IP or @PC";
        Breakpoints  "breakpoints"  "B"                "breaks"   "list the breakpoints";
        Mark         "mark"         "m"                "mark"     "remember this step under a letter";
        Jump         "jump"         "'"                "jump"     "go to the step remembered under a letter";
        Back         "back"         "H ctrl-o"         "visited"  "back to where you were before the last long move";
        Forward      "forward"      "L"                "visited"  "forward again to where `back` left";
    }
    Screen {
        NextPane     "next-pane"    "tab"              "pane"     "give the focus to the next pane";
        PreviousPane "previous-pane" "shift-tab"       "pane"     "give the focus to the previous pane";
        Pane         "pane"         "alt-1 alt-2 alt-3 alt-4 alt-5 alt-6 alt-7 alt-8 alt-9" "pane" "give the focus to a pane by number: 1 code, 2 flow, 3 registers, 4 call stack, 5 memory, 6 globals, 7 output, 8 host calls, 9 call tree; or by name: :pane tables";
        Zoom         "zoom"         "z"                "zoom"     "the focused pane alone on the screen, and back";
        Hide         "hide"         "alt-x"            "hide"     "hide the focused pane; :hide NAME hides another";
        Show         "show"         "alt-s"            "show"     "show all hidden panes again; :show NAME one of them";
        Wider        "wider"        "> alt-right"      "wider"    "make the focused pane wider; the mouse can drag edges";
        Narrower     "narrower"     "< alt-left"       "narrower" "make the focused pane narrower";
        Taller       "taller"       "alt-down"         "taller"   "make the focused pane taller";
        Shorter      "shorter"      "alt-up"           "shorter"  "make the focused pane shorter";
        Copy         "copy"         "y"                "copy"     "copy what is selected to the clipboard, also over SSH (OSC 52)";
        Theme        "theme"        "alt-t"            "theme"    "the next theme; :theme dark, light, contrast, sixteen or none";
        Mouse        "mouse"        "alt-m"            "mouse"    "listen to the mouse, or leave it to the terminal to select text";
        Follow       "follow"       "enter"            "follow"   "code: to the next run of this op; call stack: to the step that entered the frame; registers, globals: the value as an address; output: to the step that wrote it";
    }
    View {
        Address      "address"      "a"                "address"  "show memory at an address: 0x400, 1024, r0, a local's or global's name; :address 0x400";
        View         "view"         "v"                "view"     "the next way to show what the pane shows: code by source, WebAssembly, bytecode; registers as the operand stack; memory by type; a tree unfolded";
        ViewBack     "view-back"    "V"                "view"     "the previous way";
        Counts       "counts"       "#"                "counts"   "how often each op ran, beside the code; how often each outcome came, beside the flow";
        Explain      "explain"      "e"                "explain"  "explain the op at the cursor in full sentences, or the trap; again to close";
        CellNext     "cell-next"    "ctrl-right"       "cell"     "memory: the next cell; Enter follows it as an address";
        CellBack     "cell-back"    "ctrl-left"        "cell"     "memory: the previous cell";
        Compare      "compare"      "alt-d"            "compare"  "mark the bytes of memory that are different at another step: :compare 120; without a step, since here; again to stop";
        Track        "track"        "t"                "track"    "memory follows what the program writes, or stays where it is";
        Memory       "memory"       "M"                "memory"   "show the next memory of the module";
        Base         "base"         "x"                "base"     "numbers in decimal, hexadecimal, or as unsigned";
    }
    Program {
        Input        "input"        "i"                "input"    "give a waiting program a line of input";
        Tour         "tour"         "f2"               "tour"     "a tour of nine screens for first-time users; again for the next page; :tour 3";
        TourBack     "tour-back"    "f3"               "tour"     "the tour's previous page";
        Help         "help"         "? f1"             "help"     "this list";
        CommandLine  "command-line" ":"                "command"  "type a command by name; a bare number goes to that step";
        Cancel       "cancel"       "esc ctrl-c"       "cancel"   "stop a search; else close, clear or unzoom one thing; never quits";
        Suspend      "suspend"      "ctrl-z"           "suspend"  "back to the shell; fg returns";
        Redraw       "redraw"       "ctrl-l"           "redraw"   "draw the whole screen again";
        Quit         "quit"         "q"                "quit"     "leave";
    }
}

impl Command {
    /// The command's line in the table.
    pub fn entry(self) -> &'static Entry {
        &TABLE[self as usize]
    }
}

/// A command with what was typed around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invocation {
    /// What to do.
    pub command: Command,
    /// The number typed before the key.
    pub count: Option<u64>,
    /// The rest of the command line, or which of several keys was pressed (from 1).
    pub arg: String,
}

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

/// Looks a key sequence up in the table.
pub fn lookup(sequence: &[Key]) -> Match {
    let mut exact = None;
    let mut longer = false;
    for entry in TABLE {
        for (index, text) in entry.keys.split(' ').enumerate() {
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

/// Reads a command line: a name or the unique beginning of one, then its argument.
/// A bare step (`120`, `50%`, `+10`) is `goto`.
pub fn parse(line: &str) -> Result<Invocation, String> {
    let line = line.trim();
    let (name, arg) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let arg = arg.trim();
    if name.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') {
        return Ok(Invocation { command: Command::Goto, count: None, arg: line.to_owned() });
    }
    let found: Vec<&Entry> = match TABLE.iter().find(|entry| entry.name == name) {
        Some(entry) => vec![entry],
        None => TABLE.iter().filter(|entry| !name.is_empty() && entry.name.starts_with(name)).collect(),
    };
    match found[..] {
        [entry] => Ok(Invocation { command: entry.command, count: arg.parse().ok(), arg: arg.to_owned() }),
        [] => Err(format!("no command is called '{name}'; ? lists them all")),
        _ => {
            let names: Vec<&str> = found.iter().map(|entry| entry.name).collect();
            Err(format!("'{name}' could be {}", names.join(", ")))
        }
    }
}

/// The page `docs/keys.md`.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Keys and commands\n\nGenerated from `tui/src/command.rs` by `WASMSCOPE_BLESS=1 cargo test -p wasmscope --test keys`.\n\n\
         A number typed before a key is its count: `10j`, `3n`, `120G`. Capitals go backwards.\n\
         Every command can be typed by name after `:`, with an argument where it takes one.\n",
    );
    for category in Category::ALL {
        page.push_str(&format!(
            "\n## {}\n\n| Keys | Command | What it does |\n|---|---|---|\n",
            category.title()
        ));
        for entry in TABLE.iter().filter(|entry| entry.category == category) {
            let keys: Vec<String> = entry.keys.split(' ').map(|key| format!("`{key}`")).collect();
            page.push_str(&format!("| {} | `:{}` | {} |\n", keys.join(" "), entry.name, entry.help));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn no_name_and_no_key_is_used_twice() {
        let mut keys = BTreeMap::new();
        let mut names = BTreeMap::new();
        for entry in TABLE {
            assert_eq!(entry.command.entry().name, entry.name);
            assert!(names.insert(entry.name, ()).is_none(), "{}", entry.name);
            for key in entry.keys.split(' ') {
                assert!(keys::parse(key).is_some(), "{key}");
                assert_eq!(keys.insert(key, entry.name), None, "{key}");
            }
        }
    }

    #[test]
    fn lines_are_commands() {
        let told = |line: &str| match parse(line) {
            Ok(it) => format!("{:?} {:?} {:?}", it.command, it.count, it.arg),
            Err(error) => error,
        };
        assert_eq!(told("over 3"), "Over Some(3) \"3\"");
        assert_eq!(told("50%"), "Goto None \"50%\"");
        assert_eq!(told(" q "), "Quit None \"\"");
        assert_eq!(told("contin"), "'contin' could be continue, continue-back");
        assert_eq!(told("fly"), "no command is called 'fly'; ? lists them all");
    }

    #[test]
    fn sequences_wait_for_more() {
        let g = keys::parse("g").unwrap();
        assert_eq!(lookup(&g), Match::Prefix(Some(Command::Goto)));
        assert_eq!(lookup(&keys::parse("gg").unwrap()), Match::Exact(Command::Start, 1));
        assert_eq!(lookup(&keys::parse("alt-3").unwrap()), Match::Exact(Command::Pane, 3));
    }
}
