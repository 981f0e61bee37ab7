//! When to take the next checkpoint of a recording.
//!
//! ```text
//! spacing   ∝ N  ───── from 2^20 on, at the beginning
//!           10^7 ───── cheap checkpoints ─────  steps
//!           2^24 ───── dear ones, or much of the budget is used
//!           ∝ N  ───── most of it is used: about as many in each doubling of the run
//! ```
//!
//! A checkpoint costs the guest a pause and the disk some bytes; between two of them a
//! reader repeats the run. So they stand as near to each other as one part in a hundred of the
//! time allows, and as the budget allows: at the longest spacing that seeks well while
//! there is plenty, then so that what is left lasts for ever.
//!
//! Always: it depends on what the guest does, not on clocks, so a recording is the same
//! every time.

/// The fewest steps between two checkpoints.
const LEAST: u64 = 1 << 20;

/// The spacing that still seeks well.
const MOST: u64 = 1 << 24;

/// What a checkpoint costs a guest, in steps it could have done, as measured: a fixed part, for
/// each page written since the last, and for each that it lists.
const STEPS_EACH: u64 = 100_000;
const STEPS_A_PAGE: u64 = 4_500;
const STEPS_LISTED: u64 = 40;

/// Checkpoints may cost one step in so many.
const SHARE: u64 = 100;

/// What is left of a budget that is mostly used is spent so that each doubling of the run's length takes one part in
/// so many of it: some is always left.
const SHARE_OF_REST: u64 = 6;

/// What a checkpoint took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Took {
    /// Pages written since the one before.
    pub(super) pages: u64,
    /// Pages it lists: all that are not zero.
    pub(super) listed: u64,
    /// Bytes of the file.
    pub(super) bytes: u64,
}

/// Decides when checkpoints are taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    budget: u64,
    spent: u64,
    /// The step of the last checkpoint.
    last: u64,
}

impl Pace {
    pub(super) fn new(budget: u64) -> Pace {
        Pace { budget, spent: 0, last: 0 }
    }

    /// The step of the first checkpoint.
    pub(super) fn first(&self) -> u64 {
        if self.budget == 0 { u64::MAX } else { LEAST }
    }

    /// The step of the next, after one at `step`.
    pub(super) fn next(&mut self, step: u64, took: Took) -> u64 {
        let Took { pages, listed, bytes } = took;
        let gap = step.saturating_sub(std::mem::replace(&mut self.last, step)).max(1);
        self.spent = self.spent.saturating_add(bytes);
        let left = self.budget.saturating_sub(self.spent);
        let time = STEPS_EACH + pages * STEPS_A_PAGE + listed * STEPS_LISTED;
        // A run that may end soon has some early.
        let time = time.saturating_mul(SHARE).min(step.max(LEAST));
        // Spending `bytes` every so many steps, so much of what is left is spent until the run is twice as long.
        let lasting = (step as u128 * bytes as u128 * SHARE_OF_REST as u128 / (left as u128 + 1)) as u64;
        let plenty = self.spent < self.budget / 4 * 3;
        let disk = if plenty { lasting.min(MOST) } else { lasting.max(MOST) };
        let spacing = time.min(MOST).max(disk).max(LEAST);
        // A longer gap may write more pages, at worst in proportion, and may write the same ones: which, only
        // a somewhat longer gap tells. So gaps grow step by step, and no one takes more than there is.
        let expected = |spacing: u64| (bytes as u128 * spacing.max(gap) as u128 / gap as u128) as u64;
        let longer = spacing.min(gap.saturating_mul(2)).max(LEAST);
        match [longer, gap].into_iter().find(|&spacing| expected(spacing) <= left) {
            Some(spacing) => step.saturating_add(spacing),
            None => u64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checkpoints of a run of so many steps, each of so many pages per step written and
    /// bytes: how many, the largest gap, and what they take.
    fn run(steps: u64, budget: u64, cost: impl Fn(u64) -> (u64, u64)) -> (u64, u64, u64) {
        let mut pace = Pace::new(budget);
        let (mut at, mut last, mut count, mut gap, mut spent) = (pace.first(), 0, 0, 0, 0);
        while at < steps {
            let (pages, bytes) = cost(at - last);
            gap = gap.max(at - last);
            (last, count, spent) = (at, count + 1, spent + bytes);
            at = pace.next(at, Took { pages, listed: 500, bytes });
        }
        (count, gap, spent)
    }

    #[test]
    fn cheap_checkpoints_are_dense() {
        let (count, gap, spent) = run(10_000_000_000, 256 << 20, |_| (3, 6_000));
        assert!(gap < 1 << 24, "{gap}");
        assert!(count > 700 && spent <= 64 << 20, "{count} {spent}");
    }

    #[test]
    fn dear_ones_keep_to_the_spacing_while_there_is_plenty_and_never_pass_the_budget() {
        let (_, gap, spent) = run(2_000_000_000, 256 << 20, |_| (400, 230_000));
        assert!(gap <= 1 << 24 && spent <= 256 << 20, "{gap} {spent}");
        // A quarter of a byte a step: the budget is worth 2^30 steps, however they are spaced.
        let (count, _, spent) = run(100_000_000_000, 256 << 20, |gap| (gap / 4096, gap / 4));
        assert!(count > 40 && spent <= 256 << 20, "{count} {spent}");
        assert_eq!(run(1 << 40, 0, |_| (1, 1)).0, 0);
    }

    /// A guest that writes the same pages however long one waits: the run's end is not left without checkpoints.
    #[test]
    fn a_working_set_that_does_not_grow_has_checkpoints_to_the_end() {
        for (steps, budget) in [(4 << 30, 256 << 20), (26 << 30, 256 << 20), (4 << 30, 64 << 20)] {
            let (_, gap, spent) = run(steps, budget, |_| (300, 1_100_000));
            assert!(gap < steps / 3 && spent <= budget, "{steps} steps, {budget} bytes: {gap}, {spent}");
        }
    }
}
