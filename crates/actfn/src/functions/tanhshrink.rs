use crate::activation::*;
use crate::math::{gate, pair, polynomial};
use crate::{Convention, Framework, Real};

/// Tanh shrinkage: f(x) = x − tanh x, f′(x) = tanh² x.
///
#[doc = include_str!("../../docs/reference/tanhshrink.svg")]
///
/// ```
/// use actfn::{Elementwise, Tanhshrink};
/// assert_eq!(Tanhshrink.value(2.0), 1.0359724199241831);
/// assert_eq!(Tanhshrink.value(1e-4f32), 3.333333e-13); // x − tanh x of the rounded tanh says 0
/// assert_eq!(Tanhshrink.derivative(0.0), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tanhshrink;

// x cosh x − sinh x = x³ (1/3 + z NUMERATOR(z)) and cosh x = 1 + z DENOMINATOR(z), z = x²: Taylor's series.
const NUMERATOR: [f64; 10] = [
    0.033_333_333_333_333_33,
    0.001_190_476_190_476_190_6,
    2.204_585_537_918_871_4e-5,
    2.505_210_838_544_172e-7,
    1.927_085_260_418_593_7e-9,
    1.070_602_922_454_774_3e-11,
    4.498_331_606_952_833e-14,
    1.479_714_344_392_379_3e-16,
    3.914_588_212_678_252_3e-19,
    8.509_974_375_387_505e-22,
];
const DENOMINATOR: [f64; 12] = [
    0.5,
    0.041_666_666_666_666_664,
    0.001_388_888_888_888_889,
    2.480_158_730_158_73e-5,
    2.755_731_922_398_589e-7,
    2.087_675_698_786_81e-9,
    1.147_074_559_772_972_5e-11,
    4.779_477_332_387_385e-14,
    1.561_920_696_858_622_5e-16,
    4.110_317_623_312_165e-19,
    8.896_791_392_450_574e-22,
    1.611_737_571_096_118_4e-24,
];

impl Elementwise for Tanhshrink {
    const INFO: Info = Info {
        title: "Tanhshrink",
        aliases: &["tanh_shrink"],
        formula: "x − tanh x",
        formula_latex: r"x-\tanh x",
        derivative: "tanh² x",
        derivative_latex: r"\tanh^2x",
        monotonic: true,
        zero_centred: true,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 0.182883, derivative_second_moment: 0.252992 }),
        uses: "sparse coding, denoising",
        problems: "flat next to 0: x³ / 3",
        source: "torch.nn.Tanhshrink; no paper is known",
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.Tanhshrink", "F.tanhshrink"]),
            Framework::new(Convention::Keras, &["keras.activations.tanh_shrink"]),
            Framework::new(Convention::Burn, &["activation::tanhshrink"]),
            Framework::new(Convention::Flux, &["tanhshrink"]),
        ],
        max_ulp: Some(MaxUlp::new(1.85, 2.5).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.79, 2.52).second(4.37)),
        known: &[
            [-20.0, -19.000000000000000008, 0.99999999999999998301],
            [-5.0, -4.0000907957374048688, 0.99981841676905619332],
            [-2.0, -1.0359724199241831161, 0.92934917514683553431],
            [-1.0, -0.23840584404423511188, 0.58002565838597393061],
            [-0.5, -0.037882842739990241498, 0.21355226703407258985],
            [-0.001, -3.3333320000005396825e-10, 9.9999933333371111091e-7],
            [0.0, 0.0, 0.0],
            [0.001, 3.3333320000005396825e-10, 9.9999933333371111091e-7],
            [0.5, 0.037882842739990241498, 0.21355226703407258985],
            [1.0, 0.23840584404423511188, 0.58002565838597393061],
            [2.0, 1.0359724199241831161, 0.92934917514683553431],
            [5.0, 4.0000907957374048688, 0.99981841676905619332],
            [20.0, 19.000000000000000008, 0.99999999999999998301],
        ],
        ..Info::new("tanhshrink")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // Near 0, where x and tanh x cancel: (x cosh x − sinh x) / cosh x.
        let a = x.abs();
        let limit = R::from_f64(1.5);
        let near = if a > limit { limit } else { a };
        let (z, z_low) = pair::product(near, near);
        let (third, third_low) = R::pair_from_f64(1.0 / 3.0, 1.850_371_707_708_594e-17);
        let (n, n_low) = pair::fast_sum(third, z * polynomial(z, NUMERATOR.map(R::from_f64)));
        let d = pair::fast_sum(R::ONE, z * polynomial(z, DENOMINATOR.map(R::from_f64)));
        let q = pair::quotient((n, n_low + third_low), d);
        let (y, y_low) = pair::times((near, R::ZERO), pair::times((z, z_low), q));
        let near = pair::to_odd((y, y_low));
        // Far out: |x| − 1 + 2 e / (1 + e) with e = e^−2|x|.
        let e = (-(a + a)).exp_nonpos();
        // Never 0: from 2²⁴ on |x| − 1 is a tie of f32 for every second x.
        let tail = (e + e) / (R::ONE + e) + R::from_f64(1e-300);
        let (far, far_low) = pair::sum(a, -R::ONE);
        let far = pair::to_odd((far, far_low + tail));
        (if a < limit { near } else { far }).copysign(x)
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let tanh = gate::tanh_pair(gate::clamp(x.abs()), R::ZERO);
        let (y, y_low) = pair::times(tanh, tanh);
        y + y_low
    }
}
