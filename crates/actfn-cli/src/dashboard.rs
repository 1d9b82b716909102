//! A training on the terminal: burn-train's dashboard, fed by the lab's loop, whose bits do not depend on it.

use std::io::{self, IsTerminal, stdin, stdout};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::Arc;

use actfn_lab::{Configuration, Epoch, LayerMetrics};
use burn_train::Interrupter;
use burn_train::logger::TrainingProgressLogger;
use burn_train::metric::{MetricDefinition, MetricEntry, MetricId, NumericAttributes, NumericEntry, SerializedEntry};
use burn_train::renderer::tui::TuiMetricsRendererWrapper as Renderer;
use burn_train::renderer::{MetricState, MetricsRenderer, MetricsRendererTraining};
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::DisableMouseCapture;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    Clear, ClearType, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, is_raw_mode_enabled,
};

use crate::train::{norm, percent, shown};

/// It has the terminal until it is dropped.
pub struct Dashboard {
    /// None once the terminal is given back.
    renderer: Option<Renderer>,
    /// Set by the renderer's menu, and by Ctrl-C.
    interrupter: Interrupter,
    curves: Vec<Curve>,
    folder: PathBuf,
}

/// A curve, with one point for each epoch.
struct Curve {
    /// The name of its plot.
    plot: Arc<String>,
    rows: Rows,
    value: Value,
    text: fn(Option<f64>) -> String,
    /// Whether it has points, and not only places for them.
    drawn: bool,
}

/// What an epoch says of a curve; none where it is no finite number.
type Value = Box<dyn Fn(&Epoch) -> Option<f64>>;

/// The rows that a curve is measured on.
enum Rows {
    Training,
    Validation,
}

impl Dashboard {
    /// Takes the terminal, and shows the epochs that are done. None without a terminal to draw on and to take keys from.
    pub fn open(configuration: &Configuration, score: &str, done: &[Epoch], folder: &Path) -> Option<Self> {
        if !stdin().is_terminal() || !stdout().is_terminal() || !keep_ctrl_c().unwrap_or(false) {
            return None;
        }
        let interrupter = Interrupter::new();
        let signal = interrupter.clone();
        // The training sees this at its next step. Who asks again does not wait for it.
        let _ = ctrlc::set_handler(move || {
            if signal.should_stop() {
                give_back();
                exit(130);
            }
            signal.stop(None);
        });
        let mut dashboard = Self {
            renderer: Some(Renderer::new(interrupter.clone(), Some(done.len() - 1))),
            interrupter,
            curves: curves(score, configuration.depth),
            folder: folder.to_path_buf(),
        };
        let title = format!("{} at depth {}", configuration.activation, configuration.depth);
        dashboard.tell(|renderer, curves| {
            curves.iter().for_each(|curve| renderer.register_metric(definition(&curve.plot)));
            renderer.start(configuration.training.epochs, done.len(), None, Some(&title));
        });
        done.iter().for_each(|epoch| dashboard.epoch(epoch));
        Some(dashboard)
    }

    /// Shows how many of its rows an epoch has seen.
    pub fn step(&mut self, seen: usize, rows: usize) {
        self.tell(|renderer, _| {
            renderer.start_split("train", rows);
            renderer.update_split(seen);
        });
    }

    /// Shows what an epoch came to.
    pub fn epoch(&mut self, epoch: &Epoch) {
        self.tell(|renderer, curves| {
            for curve in curves {
                let value = (curve.value)(epoch);
                let text = SerializedEntry::new((curve.text)(value), String::new());
                let entry = MetricEntry::new(MetricId::new(curve.plot.clone()), text);
                let state = MetricState::Numeric(entry, value.filter(|_| curve.drawn).map(NumericEntry::Value));
                match curve.rows {
                    Rows::Training => renderer.update_train(state),
                    Rows::Validation => renderer.update_valid(state),
                }
            }
            renderer.update_epoch(epoch.epoch);
        });
    }

    /// Tells the renderer something, unless the user wants to leave: then it ends the program, as Ctrl-C ends others.
    fn tell(&mut self, something: impl FnOnce(&mut Renderer, &[Curve])) {
        let Some(renderer) = &mut self.renderer else { return };
        // "Stop the training immediately" in the renderer's menu gives back the terminal and makes the renderer panic when it
        // is told something.
        let told = catch_unwind(AssertUnwindSafe(|| something(renderer, &self.curves)));
        if told.is_ok() && !self.interrupter.should_stop() {
            return;
        }
        self.close();
        eprintln!("stopped: go on with actfn train --resume {}", self.folder.display());
        exit(130);
    }

    /// Gives back the terminal.
    fn close(&mut self) {
        let renderer = self.renderer.take();
        if catch_unwind(AssertUnwindSafe(|| drop(renderer))).is_err() {
            // After its menu it panics, and leaves the cursor hidden, where its last words stand.
            let _ = execute!(stdout(), Show, Clear(ClearType::FromCursorDown));
        }
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        self.close();
        // There is no step any more that would see a first Ctrl-C.
        self.interrupter.stop(None);
    }
}

/// What is shown, in the order of the plots.
fn curves(score: &str, depth: usize) -> Vec<Curve> {
    let curve = |plot: &str, rows: Rows, value: Value, text: fn(Option<f64>) -> String| Curve {
        plot: Arc::new(plot.to_string()),
        rows,
        value,
        text,
        drawn: true,
    };
    let validation_loss = || curve("loss", Rows::Validation, Box::new(|epoch| epoch.validation_loss), number);
    let mut curves = vec![
        curve("loss", Rows::Training, Box::new(|epoch| epoch.training_loss), number),
        validation_loss(),
        // The renderer numbers the points of a plot's curves in one row, and of more than 250 keeps those with an even
        // number, and so on: of two curves in turn one would vanish; with three places for an epoch none does.
        Curve { drawn: false, ..validation_loss() },
        curve(score, Rows::Validation, Box::new(|epoch| epoch.validation_score), number),
    ];
    type Quantity = (&'static str, fn(&LayerMetrics) -> Option<f64>, fn(Option<f64>) -> String);
    let quantities: [Quantity; 4] = [
        ("gradient norm", |layer| layer.gradient_norm, norm),
        ("dead units", |layer| Some(layer.dead), share),
        ("stuck units", |layer| Some(layer.stuck), share),
        ("saturated", |layer| layer.saturated, share),
    ];
    for (name, value, text) in quantities {
        for layer in layers(depth) {
            let plot = format!("{name}, layer {}", layer + 1);
            let value = move |epoch: &Epoch| epoch.layers.get(layer).and_then(value);
            curves.push(curve(&plot, Rows::Training, Box::new(value), text));
        }
    }
    curves
}

/// The layers that are shown: as many as one can look through, the first and the last among them.
fn layers(depth: usize) -> impl Iterator<Item = usize> {
    let shown = depth.min(8);
    (0..shown).map(move |place| place * (depth - 1) / (shown - 1).max(1))
}

fn number(value: Option<f64>) -> String {
    shown(value, 4)
}

fn share(value: Option<f64>) -> String {
    value.map_or("–".to_string(), percent)
}

fn definition(plot: &Arc<String>) -> MetricDefinition {
    MetricDefinition {
        metric_id: MetricId::new(plot.clone()),
        name: plot.clone(),
        description: None,
        attributes: NumericAttributes::default().into(),
    }
}

/// Takes the terminal in raw mode, in which the renderer leaves it alone, but so that Ctrl-C remains the signal: as a key it
/// would do nothing. False for a job in the background, which would be stopped if it did so.
#[cfg(unix)]
fn keep_ctrl_c() -> io::Result<bool> {
    use rustix::process::getpgrp;
    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcgetpgrp, tcsetattr};

    if tcgetpgrp(stdin())? != getpgrp() {
        return Ok(false);
    }
    enable_raw_mode()?;
    if let Ok(mut modes) = tcgetattr(stdin()) {
        modes.local_modes |= LocalModes::ISIG;
        for other in [SpecialCodeIndex::VQUIT, SpecialCodeIndex::VSUSP] {
            modes.special_codes[other] = 0;
        }
        let _ = tcsetattr(stdin(), OptionalActions::Now, &modes);
    }
    Ok(true)
}

#[cfg(not(unix))]
fn keep_ctrl_c() -> io::Result<bool> {
    Ok(true)
}

/// Gives back the terminal while the renderer may still be drawing.
fn give_back() {
    if is_raw_mode_enabled().unwrap_or(false) {
        let _ = execute!(stdout(), DisableMouseCapture, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}
