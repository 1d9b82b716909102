//! Pictures of functions and their derivatives: SVG, PNG, and in the terminal.

use actfn::Activation;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::symbols::Marker;
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Widget};
use resvg::{tiny_skia, usvg};

/// One or several functions over the same inputs.
pub struct Picture {
    range: (f64, f64),
    /// The values that fit into the picture.
    values: (f64, f64),
    curves: Vec<Curve>,
}

struct Curve {
    label: String,
    /// Functions are solid and have colours of their own; the derivative has that of its function, and is dashed.
    colour: usize,
    dashed: bool,
    /// Connected pieces: a jump parts them.
    pieces: Vec<Vec<(f64, f64)>>,
}

/// Okabe & Ito's colours, which most colour-blind people can tell apart.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(0, 0, 0),
];

/// The size in pixels.
const SIZE: (u32, u32) = (640, 400);
/// plotters rounds to whole pixels: it draws in quarters, so that curves stay smooth.
const SCALE: u32 = 4;

impl Picture {
    /// The functions over a range, or one that shows what is peculiar to them, with their derivatives if wanted.
    pub fn new(functions: &[Activation], range: Option<(f64, f64)>, derivative: bool) -> Self {
        let half = functions.iter().map(half_range).fold(0.0, f64::max);
        let range = range.unwrap_or((-half, half));
        let most = most(functions, range);
        let mut curves = Vec::new();
        for (colour, f) in functions.iter().enumerate() {
            let value = |x: f64| at(f, x).0;
            curves.push(Curve { label: label(f), colour, dashed: false, pieces: pieces(&value, range, most) });
            if derivative {
                let slope = |x: f64| at(f, x).1;
                let label = format!("{} (derivative)", f.info().name);
                curves.push(Curve { label, colour, dashed: true, pieces: pieces(&slope, range, most) });
            }
        }
        let values = values(&curves, most);
        for curve in &mut curves {
            curve.pieces = std::mem::take(&mut curve.pieces).iter().flat_map(|piece| clip(piece, values)).collect();
        }
        Self { range, values, curves }
    }

    /// As SVG, whose text is text: the same on every machine.
    pub fn svg(&self) -> Result<String, String> {
        let mut text = String::new();
        self.draw(&mut text).map_err(|error| format!("cannot draw the picture: {error}"))?;
        let (width, height) = SIZE;
        let drawn = format!("width=\"{}\" height=\"{}\"", width * SCALE, height * SCALE);
        Ok(text.replacen(&drawn, &format!("width=\"{width}\" height=\"{height}\""), 1))
    }

    fn draw(&self, text: &mut String) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        let pixels = |n: u32| n * SCALE;
        let font = |size: u32| ("sans-serif", pixels(size)).into_font().color(&RGBColor(60, 60, 60));
        let root = SVGBackend::with_string(text, (pixels(SIZE.0), pixels(SIZE.1))).into_drawing_area();
        root.fill(&WHITE)?;
        let (x, y) = (self.range, self.values);
        let mut chart = ChartBuilder::on(&root)
            .margin(pixels(10))
            .x_label_area_size(pixels(26))
            .y_label_area_size(pixels(42))
            .build_cartesian_2d(x.0..x.1, y.0..y.1)?;
        let line = |shade: u8| RGBColor(shade, shade, shade).stroke_width(SCALE);
        chart
            .configure_mesh()
            .max_light_lines(0)
            .bold_line_style(line(230))
            .axis_style(line(160))
            .set_all_tick_mark_size(pixels(4))
            .label_style(font(12))
            .x_labels(11)
            .y_labels(9)
            .draw()?;
        for axis in [[(x.0, 0.0), (x.1, 0.0)], [(0.0, y.0), (0.0, y.1)]] {
            let inside = |(px, py): (f64, f64)| x.0 <= px && px <= x.1 && y.0 <= py && py <= y.1;
            if axis.into_iter().all(inside) {
                chart.draw_series(LineSeries::new(axis, line(120)))?;
            }
        }
        for curve in &self.curves {
            let style = COLOURS[curve.colour % COLOURS.len()].stroke_width(2 * SCALE).filled();
            let dash = |n: u32| pixels(n) as i32;
            for (i, piece) in curve.pieces.iter().enumerate() {
                let points = piece.iter().copied();
                let series = if curve.dashed {
                    chart.draw_series(DashedLineSeries::new(points, pixels(12), pixels(8), style))?
                } else {
                    chart.draw_series(LineSeries::new(points, style))?
                };
                if i > 0 {
                    continue;
                }
                series.label(&curve.label);
                if curve.dashed {
                    series.legend(move |(x, y)| {
                        DashedPathElement::new([(x, y), (x + dash(24), y)], dash(10), dash(5), style)
                    });
                } else {
                    series.legend(move |(x, y)| PathElement::new([(x, y), (x + dash(24), y)], style));
                }
            }
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .legend_area_size(pixels(32))
            .margin(pixels(8))
            .background_style(WHITE.mix(0.85))
            .label_font(font(13))
            .draw()?;
        root.present()
    }

    /// As PNG, twice as large as the SVG, drawn with fonts that the program holds.
    pub fn png(&self) -> Result<Vec<u8>, String> {
        let mut options = usvg::Options::default();
        let fonts = options.fontdb_mut();
        fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
        fonts.load_font_data(epaint_default_fonts::HACK_REGULAR.to_vec());
        fonts.set_sans_serif_family("Ubuntu");
        let failed = |error: String| format!("cannot draw the picture: {error}");
        let tree = usvg::Tree::from_str(&self.svg()?, &options).map_err(|error| failed(error.to_string()))?;
        let mut pixels = tiny_skia::Pixmap::new(2 * SIZE.0, 2 * SIZE.1).ok_or_else(|| failed("no memory".into()))?;
        resvg::render(&tree, tiny_skia::Transform::from_scale(2.0, 2.0), &mut pixels.as_mut());
        pixels.encode_png().map_err(|error| failed(error.to_string()))
    }

    /// As text: the functions as lines of Braille dots, the derivatives as dots.
    pub fn text(&self, width: u16, height: u16) -> String {
        // The chart joins neighbouring points by lines; each piece is a data set, so that none crosses a jump.
        let dataset = |curve: &Curve, i: usize, piece: &'_ [(f64, f64)]| -> (String, bool, Vec<(f64, f64)>) {
            let name = if i == 0 { curve.label.clone() } else { String::new() };
            (name, curve.dashed, if curve.dashed { spread(piece, self.range, width) } else { piece.to_vec() })
        };
        let data: Vec<_> = self
            .curves
            .iter()
            .rev() // what comes last lies on top: the function
            .flat_map(|curve| curve.pieces.iter().enumerate().map(move |(i, piece)| dataset(curve, i, piece)))
            .collect();
        let datasets = data.iter().map(|(name, dashed, points)| {
            let (marker, kind) =
                if *dashed { (Marker::Dot, GraphType::Scatter) } else { (Marker::Braille, GraphType::Line) };
            let set = Dataset::default().marker(marker).graph_type(kind).data(points);
            if name.is_empty() { set } else { set.name(name.as_str()) }
        });
        let axis = |(low, high): (f64, f64)| {
            let middle = (low + high) / 2.0;
            let labels = [low, middle, high].map(|x| format!("{}", (x * 100.0).round() / 100.0));
            Axis::default().bounds([low, high]).labels(labels)
        };
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        Chart::new(datasets.collect())
            .x_axis(axis(self.range))
            .y_axis(axis(self.values))
            .legend_position(None)
            .render(area, &mut buffer);
        let line = |y: u16| -> String { (0..width).map(|x| buffer[(x, y)].symbol()).collect() };
        (0..height).map(|y| line(y).trim_end().to_string() + "\n").collect()
    }
}

/// f and f′ at x. Of a function of rows: the first output for the row (x, 0), and its derivative by x.
fn at(f: &Activation, x: f64) -> (f64, f64) {
    if let Some(point) = f.scalar(x) {
        return point;
    }
    let row = [x, 0.0];
    let Some(outputs @ 1..) = f.outputs(row.len()) else { return (f64::NAN, f64::NAN) };
    let mut y = vec![0.0; outputs];
    f.forward(row.len(), &row, &mut y);
    let mut grad_y = vec![0.0; outputs];
    grad_y[0] = 1.0;
    let mut grad_x = [0.0; 2];
    f.backward(row.len(), &row, &grad_y, &mut grad_x);
    (y[0], grad_x[0])
}

fn label(f: &Activation) -> String {
    if f.is_rowwise() { format!("{f} of (x, 0), first output") } else { f.to_string() }
}

/// ±5; more where kinks lie outside, less for functions of high frequency.
fn half_range(f: &Activation) -> f64 {
    let info = f.info();
    let kinks = info.kinks.iter().map(|x| 1.4 * x.abs()).fold(5.0, f64::max);
    let steep = info.max_derivative;
    if steep.is_finite() && steep > 3.0 { 1.5 * kinks / steep } else { kinks }
}

/// The largest |y| to show: what lies beyond runs away.
fn most(functions: &[Activation], range: (f64, f64)) -> f64 {
    let steepest = functions.iter().map(|f| f.info().max_derivative).filter(|slope| slope.is_finite());
    steepest.fold(0.6 * (range.1 - range.0), f64::max)
}

/// The values to show: all, unless they run away.
fn values(curves: &[Curve], most: f64) -> (f64, f64) {
    let points = || curves.iter().flat_map(|curve| curve.pieces.iter().flatten()).map(|point| point.1);
    let low = points().fold(f64::INFINITY, f64::min);
    let high = points().fold(f64::NEG_INFINITY, f64::max);
    if low > high {
        return (-1.0, 1.0);
    }
    let (low, high) = if low < most && high > -most { (low.max(-most), high.min(most)) } else { (low, high) };
    let margin = if high > low { 0.06 * (high - low) } else { 1.0 };
    (low - margin, high + margin)
}

/// The curve as points that lie closer where it bends, in pieces that end where it jumps.
fn pieces(f: &dyn Fn(f64) -> f64, (a, b): (f64, f64), most: f64) -> Vec<Vec<(f64, f64)>> {
    const INTERVALS: i32 = 80;
    let step = (b - a) / f64::from(INTERVALS);
    let point = |x: f64| (x, f(x));
    // Half a pixel, if the curve fills the picture.
    let shown = (0..=INTERVALS).map(|i| f(a + f64::from(i) * step)).filter(|y| y.abs() <= most);
    let (low, high) = shown.fold((0.0, 0.0), |(low, high): (f64, f64), y| (low.min(y), high.max(y)));
    let tolerance = (high - low) / 800.0;
    let mut pieces = vec![vec![point(a)]];
    for i in 1..=INTERVALS {
        let from = point(a + f64::from(i - 1) * step);
        refine(f, from, point(a + f64::from(i) * step), tolerance, 40, &mut pieces);
    }
    pieces.retain(|piece| piece.len() > 1 && piece.iter().all(|(_, y)| y.is_finite()));
    pieces
}

/// Adds the points after `a` up to `b`.
fn refine(
    f: &dyn Fn(f64) -> f64,
    a: (f64, f64),
    b: (f64, f64),
    tolerance: f64,
    depth: u32,
    pieces: &mut Vec<Vec<(f64, f64)>>,
) {
    let middle = |p: (f64, f64), q: (f64, f64)| {
        let x = (p.0 + q.0) / 2.0;
        (x, f(x))
    };
    let c = middle(a, b);
    if !(b.1 - a.1).is_finite() || depth == 0 {
        match pieces.last_mut() {
            Some(piece) if (b.1 - a.1).abs() <= tolerance => piece.push(b),
            _ => pieces.push(vec![b]), // a jump, or no number
        }
        return;
    }
    let bends = |p: (f64, f64), m: (f64, f64), q: (f64, f64)| (m.1 - (p.1 + q.1) / 2.0).abs() > tolerance;
    if bends(a, c, b) || bends(a, middle(a, c), c) || bends(c, middle(c, b), b) {
        refine(f, a, c, tolerance, depth - 1, pieces);
        refine(f, c, b, tolerance, depth - 1, pieces);
    } else if let Some(piece) = pieces.last_mut() {
        piece.push(b);
    }
}

/// The parts of a piece whose values lie in a range.
fn clip(piece: &[(f64, f64)], (low, high): (f64, f64)) -> Vec<Vec<(f64, f64)>> {
    let inside = |(_, y): (f64, f64)| low <= y && y <= high;
    let edge = |p: (f64, f64), q: (f64, f64)| {
        let outer = if inside(p) { q.1 } else { p.1 };
        let y = if outer > high { high } else { low };
        (p.0 + (q.0 - p.0) * (y - p.1) / (q.1 - p.1), y)
    };
    let mut parts: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut open = false;
    for (i, &point) in piece.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| piece[i]);
        match (inside(point), before) {
            (true, Some(before)) if !open => parts.push(vec![edge(before, point), point]),
            (true, None) => parts.push(vec![point]),
            (true, _) => parts.last_mut().into_iter().for_each(|part| part.push(point)),
            (false, Some(before)) if open => {
                parts.last_mut().into_iter().for_each(|part| part.push(edge(before, point)));
            }
            (false, _) => {}
        }
        open = inside(point);
    }
    parts
}

/// Points of a piece at every other column of the terminal.
fn spread(piece: &[(f64, f64)], (a, b): (f64, f64), width: u16) -> Vec<(f64, f64)> {
    let step = 2.0 * (b - a) / f64::from(width);
    let mut points = Vec::new();
    for pair in piece.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let mut i = ((x0 - a) / step).ceil();
        while a + i * step <= x1 {
            let x = a + i * step;
            points.push((x, y0 + (y1 - y0) * (x - x0) / (x1 - x0)));
            i += 1.0;
        }
    }
    points
}
