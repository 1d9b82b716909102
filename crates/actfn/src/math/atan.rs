//! The inverse tangent, reduced to |t| ≤ tan π/8 by the addition formula:
//!
//! ```text
//! |x| ≤ tan π/8:          atan |x| = atan |x|
//! |x| ≤ tan 3π/8:         atan |x| = π/4 + atan((|x| − 1) / (|x| + 1))
//! else:                   atan |x| = π/2 + atan(−1 / |x|)
//! ```

use super::{add_to_odd, polynomial};

const TAN_PI_8: f64 = 0.414_213_562_373_095_05;
const TAN_3PI_8: f64 = 2.414_213_562_373_095;

/// atan x.
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    let a = x.abs();
    let middle = a > TAN_PI_8 as f32;
    let large = a > TAN_3PI_8 as f32;
    let numerator = if large {
        -1.0
    } else if middle {
        a - 1.0
    } else {
        a
    };
    let denominator = if large {
        a
    } else if middle {
        a + 1.0
    } else {
        1.0
    };
    let base = if large {
        core::f32::consts::FRAC_PI_2
    } else if middle {
        core::f32::consts::FRAC_PI_4
    } else {
        0.0
    };
    let t = numerator / denominator;
    let z = t * t;
    // fpminimax((atan(sqrt(x)) / sqrt(x) - 1) / x, 4, [|24...|], [1e-12, 0.17158], absolute): relative error 2⁻²⁸
    let p = polynomial(
        z,
        [
            -0.333_333_313_465_118_4,
            0.199_995_189_905_166_63,
            -0.142_636_537_551_879_88,
            0.107_422_083_616_256_71,
            -6.449_571_251_869_202e-2,
        ],
    );
    // What base's rounding left off.
    let low = if large {
        -4.371_139e-8
    } else if middle {
        -2.185_569_4e-8
    } else {
        0.0
    };
    // base + t as sum + rest exactly (|base| ≥ |t| or base = 0). Without it the worst error is 2.56 ULP, with it 1.85.
    let sum = base + t;
    let rest = low + (t - (sum - base));
    (sum + mul_add(t * z, p, rest)).copysign(x)
}

/// atan x.
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    let a = x.abs();
    let middle = a > TAN_PI_8;
    let large = a > TAN_3PI_8;
    let numerator = if large {
        -1.0
    } else if middle {
        a - 1.0
    } else {
        a
    };
    let denominator = if large {
        a
    } else if middle {
        a + 1.0
    } else {
        1.0
    };
    let base = if large {
        core::f64::consts::FRAC_PI_2
    } else if middle {
        core::f64::consts::FRAC_PI_4
    } else {
        0.0
    };
    // What base's rounding left off.
    let low = if large {
        6.123_233_995_736_766e-17
    } else if middle {
        3.061_616_997_868_383e-17
    } else {
        0.0
    };
    let t = numerator / denominator;
    let z = t * t;
    // fpminimax((atan(sqrt(x)) / sqrt(x) - 1) / x, 11, [|53...|], [1e-12, 0.17158], absolute): relative error 2⁻⁶³
    let p = polynomial(
        z,
        [
            -0.333_333_333_333_333_314_8,
            0.199_999_999_999_989_214_2,
            -0.142_857_142_855_268_237_6,
            0.111_111_110_959_025_011_2,
            -9.090_908_395_633_819_083_5e-2,
            7.692_287_914_708_245_688_5e-2,
            -6.666_296_386_324_269_370_4e-2,
            5.877_649_178_449_824_429_7e-2,
            -5.222_141_293_161_081_103_1e-2,
            4.517_679_988_073_448_437_1e-2,
            -3.378_176_842_132_794_843_7e-2,
            1.548_790_538_115_778_561_7e-2,
        ],
    );
    let sum = base + t;
    let rest = low + (t - (sum - base));
    // Rounded to odd: at ±0.069052003 the sum is an f64 in the middle between two numbers of f32.
    add_to_odd::f64(sum, mul_add(t * z, p, rest)).copysign(x)
}
