//! The inverse tangent.
//!
//! In `f32` by atan |x| = π/2 + atan(−1 / |x|) above 1; in `f64`, where a polynomial on [0, 1] would be long, reduced to
//! |t| ≤ ½:
//!
//! ```text
//! |x| ≤ ½:                atan |x| = atan |x|
//! |x| ≤ 2:                atan |x| = π/4 + atan((|x| − 1) / (|x| + 1))
//! else:                   atan |x| = π/2 + atan(−1 / |x|)
//! ```
//!
//! From ½ on |x| − 1 is exact. With tan π/8 in its place, a term less, the worst error was 2.45 ULP: just above it three
//! roundings of t as large as the result's.

use super::{add_to_odd, polynomial};

/// atan x.
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    let a = x.abs();
    let large = a > 1.0;
    let t = if large { -1.0 } else { a } / if large { a } else { 1.0 };
    let base = if large { core::f32::consts::FRAC_PI_2 } else { 0.0 };
    let low = if large { -4.371_139e-8 } else { 0.0 }; // what base's rounding left off
    let z = t * t;
    // fpminimax((atan(sqrt(x)) / sqrt(x) - 1) / x, 8, [|24...|], [1e-10, 1], absolute): relative error 2⁻²⁶
    let p = polynomial(
        z,
        [
            -0.333_333_313_465_118_4,
            0.199_997_514_486_312_87,
            -0.142_790_704_965_591_43,
            0.110_385_827_720_165_25,
            -8.677_477_389_574_051e-2,
            6.296_260_654_926_3e-2,
            -3.643_302_991_986_275e-2,
            1.386_054_139_584_302_9e-2,
            -2.476_515_946_909_785_3e-3,
        ],
    );
    (base + (t + mul_add(t * z, p, low))).copysign(x)
}

/// atan a = base + atan(numerator / denominator) for a ≥ 0.
#[inline(always)]
pub(super) fn reduce_f64(a: f64) -> (f64, f64, f64) {
    if a > 2.0 {
        (-1.0, a, core::f64::consts::FRAC_PI_2)
    } else if a > 0.5 {
        (a - 1.0, a + 1.0, core::f64::consts::FRAC_PI_4)
    } else {
        (a, 1.0, 0.0)
    }
}

/// atan x.
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    let a = x.abs();
    let (numerator, denominator, base) = reduce_f64(a);
    // What base's rounding left off.
    let low = if a > 2.0 {
        6.123_233_995_736_766e-17
    } else if a > 0.5 {
        3.061_616_997_868_383e-17
    } else {
        0.0
    };
    let t = numerator / denominator;
    let z = t * t;
    // fpminimax((atan(sqrt(x)) / sqrt(x) - 1) / x, 12, [|53...|], [1e-12, 0.25], absolute): relative error 2⁻⁵⁸
    let p = polynomial(
        z,
        [
            -0.333_333_333_333_333_3,
            0.199_999_999_999_989_02,
            -0.142_857_142_855_297_46,
            0.111_111_110_970_842_7,
            -0.090_909_085_014_186_14,
            0.076_922_924_256_104_39,
            -0.066_664_068_687_543_32,
            0.058_793_339_800_679_94,
            -0.052_386_920_280_051_77,
            0.046_226_016_921_628_36,
            -0.037_932_643_958_159_165,
            0.024_815_011_526_672_97,
            -0.009_095_146_175_144_918,
        ],
    );
    let sum = base + t;
    let rest = low + (t - (sum - base));
    // Rounded to odd: at ±0.069052003 the sum is an f64 in the middle between two numbers of f32.
    add_to_odd::f64(sum, mul_add(t * z, p, rest)).copysign(x)
}
