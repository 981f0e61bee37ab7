//! The keys worth showing now, the most needed first; `? help` and `q quit` stand last.
//!
//! Everything comes from the command table; commands that share a short label share an entry
//! (`n/N over`), and what can't be done at this moment is left out: no way back at the start.

use super::{App, Listed, Mode};
use crate::command::Command;
use crate::moment::RunEnd;
use crate::panes::PaneId;

impl App {
    /// Keys and labels.
    pub fn hints(&self) -> Vec<(String, String)> {
        let key = |command: Command| self.keymap().first(command);
        if let Mode::Pick(picker) = &self.mode {
            let mut hints =
                vec![("↑/↓".to_owned(), "choose".to_owned()), ("Enter".to_owned(), "do it".to_owned())];
            if picker.listed == Listed::Breakpoints {
                hints = vec![
                    ("↑/↓".to_owned(), "choose".to_owned()),
                    ("Enter".to_owned(), "run there".to_owned()),
                    ("Del".to_owned(), "delete".to_owned()),
                ];
            }
            hints.push((key(Command::Cancel), "close".to_owned()));
            return hints;
        }
        if let Mode::Text(..) = self.mode {
            let scroll = format!("{}/{}", key(Command::Down), key(Command::Up));
            return vec![(scroll, "scroll".to_owned()), (key(Command::Cancel), "close".to_owned())];
        }
        let (back, forward, waits) = match self.now() {
            Some(now) => (
                now.step > 0,
                now.step < now.end || now.run.can_grow(),
                now.run == RunEnd::WaitingForInput && now.step == now.end,
            ),
            None => (false, false, false),
        };
        let mut hints: Vec<(String, String)> = Vec::new();
        let mut pair = |on: Command, back_: Command, label: Option<&str>| {
            let keys: Vec<String> = [(forward, on), (back, back_)]
                .into_iter()
                .filter(|it| it.0)
                .map(|it| key(it.1))
                .filter(|it| !it.is_empty())
                .collect();
            if !keys.is_empty() {
                let label = label.unwrap_or(on.entry().short);
                hints.push((keys.join("/"), label.to_owned()));
            }
        };
        if self.focus == PaneId::Flow {
            pair(Command::Down, Command::Up, None);
        } else {
            pair(Command::Step, Command::StepBack, None);
        }
        pair(Command::Over, Command::OverBack, None);
        pair(Command::Into, Command::IntoBack, None);
        pair(Command::Out, Command::OutBack, None);
        pair(Command::Continue, Command::ContinueBack, None);
        let mut single = |command: Command| {
            if key(command).is_empty() {
                return;
            }
            hints.push((key(command), command.entry().short.to_owned()));
        };
        if waits {
            single(Command::Input);
        }
        if self.progress().is_some() {
            single(Command::Cancel);
        }
        if self.zoomed().is_some() {
            single(Command::Zoom);
        }
        if self.focus != PaneId::Flow {
            single(Command::NextPane);
        }
        single(Command::Break);
        single(Command::Goto);
        if self.focus == PaneId::Flow {
            single(Command::NextPane);
        }
        for &command in self.pane(self.focus).hints() {
            single(command);
        }
        if self.zoomed().is_none() {
            single(Command::Zoom);
        }
        single(Command::CommandLine);
        single(Command::Search);
        single(Command::PrevWrite);
        single(Command::Base);
        single(Command::Mark);
        single(Command::Back);
        if self.focus != PaneId::Flow {
            let keys = format!("{}/{}", key(Command::Down), key(Command::Up));
            hints.insert(1.min(hints.len()), (keys, "scroll".to_owned()));
        }
        hints.push((key(Command::Help), Command::Help.entry().short.to_owned()));
        hints.push((key(Command::Quit), Command::Quit.entry().short.to_owned()));
        hints
    }
}
