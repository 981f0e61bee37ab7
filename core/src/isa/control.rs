//! Lines of the instruction table: branches, calls and returns.

super::lines! { $ control:
    // Leaving the straight line (specification 4.4.8; handlers: control.rs).
    unreachable fallible {  } "always traps";
    br jumps { imm jump: Jump } "goes on at {jump}";
    br_copy jumps { outs dst: span, ins src: span, imm count: u16, imm jump: Jump } "moves {count} values to {dst} and goes on at {jump}";
    br_if jumps { in cond: i32, imm jump: Jump } "goes on at {jump} if {cond} is not 0";
    br_unless jumps { in cond: i32, imm jump: Jump } "goes on at {jump} if {cond} is 0";
    br_if_copy jumps { in cond: i32, outs dst: span, ins src: span, imm count: u16, imm jump: Jump } "if {cond} is not 0, moves {count} values to {dst} and goes on at {jump}";
    br_table jumps { in index: i32, imm len: u32 } "goes on at target number {index} of {len}, or at the last one";
    br_table_copy jumps { in index: i32, ins src: span, imm count: u16, imm len: u32 } "moves {count} values from {src} and goes on at target number {index} of {len}, or at the last one";
    call leaves { imm head: Slot, imm func: u32, imm entry: Entry, imm resume: Count } "calls function {func} of this module; its frame starts at {head}";
    call_import host { imm head: Slot, imm func: u32, imm resume: Count } "calls imported function {func}; its frame starts at {head}";
    call_indirect host { in index: any, imm head: Slot, imm ty: u32, imm table: u32, imm resume: Count } "calls the function at {index} of table {table} if its type is {ty}; its frame starts at {head}";
    call_ref host { in func: funcref, imm head: Slot, imm ty: u32, imm resume: Count } "calls the function {func} refers to, of type {ty}; traps if it is null; its frame starts at {head}";
    return_call leaves { imm head: Slot, imm count: u16, imm func: u32, imm entry: Entry, imm end: Count } "calls function {func} of this module in place of this one, with the {count} slots from {head}";
    return_call_import host { imm head: Slot, imm count: u16, imm func: u32, imm resume: Count } "calls imported function {func} in place of this one, with the {count} slots from {head}; a host function is called from here and its results returned by the next op";
    return_call_indirect host { imm head: Slot, imm count: u16, in index: any, imm ty: u32, imm table: u32, imm resume: Count } "calls the function at {index} of table {table} in place of this one if its type is {ty}, with the {count} slots from {head}; a host function is called from here and its results returned by the next op";
    return_call_ref host { imm head: Slot, imm count: u16, in func: funcref, imm ty: u32, imm resume: Count } "calls the function {func} refers to, of type {ty}, in place of this one, with the {count} slots from {head}; a host function is called from here and its results returned by the next op";
    ret leaves { imm end: Count } "returns to the caller without a value";
    ret_value leaves { in src: any, imm end: Count } "returns {src} to the caller";
    ret_span leaves { ins src: span, imm count: u16, imm end: Count } "returns the {count} slots from {src} to the caller";
}
