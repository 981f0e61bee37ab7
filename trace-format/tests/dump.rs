//! Events as text and JSON.

mod common;

use common::*;
use wasmscope_trace_format::*;

#[test]
fn lines_say_what_happened() {
    let lines: Vec<String> = steps()
        .iter()
        .map(|step| {
            let line = dump::line(&step.event(), Some(&step.code()));
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect();
    let expected = "\
0 0:0 main +0 0x40 i32_const at 0 Next r2 = 7 (was 1)
1 0:0 main +8 0x44 i64_load16_u at 8 Next read 0x3e8 of 2: 0700; r3 = 7 (was 1)
2 0:0 main +16 0x48 i64_store at 16 Next write 0x3f0 of 8: efcdab8967452301 (was 786f5e4d3c2b1a09)
3 0:0 main +24 0x4c global_set at 24 Next global 4 = 1.5 (was -5.486124068793689e303)
4 0:0 main +32 0x50 br_if at 32 Jump
5 0:0 main +8 0x44 i64_load16_u at 8 Next read 3:0x3ea of 2: 0700; r3 = 7 (was 1)";
    for (line, expected) in lines.iter().zip(expected.lines()) {
        assert_eq!(line, expected);
    }
    let ends = |line: usize, text: &str| assert!(lines[line].ends_with(text), "{}", lines[line]);
    ends(10, "Call push 0:1");
    ends(12, "Return r5 at depth 0 = 7 (was 1); pop");
    ends(13, "HostCall env.print(1) -> 0");
    ends(18, "trap: unreachable pop 2");
    ends(20, "Halt pop");
}

#[test]
fn text_from_a_trace_cannot_act_on_the_terminal() {
    let mut code = CodeFunc::clone(&main_code());
    code.name = Some("a\x1b[2Jb\u{202e}c\"\n".into());
    let event = steps()[0].event();
    let line = dump::line(&event, Some(&code));
    assert!(line.contains("a␛[2Jb·c\"␊"), "{line}");
    let json: serde_json::Value = serde_json::from_str(&dump::json(&event, Some(&code))).unwrap();
    assert_eq!(json["name"], "a\x1b[2Jb\u{202e}c\"\n", "escaped, not lost");
    assert!(!dump::json(&event, Some(&code)).contains('\x1b'));
}

#[test]
fn json_has_the_promised_fields_in_order() {
    let step = &steps()[1];
    assert_eq!(
        dump::json(&step.event(), Some(&step.code())),
        concat!(
            r#"{"step":1,"tick":2,"module":0,"func":0,"name":"main","ip":8,"pc":68,"#,
            r#""op":"i64_load16_u","text":"i64_load16_u at 8","depth":0,"outcome":"Next","#,
            r#""effects":[{"effect":"read","memory":0,"addr":1000,"len":2,"bytes":"0700"},"#,
            r#"{"effect":"slot","depth":0,"slot":3,"value":{"type":"i64","bits":"0x7","text":"7"},"#,
            r#""old":{"type":"i64","bits":"0x1","text":"1"}}]}"#
        )
    );
}

#[test]
fn every_event_is_one_json_object() {
    for step in steps() {
        let text = dump::json(&step.event(), Some(&step.code()));
        let json: serde_json::Value = serde_json::from_str(&text).expect(&text);
        assert_eq!(json["step"], step.step);
        assert_eq!(json["effects"].as_array().unwrap().len(), step.event().effects.len());
        assert!(!text.contains('\n'));
        let bare: serde_json::Value = serde_json::from_str(&dump::json(&step.event(), None)).unwrap();
        assert_eq!(bare["name"], serde_json::Value::Null);
    }
    let mut event = steps()[0].event();
    event.outcome = Outcome::Error(Reason::Exit(3));
    let json: serde_json::Value = serde_json::from_str(&dump::json(&event, None)).unwrap();
    assert_eq!(json["outcome"], "Error");
    let exit = serde_json::json!({"kind": "exit", "text": "exit 3", "code": 3});
    assert_eq!(json["error"], exit);
}
