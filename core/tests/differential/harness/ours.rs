//! A case in this engine, in one of the ways it can run.

use super::case::{Case, End, FUEL, Look, MEMORY_BYTES, Seen, TABLE_ELEMENTS, Type, Value, calls, hash};
use super::host::{self, Act, HostState};
use std::sync::{Arc, Mutex};
use wasmscope_core::module::{ExternType, FuncType, HeapType, ValType};
use wasmscope_core::record::Recorder;
use wasmscope_core::{
    AsStore, CallError, Caller, Config, Dispatch, Engine, Extern, ExternRef, Global, HostError, Instance,
    Limits, LinkError, Linker, Lowering, Memory, Module, Observer, Returned, Step, Store, Table, TrapCode,
    Val, Watch,
};

/// A way to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Tail,
    Counted,
    Step,
    /// By single steps that somebody watches.
    Watched,
    /// Counted, and stopped and gone on with every few ticks.
    Sliced,
    /// Counted, and recorded.
    Recorded,
}

impl How {
    pub const ALL: [How; 6] = [How::Tail, How::Counted, How::Step, How::Watched, How::Sliced, How::Recorded];

    /// Whether steps and ticks are exact.
    pub fn counts(self) -> bool {
        self != How::Tail
    }
}

/// A run.
pub struct Run {
    pub seen: Seen,
    /// Steps and ticks after each operation.
    pub counts: (Vec<u64>, Vec<u64>),
    /// Where each operation that trapped did: function and file offset, innermost first.
    pub traps: Vec<Vec<(u32, u32)>>,
    /// The recording.
    pub trace: Option<Vec<u8>>,
    /// All memories at the end: number, and bytes.
    pub memories: Vec<(u32, Vec<u8>)>,
}

/// Reads what an observer may read.
struct Reader(Arc<Mutex<u64>>);

impl Observer for Reader {
    fn after(&mut self, step: &Step<'_>, _: Returned<'_>) -> Watch {
        let mut count = self.0.lock().expect("nothing panics while it is held");
        *count += 1;
        std::hint::black_box((step.pc(), step.ip(), step.tick()));
        Watch::Continue
    }
}

/// Runs a case.
///
/// # Errors
/// If the module is not valid, or something is wrong that has nothing to do with what the guest does.
pub fn run(case: &Case, lowering: Lowering, how: How) -> Result<Run, String> {
    let limits = Limits {
        memory_bytes: MEMORY_BYTES,
        table_elements: TABLE_ELEMENTS,
        call_depth: 10_000,
        value_stack: 1 << 20,
        ..Limits::default()
    };
    let engine = Engine::new(&Config::default().lowering(lowering).limits(limits));
    let module =
        Module::new(&engine, &case.wasm).map_err(|error| format!("the module is refused: {error}"))?;
    let mut store = Store::new(&engine, HostState::default());
    let observed = Arc::new(Mutex::new(0));
    let mut recorder = None;
    match how {
        How::Tail => store.set_dispatch(Dispatch::Tail),
        How::Counted | How::Sliced => store.set_dispatch(Dispatch::Counted),
        How::Step => store.set_dispatch(Dispatch::Step),
        How::Watched => store.set_observer(Some(Box::new(Reader(observed.clone())))),
        How::Recorded => {
            let started = Recorder::start(&mut store, Vec::new(), "case", &[]);
            recorder = Some(started.map_err(|error| error.to_string())?);
        }
    }
    let mut run = Run {
        seen: Seen::default(),
        counts: Default::default(),
        traps: Vec::new(),
        trace: None,
        memories: Vec::new(),
    };
    let mut last = Ok(());
    if let Some(mut linker) = linker(&engine, &mut store, &module) {
        match linker.instantiate(&mut store, &module) {
            Ok(instance) => {
                run.seen.ends.push(End::Returned(Vec::new()));
                look(&store, instance, &mut run);
                last = operate(case, &mut store, instance, how, &mut run);
                run.memories = memories(&store, instance);
            }
            Err(error) => {
                run.seen.ends.push(match &error {
                    LinkError::Segment { code, .. } => End::Trap(trap(*code)),
                    LinkError::Start(error) => end_of(error),
                    _ => End::Other("no instance".to_owned()),
                });
                if let LinkError::Start(error) = error {
                    last = Err(error);
                }
            }
        }
    } else {
        run.seen.ends.push(End::Other("no import".to_owned()));
    }
    run.counts.0.push(store.steps());
    run.counts.1.push(store.ticks());
    if how == How::Watched && *observed.lock().expect("it is free") != store.steps() {
        return Err(format!(
            "{} of {} steps were shown",
            observed.lock().expect("it is free"),
            store.steps()
        ));
    }
    if let Some(recorder) = recorder {
        let file = recorder.finish(&mut store, last.as_ref().map(|_| ()));
        run.trace = Some(file.map_err(|error| error.to_string())?);
    }
    Ok(run)
}

/// Makes all calls; how the last one ended.
fn operate(
    case: &Case,
    store: &mut Store<HostState>,
    instance: Instance,
    how: How,
    run: &mut Run,
) -> Result<(), CallError> {
    let mut names = instance.export_names(store);
    names.sort();
    let functions = names.iter().filter_map(|name| Some((name.clone(), instance.func(store, name)?)));
    let functions: Vec<_> = functions.collect();
    let callable: Vec<_> = functions
        .iter()
        .map(|(name, func)| (name.clone(), func.ty(store).params().iter().map(|&ty| type_of(ty)).collect()))
        .collect();
    let mut last = Ok(());
    for (round, (at, args)) in calls(case.seed, &callable).into_iter().enumerate() {
        if let Some(fuel) = instance.global(store, "fuel") {
            fuel.set(store, Val::I32(FUEL));
        }
        let args: Vec<Val> = args.into_iter().map(to_ours).collect();
        let slice = 1 + (case.seed.wrapping_add(round as u64) % 97);
        if how == How::Sliced {
            store.set_fuel(Some(slice));
        }
        let mut result = functions[at].1.call_values(store, &args);
        while let Err(CallError::OutOfFuel) = result {
            // Longer and longer, so that long runs end.
            store.set_fuel(Some(slice + store.ticks() / 16));
            match store.resume() {
                Some(resumed) => result = resumed,
                None => break,
            }
        }
        store.set_fuel(None);
        run.seen.ends.push(match &result {
            Ok(results) => End::Returned(results.iter().map(from_ours).collect()),
            Err(error) => end_of(error),
        });
        run.traps.push(place_of(&result));
        look(store, instance, run);
        last = result.map(|_| ());
    }
    last
}

pub fn type_of(ty: ValType) -> Type {
    match ty {
        ValType::I32 => Type::I32,
        ValType::I64 => Type::I64,
        ValType::F32 => Type::F32,
        ValType::F64 => Type::F64,
        ValType::V128 => Type::V128,
        ValType::Ref(ty) => match ty.heap.top() {
            HeapType::Func => Type::Func,
            HeapType::Extern => Type::Extern,
            _ => Type::Other,
        },
    }
}

fn to_ours(value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(bits),
        Value::F64(bits) => Val::F64(bits),
        Value::V128(bits) => Val::V128(bits),
        Value::Func(_) => Val::FuncRef(None),
        Value::Extern(value) => Val::ExternRef(value.map(ExternRef)),
        Value::Other(_) => Val::ExnRef(None),
    }
}

fn from_ours(value: &Val) -> Value {
    match *value {
        Val::I32(value) => Value::I32(value),
        Val::I64(value) => Value::I64(value),
        Val::F32(bits) => Value::F32(bits),
        Val::F64(bits) => Value::F64(bits),
        Val::V128(bits) => Value::V128(bits),
        Val::FuncRef(func) => Value::Func(func.is_none()),
        Val::ExternRef(value) => Value::Extern(value.map(|value| value.0)),
        Val::ExnRef(value) => Value::Other(value.is_none()),
    }
}

fn end_of(error: &CallError) -> End {
    match error {
        CallError::Trap(report) => End::Trap(trap(report.code)),
        CallError::Host(_) => End::Host,
        other => End::Other(other.to_string()),
    }
}

/// Where a call trapped.
fn place_of<T>(result: &Result<T, CallError>) -> Vec<(u32, u32)> {
    match result {
        Err(CallError::Trap(report)) => report.frames.iter().map(|frame| (frame.func, frame.pc)).collect(),
        _ => Vec::new(),
    }
}

/// The trap in words that both engines have.
fn trap(code: TrapCode) -> String {
    match code {
        TrapCode::UndefinedElement => TrapCode::TableOutOfBounds.to_string(),
        code => code.to_string(),
    }
}

/// Definitions for all imports; `None` if one is larger than the limits.
fn linker(engine: &Engine, store: &mut Store<HostState>, module: &Module) -> Option<Linker<HostState>> {
    let mut linker = Linker::new(engine);
    let data = module.data();
    for import in &data.imports {
        let (of, name) = (&*import.module, &*import.name);
        match import.ty {
            ExternType::Func(ty) => {
                let ty = data.type_at(ty).clone();
                let (host, name_) = (ty.clone(), name.to_owned());
                linker.func_new(of, name, ty, move |caller, args, results| {
                    call(caller, &name_, &host, args, results)
                });
            }
            ExternType::Global(ty) => {
                let value = to_ours(host::imported(name, type_of(ty.content)));
                linker.define(of, name, Global::new(store, ty, value)?);
            }
            ExternType::Memory(ty) => {
                linker.define(of, name, Memory::new(store, ty)?);
            }
            ExternType::Table(ty) => {
                let null = Val::default_of(ValType::Ref(ty.element));
                linker.define(of, name, Table::new(store, ty, null)?);
            }
            ExternType::Tag(_) => return None,
        }
    }
    Some(linker)
}

/// A host function.
fn call(
    mut caller: Caller<'_, HostState>,
    name: &str,
    ty: &FuncType,
    args: &[Val],
    results: &mut [Val],
) -> Result<(), HostError> {
    let args: Vec<Value> = args.iter().map(from_ours).collect();
    for act in host::acts(caller.data_mut(), name, &args) {
        let memory = caller.export("memory").and_then(Extern::into_memory);
        let len = memory.map_or(0, |memory| caller.memory_size(memory));
        let number = match act {
            Act::Write(at, bytes) => match memory {
                Some(memory) if len >= 16 => {
                    let at = at % (len - 8);
                    // Both ways to write.
                    if at & 1 == 0 {
                        caller.write(memory, at, &bytes).expect("it lies within");
                    } else {
                        let range = at..at + bytes.len() as u64;
                        let filled = caller.with_mut(memory, range, |_, to| to.copy_from_slice(&bytes));
                        filled.expect("it lies within");
                    }
                    1
                }
                _ => 0,
            },
            Act::Read(at) => match memory {
                Some(memory) if len >= 16 => {
                    let mut bytes = [0; 8];
                    caller.read(memory, at % (len - 8), &mut bytes).expect("it lies within");
                    u64::from_le_bytes(bytes)
                }
                _ => 0,
            },
            Act::Grow(delta) => match memory {
                Some(memory) => memory.grow(&mut caller, delta).unwrap_or(u64::MAX),
                None => 0,
            },
            Act::Back(arg) => back(&mut caller, arg)?,
            Act::TryBack(arg) => match back(&mut caller, arg) {
                Ok(number) => number,
                // Not this call's to forget.
                Err(error @ CallError::OutOfFuel) => return Err(error.into()),
                Err(_) => 3,
            },
            Act::Set(value) => match caller.export("kept").and_then(Extern::into_global) {
                Some(global) => global.set(&mut caller, Val::I64(value)) as u64,
                None => 0,
            },
            Act::Fail => return Err(HostError::msg("the host failed")),
            Act::Trap => return Err(TrapCode::Unreachable.into()),
        };
        host::came(caller.data_mut(), number);
    }
    let types = ty.results().iter().map(|&ty| type_of(ty));
    for (slot, value) in results.iter_mut().zip(host::results(caller.data(), types)) {
        *slot = to_ours(value);
    }
    Ok(())
}

fn back(caller: &mut Caller<'_, HostState>, arg: i32) -> Result<u64, CallError> {
    let Some(func) = caller.export("back").and_then(Extern::into_func) else { return Ok(0) };
    let ty = func.ty(caller);
    if ty.params() != [ValType::I32] || ty.results() != [ValType::I32] {
        return Ok(0);
    }
    caller.data_mut().depth += 1;
    let results = func.call_values(caller, &[Val::I32(arg)]);
    caller.data_mut().depth -= 1;
    Ok(from_ours(&results?[0]).bits())
}

/// Adds what is to be seen now.
fn look(store: &Store<HostState>, instance: Instance, run: &mut Run) {
    let mut look = Look { host: store.data().clone(), ..Look::default() };
    for name in instance.export_names(store) {
        match instance.export(store, &name) {
            Some(Extern::Global(global)) => look.globals.push((name, from_ours(&global.get(store)))),
            Some(Extern::Memory(memory)) => {
                let bytes = read_all(store, memory);
                look.memories.push((name, bytes.len() as u64, hash(&bytes)));
            }
            Some(Extern::Table(table)) => {
                let null = |value: Val| value == Val::default_of(ValType::Ref(table.ty(store).element));
                let nulls: Vec<u8> =
                    (0..table.size(store)).map(|at| table.get(store, at).is_none_or(null) as u8).collect();
                look.tables.push((name, nulls.len() as u64, hash(&nulls)));
            }
            _ => {}
        }
    }
    look.globals.sort_by(|a, b| a.0.cmp(&b.0));
    look.memories.sort();
    look.tables.sort();
    run.seen.looks.push(look);
    run.counts.0.push(store.steps());
    run.counts.1.push(store.ticks());
}

fn read_all(store: &impl AsStore, memory: Memory) -> Vec<u8> {
    let mut bytes = vec![0; memory.len(store) as usize];
    memory.read(store, 0, &mut bytes).expect("it is all there");
    bytes
}

fn memories(store: &Store<HostState>, instance: Instance) -> Vec<(u32, Vec<u8>)> {
    let names = instance.export_names(store);
    let memories = names.iter().filter_map(|name| instance.memory(store, name));
    memories.map(|memory| (memory.index(), read_all(store, memory))).collect()
}
