//! Lines of the instruction table: what only the debugger uses.

super::lines! { $ debugger:
    // For the debugger.
    stop leaves {} "hands control to the debugger; lowering never emits it";
}
