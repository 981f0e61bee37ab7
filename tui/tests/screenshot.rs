//! The pictures in README and docs are real screens: the demo, recorded and opened.
//! `WASMSCOPE_BLESS=1` rewrites it.

mod driver;

use driver::Screen;
use std::{env, fs, path::Path};
use wasmscope_core::record::Recorder;
use wasmscope_core::wasi::{WasiCtx, add_to_linker};
use wasmscope_core::{Engine, Linker, Module, Store};
use wasmscope_trace_format::TraceReader;
use wasmscope_tui::source::ReplaySource;
use wasmscope_tui::svg::{Palette, svg};
use wasmscope_tui::theme::{Scheme, Theme};

#[test]
fn the_picture_is_what_the_screen_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace");
    let engine = Engine::default();
    let bytes = fs::read(root.join("samples/demo/demo.wasm")).expect("the demo is there");
    let module = Module::new(&engine, bytes).expect("it is valid");
    let mut store = Store::new(&engine, WasiCtx::builder().deterministic().build());
    let recorder = Recorder::start(&mut store, Vec::new(), "demo", &[]).expect("memory does not fail");
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx);
    let instance = linker.instantiate(&mut store, &module).expect("it links");
    let start = instance.func(&store, "_start").expect("it is a command");
    start.call(&mut store, &[], &mut []).expect("it returns");
    let log = recorder.finish(&mut store, Ok(())).expect("memory does not fail");

    let reader = TraceReader::open(log).expect("it was written just now");
    let source = ReplaySource::open(reader, "demo").expect("it can be repeated");
    let mut screen = Screen::new(Box::new(source), 120, 36);
    let pictures = [
        ("screenshot", Scheme::Dark, Palette::Dark, "5 0 % s j", "the demo, halfway"),
        ("screenshot-light", Scheme::Light, Palette::Light, "alt-2", "the same on a light background"),
        ("screenshot-code", Scheme::Dark, Palette::Dark, "alt-1 v # z", "WebAssembly, bytecode, counts"),
        ("screenshot-tree", Scheme::Dark, Palette::Dark, "z alt-9 z", "where the steps went"),
        ("screenshot-explain", Scheme::Dark, Palette::Dark, "z alt-2 1 0 0 4 G e", "an op explained"),
    ];
    for (name, scheme, palette, keys, title) in pictures {
        screen.theme = Theme::of(scheme);
        screen.keys(keys);
        let picture = svg(&screen.buffer(), palette, &format!("wasmscope: {title}"));
        let file = root.join(format!("docs/{name}.svg"));
        if env::var_os("WASMSCOPE_BLESS").is_some() {
            fs::write(&file, &picture).expect("it can be written");
        }
        let kept = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            kept == picture,
            "docs/{name}.svg is not what the screen shows; WASMSCOPE_BLESS=1 rewrites it"
        );
    }
}
