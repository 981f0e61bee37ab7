//! A drawn screen as a picture: cells to SVG.
//!
//! One `<text>` per run of equal style, placed by its cell, stretched to its cells' width, so that
//! any monospaced font gives the same picture. No font, script or link is embedded.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write;

const CELL: (f64, f64) = (8.4, 17.0);
const MARGIN: f64 = 10.0;

/// Which colours a terminal gives to the sixteen names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Palette {
    /// Light text on dark.
    Dark,
    /// Dark text on light.
    Light,
}

impl Palette {
    fn ground(self) -> (&'static str, &'static str) {
        match self {
            Palette::Dark => ("#d4d7dd", "#16181d"),
            Palette::Light => ("#24292f", "#ffffff"),
        }
    }

    fn colour(self, colour: Color, default: &'static str) -> String {
        let dark = self == Palette::Dark;
        let named = |on_dark: &str, on_light: &str| if dark { on_dark } else { on_light }.to_owned();
        match colour {
            Color::Reset => default.to_owned(),
            Color::Black => named("#000000", "#24292f"),
            Color::Red | Color::LightRed => named("#f07178", "#c0262d"),
            Color::Green | Color::LightGreen => named("#9ece6a", "#1a7f37"),
            Color::Yellow | Color::LightYellow => named("#e0af68", "#8a6100"),
            Color::Blue | Color::LightBlue => named("#7aa2f7", "#0b57c2"),
            Color::Magenta | Color::LightMagenta => named("#c99bf5", "#8431b5"),
            Color::Cyan | Color::LightCyan => named("#6cc7d6", "#0a7485"),
            Color::Gray => named("#a9aeb8", "#6e7781"),
            Color::DarkGray => named("#787f8c", "#767e88"),
            Color::White => named("#ffffff", "#57606a"),
            Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
            Color::Indexed(n) => indexed(n),
        }
    }

    /// Foreground, background, whether bold, whether underlined.
    fn style(self, cell: &Cell) -> (String, String, bool, bool) {
        let (fg, bg) = self.ground();
        let mut fg = self.colour(cell.fg, fg);
        let mut bg = self.colour(cell.bg, bg);
        if cell.modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut fg, &mut bg);
        }
        (fg, bg, cell.modifier.contains(Modifier::BOLD), cell.modifier.contains(Modifier::UNDERLINED))
    }
}

/// One of the 256 colours: sixteen that terminals choose, a cube, a ramp of grey.
fn indexed(n: u8) -> String {
    let level = |it: u8| if it == 0 { 0 } else { 55 + u32::from(it) * 40 };
    let (red, green, blue) = match n {
        0..16 => {
            let bright = if n < 8 { 0xaa } else { 0xff };
            let part = |bit: u8| if n & bit != 0 { bright } else { 0 };
            (part(1), part(2), part(4))
        }
        16..232 => (level((n - 16) / 36), level((n - 16) / 6 % 6), level((n - 16) % 6)),
        232.. => {
            let grey = 8 + u32::from(n - 232) * 10;
            (grey, grey, grey)
        }
    };
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The picture.
pub fn svg(buf: &Buffer, palette: Palette, title: &str) -> String {
    let area = buf.area;
    let (_, ground) = palette.ground();
    let width = f64::from(area.width) * CELL.0 + 2.0 * MARGIN;
    let height = f64::from(area.height) * CELL.1 + 2.0 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{ground}\"/>\n",
        escaped(title)
    );
    for y in area.top()..area.bottom() {
        let mut x = area.left();
        while x < area.right() {
            let style = palette.style(&buf[(x, y)]);
            let (start, mut text) = (x, String::new());
            while x < area.right() && palette.style(&buf[(x, y)]) == style {
                text.push_str(buf[(x, y)].symbol());
                x += 1;
            }
            let left = MARGIN + f64::from(start - area.left()) * CELL.0;
            let top = MARGIN + f64::from(y - area.top()) * CELL.1;
            let length = f64::from(x - start) * CELL.0;
            let (fg, bg, bold, underlined) = style;
            if bg != ground {
                let _ = writeln!(
                    out,
                    "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{length:.1}\" height=\"{:.1}\" fill=\"{bg}\"/>",
                    CELL.1
                );
            }
            if text.trim().is_empty() {
                continue;
            }
            let bold = if bold { " font-weight=\"bold\"" } else { "" };
            let line = if underlined { " text-decoration=\"underline\"" } else { "" };
            let _ = writeln!(
                out,
                "<text x=\"{left:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
                 xml:space=\"preserve\" fill=\"{fg}\"{bold}{line}>{}</text>",
                top + 13.0,
                escaped(&text)
            );
        }
    }
    out.push_str("</svg>\n");
    out
}
