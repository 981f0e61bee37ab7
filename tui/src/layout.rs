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
//! A screen's size decides on a tree of splits (`plan`); the user's own sizes and hidden panes are
//! laid over it (`Arrangement`), each split under its name, so that every size of screen keeps its
//! own. Panes that share a place are tabs; the one used last is in front. Below a dozen rows or
//! forty columns all panes share one place. Always: the parts cover the screen and do not overlap.

use crate::panes::PaneId;
use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the user has changed about the layout; worth remembering.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Arrangement {
    /// Sizes of the parts of splits, in cells or any other measure, by the split's name.
    pub shares: BTreeMap<String, Vec<u32>>,
    /// Panes that are not shown.
    pub hidden: Vec<PaneId>,
    /// Whether a page of the tour is shown.
    #[serde(skip)]
    pub tour: bool,
}

/// The parts of the screen; a part without room has no height.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Layout {
    /// Where the program is.
    pub status: Rect,
    /// The map of the run.
    pub strip: Rect,
    /// What the last step did and what comes next.
    pub said: Rect,
    /// Panes, each place with those that share it.
    pub places: Vec<(Rect, Vec<PaneId>)>,
    /// Where two parts of a split meet.
    pub edges: Vec<Edge>,
    /// A page of the tour.
    pub tour: Rect,
    /// Keys valid now, or a prompt.
    pub footer: Rect,
}

/// Where two neighbours of a split meet: the last line of one and the first of the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge {
    /// The split's name.
    pub split: &'static str,
    /// Whether the neighbours stand side by side.
    pub across: bool,
    /// The first neighbour's number.
    pub index: usize,
    /// The cells to take hold of.
    pub area: Rect,
    /// Sizes of all parts of the split, in cells.
    pub sizes: Vec<u16>,
    /// The panes of the neighbours.
    pub beside: (Vec<PaneId>, Vec<PaneId>),
}

/// The split between the card and what is above it.
const CARD: &str = "card";

/// No part gets smaller by moving an edge.
const LEAST: (u16, u16) = (12, 3);

impl Edge {
    /// The split's sizes once the edge is moved by so many cells.
    pub fn moved(&self, by: i32) -> Vec<u32> {
        let mut sizes: Vec<i32> = self.sizes.iter().map(|&it| it.into()).collect();
        let least = i32::from(if self.across { LEAST.0 } else { LEAST.1 });
        let (first, second) = (sizes[self.index], sizes[self.index + 1]);
        let by = by.clamp((least - first).min(0), (second - least).max(0));
        sizes[self.index] += by;
        sizes[self.index + 1] -= by;
        sizes.into_iter().map(|it| it.max(1) as u32).collect()
    }
}

/// A tree of splits.
enum Part {
    Place(Vec<PaneId>),
    Split(&'static str, bool, Vec<(u32, Part)>),
}

impl Part {
    fn panes(&self) -> Vec<PaneId> {
        match self {
            Part::Place(group) => group.clone(),
            Part::Split(.., parts) => parts.iter().flat_map(|(_, part)| part.panes()).collect(),
        }
    }

    /// The same without some panes; nothing if none is left.
    fn without(self, hidden: &[PaneId]) -> Option<Part> {
        match self {
            Part::Place(mut group) => {
                group.retain(|it| !hidden.contains(it));
                (!group.is_empty()).then_some(Part::Place(group))
            }
            Part::Split(name, across, parts) => {
                let parts =
                    parts.into_iter().filter_map(|(share, part)| Some((share, part.without(hidden)?)));
                let parts: Vec<_> = parts.collect();
                (!parts.is_empty()).then_some(Part::Split(name, across, parts))
            }
        }
    }

    fn put(&self, area: Rect, shares: &BTreeMap<String, Vec<u32>>, to: &mut Layout) {
        match self {
            Part::Place(group) => to.places.push((area, group.clone())),
            Part::Split(name, across, parts) => {
                let own: Vec<u32> = parts.iter().map(|it| it.0).collect();
                let fit = |it: &&Vec<u32>| it.len() == own.len() && it.iter().all(|&share| share > 0);
                let chosen = shares.get(*name).filter(fit).unwrap_or(&own);
                let areas = split(area, *across, chosen);
                let sizes: Vec<u16> =
                    areas.iter().map(|it| if *across { it.width } else { it.height }).collect();
                for (index, pair) in areas.windows(2).enumerate() {
                    let (first, second) = (pair[0], pair[1]);
                    if first.is_empty() || second.is_empty() {
                        continue;
                    }
                    let area = match across {
                        true => Rect::new(second.x - 1, area.y, 2, area.height),
                        false => Rect::new(area.x, second.y - 1, area.width, 2),
                    };
                    to.edges.push(Edge {
                        split: name,
                        across: *across,
                        index,
                        area,
                        sizes: sizes.clone(),
                        beside: (parts[index].1.panes(), parts[index + 1].1.panes()),
                    });
                }
                for ((_, part), area) in parts.iter().zip(areas) {
                    part.put(area, shares, to);
                }
            }
        }
    }
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
    let whole = parts.iter().map(|&it| u64::from(it)).sum::<u64>().max(1);
    let size = u64::from(if across { area.width } else { area.height });
    let mut sum = 0;
    let mut edges = vec![0u16];
    for &part in parts {
        sum += u64::from(part);
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

/// The tree for an area of this size.
fn plan(width: u16, height: u16) -> Part {
    use PaneId::{Code, Flow, Globals, Host, Memory, Output, Places, Registers, Stack, Tables, Tree};
    let place = |panes: &[PaneId]| Part::Place(panes.to_vec());
    let rows = |name, parts| Part::Split(name, false, parts);
    if height < 10 || width < 48 {
        let all = PaneId::ALL.into_iter().filter(|it| *it != PaneId::Card);
        Part::Place(all.collect())
    } else if width < 100 {
        let left = rows("small-left", vec![(11, place(&[Code])), (9, place(&[Flow, Host, Tree, Places]))]);
        let right = place(&[Registers, Stack, Memory, Output, Globals, Tables]);
        Part::Split("small", true, vec![(61, left), (39, right)])
    } else if width < 170 || height < 40 {
        let left = rows("medium-left", vec![(1, place(&[Code])), (1, place(&[Flow, Host, Tree, Places]))]);
        let right = if height < 26 {
            let parts = vec![(1, place(&[Registers, Stack])), (1, place(&[Memory, Output, Globals, Tables]))];
            rows("low-right", parts)
        } else {
            let last = place(&[Memory, Output, Globals, Tables]);
            rows("medium-right", vec![(12, place(&[Registers])), (7, place(&[Stack])), (13, last)])
        };
        Part::Split("medium", true, vec![(58, left), (42, right)])
    } else {
        let left = rows("large-left", vec![(1, place(&[Code])), (1, place(&[Flow, Host, Tree, Places]))]);
        let middle = vec![(5, place(&[Registers])), (3, place(&[Stack])), (2, place(&[Globals, Tables]))];
        let right = vec![(3, place(&[Memory])), (2, place(&[Output]))];
        let columns = vec![(44, left), (25, rows("large-middle", middle)), (44, rows("large-right", right))];
        Part::Split("large", true, columns)
    }
}

/// How many rows the map of the run has on a screen of this height.
fn strip_rows(height: u16) -> u16 {
    match height {
        0..=15 => 0,
        16..=29 => 1,
        _ => 2,
    }
}

/// Lays the screen out; `zoom` is the pane that has it all.
pub fn layout(screen: Rect, zoom: Option<PaneId>, user: &Arrangement) -> Layout {
    let mut rest = screen;
    let status = take(&mut rest, 1);
    let strip = take(&mut rest, strip_rows(screen.height));
    let footer_height = u16::from(rest.height >= 2);
    let said = match rest.height {
        0..=2 => take(&mut rest, 0),
        3..=7 => take(&mut rest, 1),
        _ => take(&mut rest, 2),
    };
    rest.height -= footer_height;
    let footer = Rect { y: rest.y + rest.height, height: footer_height, ..rest };
    let rows = match (user.tour, rest.height) {
        (false, _) | (_, 0..=9) => 0,
        // Narrow pages need more lines for the same words.
        (true, height) => (if rest.width < 90 { 9 } else { 7 }).min(height / 2),
    };
    rest.height -= rows;
    let tour = Rect { y: rest.y + rest.height, height: rows, ..rest };
    let card = PaneId::Card;
    let rows = match (zoom, user.hidden.contains(&card), rest.height) {
        (Some(_), ..) | (_, true, _) | (.., 0..=7) => 0,
        (.., height) => {
            let chosen =
                user.shares.get(CARD).filter(|it| it.len() == 2 && it.iter().all(|&share| share > 0));
            let own = (height / 3).clamp(5, 12);
            let chosen = chosen.map_or(own, |shares| split(rest, false, shares)[1].height);
            chosen.clamp(LEAST.1, height - LEAST.1)
        }
    };
    rest.height -= rows;
    let card = (Rect { y: rest.y + rest.height, height: rows, ..rest }, vec![card]);
    let mut layout = Layout { status, strip, said, tour, footer, ..Layout::default() };
    let whole = match zoom {
        Some(pane) => Part::Place(vec![pane]),
        None => plan(rest.width, rest.height)
            .without(&user.hidden)
            .unwrap_or_else(|| Part::Place(vec![PaneId::Flow])),
    };
    if rows > 0 {
        // First: those between the panes above are further inside.
        layout.edges.push(Edge {
            split: CARD,
            across: false,
            index: 0,
            area: Rect { y: card.0.y - 1, height: 2, ..rest },
            sizes: vec![rest.height, rows],
            beside: (whole.panes(), card.1.clone()),
        });
    }
    whole.put(rest, &user.shares, &mut layout);
    layout.places.extend((rows > 0).then_some(card));
    layout
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(screen: Rect, user: &Arrangement) -> Vec<PaneId> {
        let it = layout(screen, None, user);
        let mut area =
            it.status.area() + it.strip.area() + it.said.area() + it.tour.area() + it.footer.area();
        let mut panes: Vec<PaneId> = Vec::new();
        for (rect, group) in &it.places {
            assert_eq!(rect.intersection(screen).area(), rect.area());
            area += rect.area();
            panes.extend(group);
        }
        assert_eq!(area, screen.area(), "{screen}");
        panes
    }

    #[test]
    fn parts_cover_the_screen_and_show_every_pane() {
        let hidden = vec![PaneId::Globals, PaneId::Stack, PaneId::Flow];
        let fewer = Arrangement { hidden: hidden.clone(), ..Arrangement::default() };
        for width in (0..220).step_by(7) {
            for height in 0..70 {
                let screen = Rect::new(0, 0, width, height);
                let all = check(screen, &Arrangement::default());
                assert!(all.len() == PaneId::ALL.len() || height < 16 && all.len() + 1 == PaneId::ALL.len());
                let shown = check(screen, &fewer);
                assert!(shown.len() == all.len() - 3 && shown.iter().all(|it| !hidden.contains(it)));
            }
        }
        let toured = Arrangement { tour: true, ..Arrangement::default() };
        assert_eq!(check(Rect::new(0, 0, 80, 24), &toured).len(), PaneId::ALL.len());
        let nothing = Arrangement { hidden: PaneId::ALL.to_vec(), ..Arrangement::default() };
        assert_eq!(check(Rect::new(0, 0, 120, 36), &nothing), [PaneId::Flow]);
    }

    #[test]
    fn edges_move_and_stay_where_they_were_put() {
        let screen = Rect::new(0, 0, 120, 36);
        let mut user = Arrangement::default();
        for by in [7, -1000, 1000, 0, 3] {
            let mut index = 0;
            // What was moved before makes room or takes it.
            while let Some(edge) = layout(screen, None, &user).edges.get(index).cloned() {
                index += 1;
                let sizes = edge.moved(by);
                assert_eq!(
                    sizes.iter().sum::<u32>(),
                    edge.sizes.iter().map(|&it| u32::from(it)).sum::<u32>()
                );
                user.shares.insert(edge.split.to_owned(), sizes.clone());
                check(screen, &user);
                let now = layout(screen, None, &user);
                let found = now.edges.iter().find(|it| it.split == edge.split).expect("the split is there");
                assert_eq!(found.sizes.iter().map(|&it| u32::from(it)).collect::<Vec<_>>(), sizes);
            }
        }
    }

    #[test]
    fn what_was_remembered_may_be_nonsense() {
        let shares = [("medium", vec![0, 0]), ("medium-left", vec![u32::MAX, 1]), ("no", vec![])];
        let shares = shares.map(|(name, sizes)| (name.to_owned(), sizes)).into();
        check(Rect::new(0, 0, 120, 36), &Arrangement { shares, ..Arrangement::default() });
    }
}
