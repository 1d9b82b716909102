//! Contenders in turns. Criterion and divan measure one after the other, and a shared machine's pace changes between them.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Whose work is measured.
pub struct Contender<'a> {
    pub name: &'static str,
    run: Box<dyn FnMut() + 'a>,
}

impl<'a> Contender<'a> {
    pub fn new(name: &'static str, run: impl FnMut() + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// The time of one call, over all rounds.
#[derive(Clone, Copy)]
pub struct Time {
    pub name: &'static str,
    /// Nanoseconds.
    pub median: f64,
    /// The distance of the quartiles, as a share of the median.
    pub spread: f64,
}

/// How contests are held.
pub struct Contest {
    rounds: usize,
    only: Vec<String>,
    bar: ProgressBar,
}

impl Contest {
    pub fn new(rounds: usize, only: Vec<String>) -> Self {
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::with_template("{spinner} {elapsed} {msg}").expect("the template is valid"));
        Self { rounds, only, bar }
    }

    /// Whether a function is wanted.
    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| wanted == name)
    }

    /// Lets each contender work once a round, and takes the time.
    pub fn hold(&self, title: &str, contenders: &mut [Contender]) -> Vec<Time> {
        // So long that the clock's own time is none of it.
        const ENOUGH: Duration = Duration::from_millis(1);
        self.bar.set_message(title.to_owned());
        let calls: Vec<u32> = contenders
            .iter_mut()
            .map(|contender| {
                (contender.run)();
                let start = Instant::now();
                (contender.run)();
                (ENOUGH.as_nanos() / start.elapsed().as_nanos().max(10)).clamp(1, 100_000) as u32
            })
            .collect();
        let mut times = vec![Vec::with_capacity(self.rounds); contenders.len()];
        for _ in 0..self.rounds {
            for ((contender, calls), times) in contenders.iter_mut().zip(&calls).zip(&mut times) {
                let start = Instant::now();
                (0..*calls).for_each(|_| (contender.run)());
                times.push(start.elapsed().as_nanos() as f64 / f64::from(*calls));
            }
            self.bar.tick();
        }
        let summed_up = |(contender, mut times): (&Contender, Vec<f64>)| {
            times.sort_by(f64::total_cmp);
            let [low, median, high] = [1, 2, 3].map(|quarter| times[quarter * (times.len() - 1) / 4]);
            Time { name: contender.name, median, spread: (high - low) / median }
        };
        contenders.iter().zip(times).map(summed_up).collect()
    }

    /// Prints above the bar.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| println!("{line}"));
    }
}

/// Near N(0, 3²): the sum of four uniform numbers, scaled.
pub fn inputs(count: usize) -> Vec<f32> {
    let mut state = 1u64;
    let mut uniform = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    (0..count).map(|_| (uniform() + uniform() + uniform() + uniform()) * 5.2).collect()
}
