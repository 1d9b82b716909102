//! Functions of rows against a reference in twice the digits of `f64`: softmax and its relatives, gated units, maxout.
//!
//! Nobody runs all rows. A fixed set of random and of awkward ones is run, and what is found is the worst error over them.
//!
//! A gradient is a sum, of which the terms may cancel: pⱼ Σ pᵢ (gⱼ − gᵢ) is that of softmax. Its error is counted in units in the last
//! place of the sum of the terms' magnitudes, which is that of the true value where they all have one sign.

use std::time::Instant;

use actfn::Activation;

use crate::format::Layout;
use crate::formula::{Formula, Term};
use crate::functions::Reference;
use crate::golden::{Bits, Of, mix};
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

/// Runs all rows, values or gradients, and finds the worst error; its `x` is the largest input of the row. Results that are not the nearest
/// numbers are not counted: `Exact` promises a rounding of sums that are rounded themselves.
///
/// `None` where the function has no reference here.
pub fn run<T: Bits>(f: &Activation, of_gradient: bool, exact: bool, layout: &Layout) -> Option<Outcome> {
    if of_gradient { run_gradients::<T>(f, exact, layout) } else { run_values::<T>(f, exact, layout) }
}

fn run_values<T: Bits>(f: &Activation, exact: bool, layout: &Layout) -> Option<Outcome> {
    let start = Instant::now();
    let compute = if exact { f.clone().exact() } else { f.clone() };
    let vanishing = if T::WIDTH == 64 { VANISHING * 1e10 } else { 0.0 };
    let mut outcome = Outcome::default();
    for row in rows(layout).into_iter().chain(products(f)) {
        let x: Vec<T> = row.into_iter().map(T::from_f64).collect();
        let Some(outputs) = f.outputs(x.len()) else { continue };
        let wide: Vec<f64> = x.iter().map(|x| x.to_f64()).collect();
        if wide.iter().any(|x| x.is_infinite()) {
            continue;
        }
        let image = image(f, &wide)?;
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

/// The vector–Jacobian products of all rows with several upstream gradients each.
fn run_gradients<T: Bits>(f: &Activation, exact: bool, layout: &Layout) -> Option<Outcome> {
    let start = Instant::now();
    let compute = if exact { f.clone().exact() } else { f.clone() };
    let vanishing = if T::WIDTH == 64 { VANISHING * 1e10 } else { 0.0 };
    let mut outcome = Outcome::default();
    for row in rows(layout).into_iter().chain(rows_of_gradients()).chain(products(f)) {
        let x: Vec<T> = row.into_iter().map(T::from_f64).collect();
        let Some(outputs) = f.outputs(x.len()) else { continue };
        let wide: Vec<f64> = x.iter().map(|x| x.to_f64()).collect();
        if wide.contains(&f64::INFINITY) || outputs != x.len() && wide.contains(&f64::NEG_INFINITY) {
            continue;
        }
        let largest = wide.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for grad_y in upstream(outputs, largest_of_outputs(&wide, outputs)) {
            let grad_y: Vec<T> = grad_y.into_iter().map(T::from_f64).collect();
            let wide_grad_y: Vec<f64> = grad_y.iter().map(|g| g.to_f64()).collect();
            let Some(gradient) = gradient(f, &wide, &wide_grad_y, layout)? else { continue };
            let mut grad_x = vec![T::default(); x.len()];
            compute.backward(x.len(), &x, &grad_y, &mut grad_x);
            for (found, Entry { truth, terms, allowance }) in grad_x.iter().zip(gradient) {
                outcome.inputs += 1;
                let absolute = distance(found.to_f64(), truth, layout);
                // NaN comes of a truth that is not known, and counts.
                if absolute.is_nan() || absolute > allowance.max(vanishing) {
                    let ulps = absolute / layout.ulp(terms.max(truth.value.hi.abs()));
                    let ulps = if ulps.is_nan() { f64::INFINITY } else { ulps };
                    let worst = Worst { ulps, absolute, x: largest, found: found.to_f64() };
                    outcome.worst = Worst::of_two(outcome.worst, Some(worst));
                }
            }
        }
    }
    Some(Outcome { seconds: start.elapsed().as_secs_f64(), ..outcome })
}

/// How far a result is from the truth, at most; beyond the largest number of the format nothing differs.
fn distance(found: f64, truth: Ball, layout: &Layout) -> f64 {
    let beyond = 2.0 * 2f64.powi(layout.largest);
    let Ball { value, error } = truth;
    if layout.largest == 1023 || found.is_finite() && value.hi.abs() < beyond {
        return ((found - value.hi) - value.lo).abs() + error;
    }
    let (lo, hi) = layout.within(value.hi - error, value.hi + error);
    let (found, _) = layout.within(found, found);
    (found - lo).abs().max((found - hi).abs())
}

/// One number of a gradient.
struct Entry {
    truth: Ball,
    /// The sum of the magnitudes of the terms.
    terms: f64,
    /// The error that does not count.
    allowance: f64,
}

/// Rows of gated units whose gate is subnormal, or 0 in a format that holds the product: the halves are of all sizes, and far to the
/// left, one way and the other.
fn products(f: &Activation) -> Vec<Vec<f64>> {
    if !matches!(f.info().name, "glu" | "swiglu" | "geglu" | "reglu" | "bilinear") {
        return Vec::new();
    }
    let mut drawn = 1 << 42;
    let mut uniform = || {
        drawn += 1;
        (mix(drawn) >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut rows = Vec::new();
    for length in [2, 34, 512] {
        for largest in [127.0, 40.0, 15.0] {
            let values: Vec<f64> = (0..length / 2).map(|_| (uniform() * largest).exp2()).collect();
            for left in [-200.0, -95.0, -20.0] {
                let gates: Vec<f64> = (0..length / 2).map(|_| uniform() * left).collect();
                rows.push([&values[..], &gates].concat());
                rows.push([&gates[..], &values].concat());
            }
        }
    }
    rows
}

/// Rows whose gradients are lost where they are made of a rounded output, and rows with a mask of −∞.
fn rows_of_gradients() -> Vec<Vec<f64>> {
    let mut rows = Vec::new();
    for distance in [5.0, 12.0, 16.7, 17.5, 20.0, 37.42994775023705, 60.0, 85.0, 87.5, 95.0, 120.0] {
        for length in [2, 4, 34, 300] {
            rows.push((0..length).map(|i| if i == 0 { distance } else { 0.0 }).collect());
            rows.push((0..length).map(|i| if i == 1 { -distance } else { 0.0 }).collect());
            // two that outweigh the others together
            rows.push((0..length).map(|i| if i < 2 { 0.0 } else { -distance - i as f64 / 64.0 }).collect());
            rows.push((0..length).map(|i| if i % 2 == 0 { f64::NEG_INFINITY } else { distance / i as f64 }).collect());
        }
    }
    rows.push((0..65_538).map(|i| if i == 0 { 4.0 } else { 0.0 }).collect());
    rows
}

/// The place of an output that comes of the row's largest number.
fn largest_of_outputs(x: &[f64], outputs: usize) -> usize {
    largest(x) * outputs / x.len()
}

/// Upstream gradients: random, of one number, of all alike, of one that outweighs the others, of every size, and such as cancel.
fn upstream(length: usize, top: usize) -> Vec<Vec<f64>> {
    let mut drawn = 1 << 40;
    let mut uniform = || {
        drawn += 1;
        (mix(drawn) >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    let one_at = |place: usize, size: f64| move |i: usize| if i == place { size } else { 0.0 };
    let mut all: Vec<Vec<f64>> = vec![
        (0..length).map(|_| uniform() * 2.0).collect(),
        (0..length).map(one_at(top, 1.0)).collect(),
        (0..length).map(one_at((top + 1) % length, -1.0)).collect(),
        vec![1.0; length],
    ];
    if length <= 1000 {
        all.push((0..length).map(|i| if i == top { 1000.0 } else { uniform() }).collect());
        all.push((0..length).map(|_| (uniform() * 24.0).exp2() * uniform().signum()).collect());
        all.push((0..length).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 } + uniform() / 1024.0).collect());
        all.push((0..length).map(|_| 1.0 + uniform() / 128.0).collect());
    }
    all
}

/// The gradient of the function at its parameters; nothing inside where it has none, at a kink.
fn gradient(f: &Activation, x: &[f64], g: &[f64], layout: &Layout) -> Option<Option<Vec<Entry>>> {
    let p = |name| f.parameter(name).unwrap_or_else(|| panic!("{} has no {name}", f.info().name));
    // As far off as −∞, for softmax and its relatives.
    let x = &*x.iter().map(|x| x.max(-1e7)).collect::<Vec<_>>();
    let single = |truth: Ball| Entry { truth, terms: 0.0, allowance: 0.0 };
    let weights = |x: &[f64], beside: Option<f64>| {
        let mut weights = softmax(x, beside);
        let factors: Vec<Ball> = weights.clone();
        if let Some(beside) = beside {
            let all: Vec<f64> = x.iter().copied().chain([beside]).collect();
            weights = softmax(&all, None);
        }
        (weights, factors)
    };
    Some(Some(match f.info().name {
        "softmax" => centred(weights(x, None), g, 1.0, 0.0),
        "gumbel_softmax" if p("training") == 0.0 && p("tau") == 1.0 => centred(weights(x, None), g, 1.0, 0.0),
        "softmin" => centred(weights(&x.iter().map(|x| -x).collect::<Vec<_>>(), None), g, -1.0, 0.0),
        "quiet_softmax" => centred(weights(x, Some(0.0)), g, 1.0, 0.0),
        "log_softmax" => {
            let first = largest(x);
            let e = exponentials(x, x[first]);
            let others =
                |of: &dyn Fn(usize) -> Ball| (0..x.len()).filter(|i| *i != first).map(of).fold(Ball::of(0.0), add);
            let rest = others(&|i| e[i]);
            let sum = add(rest, e[first]);
            let (total, others) =
                (g.iter().map(|g| Ball::of(*g)).fold(Ball::of(0.0), add), others(&|i| Ball::of(g[i])));
            let sizes: f64 = g.iter().map(|g| g.abs()).sum();
            let others_sizes: f64 = (0..x.len()).filter(|i| *i != first).map(|i| g[i].abs()).sum();
            (0..x.len())
                .map(|i| {
                    let own = Ball::of(g[i]);
                    let p = div(e[i], sum);
                    let q = if i == first { div(rest, sum) } else { add(Ball::of(1.0), p.negative()) };
                    let (of_others, of_others_sizes) = if i == first {
                        (others, others_sizes)
                    } else {
                        (add(total, own.negative()), sizes - g[i].abs())
                    };
                    Entry {
                        truth: add(mul(own, q), mul(p, of_others).negative()),
                        terms: g[i].abs() * q.value.hi + p.value.hi * of_others_sizes,
                        allowance: 0.0,
                    }
                })
                .collect()
        }
        "sparsemax" | "entmax15" => {
            let is_sparsemax = f.info().name == "sparsemax";
            let (above, nearest) = if is_sparsemax { sparsemax(x) } else { entmax15(x) };
            // Next to the threshold it may belong to either side.
            if nearest < 2f64.powi(-40) {
                return Some(None);
            }
            let one_if = |y: &Ball| Ball::of((y.value.hi > 0.0) as u8 as f64);
            let factors: Vec<Ball> = if is_sparsemax { above.iter().map(one_if).collect() } else { above };
            let sum = factors.iter().copied().fold(Ball::of(0.0), add);
            let weights = factors.iter().map(|factor| div(*factor, sum)).collect();
            centred((weights, factors), g, 1.0, if is_sparsemax { 0.0 } else { 2f64.powi(-45) })
        }
        "hardmax" => x.iter().map(|_| single(Ball::of(0.0))).collect(),
        "maxout" => {
            let pieces = p("num_pieces") as usize;
            let of_piece = |i: usize| {
                let unit = i / pieces;
                let is_largest = i % pieces == largest(&x[unit * pieces..][..pieces]);
                if is_largest { g[unit] } else { 0.0 }
            };
            (0..x.len()).map(|i| single(Ball::of(of_piece(i)))).collect()
        }
        "crelu" => {
            let of = |i: usize| match x[i] {
                x_i if x_i > 0.0 => g[i],
                x_i if x_i < 0.0 => -g[x.len() + i],
                _ => p("derivative_at_zero") * (g[i] - g[x.len() + i]),
            };
            (0..x.len()).map(|i| single(Ball::of(of(i)))).collect()
        }
        "glu" => gated_gradient(x, g, p("gate_first"), "sigmoid", layout)?,
        "swiglu" => gated_gradient(x, g, p("gate_first"), &format!("swish(beta={})", p("alpha")), layout)?,
        "geglu" if p("approximate") == 1.0 => gated_gradient(x, g, p("gate_first"), "gelu_tanh", layout)?,
        "geglu" => gated_gradient(x, g, p("gate_first"), "gelu", layout)?,
        // 0 where the gate is 0, as all gates here have it
        "reglu" if x.contains(&0.0) => return Some(None),
        "reglu" => gated_gradient(x, g, p("gate_first"), "relu", layout)?,
        "bilinear" => gated_gradient(x, g, 1.0, "identity", layout)?,
        _ => return None,
    }))
}

/// `sign · factorⱼ Σ weightᵢ (gⱼ − gᵢ)`. The weights sum to 1; there may be one more than the row has numbers, with a g of 0.
///
/// From the weighted median of g, which makes the terms as small as they can be.
fn centred((weights, factors): (Vec<Ball>, Vec<Ball>), g: &[f64], sign: f64, allowance: f64) -> Vec<Entry> {
    let mut all = g.to_vec();
    all.resize(weights.len(), 0.0);
    let mut order: Vec<usize> = (0..all.len()).filter(|i| weights[*i].value.hi > 0.0).collect();
    order.sort_by(|a, b| all[*a].total_cmp(&all[*b]));
    let mut half = 0.5;
    let median = order.iter().find(|i| {
        half -= weights[**i].value.hi;
        half <= 0.0
    });
    let median = Ball::of(-all[*median.or(order.last()).unwrap_or_else(|| unreachable!("weights sum to 1"))]);
    let distances: Vec<Ball> = all.iter().map(|g| add(Ball::of(*g), median)).collect();
    let mean = weights.iter().zip(&distances).map(|(w, d)| mul(*w, *d)).fold(Ball::of(0.0), add);
    // Σ weightᵢ |gⱼ − gᵢ|: that of smaller g, and that of larger ones
    let mut spread = vec![0.0; all.len()];
    let mut one_side = |order: &mut dyn Iterator<Item = usize>| {
        let (mut weight, mut sum, mut last) = (0.0, 0.0, None);
        for i in order {
            sum += weight * (all[i] - last.unwrap_or(all[i])).abs();
            spread[i] += sum;
            weight += weights[i].value.hi;
            last = Some(all[i]);
        }
    };
    one_side(&mut order.iter().copied());
    one_side(&mut order.iter().rev().copied());
    let largest = distances.iter().map(|d| d.value.hi.abs()).fold(0.0, f64::max);
    (0..g.len())
        .map(|j| Entry {
            truth: mul(mul(factors[j], Ball::of(sign)), add(distances[j], mean.negative())),
            terms: factors[j].value.hi * spread[j],
            allowance: allowance * largest,
        })
        .collect()
}

/// The gradients of one half of the row times a function of the other: each is one product.
fn gated_gradient(x: &[f64], g: &[f64], gate_first: f64, gate: &str, layout: &Layout) -> Option<Vec<Entry>> {
    let (first, second) = x.split_at(x.len() / 2);
    let (gates, values) = if gate_first == 1.0 { (first, second) } else { (second, first) };
    let reference = Reference::of(&gate.parse().ok()?)?;
    let allowance = reference.allowance(Of::Derivative, layout, 0.0);
    let derivatives = evaluate(reference.formula(Of::Derivative), gates);
    let by_value = evaluate(reference.formula(Of::Value), gates).into_iter().zip(g).map(|(gate, g)| Entry {
        truth: mul(Ball::of(*g), gate),
        terms: 0.0,
        allowance: g.abs() * VANISHING * 1e10,
    });
    let by_gate = derivatives.into_iter().zip(values).zip(g).map(|((derivative, value), g)| Entry {
        truth: mul(mul(Ball::of(*g), Ball::of(*value)), derivative),
        terms: 0.0,
        allowance: (g * value).abs() * (allowance + VANISHING * 1e10),
    });
    Some(if gate_first == 1.0 { by_gate.chain(by_value).collect() } else { by_value.chain(by_gate).collect() })
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
fn image(f: &Activation, x: &[f64]) -> Option<Image> {
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
        "sparsemax" => sparse(sparsemax(x).0),
        "entmax15" => sparse(entmax15(x).0.into_iter().map(|y| mul(y, y)).collect()),
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
        "glu" => gated(x, p("gate_first"), "sigmoid"),
        "swiglu" => gated(x, p("gate_first"), &format!("swish(beta={})", p("alpha"))),
        "geglu" if p("approximate") == 1.0 => gated(x, p("gate_first"), "gelu_tanh"),
        "geglu" => gated(x, p("gate_first"), "gelu"),
        "reglu" => gated(x, p("gate_first"), "relu"),
        "bilinear" => gated(x, 1.0, "identity"),
        _ => None,
    }
}

/// Martins & Astudillo 2016, algorithm 1: what each number is above the threshold, and how near the nearest one comes to it.
fn sparsemax(x: &[f64]) -> (Vec<Ball>, f64) {
    let balls: Vec<Ball> = x.iter().map(|x| Ball::of(*x)).collect();
    let (mut sum, mut threshold) = (Ball::of(0.0), Ball::of(0.0));
    for (k, x) in (1..).map(f64::from).zip(descending(&balls)) {
        sum = add(sum, x);
        // 1 + k x > Σ
        let excess = add(sum, Ball::of(-1.0));
        if add(mul(Ball::of(k), x), excess.negative()).value.hi > 0.0 {
            threshold = div(excess, Ball::of(k));
        }
    }
    all_above(&balls, threshold)
}

/// Peters, Niculae & Martins 2019, algorithm 2, of x / 2: the roots of its outputs, likewise.
fn entmax15(x: &[f64]) -> (Vec<Ball>, f64) {
    let max = Ball::of(-x[largest(x)]);
    let z: Vec<Ball> = x.iter().map(|x| mul(add(Ball::of(*x), max), Ball::of(0.5))).collect();
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
    all_above(&z, threshold)
}

fn all_above(x: &[Ball], threshold: Ball) -> (Vec<Ball>, f64) {
    let nearest = x.iter().map(|x| add(*x, threshold.negative()).value.hi.abs()).fold(f64::INFINITY, f64::min);
    (x.iter().map(|x| above(*x, threshold)).collect(), nearest)
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
fn gated(x: &[f64], gate_first: f64, gate: &str) -> Option<Image> {
    let (first, second) = x.split_at(x.len() / 2);
    let (gates, values) = if gate_first == 1.0 { (first, second) } else { (second, first) };
    let gate: Activation = gate.parse().ok()?;
    let gates = evaluate(&Reference::of(&gate)?.value, gates);
    let y: Vec<Ball> = values.iter().zip(gates).map(|(x, gate)| mul(Ball::of(*x), gate)).collect();
    // What the reference takes for 0 may be a number of `f64` when it is multiplied.
    Some(Image { allowance: values.iter().map(|x| x.abs() * VANISHING * 1e10).collect(), y })
}
