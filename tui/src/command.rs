//! THE command table: every action has one line here.
//!
//! ```text
//! command   name        keys         short     what it does                      takes
//! Over      "over"      "n"          "over"    "step over calls: …"              takes Count
//!    │         │           │            │          └ help overlay, docs/keys.md     └ completion, hints
//!    │         │           │            └ footer; neighbours with one short label share an entry: n/N over
//!    │         │           └ keys of the preset `default`; several apart by spaces, `gg` is a sequence
//!    │         └ command line: `:over`, `:over 3`
//!    └ what panes and the application match on; nobody matches on a key
//! ```
//!
//! Always: names are unique, no key belongs to two commands (both tested).
//! A number typed before a key is its count, as in vim. Elsewhere: a line read as a command (`line`), keys
//! as text (`keys`), which keys are bound to what after presets and configuration (`keymap`).

mod line;

pub use line::{Invocation, named, nearest, parse};

/// What a command is about; the order of the help overlay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Category {
    /// Through the run's time.
    Time,
    /// Breakpoints, watchpoints, marks, places visited.
    Places,
    /// Looking for something in the run.
    Search,
    /// Around the screen.
    Screen,
    /// What is shown and how.
    View,
    /// Answers as text, for scripts and the command line.
    Answers,
    /// The program itself.
    Program,
}

impl Category {
    /// All categories, in the order they are listed.
    pub const ALL: [Category; 7] = [
        Category::Time,
        Category::Places,
        Category::Search,
        Category::Screen,
        Category::View,
        Category::Answers,
        Category::Program,
    ];

    /// The heading in help and docs.
    pub fn title(self) -> &'static str {
        match self {
            Category::Time => "Moving through the run",
            Category::Places => "Breakpoints and places",
            Category::Search => "Searching",
            Category::Screen => "Panes",
            Category::View => "What is shown",
            Category::Answers => "Answers as text",
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
    /// What it takes on the command line.
    pub takes: Takes,
}

/// What a command takes on the command line, for completion and hints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// How often.
    Count,
    /// A step.
    Step,
    /// Where to stop, and a condition.
    Place,
    /// What to watch, and a condition.
    Watched,
    /// The number of a breakpoint or watchpoint.
    Number,
    /// A letter.
    Letter,
    /// An expression.
    Expr,
    /// What to look for: a regular expression, or a predicate.
    Query,
    /// An address, a length, a type.
    Address,
    /// A function.
    Function,
    /// A file.
    File,
    /// A pane.
    Pane,
    /// What to tell about.
    Topic,
    /// What a step is.
    Unit,
    /// A theme.
    Theme,
    /// Any text.
    Text,
}

impl Takes {
    /// In words.
    pub fn hint(self) -> &'static str {
        match self {
            Takes::Nothing => "",
            Takes::Count => "[COUNT]",
            Takes::Step => "STEP: 120, +10, -10, 50%, start, end",
            Takes::Place => "PLACE [if EXPR]: fib, @0x1b3, FILE:LINE, op NAME, host NAME",
            Takes::Watched => "0x400..0x408, r3, global NAME [if EXPR]",
            Takes::Number => "NUMBER of a breakpoint, or all",
            Takes::Letter => "LETTER",
            Takes::Expr => "EXPR: r3, n, $global, u8[0x400], depth, …",
            Takes::Query => "REGEX, write 0x400, value == 42, op == i32.store && r3 == 7",
            Takes::Address => "ADDRESS [COUNT [TYPE]]: 0x400 16 u32",
            Takes::Function => "FUNCTION",
            Takes::File => "FILE",
            Takes::Pane => "PANE",
            Takes::Topic => "TOPIC",
            Takes::Unit => "op, operator, block, line or call",
            Takes::Theme => "THEME",
            Takes::Text => "TEXT",
        }
    }
}

macro_rules! commands {
    ($( $category:ident { $(
        $command:ident $name:literal $keys:literal $short:literal $help:literal $(takes $takes:ident)?;
    )* } )*) => {
        /// Every action there is.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum Command { $($( #[doc = $help] $command, )*)* }

        /// The table, in the order help shows it.
        pub const TABLE: &[Entry] = &[ $($( Entry {
            command: Command::$command, name: $name, keys: $keys, short: $short, help: $help,
            category: Category::$category, takes: commands!(@takes $($takes)?),
        }, )*)* ];
    };
    (@takes) => { Takes::Nothing };
    (@takes $takes:ident) => { Takes::$takes };
}

commands! {
    Time {
        Down         "down"         "j down"           "step"     "one step forward; outside the flow pane, one line down" takes Count;
        Up           "up"           "k up"             "step"     "one step back; outside the flow pane, one line up" takes Count;
        Step         "step"         "right space l"    "step"     "one step forward, whichever pane has the focus; + and - say what a step is" takes Count;
        StepBack     "step-back"    "left backspace h" "step"     "one step back, whichever pane has the focus" takes Count;
        Over         "over"         "n"                "over"     "forward to the next step of this frame, running calls to their end" takes Count;
        OverBack     "over-back"    "N"                "over"     "back to the previous step of this frame, running calls to their start" takes Count;
        Into         "into"         "s"                "into"     "one step forward, into the function if it is a call; n runs over it" takes Count;
        IntoBack     "into-back"    "S"                "into"     "one step back, into the function that just returned" takes Count;
        Out          "out"          "o"                "out"      "forward until this frame has returned to its caller" takes Count;
        OutBack      "out-back"     "O"                "out"      "back to the call that entered this frame" takes Count;
        Continue     "continue"     "c"                "run" "forward to the next breakpoint, or the end" takes Count;
        ContinueBack "continue-back" "C"               "run on" "back to the previous breakpoint, or the start" takes Count;
        Operator     "operator"     ""                 "operator" "forward to the next WebAssembly operator" takes Count;
        OperatorBack "operator-back" ""                "operator" "back to the previous WebAssembly operator" takes Count;
        Block        "block"        "}"                "block"    "forward to the next basic block: behind a jump, a call or a return" takes Count;
        BlockBack    "block-back"   "{"                "block"    "back to the previous basic block" takes Count;
        Iteration    "iteration"    ")"                "loop"     "forward to the next iteration of the innermost loop here, or out of it" takes Count;
        IterationBack "iteration-back" "("             "loop"     "back to the previous iteration of the loop, or to its start" takes Count;
        Call         "call"         "f"                "call"     "forward to the next call of a function" takes Count;
        CallBack     "call-back"    "F"                "call"     "back to the previous call of a function" takes Count;
        HostCall     "host-call"    "u"                "host"     "forward to the next call of a host function" takes Count;
        HostCallBack "host-call-back" "U"              "host"     "back to the previous call of a host function" takes Count;
        Line         "line"         "r"                "line"     "forward to the next line of the source" takes Count;
        LineBack     "line-back"    "R"                "line"     "back to the previous line of the source" takes Count;
        Coarser      "coarser"      "+"                "unit"     "a step is more: op, operator, block, line, call";
        Finer        "finer"        "-"                "unit"     "a step is less";
        Unit         "unit"         ""                 "unit"     "say what a step is: op, operator, block, line or call" takes Unit;
        RunTo        "run-to"       ""                 "run to"   "forward to the next arrival at a place, which needs no breakpoint: :run-to fib, #2 is breakpoint 2" takes Place;
        RunBackTo    "run-back-to"  ""                 "run to"   "back to the last arrival at a place" takes Place;
        Goto         "goto"         "g"                "goto"     "go to a step: 120, 1_000, +10, -10, 50%, start, end" takes Step;
        Start        "start"        "gg home"          "start"    "go to the first step";
        End          "end"          "G end"            "end"      "go to the last moment known; 120G goes to step 120";
        Percent      "percent"      "%"                "percent"  "go to that part of the run: 50% is the middle";
        PageDown     "page-down"    "ctrl-d pagedown"  "page"     "a page of steps forward; outside the flow pane, half a page down" takes Count;
        PageUp       "page-up"      "ctrl-u pageup"    "page"     "a page of steps back; outside the flow pane, half a page up" takes Count;
    }
    Places {
        Break        "break"        "b"                "break"    "set or remove a breakpoint: at the code cursor, else at the next op; :break PLACE [if EXPR]" takes Place;
        Breakpoints  "breakpoints"  "B"                "breaks"   "to the list of breakpoints, watchpoints, marks, notes and displays";
        Watch        "watch"        "w"                "watch"    "stop where something is written: :watch 0x400..0x408, r3, global NAME, [if EXPR]" takes Watched;
        Delete       "delete"       "d delete"         "delete"   "delete a breakpoint or watchpoint by number, or all; mark x, note STEP, display 1; places: delete the line selected" takes Number;
        Toggle       "toggle"       "D"                "on/off"   "turn a breakpoint or watchpoint off, or on again; places: turn the one selected off, or on again" takes Number;
        Enable       "enable"       ""                 "enable"   "let a breakpoint or watchpoint stop again" takes Number;
        Disable      "disable"      ""                 "disable"  "keep a breakpoint or watchpoint, but do not stop there" takes Number;
        Ignore       "ignore"       ""                 "ignore"   "pass a breakpoint so many times: :ignore NUMBER TIMES" takes Number;
        Condition    "condition"    ""                 "condition" "give a breakpoint a condition, or none: :condition NUMBER EXPR" takes Number;
        PrevWrite    "previous-write" "["              "writes"   "back to where the value under the cursor was written: :previous-write r3, global NAME, 0x400" takes Watched;
        NextWrite    "next-write"   "]"                "writes"   "forward to behind the next write of the value under the cursor" takes Watched;
        Origin       "origin"       ""                 "origin"   "memory: where a byte printed stood when the host was called to print it: :origin STEP, :origin STEP OFFSET" takes Step;
        Mark         "mark"         "m"                "mark"     "remember this step under a letter" takes Letter;
        Jump         "jump"         "'"                "jump"     "go to the step remembered under a letter" takes Letter;
        Note         "note"         "A"                "note"     "write a note on this step; without a text, take it away" takes Text;
        Marks        "marks"        ""                 "marks"    "to the list of marks and notes";
        Back         "back"         "H ctrl-o"         "visited"  "back to where you were before the last long move";
        Forward      "forward"      "L"                "visited"  "forward again to where `back` left";
    }
    Search {
        Search       "search"       "/"                "search"   "forward to a step whose op, function or host function matches a regular expression (regex), or for which a predicate holds" takes Query;
        SearchBack   "search-back"  ""                 "search"   "the same, back" takes Query;
        NextMatch    "next-match"   ";"                "match"    "forward to the next match of the search" takes Count;
        PreviousMatch "previous-match" ","             "match"    "back to the previous match of the search" takes Count;
        Filter       "filter"       "&"                "filter"   "the flow pane lists only steps that match; without a query, all again" takes Query;
        Find         "find"         ""                 "find"     "list the steps that match, from the start of the run" takes Query;
    }
    Screen {
        NextPane     "next-pane"    "tab"              "pane"     "give the focus to the next pane";
        PreviousPane "previous-pane" "shift-tab"       "pane"     "give the focus to the previous pane";
        Pane         "pane"         "alt-1 alt-2 alt-3 alt-4 alt-5 alt-6 alt-7 alt-8 alt-9" "pane" "give the focus to a pane by number: 1 code, 2 flow, 3 registers, 4 call stack, 5 memory, 6 globals, 7 output, 8 host calls, 9 call tree; or by name: :pane tables" takes Pane;
        Zoom         "zoom"         "z"                "zoom"     "the focused pane alone on the screen, and back";
        Hide         "hide"         "alt-x"            "hide"     "hide the focused pane; :hide NAME hides another" takes Pane;
        Show         "show"         "alt-s"            "show"     "show all hidden panes again; :show NAME one of them" takes Pane;
        Wider        "wider"        "> alt-right"      "wider"    "make the focused pane wider; the mouse can drag edges";
        Narrower     "narrower"     "< alt-left"       "narrower" "make the focused pane narrower";
        Taller       "taller"       "alt-down"         "taller"   "make the focused pane taller";
        Shorter      "shorter"      "alt-up"           "shorter"  "make the focused pane shorter";
        Layout       "layout"       ""                 "layout"   "sizes of panes as at first, and none hidden";
        Copy         "copy"         "y"                "copy"     "copy what is selected to the clipboard, also over SSH (OSC 52)";
        Theme        "theme"        "alt-t"            "theme"    "the next theme; :theme dark, light, contrast, sixteen or none" takes Theme;
        Mouse        "mouse"        "alt-m"            "mouse"    "listen to the mouse, or leave it to the terminal to select text";
        Follow       "follow"       "enter"            "follow"   "flow: into a call, or to where the value the next op reads was made; code: a call to its body, else to the next run of this op; call stack: to the step that entered the frame; registers, globals: to where the value was made; memory: the value as an address; output: to the step that wrote it; host calls, tree: to its first step; tables: to the next call of the function; explain: where a line with → leads; places: to where it stops next, or to the step";
    }
    View {
        Address      "address"      "a"                "address"  "show memory at an address: 0x400, r0, sp + 8, any expression; registers, globals: at the value selected" takes Expr;
        View         "view"         "v"                "view"     "the next way to show what the pane shows: code by source, WebAssembly, bytecode; registers as the operand stack; memory by type; a tree unfolded";
        ViewBack     "view-back"    "V"                "view"     "the previous way";
        Counts       "counts"       "#"                "counts"   "how often each op ran, beside the code; how often each outcome came, beside the flow";
        Unfold       "unfold"       "*"                "unfold"   "tree: every call, whatever it cost; again for the costly ones alone";
        Explain      "explain"      "e"                "explain"  "explain the op at the cursor in full sentences, or the trap; again to close";
        CellNext     "cell-next"    "ctrl-right"       "cell"     "memory: the next cell; Enter follows it as an address";
        CellBack     "cell-back"    "ctrl-left"        "cell"     "memory: the previous cell";
        Bytes        "bytes"        "alt-b"            "bytes"    "memory: look for bytes: :bytes hello, :bytes 0x0c00; again without anything for the next place" takes Text;
        NextDifference "next-difference" "alt-n"       "differs"  "memory: the next byte that is different at the step compared with";
        PreviousDifference "previous-difference" "alt-p" "differs" "memory: the previous byte that is different there";
        Compare      "compare"      "alt-d"            "compare"  "mark registers, globals and bytes of memory that are different at another step: :compare 120; without a step, from here on; again to stop" takes Step;
        Track        "track"        "t"                "track"    "memory follows what the program writes, or stays where it is";
        NextMemory   "next-memory"  "M"                "memory"   "show the next memory of the module";
        Base         "base"         "x"                "base"     "numbers in decimal, hexadecimal, or as unsigned";
        Display      "display"      ""                 "display"  "show an expression's value at every step; without one, to the list of them" takes Expr;
        Undisplay    "undisplay"    ""                 "display"  "show it no longer, by number or all" takes Number;
    }
    Answers {
        Print        "print"        "p"                "print"    "the value of an expression; print/x in hexadecimal" takes Expr;
        Where        "where"        ""                 "where"    "step, function, op, and why the run stands here";
        Backtrace    "backtrace"    ""                 "frames"   "the active functions, innermost first; negative: the outermost" takes Count;
        Registers    "registers"    ""                 "slots"    "parameters, locals and operands of the innermost frame, or of one at a depth" takes Count;
        Globals      "globals"      ""                 "globals"  "all globals";
        Memory       "memory"       ""                 "bytes"    "bytes of memory: :memory 0x400 64, :memory sp 4 u32" takes Address;
        List         "list"         ""                 "code"     "the code around the cursor, or of a function" takes Function;
        Events       "events"       ""                 "events"   "what the steps from here did, as dump prints them; negative: those before" takes Count;
        Output       "output"       ""                 "output"   "what the program has printed up to here";
        HostCalls    "host-calls"   ""                 "hosts"    "calls of host functions before here, the latest last" takes Count;
        Functions    "functions"    ""                 "names"    "functions whose name matches" takes Function;
        Info         "info"         ""                 "info"     "about the run";
    }
    Program {
        Input        "input"        "i"                "input"    "give a waiting program a line of input" takes Text;
        Tour         "tour"         "f2"               "tour"     "a tour of nine screens for first-time users; again for the next page; :tour 3" takes Count;
        TourBack     "tour-back"    "f3"               "tour"     "the tour's previous page";
        Source       "source"       ""                 "source"   "do the commands in a file, one a line" takes File;
        Menu         "menu"         "."                "menu"     "what can be done with what is selected; the right button of the mouse too";
        Palette      "palette"      "ctrl-p"           "palette"  "find a command, function or mark by some letters of its name";
        Help         "help"         "? f1"             "help"     "this list; type to search, Enter does the command";
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
            for key in entry.keys.split_whitespace() {
                assert!(crate::keys::parse(key).is_some(), "{key}");
                assert_eq!(keys.insert(key, entry.name), None, "{key}");
            }
        }
    }
}
