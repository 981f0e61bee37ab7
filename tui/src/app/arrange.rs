//! Commands about the screen itself: which panes are shown, where, how large, in which colours.

use super::{App, Effect};
use crate::command::{self, Command};
use crate::layout::layout;
use crate::panes::PaneId;
use crate::theme::Scheme;
use crate::tour::PAGES;

impl App {
    pub(super) fn cycle(&mut self, by: isize) -> Vec<Effect> {
        // As they stand on the screen, tabs as they are labelled, whether one of them is zoomed or not.
        let screen = self.area();
        let places = layout(screen, None, &self.shown).places;
        let shown: Vec<PaneId> = places.into_iter().flat_map(|(_, group)| group).collect();
        let at = shown.iter().position(|&it| it == self.focus).unwrap_or(0);
        let next = (at as isize + by).rem_euclid(shown.len().max(1) as isize);
        match shown.get(next as usize) {
            Some(&next) => self.focus_on(next),
            None => Vec::new(),
        }
    }

    /// Shows a page of the tour and sets its scene; behind the last the tour is over.
    pub(super) fn page(&mut self, page: usize) -> Vec<Effect> {
        self.tour = Some(page).filter(|&page| page < PAGES.len());
        self.zoom = false;
        let Some(page) = self.tour else {
            let key = self.keymap.first(Command::Tour);
            self.say(Ok(format!("that was the tour; {key} begins it again")));
            return Vec::new();
        };
        let scene = PAGES[page].scene.iter().filter_map(|line| command::parse(line).ok());
        scene.flat_map(|invocation| self.run(invocation)).collect()
    }

    pub(super) fn hide(&mut self, arg: &str) -> Vec<Effect> {
        let id = match arg {
            "" => self.focus,
            name => match self.named(name) {
                Some(id) => id,
                None => return Vec::new(),
            },
        };
        if id == PaneId::Card {
            self.card = Some(false);
            return Vec::new();
        }
        let left = PaneId::ALL
            .iter()
            .filter(|it| **it != id && **it != PaneId::Card && !self.arrangement.hidden.contains(it));
        if left.count() == 0 {
            self.say(Err("this is the last pane shown".into()));
            return Vec::new();
        }
        if !self.arrangement.hidden.contains(&id) {
            self.arrangement.hidden.push(id);
        }
        self.settle();
        self.zoom = false;
        let keys = self.keymap.first(Command::Show);
        self.say(Ok(format!("{} is hidden; {keys} shows all panes again", id.name())));
        if id == self.focus { self.cycle(0) } else { Vec::new() }
    }

    pub(super) fn show(&mut self, arg: &str) -> Vec<Effect> {
        if arg.is_empty() {
            self.arrangement.hidden.clear();
            return Vec::new();
        }
        match self.named(arg) {
            Some(id) => self.focus_on(id),
            None => Vec::new(),
        }
    }

    pub(super) fn theme(&mut self, arg: &str) -> Vec<Effect> {
        let scheme = match (arg, self.scheme) {
            ("", Some(scheme)) => Some(scheme.next()),
            ("", None) => Some(Scheme::ALL[0]),
            (name, _) => Scheme::named(name),
        };
        match scheme {
            Some(scheme) => {
                self.scheme = Some(scheme);
                self.say(Ok(format!("the theme is {}", scheme.name())));
                vec![Effect::Theme(scheme)]
            }
            None => {
                let names = Scheme::ALL.map(Scheme::name).join(", ");
                self.say(Err(format!("the themes are {names}")));
                Vec::new()
            }
        }
    }

    /// The pane of that number or name; the user is told if there is none.
    fn named(&mut self, arg: &str) -> Option<PaneId> {
        let numbered = arg.parse::<usize>().ok().and_then(|n| PaneId::ALL.get(n.wrapping_sub(1)));
        // `stack` is the call stack.
        let is = |name: &str| name.starts_with(arg) || name.split(' ').any(|word| word == arg);
        let named = PaneId::ALL.iter().find(|it| !arg.is_empty() && is(it.name()));
        let found = numbered.or(named).copied();
        if found.is_none() {
            let names: Vec<&str> = PaneId::ALL.iter().map(|it| it.name()).collect();
            self.say(Err(format!("the panes are {}", names.join(", "))));
        }
        found
    }

    pub(super) fn pane_named(&mut self, arg: &str) -> Vec<Effect> {
        match self.named(arg) {
            Some(id) => self.focus_on(id),
            None => Vec::new(),
        }
    }

    /// Moves the edge beside the focused pane so that it gets so many cells more.
    pub(super) fn resize_focused(&mut self, across: bool, by: i32) -> Vec<Effect> {
        let focus = self.focus;
        // The innermost split is the last: its first neighbour's far edge, or its second's near one.
        let edges = self.parts().edges;
        let mut beside = edges.iter().rev().filter(|it| it.across == across);
        let found =
            beside.find_map(|it| match (it.beside.0.contains(&focus), it.beside.1.contains(&focus)) {
                (true, _) => Some((it, by)),
                (_, true) => Some((it, -by)),
                _ => None,
            });
        match found {
            Some((edge, by)) => {
                self.arrangement.shares.insert(edge.split.to_owned(), edge.moved(by));
            }
            None => self.say(Ok("this pane has all the room in that direction".into())),
        }
        Vec::new()
    }
}
