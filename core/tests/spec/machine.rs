//! The only file of the harness that knows the engine's interface: one store and one linker for each script.

use std::fmt;

use wasmscope_core::module::{GlobalType, MemoryType, RefType, TableType, ValType, WasmFeatures};
use wasmscope_core::record::Recorder;
use wasmscope_core::timeline::Timeline;
use wasmscope_core::{
    CallError, Config, Dispatch, Engine, Global, Instance, LinkError, Linker, Lowering, Memory, Module,
    ModuleError, Store, Table, Val,
};
use wasmscope_trace_format::{Position, TraceReader};

/// A configuration to run a script under.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) dispatch: Dispatch,
    pub(crate) lowering: Lowering,
    pub(crate) features: WasmFeatures,
    /// Whether the whole script is recorded, and repeated from the recording.
    pub(crate) recorded: bool,
}

/// Why something did not return.
pub(crate) enum Stop {
    /// The specification's trap text.
    Trap(String),
    /// Imports did not fit.
    Link(String),
    /// Something else the engine says.
    Engine(String),
    /// What the script refers to needs this proposal, which is refused.
    Refused(&'static str),
    /// The script asks for something that is not there.
    Script(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Trap(text) => write!(f, "trap \"{text}\""),
            Stop::Link(text) => write!(f, "link error \"{text}\""),
            Stop::Engine(text) => write!(f, "engine error \"{text}\""),
            Stop::Refused(proposal) => write!(f, "refusal of {proposal}"),
            Stop::Script(text) => write!(f, "script error: {text}"),
        }
    }
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Stop {
        match error {
            CallError::Trap(report) => Stop::Trap(report.code.to_string()),
            other => Stop::Engine(other.to_string()),
        }
    }
}

impl From<LinkError> for Stop {
    fn from(error: LinkError) -> Stop {
        match error {
            LinkError::Segment { code, .. } => Stop::Trap(code.to_string()),
            LinkError::Start(error) => error.into(),
            LinkError::UnknownImport { .. } | LinkError::IncompatibleImport { .. } => {
                Stop::Link(error.to_string())
            }
            other => Stop::Engine(other.to_string()),
        }
    }
}

/// An engine with the specification's host module.
pub(crate) struct Machine {
    engine: Engine,
    store: Store<()>,
    linker: Linker<()>,
    recorder: Option<Recorder<Vec<u8>>>,
}

impl Machine {
    pub(crate) fn new(setup: Setup) -> Machine {
        let config = Config::default().lowering(setup.lowering).features(setup.features);
        let engine = Engine::new(&config);
        let mut store = Store::new(&engine, ());
        store.set_dispatch(setup.dispatch);
        let recorder = setup.recorded.then(|| {
            let recorder = Recorder::start(&mut store, Vec::new(), "script", &[]);
            recorder.expect("a vector can be written to")
        });
        let linker = spectest(&engine, &mut store);
        Machine { engine, store, linker, recorder }
    }

    /// Ends the script: the hash of the state it leaves. If it was recorded, the recording is repeated, which compares
    /// every result, and must leave the same.
    pub(crate) fn finish(mut self) -> Result<u64, String> {
        let hash = self.store.state_hash();
        if let Some(recorder) = self.recorder.take() {
            let file = recorder.finish(&mut self.store, Ok(())).map_err(|error| error.to_string())?;
            let end = Position { step: self.store.steps(), tick: self.store.ticks() };
            replay(file, end, hash).map_err(|error| format!("the recording: {error}"))?;
        }
        Ok(hash)
    }

    pub(crate) fn compile(&self, bytes: &[u8]) -> Result<Module, ModuleError> {
        Module::new(&self.engine, bytes)
    }

    pub(crate) fn instantiate(&mut self, module: &Module) -> Result<Instance, Stop> {
        Ok(self.linker.instantiate(&mut self.store, module)?)
    }

    pub(crate) fn register(&mut self, name: &str, instance: Instance) {
        self.linker.instance(&self.store, name, instance);
    }

    pub(crate) fn invoke(&mut self, instance: Instance, name: &str, args: &[Val]) -> Result<Vec<Val>, Stop> {
        let func = instance.func(&self.store, name);
        let func = func.ok_or_else(|| Stop::Script(format!("no function \"{name}\"")))?;
        let mut results: Vec<Val> =
            func.ty(&self.store).results().iter().map(|&ty| Val::default_of(ty)).collect();
        func.call(&mut self.store, args, &mut results)?;
        Ok(results)
    }

    pub(crate) fn get(&self, instance: Instance, name: &str) -> Result<Val, Stop> {
        let global = instance.global(&self.store, name);
        let global = global.ok_or_else(|| Stop::Script(format!("no global \"{name}\"")))?;
        Ok(global.get(&self.store))
    }
}

/// Repeats a recording to its end.
fn replay(file: Vec<u8>, end: Position, hash: u64) -> Result<(), String> {
    let reader = TraceReader::open(file).map_err(|error| error.to_string())?;
    let mut timeline = Timeline::open(reader, "script").map_err(|error| error.to_string())?;
    timeline.seek(timeline.end().step).map_err(|error| error.to_string())?;
    if timeline.position() != end {
        return Err(format!("its replay ends at {:?}, the run at {end:?}", timeline.position()));
    }
    match timeline.state_hash() {
        same if same == hash => Ok(()),
        other => Err(format!("its replay leaves the state {other:016x}, the run {hash:016x}")),
    }
}

/// The host module every script may import from.
fn spectest(engine: &Engine, store: &mut Store<()>) -> Linker<()> {
    let mut linker = Linker::new(engine);
    linker
        .func_wrap("spectest", "print", || {})
        .func_wrap("spectest", "print_i32", |_: i32| {})
        .func_wrap("spectest", "print_i64", |_: i64| {})
        .func_wrap("spectest", "print_f32", |_: f32| {})
        .func_wrap("spectest", "print_f64", |_: f64| {})
        .func_wrap("spectest", "print_i32_f32", |_: i32, _: f32| {})
        .func_wrap("spectest", "print_f64_f64", |_: f64, _: f64| {});
    let globals = [
        ("global_i32", Val::I32(666)),
        ("global_i64", Val::I64(666)),
        ("global_f32", Val::F32(666.6_f32.to_bits())),
        ("global_f64", Val::F64(666.6_f64.to_bits())),
    ];
    for (name, value) in globals {
        let ty = GlobalType { content: value.ty(), mutable: false };
        let global = Global::new(store, ty, value).expect("the value has its own type");
        linker.define("spectest", name, global);
    }
    for (name, table64) in [("table", false), ("table64", true)] {
        let ty = TableType { element: RefType::FUNCREF, minimum: 10, maximum: Some(20), table64 };
        let table = Table::new(store, ty, Val::default_of(ValType::FUNCREF)).expect("ten elements fit");
        linker.define("spectest", name, table);
    }
    let ty = MemoryType { minimum: 1, maximum: Some(2), memory64: false, page_size_log2: 16 };
    let memory = Memory::new(store, ty).expect("a page of memory can be had");
    linker.define("spectest", "memory", memory);
    linker
}
