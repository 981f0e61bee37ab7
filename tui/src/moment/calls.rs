//! Who called whom: activations, the tree of the whole run, calls of the host.
//!
//! Elsewhere: the moment they are parts of (`moment`).

use std::sync::Arc;
use wasmscope_trace_format::{FuncId, Value};

/// A function as it was called in one way, in the whole run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TreeNode {
    /// A number that stays the same while the tree grows.
    pub id: u32,
    /// The function's name.
    pub name: Arc<str>,
    /// How many frames deep.
    pub depth: u32,
    /// How many nodes stand below it, all levels together.
    pub below: u32,
    /// How often it was called.
    pub calls: u64,
    /// Steps in it.
    pub own: u64,
    /// Steps in it and in all it called.
    pub total: u64,
    /// The step of the first call's first op.
    pub first: u64,
    /// Whether what it called was not told apart any more.
    pub cut: bool,
}

/// The calls of the whole run: each caller before those it called, the costliest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CallTree {
    /// The steps before this one are in it.
    pub upto: u64,
    /// The nodes.
    pub nodes: Vec<TreeNode>,
}

/// A call of the host.
#[derive(Clone, PartialEq, Debug)]
pub struct HostCall {
    /// The step that called it.
    pub step: u64,
    /// What it is imported as.
    pub name: String,
    /// Its arguments.
    pub args: Vec<Value>,
    /// Its results.
    pub results: Vec<Value>,
    /// What it wrote: memory, address, bytes.
    pub written: Vec<(u32, u64, Vec<u8>)>,
    /// Why it failed, if it did.
    pub failed: Option<String>,
    /// The code with which it ended the program, if it did.
    pub exit: Option<i32>,
}

/// Some of the run's host calls.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HostCalls {
    /// How many there are in the run, as far as it is known.
    pub total: u64,
    /// How many came before the cursor.
    pub before: u64,
    /// The number of the first of `calls`, from 0.
    pub from: u64,
    /// The calls.
    pub calls: Vec<HostCall>,
}

/// A function that has no frame of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inlined {
    /// Its name.
    pub name: String,
    /// The line of the source where it stands.
    pub line: Option<String>,
}

/// An activation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// 0 is the outermost.
    pub depth: u32,
    /// The function.
    pub func: FuncId,
    /// Its name, if known.
    pub name: Option<String>,
    /// The op it will go on with, or whose call it waits for.
    pub ip: u32,
    /// That op's place in the file.
    pub pc: u32,
    /// The line of the source where this function stands, in short: `main.c:12`. That of a call, if what
    /// was called is inlined.
    pub line: Option<String>,
    /// The functions that the compiler has put into this one, as far as it stands in them: innermost first.
    pub inlined: Vec<Inlined>,
    /// The step at which its first op ran.
    pub entered: u64,
}

impl Inlined {
    /// Its name, and where it stands.
    pub fn text(&self) -> String {
        match &self.line {
            Some(line) => format!("{} {line}", self.name),
            None => self.name.clone(),
        }
    }
}
