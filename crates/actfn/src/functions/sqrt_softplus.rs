use crate::Real;
use crate::activation::*;
use crate::math::pair;

/// The square root of softplus: f(x) = √ln(1 + eˣ), f′(x) = σ(x) / (2 f(x)).
///
#[doc = include_str!("../../docs/reference/sqrt_softplus.svg")]
///
/// ```
/// use actfn::{Elementwise, SqrtSoftplus};
/// assert_eq!(SqrtSoftplus.value(0.0), 0.8325546111576977);
/// assert_eq!(SqrtSoftplus.value(-200.0f32), 3.7835e-44);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SqrtSoftplus;

impl Elementwise for SqrtSoftplus {
    const INFO: Info = Info {
        title: "Square-root softplus",
        aliases: &["sqrtsoftplus"],
        formula: "√ln(1 + eˣ)",
        formula_latex: r"\sqrt{\ln(1+e^x)}",
        derivative: "σ(x) / (2 √ln(1 + eˣ))",
        derivative_latex: r"\frac{\sigma(x)}{2\sqrt{\ln(1+e^x)}}",
        range: "(0, ∞)",
        monotonic: true,
        saturates: Saturates::Left,
        max_derivative: 0.319_086_6,
        gaussian: Some(Gaussian { mean: 0.851845, second_moment: 0.806059, derivative_second_moment: 0.081381 }),
        uses: "scores of routers in mixtures of experts",
        problems: "output not zero-centred",
        source: "transformers 5.23, activations.py; no paper is known",
        max_ulp: Some(MaxUlp::new(1.55, 1.1).second(0.51)),
        max_ulp_f64: Some(MaxUlp::new(1.62, 1.11).second(6.16)),
        known: &[
            [-20.0, 0.00004539992973909079414, 0.0000226999648461513397],
            [-5.0, 0.081947229905092390599, 0.040836346341640929018],
            [-2.0, 0.35626957636454518967, 0.16729315373837271895],
            [-1.0, 0.55969785377310750775, 0.24025589838961544408],
            [-0.5, 0.68853248592939075707, 0.27416329404453282443],
            [-0.001, 0.83225435148152881321, 0.30023874259786604615],
            [0.0, 0.83255461115769775635, 0.30028060219661244871],
            [0.001, 0.8328549126708325427, 0.300322416526874352],
            [0.5, 0.98695338500868757133, 0.31534383520878010896],
            [1.0, 1.145976303209722934, 0.31896758099727270076],
            [2.0, 1.4583991261115636367, 0.30197394602336857848],
            [5.0, 2.2375690712219629866, 0.2219612261026781039],
            [20.0, 4.4721359552300233732, 0.11180339863878440521],
        ],
        ..Info::new("sqrt_softplus")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // √(max(x, 0) + ln(1 + e^−|x|)); far to the left e^(x/2), where eˣ itself is no longer a number.
        let e = (-x.abs()).exp_nonpos_times(R::ZERO, R::ONE, R::ZERO);
        let tail = e.log1p_unit();
        let softplus = if x < R::ZERO { tail } else { x + tail };
        let half = R::from_f64(0.5) * x;
        if x < R::from_f64(-40.0) { half.exp_nonpos() } else { softplus.sqrt() }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let half = R::from_f64(0.5);
        let e = (-x.abs()).exp_nonpos_times(R::ZERO, R::ONE, R::ZERO);
        // In pairs, where e is no less than ½: rounded at each step, one f32 went the wrong way.
        let (rise, rise_low) = (-x.abs()).expm1_nonpos_accurate();
        let e_low = if x.abs() < half { ((R::ONE - e) + rise) + rise_low } else { R::ZERO };
        let (d, d_low) = pair::fast_sum(R::ONE, e);
        let d_low = d_low + e_low;
        let tail = e.log1p_unit();
        // What ln(1 + e) is more than that: (1 + e) e^−tail − 1.
        let (p, p_low) = pair::times((d, d_low), (-tail).expm1_nonpos_accurate());
        let tail_low = (e + p) + (p_low + e_low);
        let (softplus, softplus_low) = pair::sum(if x < R::ZERO { R::ZERO } else { x }, tail);
        let s = softplus.sqrt();
        let s_low = ((-s).mul_add(s, softplus) + (softplus_low + tail_low)) / (s + s);
        let numerator = if x < R::ZERO { (half * e, half * e_low) } else { (half, R::ZERO) };
        let y = pair::to_odd(pair::quotient(numerator, pair::times((d, d_low), (s, s_low))));
        if x < R::from_f64(-40.0) { (half * x).exp_nonpos_times(R::ZERO, half, R::ZERO) } else { y }
    }
    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // With s = ln(1 + eˣ) and e = e^−|x|: e (2 s − e) or 2 s e − 1 over 4 (1 + e)² s √s, and far to the left eˣᐟ² / 4.
        let (half, quarter) = (R::from_f64(0.5), R::from_f64(0.25));
        let far = R::from_f64(1e300); // where 2 s is finite, and f″ is 0
        let x = if x > far { far } else { x };
        let e = (-x.abs()).exp_nonpos();
        let d = R::ONE + e;
        let tail = e.log1p_unit();
        let negative = x < R::ZERO;
        let s = if negative { tail } else { x + tail };
        let twice = s + s;
        let numerator = if negative { e * (twice - e) } else { twice.mul_add(e, -R::ONE) };
        let y = quarter * numerator / (d * d * s) / s.sqrt();
        if x < R::from_f64(-40.0) { (half * x).exp_nonpos_times(R::ZERO, quarter, R::ZERO) } else { y }
    }
}
