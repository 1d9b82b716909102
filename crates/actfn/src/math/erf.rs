//! The error function, its complement and the normal distribution, all from the scaled normal tail.

use super::{gate, pair, polynomial};
use crate::Real;

/// Φ(x), the normal distribution.
#[inline(always)]
pub(crate) fn normal_cdf<R: Real>(x: R) -> R {
    gate::normal_cdf(x, R::ZERO)
}

/// erfc x = 2 Φ(−√2 x).
#[inline(always)]
pub(crate) fn erfc<R: Real>(x: R) -> R {
    let minus_sqrt_2 = R::pair_from_f64(-1.414_213_562_373_095_1, 9.667_293_313_452_913e-17);
    let (z, z_low) = pair::times((gate::clamp(x), R::ZERO), minus_sqrt_2);
    let half = gate::normal_cdf(z, z_low);
    half + half
}

/// (erf(√z) / √z − 2/√π) / z for z ≤ 0.26.
///
/// `fpminimax((erf(sqrt(x)) / sqrt(x) - 2 / sqrt(pi)) / x, 9, [|53...|], [1e-20, 0.26], absolute)`: relative error 2⁻⁶²
const NEAR: [f64; 10] = [
    -0.376_126_389_031_837_54,
    0.112_837_916_709_554_34,
    -0.026_866_170_645_339_787,
    0.005_223_977_631_849_697,
    -0.000_854_832_808_965_208_9,
    0.000_120_554_371_529_814_62,
    -1.493_179_690_752_795_1e-5,
    1.667_729_158_888_834_7e-6,
    -2.046_805_261_573_006_4e-7,
    4.716_304_162_657_278e-8,
];

/// erf x = 1 − erfc x, which cancels next to 0; there x (2/√π + x² p(x²)).
#[inline(always)]
pub(crate) fn erf<R: Real>(x: R) -> R {
    let a = x.abs();
    let limit = R::from_f64(0.5);
    let near = if a > limit { limit } else { a };
    let (two_over_root_pi, low) = R::pair_from_f64(1.128_379_167_095_512_6, 1.533_545_961_316_588e-17);
    let z = near * near;
    let near = near * two_over_root_pi + near * z.mul_add(polynomial(z, NEAR.map(R::from_f64)), low);
    (if a < limit { near } else { R::ONE - erfc(a) }).copysign(x)
}
