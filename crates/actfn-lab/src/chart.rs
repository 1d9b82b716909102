//! Pictures as data: what a report draws.

use serde::Serialize;

/// Lines over one axis, each with a name.
#[derive(Clone, Debug, Serialize)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// What x is.
    pub x: &'static str,
    /// What y is.
    pub y: &'static str,
    /// Whether y spans decades. A line then breaks off where it is 0.
    pub logarithmic: bool,
    /// The lines.
    pub lines: Vec<Line>,
}

/// One line of a [`Chart`].
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Whose it is.
    pub label: String,
    /// x and y, from left to right.
    pub points: Vec<(f64, f64)>,
}

impl Line {
    /// A line whose points stand at 1, 2, 3 …
    pub fn numbered(label: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        let points = values.into_iter().enumerate().map(|(i, y)| ((i + 1) as f64, y)).collect();
        Self { label: label.into(), points }
    }
}
