//! Words put into lines.

use super::line::width;

/// Words put into lines of so many columns; a word that is longer is cut into pieces.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let long = width(word);
        let begun = !lines.last().is_none_or(String::is_empty);
        if begun && used + 1 + long > columns {
            lines.push(String::new());
            used = 0;
        } else if begun {
            used += 1;
            lines.last_mut().expect("never empty").push(' ');
        }
        for c in word.chars() {
            let wide = width(c.encode_utf8(&mut [0; 4]));
            if used + wide > columns {
                lines.push(String::new());
                used = 0;
            }
            used += wide;
            lines.last_mut().expect("never empty").push(c);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_longer_than_told() {
        let text = "a handler returns one byte: Ok(ControlFlow::Jump), 字字字字 and averyveryverylongword";
        for columns in 2..90 {
            let lines = wrap(text, columns);
            assert!(lines.iter().all(|line| width(line) <= columns), "{columns}: {lines:?}");
            let words = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(words(&lines.concat()), words(text));
        }
        assert_eq!(wrap("", 10), [""]);
    }
}
