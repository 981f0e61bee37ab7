//! What is remembered of the screen: sizes, what is hidden, what is in front, how panes show what they show.
//!
//! Always: what cannot be understood is as at first. Elsewhere: the file (`state`), what the session keeps
//! (`session::Saved`).

use super::App;
use crate::layout::Arrangement;
use crate::panes::PaneId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// It, as it is kept.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    #[serde(flatten)]
    arrangement: Arrangement,
    /// Panes by their last use, latest first.
    recent: Vec<PaneId>,
    /// How panes show what they show, by their names.
    views: BTreeMap<String, String>,
}

impl App {
    /// What is worth remembering of the screen.
    pub fn kept(&self) -> Value {
        let view = |id: PaneId| Some((id.name().to_owned(), self.pane(id).view()?));
        let kept = Kept {
            arrangement: self.arrangement.clone(),
            recent: self.recent.clone(),
            views: PaneId::ALL.into_iter().filter_map(view).collect(),
        };
        serde_json::to_value(kept).unwrap_or_default()
    }

    /// Has the screen as it was once.
    pub fn take_up(&mut self, kept: Value) {
        let Ok(kept) = serde_json::from_value::<Kept>(kept) else { return };
        let mut recent = kept.recent;
        recent.extend(self.recent.iter().filter(|it| !recent.contains(it)).copied().collect::<Vec<_>>());
        self.recent = recent;
        self.arrangement = kept.arrangement;
        for id in PaneId::ALL {
            if let Some(view) = kept.views.get(id.name()) {
                self.panes[id as usize].set_view(view);
            }
        }
        let shown = |it: &&PaneId| **it != PaneId::Card && !self.arrangement.hidden.contains(it);
        if let Some(&focus) = self.recent.iter().find(shown) {
            self.focus = focus;
        }
        self.settle();
    }
}
