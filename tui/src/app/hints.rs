//! The keys worth showing now, the most needed first; `? help` and `q quit` stand last.
//!
//! Everything comes from the command table; commands that share a short label share an entry
//! (`n/N over`), and what can't be done at this moment is left out: no way back at the start.

use super::{App, Mode};
use crate::command::Command;
use crate::moment::RunEnd;
use crate::panes::PaneId;

/// Keys and what they do. The mouse can press them too, so each key has its command, if it is one's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hint {
    /// The keys, as people read them.
    pub keys: Vec<(String, Option<Command>)>,
    /// What they do.
    pub label: String,
}

impl Hint {
    fn told(keys: &str, label: &str) -> Hint {
        Hint { keys: vec![(keys.to_owned(), None)], label: label.to_owned() }
    }
}

impl App {
    fn hint(&self, commands: &[Command], label: &str) -> Option<Hint> {
        let keys = commands.iter().map(|&it| (self.keymap().first(it), Some(it)));
        let keys: Vec<_> = keys.filter(|it| !it.0.is_empty()).collect();
        (!keys.is_empty()).then(|| Hint { keys, label: label.to_owned() })
    }

    /// Keys and labels.
    pub fn hints(&self) -> Vec<Hint> {
        let close = self.hint(&[Command::Cancel], "close");
        match &self.mode {
            Mode::Pick(_) => {
                let mut hints = vec![Hint::told("↑/↓", "choose"), Hint::told("Enter", "do it")];
                hints.extend(close);
                return hints;
            }
            Mode::Text(..) => {
                let scroll = self.hint(&[Command::Down, Command::Up], "scroll");
                return scroll.into_iter().chain(close).collect();
            }
            _ => {}
        }
        let (back, forward, waits) = match self.now() {
            Some(now) => (
                now.step > 0,
                now.step < now.end || now.run.can_grow(),
                now.run == RunEnd::WaitingForInput && now.step == now.end,
            ),
            None => (false, false, false),
        };
        // Nothing else leads on while the program waits.
        let input = waits.then(|| self.hint(&[Command::Input], Command::Input.entry().short)).flatten();
        let mut hints: Vec<Hint> = input.into_iter().collect();
        let steps = match self.focus {
            PaneId::Flow => [Command::Down, Command::Up],
            _ => [Command::Step, Command::StepBack],
        };
        for [on, behind] in [
            steps,
            [Command::Over, Command::OverBack],
            [Command::Into, Command::IntoBack],
            [Command::Out, Command::OutBack],
            [Command::Continue, Command::ContinueBack],
        ] {
            let possible = [(forward, on), (back, behind)].into_iter().filter(|it| it.0);
            let possible: Vec<Command> = possible.map(|it| it.1).collect();
            hints.extend(self.hint(&possible, on.entry().short));
        }
        let elsewhere = self.focus != PaneId::Flow;
        let own = self.pane(self.focus).hints();
        let mut single = vec![
            (self.progress().is_some(), Command::Cancel),
            (self.zoomed().is_some(), Command::Zoom),
            (elsewhere, Command::NextPane),
            (true, Command::Break),
            (true, Command::Goto),
            (!elsewhere, Command::NextPane),
        ];
        let most = if self.screen.0 < 100 { 1 } else { 3 };
        single.extend(own.iter().skip(if elsewhere { most } else { 0 }).map(|&it| (true, it)));
        single.extend([
            (!own.contains(&Command::Explain), Command::Explain),
            (true, Command::Menu),
            (self.zoomed().is_none(), Command::Zoom),
            (true, Command::CommandLine),
            (true, Command::Search),
            (!own.contains(&Command::PrevWrite), Command::PrevWrite),
            (true, Command::Base),
            (true, Command::Mark),
            (true, Command::Back),
        ]);
        for (_, command) in single.into_iter().filter(|it| it.0) {
            hints.extend(self.hint(&[command], command.entry().short));
        }
        if elsewhere {
            // What this pane is for above all comes before what is the same everywhere.
            let scroll = self.hint(&[Command::Down, Command::Up], "scroll");
            let first = own.iter().take(most).filter_map(|&it| self.hint(&[it], it.entry().short));
            let first: Vec<Hint> = scroll.into_iter().chain(first).collect();
            let at = (1 + usize::from(waits)).min(hints.len());
            hints.splice(at..at, first);
        }
        hints.extend(self.hint(&[Command::Help], Command::Help.entry().short));
        hints.extend(self.hint(&[Command::Quit], Command::Quit.entry().short));
        hints
    }
}
