//! The same case in wasmi.
//!
//! It is built with the deterministic profile: NaNs are canonical, as they are here.

use super::case::{Case, End, FUEL, Look, MEMORY_BYTES, Seen, TABLE_ELEMENTS, Type, Value, calls, hash};
use super::host::{self, Act, HostState};
use wasmi::{
    AsContext, Caller, Config, Engine, Error, Extern, ExternRef, ExternType, Func, FuncType, Global,
    Instance, Linker, Memory, Module, Mutability, Nullable, Ref, Store, StoreLimits, StoreLimitsBuilder,
    Table, TrapCode, V128, Val, ValType,
};
use wasmparser::{BlockType, Operator, Parser, Payload};

struct Data {
    host: HostState,
    limits: StoreLimits,
}

/// Whether wasmi 2.0.0 can be believed about a module: at an `if` that takes operands and has an `else` it panics
/// ("a register operand already exists on the stack") or loses one.
pub fn is_trusted(wasm: &[u8]) -> bool {
    let mut types = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload {
            Ok(Payload::TypeSection(section)) => {
                for ty in section.into_iter_err_on_gc_types().flatten() {
                    types.push(ty.params().len());
                }
            }
            Ok(Payload::CodeSectionEntry(body)) => {
                let Ok(operators) = body.get_operators_reader() else { return false };
                for operator in operators.into_iter().flatten() {
                    if let Operator::If { blockty: BlockType::FuncType(ty) } = operator
                        && types.get(ty as usize) != Some(&0)
                    {
                        return false;
                    }
                }
            }
            _ => {}
        }
    }
    true
}

/// Runs a case.
///
/// # Errors
/// If wasmi does not take the module.
pub fn run(case: &Case) -> Result<Seen, String> {
    let mut config = Config::default();
    config
        .wasm_multi_memory(true)
        .wasm_custom_page_sizes(true)
        .wasm_memory64(true)
        .wasm_wide_arithmetic(true)
        .wasm_relaxed_simd(true)
        .wasm_simd(true)
        .wasm_tail_call(true)
        .wasm_extended_const(true)
        .set_max_recursion_depth(100_000)
        .set_max_stack_height(1 << 24);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, &case.wasm).map_err(|error| error.to_string())?;
    let limits = StoreLimitsBuilder::new()
        .memory_size(MEMORY_BYTES as usize)
        .table_elements(TABLE_ELEMENTS as usize)
        .instances(1000)
        .memories(1000)
        .tables(1000)
        .build();
    let mut store = Store::new(&engine, Data { host: HostState::default(), limits });
    store.limiter(|data| &mut data.limits);
    let mut seen = Seen::default();
    let linker = match linker(&engine, &mut store, &module) {
        Ok(linker) => linker,
        Err(error) => {
            seen.ends.push(End::Other(error));
            return Ok(seen);
        }
    };
    let instance = match linker.instantiate_and_start(&mut store, &module) {
        Ok(instance) => instance,
        Err(error) => {
            seen.ends.push(match end_of(&error) {
                End::Other(_) => End::Other("no instance".to_owned()),
                end => end,
            });
            return Ok(seen);
        }
    };
    seen.ends.push(End::Returned(Vec::new()));
    seen.looks.push(look(&store, instance));
    let mut functions: Vec<(String, Func)> = module
        .exports()
        .filter(|export| matches!(export.ty(), ExternType::Func(_)))
        .map(|export| {
            (export.name().to_owned(), instance.get_func(&store, export.name()).expect("it is exported"))
        })
        .collect();
    functions.sort_by(|a, b| a.0.cmp(&b.0));
    let callable: Vec<_> = functions
        .iter()
        .map(|(name, func)| (name.clone(), func.ty(&store).params().iter().map(|&ty| type_of(ty)).collect()))
        .collect();
    for (at, args) in calls(case.seed, &callable) {
        if let Some(fuel) = instance.get_global(&store, "fuel") {
            let _ = fuel.set(&mut store, Val::I32(FUEL));
        }
        let func = functions[at].1;
        let args: Vec<Val> = args.into_iter().map(|arg| to_wasmi(&mut store, arg)).collect();
        let mut results: Vec<Val> =
            func.ty(&store).results().iter().map(|&ty| Val::default_for_ty(ty)).collect();
        let end = match func.call(&mut store, &args, &mut results) {
            Ok(()) => End::Returned(results.iter().map(|value| from_wasmi(&store, value)).collect()),
            Err(error) => end_of(&error),
        };
        seen.ends.push(end);
        seen.looks.push(look(&store, instance));
    }
    Ok(seen)
}

fn type_of(ty: ValType) -> Type {
    match ty {
        ValType::I32 => Type::I32,
        ValType::I64 => Type::I64,
        ValType::F32 => Type::F32,
        ValType::F64 => Type::F64,
        ValType::V128 => Type::V128,
        ValType::FuncRef => Type::Func,
        ValType::ExternRef => Type::Extern,
    }
}

fn to_wasmi(store: impl wasmi::AsContextMut, value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(f32::from_bits(bits).into()),
        Value::F64(bits) => Val::F64(f64::from_bits(bits).into()),
        Value::V128(bits) => Val::V128(V128::from(bits)),
        Value::Func(_) | Value::Other(_) => Val::FuncRef(Nullable::Null),
        Value::Extern(None) => Val::ExternRef(Nullable::Null),
        Value::Extern(Some(number)) => Val::ExternRef(Nullable::Val(ExternRef::new(store, number))),
    }
}

fn from_wasmi(store: impl AsContext, value: &Val) -> Value {
    match value {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F32(value) => Value::F32(value.to_bits()),
        Val::F64(value) => Value::F64(value.to_bits()),
        Val::V128(value) => Value::V128(value.as_u128()),
        Val::FuncRef(value) => Value::Func(value.is_null()),
        Val::ExternRef(value) => Value::Extern(value.val().map(|value| {
            *value.data(store.as_context()).downcast_ref::<u32>().expect("only numbers are made")
        })),
    }
}

fn end_of(error: &Error) -> End {
    if let Some(code) = error.as_trap_code() {
        return End::Trap(trap(code).to_owned());
    }
    match error.kind().as_host() {
        Some(_) => End::Host,
        None => End::Other(error.to_string()),
    }
}

fn trap(code: TrapCode) -> &'static str {
    match code {
        TrapCode::UnreachableCodeReached => "unreachable",
        TrapCode::MemoryOutOfBounds => "out of bounds memory access",
        TrapCode::TableOutOfBounds => "out of bounds table access",
        TrapCode::IndirectCallToNull => "uninitialized element",
        TrapCode::IntegerDivisionByZero => "integer divide by zero",
        TrapCode::IntegerOverflow => "integer overflow",
        TrapCode::BadConversionToInteger => "invalid conversion to integer",
        TrapCode::StackOverflow => "call stack exhausted",
        TrapCode::BadSignature => "indirect call type mismatch",
        TrapCode::OutOfFuel | TrapCode::GrowthOperationLimited | TrapCode::OutOfSystemMemory => "a limit",
    }
}

fn linker(engine: &Engine, store: &mut Store<Data>, module: &Module) -> Result<Linker<Data>, String> {
    let mut linker = Linker::new(engine);
    linker.allow_shadowing(true);
    for import in module.imports() {
        let (of, name) = (import.module(), import.name());
        let item: Extern = match import.ty() {
            ExternType::Func(ty) => {
                let (ty, name) = (ty.clone(), name.to_owned());
                Func::new(&mut *store, ty.clone(), move |caller, args, results| {
                    call(caller, &name, &ty, args, results)
                })
                .into()
            }
            ExternType::Global(ty) => {
                let value = to_wasmi(&mut *store, host::imported(name, type_of(ty.content())));
                let mutability = if ty.mutability().is_mut() { Mutability::Var } else { Mutability::Const };
                Global::new(&mut *store, value, mutability).into()
            }
            ExternType::Memory(ty) => {
                Memory::new(&mut *store, *ty).map_err(|_| "no import".to_owned())?.into()
            }
            ExternType::Table(ty) => {
                let null = Ref::null(ty.element());
                Table::new(&mut *store, *ty, null).map_err(|_| "no import".to_owned())?.into()
            }
        };
        linker.define(of, name, item).map_err(|error| error.to_string())?;
    }
    Ok(linker)
}

/// A host function.
fn call(
    mut caller: Caller<'_, Data>,
    name: &str,
    ty: &FuncType,
    args: &[Val],
    results: &mut [Val],
) -> Result<(), Error> {
    let args: Vec<Value> = args.iter().map(|arg| from_wasmi(&caller, arg)).collect();
    for act in host::acts(&mut caller.data_mut().host, name, &args) {
        let memory = caller.get_export("memory").and_then(Extern::into_memory);
        let len = memory.map_or(0, |memory| memory.data_size(&caller) as u64);
        let number = match act {
            Act::Write(at, bytes) => match memory {
                Some(memory) if len >= 16 => {
                    memory.write(&mut caller, (at % (len - 8)) as usize, &bytes).expect("it lies within");
                    1
                }
                _ => 0,
            },
            Act::Read(at) => match memory {
                Some(memory) if len >= 16 => {
                    let mut bytes = [0; 8];
                    memory.read(&caller, (at % (len - 8)) as usize, &mut bytes).expect("it lies within");
                    u64::from_le_bytes(bytes)
                }
                _ => 0,
            },
            Act::Grow(delta) => match memory {
                Some(memory) => memory.grow(&mut caller, delta).unwrap_or(u64::MAX),
                None => 0,
            },
            Act::Back(arg) => back(&mut caller, arg)?,
            Act::TryBack(arg) => back(&mut caller, arg).unwrap_or(3),
            Act::Set(value) => match caller.get_export("kept").and_then(Extern::into_global) {
                Some(global) => global.set(&mut caller, Val::I64(value)).is_ok() as u64,
                None => 0,
            },
            Act::Fail => return Err(Error::host(Failure)),
            Act::Trap => return Err(TrapCode::UnreachableCodeReached.into()),
        };
        host::came(&mut caller.data_mut().host, number);
    }
    let types = ty.results().iter().map(|&ty| type_of(ty));
    for (slot, value) in results.iter_mut().zip(host::results(&caller.data().host, types)) {
        *slot = to_wasmi(&mut caller, value);
    }
    Ok(())
}

#[derive(Debug)]
struct Failure;

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the host failed")
    }
}

impl wasmi::errors::HostError for Failure {}

fn back(caller: &mut Caller<'_, Data>, arg: i32) -> Result<u64, Error> {
    let Some(func) = caller.get_export("back").and_then(Extern::into_func) else { return Ok(0) };
    let ty = func.ty(&*caller);
    if ty.params() != [ValType::I32] || ty.results() != [ValType::I32] {
        return Ok(0);
    }
    caller.data_mut().host.depth += 1;
    let mut results = [Val::I32(0)];
    let result = func.call(&mut *caller, &[Val::I32(arg)], &mut results);
    caller.data_mut().host.depth -= 1;
    result?;
    Ok(from_wasmi(&*caller, &results[0]).bits())
}

fn look(store: &Store<Data>, instance: Instance) -> Look {
    let mut look = Look { host: store.data().host.clone(), ..Look::default() };
    for export in instance.exports(store) {
        let name = export.name().to_owned();
        match export.into_extern() {
            Extern::Global(global) => look.globals.push((name, from_wasmi(store, &global.get(store)))),
            Extern::Memory(memory) => {
                let bytes = memory.data(store);
                look.memories.push((name, bytes.len() as u64, hash(bytes)));
            }
            Extern::Table(table) => {
                let nulls: Vec<u8> = (0..table.size(store))
                    .map(|at| table.get(store, at).is_none_or(|it| it.is_null()) as u8)
                    .collect();
                look.tables.push((name, nulls.len() as u64, hash(&nulls)));
            }
            Extern::Func(_) => {}
        }
    }
    look.globals.sort_by(|a, b| a.0.cmp(&b.0));
    look.memories.sort();
    look.tables.sort();
    look
}
