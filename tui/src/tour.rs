//! The tour: nine screens for somebody who sees this for the first time.
//!
//! ```text
//! :tour ─► page 1 ─ F2 ─► page 2 ─ … ─► page 9      Esc leaves at any time
//! ```
//!
//! A page stands below the panes and all keys work meanwhile, so that what it says can be tried.
//! Some pages go to a place first. `docs/tour.md` has the same text (tested).

/// A page.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// What it is about.
    pub title: &'static str,
    /// What it says.
    pub text: &'static str,
    /// Keys to try, and what they do.
    pub keys: &'static [(&'static str, &'static str)],
    /// Command lines that set the scene.
    pub scene: &'static [&'static str],
}

/// All pages.
pub const PAGES: [Page; 9] = [
    Page {
        title: "A run is a list",
        text: "The flow pane is the run: one row, one step, one handler that has returned. The row with ▶ is next; \
               what stands above it is done, what stands below is still to come, and known, because this run was \
               recorded. Moving in the list is moving in time, both ways, at the same speed.",
        keys: &[("j k", "a step on, a step back"), ("10j", "ten steps"), ("gg G", "the start, the end")],
        scene: &["goto start", "pane flow"],
    },
    Page {
        title: "Where am I, what happened",
        text: "The first line says where: file, step, function, depth, and why it stopped. Below it is a map of the \
               whole run: how much was called and written, ◆ (or ⠉, in one row) where the host was called, ▲ where \
               you are. Then two lines in words: did is the last step with the values it had, next the one to come, \
               and whether a branch will be taken.",
        keys: &[
            ("50%", "to the middle"),
            ("click", "on the map goes there, dragging along it goes along"),
            ("g 1 0 0 Enter", "to step 100"),
        ],
        scene: &["goto 50%"],
    },
    Page {
        title: "Over, into, out",
        text: "n runs over a call, s goes into it, o runs out of the function to its caller. Capitals go the other \
               way: N back over a call, S back into the one that has just returned, O back to the call that brought \
               you here.",
        keys: &[("n N", "over"), ("s S", "into"), ("o O", "out")],
        scene: &["pane flow"],
    },
    Page {
        title: "Code at every level",
        text: "The code pane shows the bytecode that runs: ip, op, and the WebAssembly operators it came from. v goes \
               through the levels: WebAssembly text, source if the module has debug information, the other lowering \
               of the same function; side by side where there is room. # counts how often each op ran.",
        keys: &[("Alt-1", "to the code"), ("v V", "the next level, the previous"), ("#", "counts")],
        scene: &["pane code"],
    },
    Page {
        title: "Values",
        text: "Registers are the slots of the frame: ← was just written, → is read next. v shows them as the \
               WebAssembly operand stack. Memory follows what the program writes; v reads it as numbers, Enter \
               follows a pointer. Alt-d marks what is different from now on, in all of them.",
        keys: &[("Alt-3", "registers"), ("Alt-5", "memory"), ("x", "decimal, hexadecimal, unsigned")],
        scene: &["pane registers"],
    },
    Page {
        title: "Stop there",
        text: "b sets a breakpoint at the op that is next, or at the cursor of the code pane. c runs to the next one, \
               C back to the previous: time runs both ways. :break NAME stops in a function. Enter in the code pane \
               shows what a call calls, else goes to the next time that op runs.",
        keys: &[("b", "a breakpoint here"), ("c C", "run on, run back"), ("B", "the list of them")],
        scene: &["pane flow"],
    },
    Page {
        title: "Where did that come from",
        text: "Enter leads to causes. On a register: the step that made its value, as [ does for a byte of memory. On a \
               line of output: the step that printed it. On a frame of the call stack: its call. In the tree of calls: the first call of a function; it says where the steps of the whole \
               run went. The right button of the mouse, or a point, says what else can be done.",
        keys: &[
            ("Alt-7 Enter", "from output to its step"),
            ("Alt-9", "the tree"),
            ("H L", "back, and forward again"),
        ],
        scene: &["goto end", "pane output"],
    },
    Page {
        title: "What does it mean",
        text: "e explains the op that is next in full sentences: what it does, with the values of now, when it would \
               trap, what its handler returns, and where the specification defines it. At a trap the same place \
               says what failed, and leads to the steps that made the values.",
        keys: &[("e", "explain, again to close"), ("m a  ' a", "mark this step, go to it")],
        scene: &["goto 50%", "pane flow"],
    },
    Page {
        title: "Make it yours",
        text: "Tab goes from pane to pane, z gives one the whole screen, < and > or the mouse move the edges, Alt-x \
               hides a pane. :theme chooses colours, y copies what is selected. ? lists every key; : takes every \
               command by name. wasmscope prog.wasm opens your own program; wasmscope record keeps a run.",
        keys: &[("Tab z", "the next pane, zoom"), ("?", "all keys"), ("q", "quit")],
        scene: &[],
    },
];

/// The tour as a part of `docs/tour.md`.
pub fn markdown() -> String {
    let mut page = String::new();
    for (index, it) in PAGES.iter().enumerate() {
        page.push_str(&format!("### {}. {}\n\n{}\n\n", index + 1, it.title, it.text));
        for (keys, what) in it.keys {
            page.push_str(&format!("- `{keys}` {what}\n"));
        }
        page.push('\n');
    }
    page.trim_end().to_owned() + "\n"
}
