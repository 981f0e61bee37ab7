//! Five things people come for, done on programs made for that alone: by keys and by the mouse, at the
//! smallest size that is fully usable and at a large one.
//!
//! A task counts what it took, so that a change that makes one longer is seen.

mod driver;
mod real;

use driver::Screen;
use real::recorded_text;
use wasmscope_trace_format::Effect;

const SIZES: [(u16, u16); 2] = [(80, 24), (200, 60)];

/// A name at 0x100 stands behind a buffer that is filled five times, once too far.
const CORRUPT: &str = r#"(module (memory 1)
  (data (i32.const 0x100) "intact")
  (global $seed (mut i32) (i32.const 7))
  (func $fill (param $to i32) (param $length i32) (local $at i32)
    (loop $next
      (i32.store8 (i32.add (local.get $to) (local.get $at)) (global.get $seed))
      (global.set $seed (i32.add (i32.mul (global.get $seed) (i32.const 5)) (i32.const 3)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $length)))))
  (func $round (param $n i32)
    (call $fill (i32.const 0xc0)
      (select (i32.const 0x42) (i32.const 0x40) (i32.eq (local.get $n) (i32.const 3)))))
  (func (export "_start") (local $n i32)
    (loop $again
      (call $round (local.get $n))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 5))))))"#;

/// A pointer that was never set is used.
const TRAP: &str = r#"(module (memory 1)
  (data (i32.const 0x200) "\10\02\00\00\00\00\00\00\20\02\00\00\07\00\00\00\ff\ff\ff\7f\09\00\00\00")
  (func $sum (param $list i32) (result i32) (local $total i32)
    (loop $next
      (local.set $total (i32.add (local.get $total) (i32.load offset=4 (local.get $list))))
      (local.set $list (i32.load (local.get $list)))
      (br_if $next (local.get $list)))
    (local.get $total))
  (func (export "_start") (drop (call $sum (i32.const 0x200)))))"#;

/// Keys are looked up, some of them often.
const LOOKUP: &str = r#"(module (memory 1)
  (func $lookup (param $key i32) (result i32)
    (i32.load8_u (i32.and (local.get $key) (i32.const 15))))
  (func (export "_start") (local $n i32)
    (loop $again
      (drop (call $lookup (i32.rem_u (i32.mul (local.get $n) (i32.const 3)) (i32.const 10))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 60))))))"#;

/// Three lines are printed by two functions.
const PRINT: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0x40) "first\nsecond\nthird\n")
  (func $print (param $at i32) (param $length i32)
    (i32.store (i32.const 0x10) (local.get $at))
    (i32.store (i32.const 0x14) (local.get $length))
    (drop (call $write (i32.const 1) (i32.const 0x10) (i32.const 1) (i32.const 0x20))))
  (func $odd (call $print (i32.const 0x46) (i32.const 7)))
  (func (export "_start")
    (call $print (i32.const 0x40) (i32.const 6))
    (call $odd)
    (call $print (i32.const 0x4d) (i32.const 6))))"#;

/// A person before the screen, who counts.
struct Person {
    screen: Screen,
    keys: usize,
    presses: usize,
}

impl Person {
    fn before(program: &str, (width, height): (u16, u16)) -> Person {
        let screen = Screen::new(Box::new(recorded_text(program)), width, height);
        Person { screen, keys: 0, presses: 0 }
    }

    fn keys(&mut self, keys: &str) -> &mut Person {
        self.keys += keys.split_whitespace().map(|it| if it.len() == 2 { 2 } else { 1 }).sum::<usize>();
        self.screen.keys(keys);
        self
    }

    fn typed(&mut self, text: &str) -> &mut Person {
        self.keys += text.len();
        self.screen.typed(text);
        self
    }

    fn on(&mut self, what: &str, text: &str) -> &mut Person {
        self.presses += if what == "twice" { 2 } else { 1 };
        self.screen.on(what, text);
        self
    }

    /// The right button just behind a text.
    fn menu_behind(&mut self, text: &str) -> &mut Person {
        let (x, y) = self.screen.find(text);
        self.presses += 1;
        self.screen.mouse("menu", x + text.len() as u16, y);
        self
    }

    /// Turns the wheel over the memory until a row of it is shown.
    fn wheel_to(&mut self, row: &str) -> &mut Person {
        let (x, y) = self.screen.find("0000 ");
        for _ in 0..100 {
            if self.screen.text().contains(row) {
                return self;
            }
            self.presses += 1;
            self.screen.mouse("down", x + 8, y);
        }
        panic!("no {row} in\n{}", self.screen.text());
    }

    /// The tab of a pane.
    fn tab(&mut self, short: &str, long: &str) -> &mut Person {
        self.presses += 1;
        self.screen.tab(short, long);
        self
    }

    /// Twice on a text below another.
    fn twice_below(&mut self, above: &str, text: &str) -> &mut Person {
        self.presses += 2;
        let (x, y) = self.screen.find_below(above, text);
        self.screen.mouse("press", x, y).mouse("twice", x, y);
        self
    }

    /// A key's label in the last line.
    fn footer(&mut self, label: &str) -> &mut Person {
        self.presses += 1;
        self.screen.footer(label);
        self
    }

    /// The right end of the map.
    fn press_end(&mut self) -> &mut Person {
        let one_row = self.screen.text().contains("⠉host");
        let (_, y) = self.screen.find(if one_row { "⠉host" } else { " calls  " });
        let right = self.screen.buffer().area.width - 1;
        self.presses += 1;
        self.screen.mouse("press", right, y);
        self
    }

    fn sees(&mut self, what: &str) -> &mut Person {
        let text = self.screen.text();
        assert!(text.contains(what), "no '{what}' in\n{text}");
        self
    }

    /// What it took, and the last screen.
    fn took(&mut self) -> (usize, usize) {
        (self.keys, self.presses)
    }
}

/// Whether the step just done wrote an address.
fn wrote(screen: &Screen, address: u64) -> bool {
    screen
        .now()
        .effects()
        .iter()
        .any(|it| matches!(it, Effect::Write { addr, len, .. } if (*addr..addr + len).contains(&address)))
}

#[test]
fn which_step_corrupted_a_byte() {
    for size in SIZES {
        let mut person = Person::before(CORRUPT, size);
        person.keys("G a").typed("0x100").keys("enter [");
        assert!(wrote(&person.screen, 0x100));
        person.sees("fill").sees("was written by step");
        // Who called it with a length too long: its frame, one level out.
        person.keys("O O").sees("round").keys("alt-3").sees("3");
        assert_eq!(person.took(), (12, 0));

        // Without keys: down the memory with the wheel, to the byte, and what can be done with it.
        let mut person = Person::before(CORRUPT, size);
        person.press_end().tab("mem", "memory").wheel_to("0100 ").menu_behind("0100 ");
        person.on("press", "where it was written");
        assert!(wrote(&person.screen, 0x100), "{}", person.screen.text());
    }
}

#[test]
fn why_a_trap_happened() {
    for size in SIZES {
        let mut person = Person::before(TRAP, size);
        person.keys("G").sees("out of bounds").sees("0x7fffffff");
        // The pointer, and the step that loaded it.
        person.keys("e");
        let (_, row) = person.screen.find("┃ → ");
        let at = person.screen.find("why it trapped").1;
        let down = format!("{}j", row - at - 1);
        person.keys(&down).keys("enter").sees("i32.load");
        assert!(person.screen.now().step < person.screen.now().end);

        let mut person = Person::before(TRAP, size);
        person.press_end().sees("why it trapped").twice_below("why it trapped", "→ ").sees("i32.load");
        assert!(person.screen.now().step < person.screen.now().end);
        assert_eq!(person.took(), (0, 3));
    }
}

#[test]
fn the_third_call_with_an_argument() {
    for size in SIZES {
        let mut person = Person::before(LOOKUP, size);
        person.keys(":").typed("b lookup if key == 6").keys("enter 3c");
        let third = person.screen.now().step;
        person.sees("lookup").sees("breakpoint 1").sees("6");
        assert_eq!(person.took(), (24, 0));

        // The first call, the value it was called with, a stop for that value, and on to it.
        let mut person = Person::before(LOOKUP, size);
        person.tab("tree", "tree").twice_below("[tree]", "lookup");
        person.sees("lookup  depth 1").on("menu", " key ").on("press", "stop at lookup if");
        // What was told stands where the keys are, until it is pressed away.
        person.on("press", "breakpoint 1 at");
        person.footer("run").footer("run").footer("run");
        person.sees("breakpoint 1");
        assert!(person.screen.now().step > 0 && third > 0);
    }
}

#[test]
fn two_iterations_of_a_loop_compared() {
    for size in SIZES {
        let mut person = Person::before(CORRUPT, size);
        person.keys("20j alt-3 ) alt-d )");
        person.sees(" was ");
        let step = person.screen.now().compared.as_ref().map(|it| it.step);
        assert!(step.is_some_and(|step| step < person.screen.now().step));
        assert_eq!(person.took(), (5, 0));
    }
}

#[test]
fn where_a_line_of_output_came_from() {
    for size in SIZES {
        let mut person = Person::before(PRINT, size);
        person.keys("G alt-7 k enter").sees("fd_write");
        person.keys("O O").sees("odd");
        assert_eq!(person.took(), (6, 0));

        let mut person = Person::before(PRINT, size);
        person.press_end().tab("out", "output").on("twice", "  second").sees("fd_write");
        person.footer("out").footer("out").sees("print");
    }
}
