//! The commands that documents show are run, and print what the documents say.
//!
//! In a block marked `console` a line `$ wasmscope …` is a command and the lines below it are what
//! it prints, stdout before stderr. `[..]` stands for any text within a line, a line `...` for any
//! lines. Commands of one document run in one folder, in order.

mod shell;

use shell::{Shell, root};

fn check(document: &str) {
    let text = std::fs::read_to_string(root().join(document)).expect("the document is there");
    let shell = Shell::new(&document.replace(['/', '.'], "-"));
    let mut wrong = String::new();
    let mut commands = 0;
    for (command, expect) in examples(&text) {
        let output = shell.output(&command);
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed);
        let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
        commands += 1;
        if !matches(&printed, &expect) {
            wrong += &format!(
                "$ {command}\nprinted:\n{}\nexpected:\n{}\n\n",
                printed.join("\n"),
                expect.join("\n")
            );
        }
    }
    assert!(wrong.is_empty(), "{document} and the binary disagree\n\n{wrong}");
    assert!(commands > 0, "{document} has commands");
}

/// Commands and what they are to print.
fn examples(text: &str) -> Vec<(String, Vec<&str>)> {
    let mut examples: Vec<(String, Vec<&str>)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(kind) => inside = !inside && kind == "console",
            None if !inside => {}
            None => match (line.strip_prefix("$ "), examples.last_mut()) {
                (Some(command), _) => examples.push((command.to_owned(), Vec::new())),
                (None, Some((_, expect))) => expect.push(line.trim_end()),
                (None, None) => panic!("output before a command: {line}"),
            },
        }
    }
    examples
}

fn matches(printed: &[&str], expect: &[&str]) -> bool {
    match expect {
        [] => printed.is_empty(),
        ["...", rest @ ..] => (0..=printed.len()).any(|skip| matches(&printed[skip..], rest)),
        [line, rest @ ..] => match printed {
            [first, more @ ..] => line_matches(first, line) && matches(more, rest),
            [] => false,
        },
    }
}

fn line_matches(line: &str, expect: &str) -> bool {
    let mut parts = expect.split("[..]");
    let Some(mut rest) = line.strip_prefix(parts.next().expect("there is a first part")) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[test]
fn readme() {
    check("README.md");
}

#[test]
fn tour() {
    check("docs/tour.md");
}

#[test]
fn what_a_document_names_exists() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/tour.md"] {
        let path = root().join(document);
        let text = std::fs::read_to_string(&path).expect("the document is there");
        let folder = path.parent().expect("it is in a folder");
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let file = target.split('#').next().expect("there is a first part");
            assert!(folder.join(file).exists(), "{document} names {file}");
        }
        // Paths from the repository's folder, in backquotes.
        for word in text.split('`').skip(1).step_by(2) {
            let place = word.split('/').next().unwrap_or_default();
            if ["core", "trace-format", "tui", "docs"].contains(&place) && word.contains('/') {
                assert!(root().join(word).exists(), "{document} names {word}");
            }
        }
    }
}
