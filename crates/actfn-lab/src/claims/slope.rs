//! Claims about values and derivatives alone.

use actfn::{Activation, Dual, Softmax, rows};

use super::{Claim, Lab, Verdict, function, measured};
use crate::engine::Normals;

/// Points from −`end` to `end`.
fn grid(end: f64, intervals: u32) -> impl Iterator<Item = f64> {
    (0..=intervals).map(move |i| end * (2.0 * f64::from(i) / f64::from(intervals) - 1.0))
}

fn value(f: &Activation, x: f64) -> f64 {
    f.scalar(x).expect("an elementwise function").0
}

fn slope(f: &Activation, x: f64) -> f64 {
    f.scalar(x).expect("an elementwise function").1
}

/// f′(x) by automatic differentiation of the definition of f.
fn differentiated(f: &Activation, x: f64) -> f64 {
    f.dual(Dual::variable(x)).expect("an elementwise function").0.derivative
}

pub fn sigmoid_slope(_: &Lab) -> Claim {
    let sigmoid = function("sigmoid");
    let (steepest, place) = grid(20.0, 400_000)
        .map(|x| (differentiated(&sigmoid, x), x))
        .fold((0.0, f64::NAN), |best, point| if point.0 > best.0 { point } else { best });
    Claim {
        name: "sigmoid_slope",
        page: "The maximum value of the derivative for the sigmoid function is 0.25.",
        experiment: "σ′ by automatic differentiation at 400 001 points from −20 to 20".to_string(),
        measured: measured([("largest σ′", steepest), ("at x", place)]),
        verdict: Verdict::of(steepest == 0.25 && place == 0.0, (steepest - 0.25).abs() < 1e-12),
        remark: "The largest slope is at 0, and only there.".to_string(),
        charts: Vec::new(),
    }
}

pub fn edges(_: &Lab) -> Claim {
    let at_edge = |name: &str| {
        let f = function(name);
        differentiated(&f, 10.0).max(differentiated(&f, -10.0)) / differentiated(&f, 0.0)
    };
    let [sigmoid, tanh, arctan] = ["sigmoid", "tanh", "arctan"].map(at_edge);
    Claim {
        name: "edges",
        page: "Sigmoid and hyperbolic tangent: vanishing gradient at edges.",
        experiment: "f′(±10) divided by f′(0), the larger of the two sides".to_string(),
        measured: measured([("sigmoid", sigmoid), ("tanh", tanh), ("arctan", arctan)]),
        verdict: Verdict::of(sigmoid < 1e-3 && tanh < 1e-3, sigmoid < 1e-3 || tanh < 1e-3),
        remark: "Sigmoid's and tanh's slopes fall like e^−|x| and e^−2|x|. Arctan's, of which the page says nothing, falls too, \
                 but only like 1/x²."
            .to_string(),
        charts: Vec::new(),
    }
}

/// A derivative as the page prints it, from x and f(x).
type Printed = fn(f64, f64) -> f64;

pub fn derivatives(_: &Lab) -> Claim {
    let printed: [(&str, Printed); 7] = [
        ("perceptron", |_, _| 0.0),
        ("sigmoid", |_, f| f * (1.0 - f)),
        ("tanh", |_, f| 1.0 - f * f),
        ("arctan", |x, _| 1.0 / (x * x + 1.0)),
        ("relu", |x, _| if x < 0.0 { 0.0 } else { 1.0 }),
        ("leaky_relu", |x, _| if x < 0.0 { 0.1 } else { 1.0 }),
        ("identity", |_, _| 1.0),
    ];
    let errors = printed.map(|(name, formula)| {
        let f = function(name);
        let error = |x: f64| (formula(x, value(&f, x)) - differentiated(&f, x)).abs();
        (name, grid(8.0, 10_000).filter(|x| *x != 0.0).map(error).fold(0.0, f64::max))
    });
    // 1 − f² has no digits left where f rounds to 1.
    let tanh = function("tanh");
    let tail = 1.0 - value(&tanh, 20.0).powi(2);
    let largest = errors.iter().map(|(_, error)| *error).fold(0.0, f64::max);
    Claim {
        name: "derivatives",
        page: "The derivatives printed for perceptron, sigmoid, tanh, arctan, ReLU, leaky ReLU and identity.",
        experiment:
            "each beside automatic differentiation of f at 10 000 points from −8 to 8, without 0: largest difference"
                .to_string(),
        measured: measured(errors.into_iter().chain([("1 − tanh(20)²", tail), ("tanh′(20)", slope(&tanh, 20.0))])),
        verdict: Verdict::of(largest < 1e-14, largest < 1e-9),
        remark:
            "As mathematics. As programs, f (1 − f) and 1 − f² have lost the right-hand tail, where f rounds to 1: \
                 derivatives should be computed from x."
                .to_string(),
        charts: Vec::new(),
    }
}

pub fn relu_at_zero(_: &Lab) -> Claim {
    let relu = function("relu");
    let apart = grid(10.0, 100_000)
        .map(|x| (value(&relu, x) - x.max(0.0)).abs() + (value(&relu, x) - if x < 0.0 { 0.0 } else { x }).abs())
        .fold(0.0, f64::max);
    let difference = |f: fn(f64) -> f64, h: f64| (f(h) - f(0.0)) / h;
    let [left, right] = [-1e-3, 1e-3].map(|h| difference(|x| x.max(0.0), h));
    let [here, torch] = ["relu", "torch:relu"].map(|name| slope(&function(name), 0.0));
    Claim {
        name: "relu_at_zero",
        page: "ReLU is max(x, 0), another way to write 0 for x < 0, x for x ≥ 0; its derivative is 1 for x ≥ 0.",
        experiment: "values on 100 001 points from −10 to 10; one-sided derivatives at 0; what programs return there".to_string(),
        measured: measured([
            ("largest difference of values", apart),
            ("left derivative at 0", left),
            ("right derivative at 0", right),
            ("f′(0) here, as printed", here),
            ("f′(0) in torch", torch),
        ]),
        verdict: Verdict::of(apart == 0.0 && left == right, apart == 0.0 && (left, right) == (0.0, 1.0)),
        remark: "The values agree. At 0 there is no derivative: any number from 0 to 1 is a subgradient, and programs differ. \
                 Networks rarely stand at 0 exactly."
            .to_string(),
        charts: Vec::new(),
    }
}

pub fn selu_derivative(_: &Lab) -> Claim {
    const LAMBDA: f64 = 1.050_700_987_355_480_5;
    const ALPHA: f64 = 1.673_263_242_354_377_2;
    let selu = function("selu");
    let right = differentiated(&selu, -1.0);
    let printed = LAMBDA * (value(&selu, -1.0) + ALPHA);
    let far = LAMBDA * (value(&selu, -10.0) + ALPHA);
    let corrected = grid(10.0, 10_000)
        .filter(|x| *x < 0.0)
        .map(|x| (value(&selu, x) + LAMBDA * ALPHA - differentiated(&selu, x)).abs())
        .fold(0.0, f64::max);
    Claim {
        name: "selu_derivative",
        page: "SELU′(x) = λ (f(x) + α) for x < 0.",
        experiment: "the printed formula and f(x) + λα beside automatic differentiation of f".to_string(),
        measured: measured([
            ("printed at −1", printed),
            ("right at −1", right),
            ("printed at −10", far),
            ("right at −10", differentiated(&selu, -10.0)),
            ("largest error of f(x) + λα", corrected),
        ]),
        verdict: Verdict::of((printed - right).abs() < 1e-12, corrected < 1e-12),
        remark: "f already holds λ, so the derivative is f(x) + λα = λα eˣ. As printed it is negative far to the left, where \
                 SELU rises."
            .to_string(),
        charts: Vec::new(),
    }
}

/// The Jacobian of a function of rows by central differences: one row for each output.
fn jacobian_by_differences(f: &Activation, x: &[f64]) -> Vec<Vec<f64>> {
    const STEP: f64 = 1e-5;
    let outputs = f.outputs(x.len()).expect("a row of a length that suits it");
    let at = |column: usize, step: f64| {
        let mut x = x.to_vec();
        x[column] += step;
        let mut y = vec![0.0; outputs];
        f.forward(x.len(), &x, &mut y);
        y
    };
    let columns: Vec<Vec<f64>> = (0..x.len())
        .map(|column| {
            let (up, down) = (at(column, STEP), at(column, -STEP));
            up.into_iter().zip(down).map(|(up, down)| (up - down) / (2.0 * STEP)).collect()
        })
        .collect();
    (0..outputs).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
}

/// The largest difference between Jacobians by differences and by a formula of y, i and j, over random rows.
fn worst(lab: &Lab, f: &Activation, columns: usize, formula: impl Fn(&[f64], &[f64], usize, usize) -> f64) -> f64 {
    let mut rng = lab.rng(1);
    let mut worst: f64 = 0.0;
    for _ in 0..100 {
        let x: Vec<f64> = Normals::new(&mut rng).take(columns).collect();
        let mut y = vec![0.0; f.outputs(columns).expect("a row of a length that suits it")];
        f.forward(columns, &x, &mut y);
        for (i, row) in jacobian_by_differences(f, &x).into_iter().enumerate() {
            for (j, entry) in row.into_iter().enumerate() {
                worst = worst.max((entry - formula(&x, &y, i, j)).abs());
            }
        }
    }
    worst
}

pub fn maxout_derivative(lab: &Lab) -> Claim {
    const PIECES: usize = 4;
    let maxout = function("maxout").with_parameter("num_pieces", PIECES as f64).expect("maxout has pieces");
    let error = worst(lab, &maxout, PIECES, |x, y, _, j| if x[j] == y[0] { 1.0 } else { 0.0 });
    Claim {
        name: "maxout_derivative",
        page: "Maxout: max xᵢ. Derivative: (left blank).",
        experiment:
            "central differences for 100 rows of 4 normal numbers, beside 1 for the largest input and 0 for the others"
                .to_string(),
        measured: measured([("largest difference", error)]),
        verdict: Verdict::of(false, error < 1e-6),
        remark: "The derivative is 1 for the largest input and 0 for the others; of equals, the first takes all here."
            .to_string(),
        charts: Vec::new(),
    }
}

pub fn softmax_sums(lab: &Lab) -> Claim {
    const ROW: usize = 10;
    let mut rng = lab.rng(2);
    let mut off: f64 = 0.0;
    let mut inside = true;
    for scale in [1.0, 10.0, 1000.0] {
        let x: Vec<f32> = Normals::new(&mut rng).take(1000 * ROW).map(|z| (scale * z) as f32).collect();
        let mut y = vec![0.0; x.len()];
        rows::forward(Softmax, ROW, &x, &mut y);
        for row in y.chunks(ROW) {
            off = off.max((row.iter().map(|y| f64::from(*y)).sum::<f64>() - 1.0).abs());
            inside &= row.iter().all(|y| (0.0..=1.0).contains(y));
        }
    }
    let large = [1000.0f32, 999.0, 998.0];
    let mut stable = [0.0; 3];
    rows::forward(Softmax, 3, &large, &mut stable);
    let sum: f32 = large.iter().map(|x| x.exp()).sum();
    let printed = large[0].exp() / sum;
    let right = 1.0 / (1.0 + (-1f64).exp() + (-2f64).exp());
    let stable = f64::from(stable[0]);
    let sums = off < 1e-6 && inside;
    Claim {
        name: "softmax_sums",
        page: "Softmax scales inputs to a range between 0 and 1, and the sum of all outputs is one; fᵢ = exp(xᵢ) / Σ exp(xⱼ).",
        experiment: "3000 rows of 10 numbers of f32, of size 1 to 1000; the row (1000, 999, 998) as printed and here"
            .to_string(),
        measured: measured([
            ("largest |sum − 1|", off),
            ("f₁ at 1000 as printed", f64::from(printed)),
            ("f₁ at 1000 here", stable),
            ("f₁ at 1000, right", right),
        ]),
        verdict: Verdict::of(sums && (f64::from(printed) - right).abs() < 1e-6, sums && (stable - right).abs() < 1e-6),
        remark:
            "The sums hold. But exp(1000) overflows, so the formula as printed gives NaN: the largest input has to be \
                 subtracted from all first, which changes nothing else."
                .to_string(),
        charts: Vec::new(),
    }
}

pub fn softmax_derivative(lab: &Lab) -> Claim {
    let softmax = function("softmax");
    let delta = |i: usize, j: usize| if i == j { 1.0 } else { 0.0 };
    let printed = worst(lab, &softmax, 4, |_, y, i, j| y[i] * (delta(i, j) - y[i]));
    let right = worst(lab, &softmax, 4, |_, y, i, j| y[i] * (delta(i, j) - y[j]));
    Claim {
        name: "softmax_derivative",
        page: "∂fᵢ/∂xⱼ = fᵢ (δᵢⱼ − fᵢ) for softmax.",
        experiment: "both formulas beside central differences, for 100 rows of 4 normal numbers: largest error"
            .to_string(),
        measured: measured([("fᵢ (δᵢⱼ − fᵢ), printed", printed), ("fᵢ (δᵢⱼ − fⱼ)", right)]),
        verdict: Verdict::of(printed < 1e-6, right < 1e-6),
        remark: "The second index is j: fᵢ (δᵢⱼ − fⱼ). Both agree on the diagonal alone.".to_string(),
        charts: Vec::new(),
    }
}
