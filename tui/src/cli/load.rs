//! Files named on the command line: read, recognised by content, refused by name and byte.
//!
//! ```text
//! FILE or - ──► bytes ──► \0asm          a module
//!                     ──► (module …      text, translated (`text`)
//!                     ──► a trace        for `open`, `info`, `dump`
//! ```

use super::out::{Look, note};
use super::progress::Progress;
use super::text;
use anyhow::{Context, anyhow, bail};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmscope_core::timeline::{Control, Timeline};
use wasmscope_core::{Engine, Lowering, Module, ModuleError, ModuleErrorKind};
use wasmscope_trace_format::TraceReader;
use wasmscope_trace_format::dump::Clean;
use wasmscope_tui::source::{RENUMBERED, UNREACHED};

/// The largest file that is read; a module's offsets fit 32 bits.
const MOST_BYTES: u64 = 1 << 32;

/// A program's bytes and what to call it.
#[derive(Clone)]
pub(crate) struct Input {
    /// As the user named it, for messages.
    pub(crate) shown: String,
    /// The file name without folders.
    pub(crate) name: String,
    /// The contents.
    pub(crate) bytes: Arc<[u8]>,
}

/// Reads a file, or stdin for `-`.
pub(crate) fn read(path: &Path) -> anyhow::Result<Input> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let mut stdin = std::io::stdin().lock().take(MOST_BYTES);
        stdin.read_to_end(&mut bytes).context("standard input")?;
        return Ok(Input { shown: "standard input".into(), name: "stdin".into(), bytes: bytes.into() });
    }
    let shown = shown(path);
    let file = std::fs::File::open(path).with_context(|| shown.clone())?;
    let size = file.metadata().map_or(0, |meta| meta.len());
    if size > MOST_BYTES {
        bail!("{shown}: {size} bytes are more than the {MOST_BYTES} that a module may have");
    }
    let bytes = contents(file.take(MOST_BYTES), size as usize).with_context(|| shown.clone())?;
    let name = path.file_name().map_or_else(|| shown.clone(), |name| name.to_string_lossy().into_owned());
    Ok(Input { shown, name, bytes })
}

/// The rest of a file that has about `size` bytes, read to where it stays: large modules are not copied.
fn contents(mut file: impl Read, size: usize) -> std::io::Result<Arc<[u8]>> {
    let mut whole: Arc<[u8]> = std::iter::repeat_n(0, size).collect();
    let bytes = Arc::get_mut(&mut whole).expect("nobody else has it yet");
    let mut filled = 0;
    while filled < size {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => return Ok(whole[..filled].into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    // Files that do not know their size, and those that grow.
    let mut more = Vec::new();
    file.read_to_end(&mut more)?;
    if more.is_empty() {
        return Ok(whole);
    }
    Ok([&whole[..], &more].concat().into())
}

/// The program built into the binary.
pub(crate) fn demo() -> Input {
    let bytes = (*include_bytes!("../../../samples/demo/demo.wasm")).into();
    Input { shown: "demo.wasm".into(), name: "demo.wasm".into(), bytes }
}

/// A path as text that is safe to print.
pub(crate) fn shown(path: &Path) -> String {
    Clean(path.display()).to_string()
}

impl Input {
    /// Decodes and validates the module, which may be text.
    pub(crate) fn module(&self, engine: &Engine) -> anyhow::Result<Module> {
        let error = match Module::from_shared(engine, self.bytes.clone()) {
            Ok(module) => return Ok(module),
            Err(error) => error,
        };
        if is_trace(&self.bytes) {
            bail!("{}: a recording, not a module", self.shown);
        }
        if error.kind != ModuleErrorKind::Text {
            return Err(anyhow!("{}: {}", self.shown, refusal(&error)));
        }
        let text = self.text()?;
        let binary = text::translate(&self.shown, text)?;
        Module::new(engine, &binary).map_err(|error| text::refusal(&self.shown, text, &binary, &error))
    }

    fn text(&self) -> anyhow::Result<&str> {
        std::str::from_utf8(&self.bytes)
            .map_err(|error| anyhow!("{}: byte {:#x}: not UTF-8 text", self.shown, error.valid_up_to()))
    }
}

/// The engine's words, with the way out where there is one.
fn refusal(error: &ModuleError) -> String {
    match error.kind {
        ModuleErrorKind::Component => format!("{error}; take the core module out of it first"),
        _ => error.to_string(),
    }
}

/// Whether a file is a recording, by its first bytes; false if that cannot be found out.
pub(crate) fn is_trace_file(path: &Path) -> bool {
    let mut head = Vec::new();
    let file = std::fs::File::open(path).map(|file| file.take(TRACE_MAGIC.len() as u64));
    file.is_ok_and(|mut file| file.read_to_end(&mut head).is_ok() && is_trace(&head))
}

/// Whether the bytes are those of a trace.
pub(crate) fn is_trace(bytes: &[u8]) -> bool {
    bytes.starts_with(TRACE_MAGIC)
}

/// How every trace begins; the format's crate checks the rest.
const TRACE_MAGIC: &[u8] = b"\x89WTR\r\n\x1a\n";

/// `prog.wasm` becomes `prog.wtrace`, in the same folder; standard input `stdin.wtrace`.
pub(crate) fn trace_path(path: &Path) -> PathBuf {
    if path.as_os_str() == "-" { "stdin.wtrace".into() } else { path.with_extension("wtrace") }
}

impl Input {
    /// Opens the recording these bytes are.
    pub(crate) fn trace(self) -> anyhow::Result<TraceReader> {
        TraceReader::open(self.bytes.to_vec()).map_err(|error| anyhow!("{}: {error}", self.shown))
    }
}

/// Opens a recording: a file, which is read as it is needed, or all of stdin for `-`.
pub(crate) fn trace(path: &Path) -> anyhow::Result<TraceReader> {
    if path.as_os_str() == "-" {
        return read(path)?.trace();
    }
    let file = std::fs::File::open(path).with_context(|| shown(path))?;
    TraceReader::open(file).map_err(|error| anyhow!("{}: {error}", shown(path)))
}

/// The run of a recording called `name`; the program's functions are lowered as they were, or as
/// you wish. If that numbers its steps anew, says so.
pub(crate) fn timeline(
    reader: TraceReader,
    name: &str,
    lowering: Option<Lowering>,
    look: &Look,
) -> anyhow::Result<Timeline> {
    let control = Arc::new(Control::default());
    let shown = control.clone();
    let progress = Progress::new(move || {
        let step = shown.progress.load(Ordering::Relaxed);
        format!("numbering steps · {step}")
    });
    let timeline = Timeline::open_as(reader, name, lowering, &control);
    drop(progress);
    let timeline = timeline.with_context(|| name.to_owned())?;
    if lowering.is_none() && timeline.run().is_renumbered() {
        note(format_args!("{name}: {RENUMBERED}"));
    }
    if let Some(damage) = timeline.run().damage() {
        look.warning(format_args!("{name}: {damage}; {UNREACHED}"));
    }
    Ok(timeline)
}

/// A file name without folders, for the status line and messages.
pub(crate) fn short(path: &Path) -> String {
    let name = path.file_name().map_or_else(|| shown(path), |name| name.to_string_lossy().into_owned());
    Clean(name).to_string()
}
