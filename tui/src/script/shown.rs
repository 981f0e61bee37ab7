//! What the screen would show after a command, as an answer: a script sees what a person sees.
//!
//! ```text
//! pane memory  ─► the pane's lines          explain ─► all sentences, and where they lead
//! menu, help, palette ─► what is listed     tour    ─► the page
//! ```
//!
//! Elsewhere: answers that do not depend on a screen (`session::answer`).

use crate::app::{App, Item, Listed, Mode};
use crate::command::{Category, Command};
use crate::lesson::{self, Lead};
use crate::panes::{Beyond, PaneId};
use crate::screen;
use crate::session::Answer;
use crate::tour::PAGES;
use crate::words;
use ratatui::layout::Rect;
use serde_json::json;

/// What is seen after a command, if it is about what is seen.
pub(super) fn seen(app: &App, command: Command, area: Rect) -> Option<Answer> {
    if let Mode::Pick(picker) = app.mode() {
        return Some(listed(picker.listed, &picker.items));
    }
    Some(match command {
        Command::Explain => card(app),
        Command::Tour | Command::TourBack => page(app.tour()?),
        Command::Suspend | Command::Redraw | Command::Cancel | Command::CommandLine => {
            let text = "there is no terminal here that this could be done to";
            Answer { text: text.into(), json: json!({ "terminal": false }) }
        }
        _ if app.focus() == PaneId::Card => card(app),
        Command::NextPane
        | Command::PreviousPane
        | Command::Pane
        | Command::Show
        | Command::Follow
        | Command::Address
        | Command::View
        | Command::ViewBack
        | Command::Counts
        | Command::Unfold
        | Command::CellNext
        | Command::CellBack
        | Command::Bytes
        | Command::NextMemory => pane(app, area),
        Command::Filter => {
            let (filter, steps) = app.now()?.filter.clone().map_or((None, None), |it| (Some(it.0), it.1));
            Answer { text: String::new(), json: json!({ "filter": filter, "steps": steps }) }
        }
        Command::Display => {
            let it = app.now()?.displays.last()?;
            let json = json!({ "id": it.id, "expression": it.text, "value": it.value.as_ref().ok() });
            Answer { text: String::new(), json }
        }
        // What it has come to is said, if there is something to say.
        _ if matches!(command.entry().category, Category::Screen | Category::View) => Answer {
            text: String::new(),
            json: json!({ "focus": app.focus().name(), "zoomed": app.zoomed().is_some() }),
        },
        _ => return None,
    })
}

fn pane(app: &App, area: Rect) -> Answer {
    let (title, lines, beyond) = screen::focused(app, area);
    let name = app.focus().name();
    let head = if title.is_empty() { name.to_owned() } else { format!("{name} {title}") };
    let rest = left_out(&beyond);
    let text = std::iter::once(&head).chain(&lines).chain(&rest).map(String::as_str).collect::<Vec<_>>();
    let Beyond { above, below, more } = beyond;
    let json = json!({
        "pane": name, "title": title, "lines": lines, "above": above, "below": below, "more": more,
    });
    Answer { text: text.join("\n"), json }
}

/// What says that there are other lines than those answered.
fn left_out(beyond: &Beyond) -> Option<String> {
    let of = |lines: u64, which: &str| (lines > 0).then(|| format!("{} {which}", words::count(lines)));
    let told: Vec<String> =
        [of(beyond.above, "above"), of(beyond.below, "below")].into_iter().flatten().collect();
    let told = match (told.is_empty(), beyond.more) {
        (true, false) => return None,
        (true, true) => "some".to_owned(),
        (false, true) => format!("{} or more", told.join(", ")),
        (false, false) => told.join(", "),
    };
    Some(format!("… {told}: not answered, see --lines"))
}

fn card(app: &App) -> Answer {
    let said = app.now().map_or_else(Vec::new, |now| lesson::card(now, None, app.base()));
    let text = said.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join("\n");
    let sentences = said.iter().map(|it| match &it.to {
        Some(Lead::Step(step)) => json!({ "text": it.text, "step": step }),
        Some(Lead::Write(of)) => json!({ "text": it.text, "previous-write": of }),
        None => json!({ "text": it.text }),
    });
    Answer { text, json: json!({ "sentences": sentences.collect::<Vec<_>>() }) }
}

fn page(at: usize) -> Answer {
    let page = &PAGES[at];
    let keys = page.keys.iter().map(|(keys, does)| format!("{keys:<14} {does}"));
    let head = format!("{} of {}: {}", at + 1, PAGES.len(), page.title);
    let text = [head, page.text.to_owned()].into_iter().chain(keys).collect::<Vec<_>>().join("\n");
    Answer { text, json: json!({ "page": at + 1, "title": page.title, "text": page.text }) }
}

fn listed(listed: Listed, items: &[Item]) -> Answer {
    let row = |item: &Item| match listed {
        _ if item.is_heading() => item.label.clone(),
        Listed::Help => format!("{:<14} {:<16} {}", item.keys, item.label, item.detail),
        _ => format!("{:<34} {}", item.label, item.line),
    };
    let text = items.iter().map(row).collect::<Vec<_>>().join("\n");
    let items = items.iter().filter(|it| !it.is_heading());
    let items =
        items.map(|it| json!({ "does": it.line, "label": it.label, "keys": it.keys, "about": it.detail }));
    Answer { text, json: json!({ "items": items.collect::<Vec<_>>() }) }
}
