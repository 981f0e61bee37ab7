//! `docs/keys.md` says what the command table and the presets say. `WASMSCOPE_BLESS=1` rewrites it.

use std::{env, fs, path::Path};

#[test]
fn the_page_of_keys_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/keys.md");
    let page = wasmscope_tui::keymap::markdown();
    if env::var_os("WASMSCOPE_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found.replace("\r\n", "\n") == page,
        "docs/keys.md is not what the command table and the presets say; WASMSCOPE_BLESS=1 rewrites it"
    );
}
