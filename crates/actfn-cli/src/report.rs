//! Reports: one page of HTML that needs nothing else.

use actfn_lab::{Chart, Severity, Verdict};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use crate::number;

/// A page: a title, what it is about, and sections.
pub fn page(title: &str, subtitle: &str, sections: &[Markup]) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { h1 { (title) } p { (subtitle) } }
                @for section in sections { (section) }
            }
        }
    };
    page.into_string()
}

/// A part of the page with a heading.
pub fn section(title: &str, content: Markup) -> Markup {
    html! { section { h2 { (title) } (content) } }
}

/// A table; what does not begin with a letter is flush right.
pub fn table<const N: usize>((header, rows): &([&'static str; N], Vec<[String; N]>)) -> Markup {
    let number = |entry: &str| !entry.starts_with(char::is_alphabetic) || entry == "none";
    html! {
        div.wide { table {
            thead { tr { @for (i, name) in header.iter().enumerate() {
                th.number[rows.iter().all(|row| number(&row[i]))] { (name) }
            } } }
            tbody { @for row in rows { tr { @for entry in row { td.number[number(entry)] { (entry) } } } } }
        } }
    }
}

/// A coloured word.
pub fn badge(class: &str, word: &str) -> Markup {
    html! { span class={ "badge " (class) } { (word) } }
}

/// The class of a severity's badge.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "calm",
        Severity::Warning => "warn",
        Severity::Failure => "bad",
    }
}

/// The class of a verdict's badge.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "good",
        Verdict::HoldsWithCorrection => "warn",
        Verdict::DoesNotHold => "bad",
    }
}

/// How the lines of a chart are told apart.
#[derive(Clone, Copy, PartialEq)]
pub enum Palette {
    /// By colours as different as can be.
    Distinct,
    /// From one colour to another, as layers follow each other.
    Ordered,
}

/// Charts side by side, with one legend below where all have the same lines.
pub fn charts(charts: &[Chart], palette: Palette, size: (u32, u32)) -> Result<Markup, String> {
    let drawn = charts.iter().map(|chart| svg(chart, palette, size)).collect::<Result<Vec<_>, _>>()?;
    let most = charts.iter().max_by_key(|chart| chart.lines.len());
    let shared = charts.iter().all(|chart| {
        most.is_some_and(|most| chart.lines.iter().zip(&most.lines).all(|(line, other)| line.label == other.label))
    });
    let figure = |(chart, svg): (&Chart, &String)| {
        html! {
            figure style={ "max-width:" (size.0) "px" } {
                figcaption { (chart.title) }
                (PreEscaped(svg))
                @if !shared { (legend(chart, palette)) }
            }
        }
    };
    Ok(html! {
        div.charts { @for pair in charts.iter().zip(&drawn) { (figure(pair)) } }
        @if let (true, Some(most)) = (shared, most) { (legend(most, palette)) }
    })
}

/// What logarithmic charts do not show.
pub const NO_LINE: &str = "There is no line where the gradient is 0.";

fn legend(chart: &Chart, palette: Palette) -> Markup {
    html! {
        div.legend { @for (i, line) in chart.lines.iter().enumerate() {
            @let RGBColor(r, g, b) = colour(palette, i, chart.lines.len());
            span { i style=(format!("background:rgb({r},{g},{b})")) {} (line.label) }
        } }
    }
}

/// Of middling brightness, so that they stand out from white and from black. After Okabe & Ito.
const COLOURS: [(u8, u8, u8); 10] = [
    (128, 128, 128),
    (213, 94, 0),
    (30, 130, 200),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (120, 94, 240),
    (86, 180, 233),
    (150, 105, 70),
    (150, 165, 30),
];

fn colour(palette: Palette, line: usize, lines: usize) -> RGBColor {
    if palette == Palette::Distinct {
        let (r, g, b) = COLOURS[line % COLOURS.len()];
        return RGBColor(r, g, b);
    }
    const STOPS: [[f64; 3]; 3] = [[235.0, 165.0, 20.0], [220.0, 60.0, 110.0], [80.0, 90.0, 230.0]];
    let t = if lines > 1 { 2.0 * line as f64 / (lines - 1) as f64 } else { 0.0 };
    let (from, to) = if t < 1.0 { (STOPS[0], STOPS[1]) } else { (STOPS[1], STOPS[2]) };
    let [r, g, b] = [0, 1, 2].map(|i: usize| (from[i] + (t - t.floor().min(1.0)) * (to[i] - from[i])) as u8);
    RGBColor(r, g, b)
}

/// plotters rounds to whole pixels: it draws in quarters, so that curves stay smooth.
const SCALE: u32 = 4;

fn svg(chart: &Chart, palette: Palette, size: (u32, u32)) -> Result<String, String> {
    let points = || {
        let points = chart.lines.iter().flat_map(|line| &line.points).copied();
        points.filter(|(x, y)| x.is_finite() && y.is_finite() && (!chart.logarithmic || *y > 0.0))
    };
    let ends = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
    };
    let (x, y) = (ends(&mut points().map(|p| p.0)), ends(&mut points().map(|p| p.1)));
    if x.0 > x.1 {
        return Ok("<p>No number here is finite and above 0.</p>".to_string());
    }
    let x = if x.0 < x.1 { x } else { (x.0 - 0.5, x.1 + 0.5) };
    let mut text = String::new();
    let drawn = if chart.logarithmic {
        // Two decades at least, or the axis has one label.
        let low = y.0.min(y.1 / 20.0);
        draw(chart, palette, size, x, (0.8 * low..1.25 * y.1).log_scale(), &mut text)
    } else {
        let low = y.0.min(0.0);
        let high = if y.1 > low { y.1 } else { low + 1.0 };
        let y: RangedCoordf64 = (low..low + 1.05 * (high - low)).into();
        draw(chart, palette, size, x, y, &mut text)
    };
    drawn.map_err(|error| format!("cannot draw {}: {error}", chart.title))?;
    let (width, height) = size;
    let outer = format!("width=\"{}\" height=\"{}\"", width * SCALE, height * SCALE);
    Ok(text.replacen(&outer, &format!("role=\"img\" aria-label=\"{} by {}\"", chart.y, chart.x), 1))
}

fn draw<Y>(
    chart: &Chart,
    palette: Palette,
    size: (u32, u32),
    x: (f64, f64),
    y: Y,
    text: &mut String,
) -> Result<(), DrawingAreaErrorKind<std::io::Error>>
where
    Y: AsRangedCoord<Value = f64>,
    Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let pixels = |n: u32| n * SCALE;
    let font = |size: u32| ("sans-serif", pixels(size)).into_font().color(&RGBColor(110, 110, 110));
    let root = SVGBackend::with_string(text, (pixels(size.0), pixels(size.1))).into_drawing_area();
    let mut plot = ChartBuilder::on(&root)
        .margin(pixels(8))
        .x_label_area_size(pixels(36))
        .y_label_area_size(pixels(56))
        .build_cartesian_2d(x.0..x.1, y)?;
    let whole = chart.lines.iter().flat_map(|line| &line.points).all(|(x, _)| x.fract() == 0.0);
    plot.configure_mesh()
        .max_light_lines(0)
        .bold_line_style(RGBColor(128, 128, 128).mix(0.25).stroke_width(SCALE))
        .axis_style(RGBColor(128, 128, 128).stroke_width(SCALE))
        .set_all_tick_mark_size(pixels(4))
        .label_style(font(13))
        .axis_desc_style(font(13))
        .x_labels(if whole { (x.1 - x.0).clamp(2.0, 9.0) as usize + 1 } else { 7 })
        .y_labels(6)
        .x_label_formatter(&|x| if whole && x.fract() != 0.0 { String::new() } else { number(*x) })
        .y_label_formatter(&|y| number(*y))
        .x_desc(chart.x)
        .y_desc(chart.y)
        .draw()?;
    for (i, line) in chart.lines.iter().enumerate() {
        let style = colour(palette, i, chart.lines.len()).stroke_width(2 * SCALE);
        let shown = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite() && (!chart.logarithmic || *y > 0.0);
        for piece in line.points.split(|point| !shown(point)).filter(|piece| !piece.is_empty()) {
            plot.draw_series(LineSeries::new(piece.iter().copied(), style))?;
            // A line of few points shows them.
            if line.points.len() <= 12 {
                plot.draw_series(piece.iter().map(|point| Circle::new(*point, pixels(3), style.filled())))?;
            }
        }
    }
    root.present()
}

const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #5b6067; --paper: #fff; --card: #f5f6f8; --rule: #d9dce1;
  --good: #12733f; --warn: #8a5300; --bad: #b3261e; --calm: #4a5568; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --soft: #a3a9b2; --paper: #15171a; --card: #1f2226;
  --rule: #363b42; --good: #5fd08f; --warn: #f0b04c; --bad: #ff8a80; --calm: #aab4c2; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1120px;
  margin: 0 auto; padding: 24px; }
h1 { font-size: 26px; margin: 0; } h2 { font-size: 19px; margin: 36px 0 10px; border-bottom: 1px solid var(--rule); }
h3 { font-size: 16px; margin: 0; display: inline; } header p, .soft { color: var(--soft); margin: 4px 0; }
.lead li { margin: 4px 0; } .wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; margin: 8px 0; }
th { text-align: left; color: var(--soft); font-weight: 600; } th, td { padding: 3px 14px 3px 0; white-space: nowrap; }
tbody tr { border-top: 1px solid var(--rule); } .number { text-align: right; }
.card { background: var(--card); border-radius: 8px; padding: 10px 14px; margin: 10px 0; }
.card p { margin: 4px 0; } blockquote { margin: 4px 0; padding-left: 10px; border-left: 3px solid var(--rule); }
.badge { font-size: 12px; font-weight: 700; border: 1.5px solid; border-radius: 10px; padding: 0 8px; margin-right: 8px;
  white-space: nowrap; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); } .calm { color: var(--calm); }
.charts { display: flex; flex-wrap: wrap; gap: 8px 20px; } figure { margin: 8px 0; flex: 1 1 300px; }
figcaption { font-weight: 600; font-size: 14px; } svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--soft); } .legend { font-size: 13px; display: flex; flex-wrap: wrap; gap: 2px 16px; }
.legend i { display: inline-block; width: 14px; height: 4px; border-radius: 2px; margin: 0 6px 3px 0; }
summary { cursor: pointer; color: var(--soft); margin: 6px 0; }
";
