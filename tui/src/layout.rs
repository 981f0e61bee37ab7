//! Which pane stands where, at which size.
//!
//! ```text
//! 80×24                     120×36                      200×60
//! ┌ code ────┬ reg│stk│… ┐  ┌ code ───────┬ registers ┐ ┌ code ──────┬ registers ┬ memory ┐
//! │          │           │  │             ├ stack ────┤ │            │           │        │
//! ├ flow ────┤           │  ├ flow ───────┼ mem│glo│… ┤ ├ flow ──────┼ stack ────┼ output ┤
//! │          │           │  │             │           │ │            ├ globals ──┤        │
//! └──────────┴───────────┘  └─────────────┴───────────┘ └────────────┴───────────┴────────┘
//! ```
//!
//! Panes that share a place are tabs; the one used last is in front. Below a dozen rows or forty
//! columns all panes share one place. Always: the parts cover the screen and do not overlap.

use crate::panes::PaneId;
use ratatui::layout::Rect;

/// The parts of the screen; a part without room has no height.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Layout {
    /// Where the program is.
    pub status: Rect,
    /// What the last step did and what comes next.
    pub said: Rect,
    /// Panes, each place with those that share it.
    pub places: Vec<(Rect, Vec<PaneId>)>,
    /// Keys valid now, or a prompt.
    pub footer: Rect,
}

/// Cuts `height` rows off the top.
fn take(area: &mut Rect, height: u16) -> Rect {
    let height = height.min(area.height);
    let taken = Rect { height, ..*area };
    area.y += height;
    area.height -= height;
    taken
}

/// Splits into columns, or rows, by parts.
fn split(area: Rect, across: bool, parts: &[u32]) -> Vec<Rect> {
    let whole: u32 = parts.iter().sum();
    let size = u32::from(if across { area.width } else { area.height });
    let mut sum = 0;
    let mut edges = vec![0u16];
    for part in parts {
        sum += part;
        edges.push((size * sum / whole) as u16);
    }
    edges
        .windows(2)
        .map(|edge| match across {
            true => Rect::new(area.x + edge[0], area.y, edge[1] - edge[0], area.height),
            false => Rect::new(area.x, area.y + edge[0], area.width, edge[1] - edge[0]),
        })
        .collect()
}

/// Lays the screen out; `zoom` is the pane that has it all.
pub fn layout(screen: Rect, zoom: Option<PaneId>) -> Layout {
    use PaneId::{Code, Flow, Globals, Memory, Output, Registers, Stack};
    let mut rest = screen;
    let status = take(&mut rest, 1);
    let footer_height = u16::from(rest.height >= 2);
    let said = match rest.height {
        0..=2 => take(&mut rest, 0),
        3..=7 => take(&mut rest, 1),
        _ => take(&mut rest, 2),
    };
    rest.height -= footer_height;
    let footer = Rect { y: rest.y + rest.height, height: footer_height, ..rest };
    let places = if let Some(pane) = zoom {
        vec![(rest, vec![pane])]
    } else if rest.height < 10 || rest.width < 48 {
        vec![(rest, PaneId::ALL.to_vec())]
    } else if rest.width < 100 {
        let columns = split(rest, true, &[61, 39]);
        let left = split(columns[0], false, &[11, 9]);
        vec![
            (left[0], vec![Code]),
            (left[1], vec![Flow]),
            (columns[1], vec![Registers, Stack, Memory, Globals, Output]),
        ]
    } else if rest.width < 170 || rest.height < 40 {
        let columns = split(rest, true, &[58, 42]);
        let left = split(columns[0], false, &[1, 1]);
        let mut places = vec![(left[0], vec![Code]), (left[1], vec![Flow])];
        if rest.height < 26 {
            let right = split(columns[1], false, &[1, 1]);
            places.push((right[0], vec![Registers, Stack]));
            places.push((right[1], vec![Memory, Globals, Output]));
        } else {
            let right = split(columns[1], false, &[12, 7, 13]);
            places.push((right[0], vec![Registers]));
            places.push((right[1], vec![Stack]));
            places.push((right[2], vec![Memory, Globals, Output]));
        }
        places
    } else {
        let columns = split(rest, true, &[44, 25, 44]);
        let left = split(columns[0], false, &[1, 1]);
        let middle = split(columns[1], false, &[5, 3, 2]);
        let right = split(columns[2], false, &[3, 2]);
        vec![
            (left[0], vec![Code]),
            (left[1], vec![Flow]),
            (middle[0], vec![Registers]),
            (middle[1], vec![Stack]),
            (middle[2], vec![Globals]),
            (right[0], vec![Memory]),
            (right[1], vec![Output]),
        ]
    };
    Layout { status, said, places, footer }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_the_screen_and_show_every_pane() {
        for width in (0..220).step_by(7) {
            for height in 0..70 {
                let screen = Rect::new(0, 0, width, height);
                let it = layout(screen, None);
                let mut area = it.status.area() + it.said.area() + it.footer.area();
                let mut panes: Vec<PaneId> = Vec::new();
                for (rect, group) in &it.places {
                    assert_eq!(rect.intersection(screen).area(), rect.area());
                    area += rect.area();
                    panes.extend(group);
                }
                assert_eq!(area, screen.area(), "{width}×{height}");
                assert_eq!(panes.len(), PaneId::ALL.len());
            }
        }
    }
}
