//! The random functions: what they draw, and that nothing but seed and index matters to it.

use actfn::{Activation, Format, GumbelSoftmax, Rrelu, rows};
use half::{bf16, f16};

const RRELU: Rrelu = Rrelu { lower: 0.125, upper: 1.0 / 3.0, weight_at_zero: 0.0, training: 1.0, seed: 7.0, index: 0 };
const GUMBEL: GumbelSoftmax = GumbelSoftmax { tau: 1.0, hard: 0.0, training: 1.0, seed: 7.0, index: 0 };

/// The largest distance between the distribution of the sample and the one with this cumulative distribution function
/// (Kolmogorov & Smirnov), times √n: above 1.95 once in a thousand.
fn distance(mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    sample.sort_unstable_by(f64::total_cmp);
    let n = sample.len() as f64;
    let steps = sample
        .iter()
        .enumerate()
        .map(|(i, x)| (cdf(*x) - i as f64 / n).abs().max((cdf(*x) - (i + 1) as f64 / n).abs()));
    steps.fold(0.0, f64::max) * n.sqrt()
}

fn slopes(f: Rrelu, count: usize) -> Vec<f64> {
    let mut slopes = vec![0.0; count];
    actfn::derivative(f, &vec![-1.0; count], &mut slopes);
    slopes
}

#[test]
fn slopes_are_uniform_and_independent() {
    let n = 200_000;
    let (l, u) = (RRELU.lower, RRELU.upper);
    for seed in [0.0, 1.0, 2.0, 7.0, u32::MAX as f64] {
        let a = slopes(Rrelu { seed, ..RRELU }, n);
        assert!(a.iter().all(|a| (l..=u).contains(a)));
        let place = |a: f64| (a - l) / (u - l);
        assert!(distance(a.clone(), place) < 1.95, "seed {seed}");
        // Neighbours, and the same places under the next seed: a correlation has a standard deviation of 1/√n.
        let b = slopes(Rrelu { seed: seed + 1.0, ..RRELU }, n);
        let correlation = |a: &[f64], b: &[f64]| {
            let sum: f64 = a.iter().zip(b).map(|(a, b)| (place(*a) - 0.5) * (place(*b) - 0.5)).sum();
            12.0 * sum / (n as f64).sqrt()
        };
        for (what, c) in
            [("1", correlation(&a[1..], &a)), ("64", correlation(&a[64..], &a)), ("seed", correlation(&a, &b))]
        {
            assert!(c.abs() < 4.0, "seed {seed}, lag {what}: {c} standard deviations");
        }
    }
}

/// The difference of two Gumbel variables is logistic; the largest logit with noise is a sample of the softmax.
#[test]
fn noise_is_gumbel() {
    let n = 100_000;
    let mut y = vec![0.0f64; 2 * n];
    rows::forward(GUMBEL, 2, &vec![0.0; 2 * n], &mut y);
    let differences: Vec<f64> = y.chunks(2).map(|y| (y[0] / y[1]).ln()).collect();
    assert!(distance(differences, |d| 1.0 / (1.0 + (-d).exp())) < 1.95);

    let hard = GumbelSoftmax { hard: 1.0, tau: 0.5, ..GUMBEL };
    let x: Vec<f32> = [1.0, 2.0, 3.0].into_iter().cycle().take(3 * n).collect();
    let mut y = vec![0.0f32; 3 * n];
    rows::forward(hard, 3, &x, &mut y);
    for (i, p) in [0.09003057, 0.24472847, 0.66524096].into_iter().enumerate() {
        let count: f64 = y.chunks(3).map(|y| y[i] as f64).sum();
        let sigma = (n as f64 * p * (1.0 - p)).sqrt();
        assert!((count - n as f64 * p).abs() < 4.0 * sigma, "{count} times {i}");
    }
}

#[test]
fn backward_has_the_draw_of_forward() {
    let x: Vec<f64> = (0..1000).map(|i| (i as f64 * 0.37).sin() * 3.0 - 1.0).collect();
    let mut y = vec![0.0; 1000];
    let mut grad_x = vec![0.0; 1000];
    actfn::forward(RRELU, &x, &mut y);
    actfn::backward(RRELU, &x, &vec![2.0; 1000], &mut grad_x);
    for ((x, y), grad_x) in x.iter().zip(&y).zip(&grad_x) {
        assert!((grad_x * x - 2.0 * y).abs() < 1e-15 * x.abs());
    }

    let soft = GumbelSoftmax { tau: 0.7, ..GUMBEL };
    let forward = |x: &[f64]| {
        let mut y = vec![0.0; x.len()];
        rows::forward(soft, 5, x, &mut y);
        y
    };
    let g: Vec<f64> = (0..10).map(|i| (i as f64).cos()).collect();
    let mut grad_x = [0.0; 10];
    rows::backward(soft, 5, &x[..10], &g, &mut grad_x);
    let mut straight_through = [0.0; 10];
    rows::backward(GumbelSoftmax { hard: 1.0, ..soft }, 5, &x[..10], &g, &mut straight_through);
    assert_eq!(grad_x, straight_through);
    for j in 0..10 {
        let loss = |h: f64| {
            let mut x = x[..10].to_vec();
            x[j] += h;
            forward(&x).iter().zip(&g).map(|(y, g)| y * g).sum::<f64>()
        };
        let difference = (loss(1e-5) - loss(-1e-5)) / 2e-5;
        assert!((grad_x[j] - difference).abs() < 1e-9, "{j}: {} and {difference}", grad_x[j]);
    }
}

/// Values and gradients of `x` as one slice, and in two parts.
fn whole_and_parts<T: Format>(f: &Activation, columns: usize, x: &[T], at: usize) -> [[Vec<T>; 2]; 2] {
    let run = |f: &Activation, x: &[T]| {
        let (mut y, mut grad_x) = (vec![T::default(); x.len()], vec![T::default(); x.len()]);
        f.forward(columns, x, &mut y);
        f.backward(columns, x, &x.iter().rev().copied().collect::<Vec<T>>(), &mut grad_x);
        // The gradient of a part has another output gradient: take the slopes of single numbers.
        if !f.is_rowwise() {
            f.derivative(x, &mut grad_x);
        }
        [y, grad_x]
    };
    let (first, second) = (run(f, &x[..at]), run(&f.at(at as u64), &x[at..]));
    let parts = [0, 1].map(|i| [&first[i][..], &second[i][..]].concat());
    [run(f, x), parts]
}

#[test]
fn a_slice_may_be_split_anywhere() {
    fn check<T: Format>(bits: fn(T) -> u64) {
        let x: Vec<T> = (0..2400).map(|i| T::from_f64(-1.0 - (i % 7) as f64 / 8.0)).collect();
        for text in ["rrelu(training=1, seed=7)", "gumbel_softmax(training=1, seed=7)"] {
            for exact in [false, T::NAME != "f64"] {
                let f: Activation = text.parse().unwrap();
                let f = if exact { f.exact() } else { f };
                let (columns, kinds) = if f.is_rowwise() { (8, 1) } else { (1, 2) };
                for at in [0, 1, 3, 7, 8, 100, 128, 150, 299].map(|at| at * columns) {
                    let [whole, parts] = whole_and_parts(&f, columns, &x, at);
                    for (whole, parts) in whole.iter().zip(&parts).take(kinds) {
                        let same = whole.iter().zip(parts).all(|(a, b)| bits(*a) == bits(*b));
                        assert!(same, "{f:?} in {} split at {at}", T::NAME);
                    }
                }
            }
        }
    }
    check::<f32>(|x| x.to_bits() as u64);
    check::<f64>(f64::to_bits);
    check::<f16>(|x| x.to_bits() as u64);
    check::<bf16>(|x| x.to_bits() as u64);

    let mut x: Vec<f32> = (0..3000).map(|i| -(i as f32)).collect();
    let mut y = vec![0.0; 3000];
    actfn::forward(RRELU, &x, &mut y);
    actfn::forward_in_place(RRELU, &mut x);
    assert_eq!(x, y);
}

/// The draws are the same in every format and precision, up to rounding.
#[test]
fn formats_share_their_draws() {
    let mut y = vec![0.0f32; 1000];
    actfn::forward(RRELU, &vec![-1.0; 1000], &mut y);
    assert!(slopes(RRELU, 1000).iter().zip(&y).all(|(a, y)| *a as f32 == -y));
}
