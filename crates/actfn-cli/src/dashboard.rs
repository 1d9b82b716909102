//! A training on the terminal: losses, score and layers, epoch by epoch. The training does not depend on it.

use std::io::{self, IsTerminal, stdin, stdout};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actfn_lab::{Configuration, Epoch, LayerMetrics};
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType, Row, Table};
use ratatui::{DefaultTerminal, Frame};

use crate::train::{norm, percent, shown};

/// It has the terminal until it is dropped.
pub struct Dashboard {
    terminal: DefaultTerminal,
    view: View,
    /// Set by Ctrl-C, if the terminal sends a signal, and by others who want the program to end.
    asked_to_stop: Arc<AtomicBool>,
    /// When the keys were last looked at.
    looked: Instant,
    folder: PathBuf,
}

/// What there is to see.
struct View {
    title: String,
    score: &'static str,
    /// The most epochs that there will be.
    most: usize,
    epochs: Vec<Epoch>,
    /// The rows that the present epoch has seen, and all that it has to see.
    seen: (usize, usize),
}

impl Dashboard {
    /// Takes the terminal, and shows the epochs that are done. None without a terminal to draw on and to take keys from.
    pub fn open(configuration: &Configuration, score: &'static str, done: &[Epoch], folder: &Path) -> Option<Self> {
        if !stdin().is_terminal() || !stdout().is_terminal() || !in_foreground().unwrap_or(false) {
            return None;
        }
        let terminal = ratatui::try_init().ok()?;
        let asked_to_stop = Arc::new(AtomicBool::new(false));
        let asked = asked_to_stop.clone();
        // The training sees this at its next step. Who asks again does not wait for it.
        let _ = ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::Relaxed) {
                give_back();
                exit(130);
            }
        });
        let view = View {
            title: configuration.name(),
            score,
            most: configuration.training.epochs,
            epochs: done.to_vec(),
            seen: (0, 1),
        };
        let mut dashboard =
            Self { terminal, view, asked_to_stop, looked: Instant::now(), folder: folder.to_path_buf() };
        dashboard.draw();
        Some(dashboard)
    }

    /// Shows how many of its rows an epoch has seen.
    pub fn step(&mut self, seen: usize, rows: usize) {
        self.view.seen = (seen, rows);
        self.look();
    }

    /// Shows what an epoch came to.
    pub fn epoch(&mut self, epoch: &Epoch) {
        self.view.epochs.push(epoch.clone());
        self.look();
    }

    /// Every twentieth of a second, draws and takes the keys; and leaves if somebody wants to.
    fn look(&mut self) {
        const PAUSE: Duration = Duration::from_millis(50);
        if self.looked.elapsed() >= PAUSE {
            self.draw();
            while event::poll(Duration::ZERO).unwrap_or(false) {
                if event::read().is_ok_and(|event| leaves(&event)) {
                    self.asked_to_stop.store(true, Ordering::Relaxed);
                }
            }
            self.looked = Instant::now();
        }
        if self.asked_to_stop.load(Ordering::Relaxed) {
            give_back();
            eprintln!("stopped: go on with actfn train --resume {}", self.folder.display());
            exit(130);
        }
    }

    /// A terminal that cannot be drawn on does not stop the training.
    fn draw(&mut self) {
        let _ = self.terminal.draw(|frame| self.view.draw(frame));
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        give_back();
        // There is no step any more that would see a first Ctrl-C.
        self.asked_to_stop.store(true, Ordering::Relaxed);
    }
}

/// Gives back the terminal, with its cursor.
fn give_back() {
    ratatui::restore();
    let _ = execute!(stdout(), Show);
}

fn leaves(event: &Event) -> bool {
    let Event::Key(KeyEvent { code, modifiers, .. }) = event else { return false };
    match code {
        KeyCode::Char('q') => true,
        KeyCode::Char('c') => modifiers.contains(KeyModifiers::CONTROL),
        _ => false,
    }
}

/// A job in the background would be stopped if it took the terminal.
#[cfg(unix)]
fn in_foreground() -> io::Result<bool> {
    Ok(rustix::termios::tcgetpgrp(stdin())? == rustix::process::getpgrp())
}

#[cfg(not(unix))]
fn in_foreground() -> io::Result<bool> {
    Ok(true)
}

/// A curve: its name, and its points by epoch.
type Curve = (String, Vec<(f64, f64)>);

impl View {
    fn draw(&self, frame: &mut Frame) {
        // The layers in the table with their border and header, as far as there is room for them beside the charts.
        let layers = self.layers().len() as u16 + 3;
        let rows = Layout::vertical([
            Constraint::Length(1),
            Constraint::Fill(1),
            Constraint::Fill(1),
            Constraint::Length(layers.min(frame.area().height / 3)),
            Constraint::Length(1),
        ]);
        let [top, upper, lower, table, bottom] = rows.areas(frame.area());
        frame.render_widget(self.heading(), top);
        let halves = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]);
        let [[loss, score], [gradient, units]] = [upper, lower].map(|area| halves.areas(area));

        let losses = vec![
            self.curve("training", |epoch| epoch.training_loss),
            self.curve("validation", |epoch| epoch.validation_loss),
        ];
        self.chart(frame, loss, "loss", losses, true);
        let scores = vec![self.curve("validation", |epoch| epoch.validation_score)];
        self.chart(frame, score, self.score, scores, false);
        let norms = self.layers().into_iter().map(|number| {
            self.curve(&format!("layer {}", number + 1), |epoch| epoch.layers.get(number)?.gradient_norm)
        });
        self.chart(frame, gradient, "gradient norm", norms.collect(), true);
        let worst = |share: fn(&LayerMetrics) -> Option<f64>| {
            move |epoch: &Epoch| epoch.layers.iter().filter_map(share).reduce(f64::max)
        };
        let shares = vec![
            self.curve("dead", worst(|layer| Some(layer.dead))),
            self.curve("stuck", worst(|layer| Some(layer.stuck))),
            self.curve("saturated", worst(|layer| layer.saturated)),
        ];
        self.chart(frame, units, "share of units in the worst layer", shares, false);
        frame.render_widget(self.table(), table);
        frame.render_widget(
            Line::from("q or Ctrl-C stops the training; actfn train --resume goes on with it").dim(),
            bottom,
        );
    }

    /// The network, the epochs done, and how far the present one is.
    fn heading(&self) -> Line<'_> {
        const WIDTH: usize = 20;
        let (seen, rows) = self.seen;
        let full = WIDTH * seen / rows;
        let last = self.epochs.last();
        Line::from(vec![
            Span::from(self.title.as_str()).bold(),
            Span::from(format!("   epoch {} of at most {}   ", last.map_or(0, |epoch| epoch.epoch), self.most)),
            Span::from("━".repeat(full)).cyan(),
            Span::from("━".repeat(WIDTH - full)).dark_gray(),
            Span::from(format!(
                "   loss {}  validation {}  {} {}",
                shown(last.and_then(|epoch| epoch.training_loss), 4),
                shown(last.and_then(|epoch| epoch.validation_loss), 4),
                self.score,
                shown(last.and_then(|epoch| epoch.validation_score), 3),
            )),
        ])
    }

    /// The layers that are shown: as many as one can tell apart, the first and the last among them.
    fn layers(&self) -> Vec<usize> {
        let depth = self.epochs.last().map_or(0, |epoch| epoch.layers.len());
        let shown = depth.min(COLOURS.len());
        (0..shown).map(|place| place * (depth - 1) / (shown - 1).max(1)).collect()
    }

    /// What the last epoch says of each layer.
    fn table(&self) -> Table<'_> {
        let header = Row::new(["layer", "gradient norm", "dead units", "stuck units", "saturated"]).bold();
        let last = self.epochs.last();
        let rows = self.layers().into_iter().enumerate().filter_map(|(place, number)| {
            let layer = last?.layers.get(number)?;
            let cells = [
                (number + 1).to_string(),
                norm(layer.gradient_norm),
                percent(layer.dead),
                percent(layer.stuck),
                layer.saturated.map_or("–".to_string(), percent),
            ];
            Some(Row::new(cells).fg(COLOURS[place]))
        });
        Table::new(rows, [Constraint::Length(15); 5]).header(header).block(Block::bordered())
    }

    /// One point for every epoch that has a finite number.
    fn curve(&self, name: &str, value: impl Fn(&Epoch) -> Option<f64>) -> Curve {
        let points = self.epochs.iter().filter_map(|epoch| Some((epoch.epoch as f64, value(epoch)?)));
        (name.to_string(), points.collect())
    }

    fn chart(&self, frame: &mut Frame, area: Rect, title: &str, mut curves: Vec<Curve>, logarithmic: bool) {
        if logarithmic {
            for (_, points) in &mut curves {
                points.retain(|(_, y)| *y > 0.0);
                points.iter_mut().for_each(|(_, y)| *y = y.log10());
            }
        }
        let ys = || curves.iter().flat_map(|(_, points)| points.iter().map(|(_, y)| *y));
        let (low, high) = (ys().fold(f64::INFINITY, f64::min), ys().fold(f64::NEG_INFINITY, f64::max));
        // A flat line stands in the middle.
        let margin = if high > low { 0.0 } else { 0.5 };
        let bounds = if low <= high { [low - margin, high + margin] } else { [0.0, 1.0] };
        let label = |y: f64| {
            let y = if logarithmic { 10f64.powf(y) } else { y };
            if (0.01..1000.0).contains(&y.abs()) || y == 0.0 { format!("{y:.3}") } else { format!("{y:.1e}") }
        };
        let last = self.epochs.last().map_or(1, |epoch| epoch.epoch.max(1));
        let datasets = curves.iter().zip(COLOURS).map(|((name, points), colour)| {
            Dataset::default()
                .name(name.as_str())
                .marker(Marker::Braille)
                .graph_type(GraphType::Line)
                .style(Style::new().fg(colour))
                .data(points)
        });
        let middle = f64::midpoint(bounds[0], bounds[1]);
        let labels = [bounds[0], middle, bounds[1]].map(label);
        let chart = Chart::new(datasets.collect())
            .hidden_legend_constraints((Constraint::Ratio(1, 2), Constraint::Ratio(1, 2)))
            .block(Block::bordered().title(Span::from(format!(" {title} ")).bold()))
            .x_axis(
                Axis::default().title("epoch").bounds([0.0, last as f64]).labels(["0".to_string(), last.to_string()]),
            )
            .y_axis(Axis::default().bounds(bounds).labels(labels));
        frame.render_widget(chart, area);
    }
}

/// For curves side by side: as many as there may be layers.
const COLOURS: [Color; 8] =
    [Color::Cyan, Color::Yellow, Color::Magenta, Color::Green, Color::Red, Color::Blue, Color::LightCyan, Color::White];
