//! The same scripts on another implementation: `node:wasi`.
//!
//! Skipped, with a note, where there is no node of version 20. A line
//! it answers differently says so (`# node: EINVAL`); a line it must not be
//! asked, because that ends or blocks the process, says `# node: -`. A remark
//! that no longer holds fails as well.

use super::super::Errno;
use super::*;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A line's call, the answer expected of node, and the line.
struct Question {
    call: String,
    expected: String,
    line: &'static str,
}

fn questions(script: &'static str) -> Vec<Question> {
    let lines = script.lines().map(str::trim).filter(|line| line.contains(" = "));
    lines
        .filter_map(|line| {
            let (text, remark) = line.split_once('#').unwrap_or((line, ""));
            let (call, ours) = text.split_once(" = ").expect("`call = answer`");
            let expected = match remark.trim().strip_prefix("node: ") {
                Some("-") => return None,
                Some(other) => other,
                None => ours.trim(),
            };
            Some(Question { call: call.trim().to_owned(), expected: expected.to_owned(), line })
        })
        .collect()
}

/// A list of strings as JSON; scripts hold nothing that needs more escaping.
fn json(list: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let quoted: Vec<String> =
        list.into_iter().map(|text| format!("\"{}\"", text.as_ref().replace('"', "\\\""))).collect();
    format!("[{}]", quoted.join(","))
}

#[test]
#[cfg(target_os = "linux")]
fn node_agrees_or_the_script_says_where_not() {
    let version = Command::new("node").arg("--version").output();
    let version = version.map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
    let major = version.unwrap_or_default().trim().trim_start_matches('v').to_owned();
    let major = major.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major != Some(20) {
        println!("skipped: no node 20 to compare with");
        return;
    }
    let asked: Vec<(String, Vec<Question>)> =
        scripts().map(|(title, script)| (title, questions(script))).collect();
    let lists: Vec<String> =
        asked.iter().map(|(_, list)| json(list.iter().map(|question| &question.call))).collect();
    let mut node = Command::new("node")
        .args(["--no-warnings", "--input-type=module", "-e", include_str!("oracle.mjs")])
        .arg(json(Errno::ALL.iter().map(|errno| errno.name())))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let mut stdin = node.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut stdin, format!("[{}]", lists.join(",")).as_bytes()).unwrap();
    drop(stdin);
    // What it prints is far less than a pipe holds.
    let end = Instant::now() + Duration::from_secs(60);
    while node.try_wait().expect("node is ours").is_none() {
        if Instant::now() > end {
            node.kill().expect("node is ours");
            panic!("node hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = node.wait_with_output().expect("node ended");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut differences = Vec::new();
    let answers: Vec<&str> = text.lines().filter(|line| line.starts_with('[')).collect();
    assert_eq!(answers.len(), asked.len(), "one answer a script");
    for ((title, list), answers) in asked.iter().zip(answers) {
        let answers = answers.trim_start_matches("[\"").trim_end_matches("\"]").split("\",\"");
        for (question, answer) in list.iter().zip(answers) {
            if question.expected != answer {
                differences.push(format!("{title}: `{}`: node: {answer}", question.line));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
