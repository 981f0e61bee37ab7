//! Lines of the instruction table: exceptions.

super::lines! { $ exception:
    // Exceptions (exception handling; lowering: exception.rs, handlers: exception.rs). Where an exception lands stands beside the code, not in it.
    throw leaves { ins src: span, imm count: u16, imm tag: u32 } "throws an exception of tag {tag} with the {count} slots from {src}; goes on where it is caught";
    throw_ref leaves { in src: any } "throws the exception {src} again; traps if it is null";
}
