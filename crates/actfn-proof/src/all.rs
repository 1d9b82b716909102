//! The full run.

use std::io;
use std::time::{Duration, Instant};

use actfn::Activation;
use actfn_proof::golden::Of;
use actfn_proof::record::{self, Row};
use actfn_proof::{Demand, Layout, Outcome, Reference, Storage, Subject, golden, rows, sample, sweep};
use clap::Args;
use half::{bf16, f16};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

#[derive(Args)]
pub struct All {
    /// These functions only.
    names: Vec<Activation>,
    /// Only functions whose own file has changed since they were recorded.
    #[arg(long)]
    changed: bool,
    /// Second derivatives only, of all functions of numbers: minutes, where everything takes hours.
    #[arg(long)]
    second_derivatives: bool,
    /// Begin no function after this many minutes.
    #[arg(long)]
    minutes: Option<u64>,
    /// Every n-th input of f32 only: a rehearsal, which is not recorded.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    stride: u64,
    /// Inputs of the f64 sample.
    #[arg(long, default_value_t = 100_000_000)]
    sample: u64,
    /// Run what the record has already, too, and what gives the recorded results.
    #[arg(long)]
    again: bool,
}

/// Runs and records; whether nothing was misrounded.
pub fn run(arguments: &All) -> io::Result<bool> {
    let path = record::path();
    let mut recorded_rows: Vec<Row> = record::read(&path)?;
    let shared = [record::shared_code(false)?, record::shared_code(true)?];
    let named = |f: &Activation| arguments.names.is_empty() || arguments.names.contains(f);
    let mut wanted = Vec::new();
    for f in actfn::catalogue().filter(named) {
        let own = record::own_code(&f)?;
        let shared = &shared[f.is_rowwise() as usize];
        let mut recorded = recorded_rows.iter().filter(|row| row.function == f.info().name).peekable();
        let current = recorded.peek().is_some()
            && recorded.all(|row| row.own_code == own && (arguments.changed || row.shared_code == *shared));
        if arguments.second_derivatives && !Of::SecondDerivative.is_of(&f) {
            continue;
        }
        if !current || arguments.again || arguments.second_derivatives {
            wanted.push((f, own, shared.clone()));
        }
    }
    println!("{} functions to run, {} rows recorded", wanted.len(), recorded_rows.len());

    let style =
        |template| ProgressStyle::with_template(template).unwrap_or_else(|_| unreachable!("the template is right"));
    let total = ProgressBar::new(wanted.iter().filter(|(f, ..)| !f.is_rowwise()).count() as u64 * work(arguments));
    total.set_style(style("all: {wide_bar} {percent}% {elapsed} gone, {eta} left"));
    total.enable_steady_tick(Duration::from_secs(1));
    // Above the bar, which is not there unless this is a terminal.
    let say = |line: &str| total.suspend(|| println!("{line}"));
    let start = Instant::now();
    let machine = machine();
    let mut right = true;
    for (done, (f, own, shared)) in wanted.iter().enumerate() {
        if arguments.minutes.is_some_and(|minutes| start.elapsed() > Duration::from_secs(60 * minutes)) {
            let left: Vec<_> = wanted[done..].iter().map(|(f, ..)| f.info().name).collect();
            say(&format!("time is over; not run: {}", left.join(", ")));
            break;
        }
        let row = Row {
            function: f.info().name.to_owned(),
            of: "value".to_owned(),
            format: String::new(),
            precision: String::new(),
            inputs: 0,
            misrounded: None,
            worst_ulp: None,
            worst_at: None,
            allowance: None,
            hash: None,
            multi_precision: 0,
            seconds: 0.0,
            shared_code: shared.clone(),
            own_code: own.clone(),
            date: chrono::Utc::now().date_naive().to_string(),
            machine: machine.clone(),
        };
        let known: Vec<Row> = recorded_rows.iter().filter(|known| known.function == row.function).cloned().collect();
        let known = if arguments.again { &[][..] } else { &known };
        let found = if f.is_rowwise() { of_rows(f, &row) } else { elementwise(f, &row, known, arguments, &total) };
        let Some(found) = found else {
            say(&format!("{f} has no reference: write one in crates/actfn-proof"));
            right = false;
            continue;
        };
        for row in &found {
            let what = format!("{} {} {} {}", row.function, row.of, row.format, row.precision);
            if let Some(wrong) = row.misrounded.filter(|wrong| *wrong > 0) {
                say(&format!("{what}: {wrong} MISROUNDED of {}", row.inputs));
                right = false;
            }
            if let (Some(ulps), Some(x)) = (row.worst_ulp, row.worst_at)
                && matches!(&*row.format, "f32" | "f64")
            {
                say(&format!("{what}: {ulps:.3} ULP at {x:e}, {:.1} s", row.seconds));
            }
        }
        if arguments.stride == 1 {
            let again = |row: &Row| row.function == f.info().name && found.iter().any(|found| found.of == row.of);
            recorded_rows.retain(|row| !again(row));
            recorded_rows.extend(found);
            let order: Vec<_> = actfn::catalogue().map(|f| f.info().name).collect();
            recorded_rows.sort_by_key(|row| order.iter().position(|name| *name == row.function));
            record::write(&path, &recorded_rows)?;
        }
    }
    total.finish_and_clear();
    Ok(right)
}

/// A function of numbers: value and derivatives, all formats.
fn elementwise(f: &Activation, row: &Row, known: &[Row], arguments: &All, bar: &ProgressBar) -> Option<Vec<Row>> {
    let reference = Reference::of(f)?;
    let mut found = Vec::new();
    let all = if arguments.second_derivatives { &[Of::SecondDerivative][..] } else { &Of::ALL };
    for of in all.iter().copied() {
        let row = Row { of: of.name().to_owned(), ..row.clone() };
        let job = Job { f, reference: &reference, of, row, known, bar };
        if of == Of::SecondDerivative {
            found.extend(job.narrow::<f32>(arguments.stride.max(golden::STRIDE as u64)));
        } else {
            let same = if arguments.stride == 1 { job.same_results() } else { None };
            found.extend(same.unwrap_or_else(|| job.narrow::<f32>(arguments.stride)));
        }
        found.extend(job.narrow::<f16>(1));
        found.extend(job.narrow::<bf16>(1));
        found.push(job.wide(if of == Of::SecondDerivative { arguments.sample / 100 } else { arguments.sample }));
    }
    Some(found)
}

/// A function of rows: values and gradients, all formats.
fn of_rows(f: &Activation, row: &Row) -> Option<Vec<Row>> {
    let mut found = Vec::new();
    for (of, of_gradient) in [("value", false), ("derivative", true)] {
        let mut add = |precision: &str, format: &str, outcome| {
            let [of, precision, format] = [of, precision, format].map(str::to_owned);
            found.push(filled(Row { of, precision, format, ..row.clone() }, &outcome));
        };
        for (precision, exact) in [("exact", true), ("default", false)] {
            add(precision, "f32", rows::run::<f32>(f, of_gradient, exact, &f32::LAYOUT)?);
            add(precision, "f16", rows::run::<f16>(f, of_gradient, exact, &f16::LAYOUT)?);
            add(precision, "bf16", rows::run::<bf16>(f, of_gradient, exact, &bf16::LAYOUT)?);
        }
        add("default", "f64", rows::run::<f64>(f, of_gradient, false, &Layout::F64)?);
    }
    Some(found)
}

fn filled(row: Row, outcome: &Outcome) -> Row {
    Row {
        inputs: outcome.inputs,
        worst_ulp: outcome.worst.map(|w| (w.ulps * 1e4).ceil() / 1e4),
        worst_at: outcome.worst.map(|w| w.x),
        multi_precision: outcome.precise,
        seconds: (outcome.seconds * 10.0).round() / 10.0,
        ..row
    }
}

/// Inputs of one function, a sampled number counted as ten: that is what it takes. Second derivatives are little beside it.
fn work(arguments: &All) -> u64 {
    2 * ((1 << 32) + (1 << 17) + 10 * arguments.sample)
}

struct Job<'a> {
    f: &'a Activation,
    reference: &'a Reference,
    of: Of,
    row: Row,
    known: &'a [Row],
    bar: &'a ProgressBar,
}

impl Job<'_> {
    /// The recorded rows of `f32`, if all results have the recorded hashes still: what was found of them holds for the
    /// code as it is now.
    fn same_results(&self) -> Option<Vec<Row>> {
        let same = |(precision, f): (&str, Activation)| {
            let is = |row: &&Row| row.of == self.row.of && row.format == "f32" && row.precision == precision;
            let row = self.known.iter().find(is)?;
            let chunks = (0..golden::chunks::<f32>()).into_par_iter();
            let hashes: Vec<u64> = chunks.map(|chunk| golden::of_chunk::<f32>(&f, self.of, 1, chunk)).collect();
            let hash = format!("{:016x}", golden::combine(hashes));
            let (shared_code, own_code) = (self.row.shared_code.clone(), self.row.own_code.clone());
            (row.hash == Some(hash)).then(|| Row { shared_code, own_code, ..row.clone() })
        };
        let rows: Option<Vec<Row>> = golden::precisions(self.f, self.of).into_iter().map(same).collect();
        self.bar.inc(if rows.is_some() { 1 << 32 } else { 0 });
        rows
    }

    /// Every input of a format in its precisions.
    fn narrow<T: Storage>(&self, stride: u64) -> Vec<Row> {
        let of = self.of;
        let allowance = self.reference.allowance(of, &T::LAYOUT, 0.0);
        let precisions = golden::precisions(self.f, of);
        let computations: Vec<_> =
            precisions.iter().map(|(_, f)| move |x: &[T], y: &mut [T]| of.compute(f, x, y)).collect();
        let demand = |exact| if exact { Demand::Exact } else { Demand::Close { allowance } };
        let subjects: Vec<Subject<T>> = precisions
            .iter()
            .zip(&computations)
            .map(|((precision, _), compute)| (demand(*precision == "exact"), compute as _))
            .collect();
        let outcomes = sweep(self.reference.formula(of), &subjects, stride, |n| self.bar.inc(n));
        let rows = precisions.iter().zip(&outcomes).map(|((precision, f), outcome)| {
            for wrong in &outcome.first_wrong {
                self.bar.suspend(|| println!("{} {} {}: {wrong:?}", self.row.function, self.row.of, T::NAME));
            }
            let exact = *precision == "exact";
            let small = || (T::BITS == 16).then(|| golden::of_function::<T>(f, of, 1));
            Row {
                format: T::NAME.to_owned(),
                precision: (*precision).to_owned(),
                misrounded: exact.then_some(outcome.wrong),
                allowance: (!exact && allowance > 0.0).then_some(allowance),
                hash: outcome.hash.or_else(small).map(|hash| format!("{hash:016x}")),
                ..filled(self.row.clone(), outcome)
            }
        });
        rows.collect()
    }

    /// A sample of `f64`.
    fn wide(&self, count: u64) -> Row {
        let of = self.of;
        let (format, precision) = ("f64".to_owned(), "default".to_owned());
        let hash = Some(format!("{:016x}", golden::of_function::<f64>(self.f, of, 1)));
        // What was found holds for the code as it is now if that gives the same results for the inputs of the hash.
        let same =
            |row: &&Row| row.of == self.row.of && row.format == format && row.hash == hash && row.inputs >= count;
        if let Some(row) = self.known.iter().find(same) {
            self.bar.inc(10 * count);
            let (shared_code, own_code) = (self.row.shared_code.clone(), self.row.own_code.clone());
            return Row { shared_code, own_code, ..row.clone() };
        }
        let compute = |x: &[f64], y: &mut [f64]| of.compute(self.f, x, y);
        let allowance = |x| self.reference.allowance(of, &Layout::F64, x);
        let formula = self.reference.formula(of);
        let outcome = sample(formula, self.f.info(), allowance, count, compute, |n| self.bar.inc(10 * n));
        let allowance = self.reference.largest_allowance(of, &Layout::F64);
        Row {
            format,
            precision,
            allowance: (allowance > 0.0).then_some(allowance),
            hash,
            ..filled(self.row.clone(), &outcome)
        }
    }
}

/// The processor's name and the threads at work.
fn machine() -> String {
    let cpus = sysinfo::RefreshKind::nothing().with_cpu(sysinfo::CpuRefreshKind::nothing());
    let system = sysinfo::System::new_with_specifics(cpus);
    let brand = system.cpus().first().map_or("", |cpu| cpu.brand()).to_owned();
    format!("{brand}, {:?}, {} threads", actfn::Path::current(), rayon::current_num_threads())
}
