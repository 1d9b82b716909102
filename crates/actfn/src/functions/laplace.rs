use crate::Real;
use crate::activation::*;
use crate::math::{gate, pair};

/// The normal distribution as an activation, called Laplace in MEGA: f(x) = Φ((x − μ) / σ) = (1 + erf((x − μ) / (σ
/// √2))) / 2, f′(x) = φ((x − μ) / σ) / σ.
///
#[doc = include_str!("../../docs/reference/laplace.svg")]
///
/// μ = √(1/2) and σ = √(1/4π), to six digits, make it an approximation of ReLU².
///
/// ```
/// use actfn::{Elementwise, Laplace};
/// let laplace = Laplace { mu: 0.0, sigma: 1.0 };
/// assert_eq!((laplace.value(0.0), laplace.value(1.0)), (0.5, 0.8413447460685429));
/// assert_eq!(laplace.derivative(0.0), 0.3989422804014327);
/// ```
///
/// Source: Ma et al., Mega: Moving Average Equipped Gated Attention, 2022, arXiv:2209.10655.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Laplace {
    /// The centre μ.
    pub mu: f64,
    /// The width σ.
    pub sigma: f64,
}

impl Laplace {
    /// (x − μ) / σ in two parts: e^(−z²/2) needs all of its digits in the tails.
    #[inline(always)]
    fn standardised<R: Real>(self, x: R) -> (R, R) {
        let far = R::from_f64(1e9); // far outside for any sensible σ, and finite
        let x = if x > far { far } else { x };
        let x = if x < -far { -far } else { x };
        let (mu, mu_low) = R::pair_from_f64(-self.mu, 0.0);
        let inverse = 1.0 / self.sigma;
        let (inverse, inverse_low) = R::pair_from_f64(inverse, inverse.mul_add(-self.sigma, 1.0) * inverse);
        let (d, d_low) = pair::sum(x, mu);
        let (z, z_low) = pair::product(d, inverse);
        (z, inverse.mul_add(d_low + mu_low, inverse_low.mul_add(d, z_low)))
    }
}

impl Default for Laplace {
    fn default() -> Self {
        Self { mu: 0.707107, sigma: 0.282095 }
    }
}

impl Elementwise for Laplace {
    const INFO: Info = Info {
        title: "Laplace (MEGA)",
        formula: "Φ((x − μ) / σ) = (1 + erf((x − μ) / (σ √2))) / 2",
        formula_latex: r"\Phi\left(\frac{x-\mu}{\sigma}\right)=\frac12\left(1+\operatorname{erf}\frac{x-\mu}{\sigma\sqrt2}\right)",
        derivative: "φ((x − μ) / σ) / σ",
        derivative_latex: r"\frac1\sigma\,\varphi\left(\frac{x-\mu}{\sigma}\right)",
        parameters: &[
            Parameter {
                name: "mu",
                meaning: "the centre μ",
                default: 0.707107,
                domain: Domain::Finite,
                learnable: false,
            },
            Parameter {
                name: "sigma",
                meaning: "the width σ",
                default: 0.282095,
                domain: Domain::Positive,
                learnable: false,
            },
        ],
        range: "(0, 1)",
        monotonic: true,
        saturates: Saturates::Both,
        max_derivative: 1.414_211_6,
        gaussian: Some(Gaussian { mean: 0.248079, second_moment: 0.199442, derivative_second_moment: 0.307623 }),
        uses: "the attention function of MEGA",
        problems: "vanishing gradient at the edges; output not zero-centred",
        source: "Ma et al., Mega: Moving Average Equipped Gated Attention, 2022, arXiv:2209.10655",
        year: Some(2022),
        max_ulp: Some(MaxUlp::new(1.67, 1.5).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.44, 1.05).second(4.4)),
        known: &[
            [-20.0, 4.9041853634039862292e-1173, 1.2763685372915875833e-1170],
            [-5.0, 2.6035725652342216099e-91, 1.871757525353897493e-89],
            [-2.0, 4.1377735063901788238e-22, 1.4225764231586415845e-20],
            [-1.0, 7.1737261254328369974e-10, 1.5789058332504849874e-8],
            [-0.5, 9.3833811676860521889e-6, 1.4942904849454817791e-4],
            [-0.001, 0.0060336166351168717926, 0.060572811204395005632],
            [0.0, 0.0060944596179355999243, 0.06111382879472584885],
            [0.001, 0.0061558456451622121431, 0.061658903754260068569],
            [0.5, 0.2314211484105738693, 1.080114050958239783],
            [1.0, 0.85042964928457031946, 0.82494576746355798451],
            [2.0, 0.99999771024506476647, 3.8834162676589557718e-5],
            [5.0, 1.0, 7.2877830384018405541e-51],
            [20.0, 1.0, 2.9333202376272254753e-1016],
        ],
        ..Info::new("laplace")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let (z, z_low) = self.standardised(x);
        gate::normal_cdf(z, z_low)
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let (z, z_low) = self.standardised(x);
        let (u, low) = gate::minus_half_square(z, z_low);
        let slope = 0.398_942_280_401_432_7 / self.sigma;
        let slope_low =
            (-slope).mul_add(self.sigma, 0.398_942_280_401_432_7) / self.sigma - 2.492_327_202_277_73e-17 / self.sigma;
        let (slope, slope_low) = R::pair_from_f64(slope, slope_low);
        let far = u.exp_nonpos_times_result(low, slope, slope_low);
        // Next to 0 it is φ(z₀)/σ (1 + μ x/σ²), in which f32 has numbers by the thousand beside each tie: 18 of them were
        // misrounded without. What does not depend on x is computed once a loop.
        let (z, z_low) = self.standardised(R::ZERO);
        let (u, low) = gate::minus_half_square(z, z_low);
        let (e, e_low) = u.expm1_nonpos_accurate();
        let (e, rest) = pair::fast_sum(R::ONE, e);
        let (y, y_low) = pair::times((e, (e + e_low).mul_add(low, rest + e_low)), (slope, slope_low));
        let rise = R::from_f64(self.mu / (self.sigma * self.sigma));
        let near = y.add_to_odd(y.mul_add(rise * x, y_low));
        let is_far =
            (rise.abs() + R::ONE / R::from_f64(self.sigma)) * x.abs() >= R::from_f64(1e-10) || u <= R::from_f64(-4.0);
        if is_far { far } else { near } // that for NaN, too
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // −z φ(z) / σ²
        let (z, z_low) = self.standardised(x);
        let (u, low) = gate::minus_half_square(z, z_low);
        let factor = R::from_f64(-0.398_942_280_401_432_7 / (self.sigma * self.sigma)) * z;
        u.exp_nonpos_times(low, factor, R::ZERO)
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "mu" => Some(&mut self.mu),
            "sigma" => Some(&mut self.sigma),
            _ => None,
        }
    }
}
