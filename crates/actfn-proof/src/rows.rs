//! Functions of rows against a reference in twice the digits of `f64`: softmax and its relatives, gated units, maxout.
//!
//! Nobody runs all rows. A fixed set of random and of awkward ones is run, and what is found is the worst error over them.

use std::time::Instant;

use actfn::Activation;

use crate::format::Layout;
use crate::formula::{Formula, Term};
use crate::functions::Reference;
use crate::golden::{Bits, mix};
use crate::precise;
use crate::sweep::{Outcome, Worst};
use crate::twofold::{self, BLOCK, Ball, Balls, Pair, Truth, add, div, mul, root};

/// What is smaller is as good as 0: pairs of `f64` lose digits there.
const VANISHING: f64 = 1e-260;

/// The true image of a row, and for each number the error that does not count.
struct Image {
    y: Vec<Ball>,
    allowance: Vec<f64>,
}

/// Runs all rows, and finds the worst error; its `x` is the largest input of the row. Results that are not the nearest
/// numbers are not counted: `Exact` promises a rounding of sums that are rounded themselves.
///
/// `None` where the function has no reference here.
pub fn run<T: Bits>(f: &Activation, exact: bool, layout: &Layout) -> Option<Outcome> {
    let start = Instant::now();
    let compute = if exact { f.clone().exact() } else { f.clone() };
    // What is computed in: where a gate is subnormal there, the value it is multiplied with magnifies its last place.
    let least = if exact || T::WIDTH == 64 { 0.0 } else { 2f64.powi(-149) };
    let vanishing = if T::WIDTH == 64 { VANISHING * 1e10 } else { 0.0 };
    let mut outcome = Outcome::default();
    for row in rows(layout) {
        let x: Vec<T> = row.into_iter().map(T::from_f64).collect();
        let Some(outputs) = f.outputs(x.len()) else { continue };
        let wide: Vec<f64> = x.iter().map(|x| x.to_f64()).collect();
        let image = image(f, &wide, least)?;
        let mut y = vec![T::default(); outputs];
        compute.forward(x.len(), &x, &mut y);
        let largest = wide.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for ((y, truth), allowance) in y.iter().zip(image.y).zip(image.allowance) {
            outcome.inputs += 1;
            note(&mut outcome, y.to_f64(), truth, allowance.max(vanishing), largest, layout);
        }
    }
    Some(Outcome { seconds: start.elapsed().as_secs_f64(), ..outcome })
}

fn note(outcome: &mut Outcome, found: f64, truth: Ball, allowance: f64, x: f64, layout: &Layout) {
    let (lo, hi) = Truth::of(truth).bounds();
    let (ulps, absolute) = match *layout {
        Layout::F64 => Truth::of(truth).error_of(found).unwrap_or((layout.error(found, lo, hi), (found - lo).abs())),
        _ => (layout.error(found, lo, hi), (found - lo).abs().max((found - hi).abs())),
    };
    // NaN comes of a truth that is not known, and counts.
    if absolute.is_nan() || absolute > allowance {
        outcome.worst = Worst::of_two(outcome.worst, Some(Worst { ulps, absolute, x, found }));
    }
}

/// The rows: of every length up to 70, and some long ones,
///
/// - random numbers near 0, spread wide, and far from 0 (where x − max rounds);
/// - a crowd just below the largest number, a crowd at a threshold of the sparse functions, equal numbers, and one that is
///   far above all others.
fn rows(layout: &Layout) -> Vec<Vec<f64>> {
    let (wide, far) = match (layout.precision, layout.largest) {
        (53, _) => ([600.0, 0.0], [20.0, -1e6]), // beyond e⁻⁶⁰⁰, pairs of f64 lose digits
        (_, 15) => ([150.0, 0.0], [1e3, -3e4]),
        _ => ([150.0, 0.0], [1e4, -1e6]),
    };
    let mut rows = Vec::new();
    let mut drawn = 0;
    let mut uniform = || {
        drawn += 1;
        (mix(drawn) >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    for length in (1..=70).chain([1000, 4096, 32_768]) {
        for [spread, shift] in [[2.0, 0.0], [40.0, 0.0], wide, [20.0, 300.0], [1e-3, 17.0]] {
            rows.push((0..length).map(|_| uniform() * spread + shift).collect());
        }
        if length <= 70 {
            rows.push((0..length).map(|_| uniform() * far[0] + far[1]).collect());
        }
    }
    let step = 2f64.powi(1 - layout.precision);
    rows.extend([vec![0.0, step / 2.0 - 1.0], vec![0.0, -1.0], vec![0.0, step - 2.0], vec![0.0; 2]]);
    for length in [2, 16, 17, 300, 10_000] {
        let mut row = |f: &dyn Fn(f64) -> f64| rows.push((0..length).map(|k| f(k as f64)).collect());
        row(&|k| -(0.5f64.powf(k / 8.0)));
        row(&|k| -(0.99f64.powf(k)));
        row(&|k| 0.5f64.powf(k / 8.0));
        row(&|k| -(k / length as f64).powi(4));
        row(&|k| -(k / length as f64).powf(0.25));
        row(&|_| 0.3);
        row(&|k| if k == 0.0 { 0.0 } else { -0.9999 });
        row(&|k| if k == 0.0 { 0.7 } else { -0.3 + k * 1e-7 });
        row(&|k| if k == 1.0 { 30.0 } else { -k / length as f64 });
        row(&|k| if k == 1.0 { 87.0 } else { -k / length as f64 });
    }
    rows
}

/// The function at its parameters, from the paper.
fn image(f: &Activation, x: &[f64], least: f64) -> Option<Image> {
    let p = |name| f.parameter(name).unwrap_or_else(|| panic!("{} has no {name}", f.info().name));
    let balls: Vec<Ball> = x.iter().map(|x| Ball::of(*x)).collect();
    let right = |y: Vec<Ball>| Some(Image { allowance: vec![0.0; y.len()], y });
    // An entry that all but vanishes is right to 2⁻⁴⁵ rather than to its own last place.
    let sparse = |y: Vec<Ball>| Some(Image { allowance: vec![2f64.powi(-45); y.len()], y });
    match f.info().name {
        // Bridle 1990
        "softmax" => right(softmax(x, None)),
        "softmin" => right(softmax(&x.iter().map(|x| -x).collect::<Vec<_>>(), None)),
        // Miller 2023: e^xᵢ / (1 + Σ e^xⱼ), as if there were a 0 beside the row
        "quiet_softmax" => right(softmax(x, Some(0.0))),
        // Without noise; what the noise adds is the subject of the library's tests.
        "gumbel_softmax" if p("training") == 0.0 && p("tau") == 1.0 => right(softmax(x, None)),
        // xᵢ − max − ln Σ e^(xⱼ − max), the sum without the largest one's 1
        "log_softmax" => {
            let first = largest(x);
            let mut e = exponentials(x, x[first]);
            e[first] = Ball::of(0.0);
            let rest = e.into_iter().fold(Ball::of(0.0), add);
            // ln (1 + high + low) = ln (1 + high) + low / (1 + high), but for low² / 2
            let log = evaluate(&Formula::new(|x| x.ln_1p()), &[rest.value.hi])[0];
            let low = rest.value.lo / (1.0 + rest.value.hi);
            let log = add(log, Ball { error: rest.error + low * low + low.abs() * 1e-15, ..Ball::of(low) });
            right(balls.iter().map(|x| add(add(*x, balls[first].negative()), log.negative())).collect())
        }
        // Martins & Astudillo 2016, algorithm 1
        "sparsemax" => {
            let (mut sum, mut threshold) = (Ball::of(0.0), Ball::of(0.0));
            for (k, x) in (1..).map(f64::from).zip(descending(&balls)) {
                sum = add(sum, x);
                // 1 + k x > Σ
                let excess = add(sum, Ball::of(-1.0));
                if add(mul(Ball::of(k), x), excess.negative()).value.hi > 0.0 {
                    threshold = div(excess, Ball::of(k));
                }
            }
            sparse(balls.iter().map(|x| above(*x, threshold)).collect())
        }
        // Peters, Niculae & Martins 2019, algorithm 2, of x / 2
        "entmax15" => {
            let max = balls[largest(x)].negative();
            let z: Vec<Ball> = balls.iter().map(|x| mul(add(*x, max), Ball::of(0.5))).collect();
            let (mut sum, mut squares, mut threshold) = (Ball::of(0.0), Ball::of(0.0), Ball::of(0.0));
            for (k, z) in (1..).map(f64::from).zip(descending(&z)) {
                (sum, squares) = (add(sum, z), add(squares, mul(z, z)));
                let mean = div(sum, Ball::of(k));
                // (1 − (Σ z² − mean Σ z)) / k
                let spread = add(squares, mul(sum, mean).negative());
                let delta = div(add(Ball::of(1.0), spread.negative()), Ball::of(k));
                if delta.value.hi < 0.0 {
                    break;
                }
                let candidate = add(mean, root(delta).negative());
                if add(candidate, z.negative()).value.hi > 0.0 {
                    break;
                }
                threshold = candidate;
            }
            let square = |y| mul(y, y);
            sparse(z.iter().map(|z| square(above(*z, threshold))).collect())
        }
        "hardmax" => {
            let first = largest(x);
            right((0..x.len()).map(|i| Ball::of((i == first) as u8 as f64)).collect())
        }
        // Goodfellow et al. 2013
        "maxout" => right(x.chunks(p("num_pieces") as usize).map(|x| Ball::of(x[largest(x)])).collect()),
        // Shang et al. 2016: [max(x, 0), max(−x, 0)]
        "crelu" => {
            let positive = |x: &f64| Ball::of(x.max(0.0));
            right(x.iter().map(positive).chain(x.iter().map(|x| positive(&-x))).collect())
        }
        // Dauphin et al. 2016; Shazeer 2020
        "glu" => gated(x, p("gate_first"), "sigmoid", least),
        "swiglu" => gated(x, p("gate_first"), &format!("swish(beta={})", p("alpha")), least),
        "geglu" if p("approximate") == 1.0 => gated(x, p("gate_first"), "gelu_tanh", least),
        "geglu" => gated(x, p("gate_first"), "gelu", least),
        "reglu" => gated(x, p("gate_first"), "relu", least),
        "bilinear" => gated(x, 1.0, "identity", least),
        _ => None,
    }
}

/// The first of the largest numbers.
fn largest(x: &[f64]) -> usize {
    (1..x.len()).fold(0, |best, i| if x[i] > x[best] { i } else { best })
}

fn evaluate(formula: &Formula, x: &[f64]) -> Vec<Ball> {
    let mut balls = Balls::new(formula);
    let mut y = Vec::with_capacity(x.len());
    for x in x.chunks(BLOCK) {
        let mut block = [x[0]; BLOCK];
        block[..x.len()].copy_from_slice(x);
        let [hi, lo, error] = balls.evaluate(&block);
        y.extend(x.iter().enumerate().map(|(i, x)| {
            let ball = Ball { value: Pair { hi: hi[i], lo: lo[i] }, error: error[i] };
            match ball.value.hi.abs() + ball.error {
                size if size < VANISHING && error[i] > 0.0 => Ball { error: VANISHING, ..Ball::of(0.0) },
                size if size.is_finite() => ball,
                _ => precisely(formula, *x),
            }
        }));
    }
    y
}

/// By the multi-precision arithmetic, where quotients of pairs would underflow.
fn precisely(formula: &Formula, x: f64) -> Ball {
    let y = precise::enclose(formula, &precise::number(x), 256).unwrap_or_else(|_| panic!("undecided at {x:e}"));
    let value = twofold::nearest(&y.lo);
    Ball { value, error: value.hi.abs() * 2f64.powi(-100) + VANISHING }
}

/// e^(x − max).
fn exponentials(x: &[f64], max: f64) -> Vec<Ball> {
    evaluate(&Formula::new(|x: Term| (x - max).exp()), x)
}

/// `beside` stands beside the row in its sum.
fn softmax(x: &[f64], beside: Option<f64>) -> Vec<Ball> {
    let all: Vec<f64> = x.iter().copied().chain(beside).collect();
    let e = exponentials(&all, all[largest(&all)]);
    let sum = e.iter().copied().fold(Ball::of(0.0), add);
    e[..x.len()].iter().map(|e| div(*e, sum)).collect()
}

fn descending(x: &[Ball]) -> Vec<Ball> {
    let mut sorted = x.to_vec();
    sorted.sort_by(|a, b| (b.value.hi, b.value.lo).partial_cmp(&(a.value.hi, a.value.lo)).expect("no NaN"));
    sorted
}

/// max(x − threshold, 0).
fn above(x: Ball, threshold: Ball) -> Ball {
    let y = add(x, threshold.negative());
    if y.value.hi > 0.0 { y } else { Ball { error: y.error, ..Ball::of(0.0) } }
}

/// One half of the row, times a function of the other.
fn gated(x: &[f64], gate_first: f64, gate: &str, least: f64) -> Option<Image> {
    let (first, second) = x.split_at(x.len() / 2);
    let (gates, values) = if gate_first == 1.0 { (first, second) } else { (second, first) };
    let gate: Activation = gate.parse().ok()?;
    let gates = evaluate(&Reference::of(&gate)?.value, gates);
    Some(Image {
        y: values.iter().zip(gates).map(|(x, gate)| mul(Ball::of(*x), gate)).collect(),
        allowance: values.iter().map(|x| x.abs() * least).collect(),
    })
}
