//! The logistic sigmoid 1 / (1 + e⁻ˣ). With x = k ln 2 + r it is 2ᵏ / (2ᵏ + e⁻ʳ), where nothing overflows and no sign is
//! looked at.

use super::exp_nonpos::{power_f32, power_f64, reduce_f32, reduce_f64};
use super::polynomial;

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    // All of it times 2³², so that 2ᵏ is normal; and 0 where x ends, as in `exp_nonpos`.
    const LIMIT: f32 = (-159.0 * core::f64::consts::LN_2) as f32;
    let x = if x < LIMIT { LIMIT } else { x };
    let (k, r) = reduce_f32::<{ 127 + 32 }>(if x > 40.0 { 40.0 } else { x });
    let power = power_f32(k);
    // e⁻ʳ − 1 and 2ᵏ first, 1 last: the other order rounds 1 away next to 2²⁴ (2.41 ULP; this way 1.9991).
    let d = mul_add(r, polynomial(r, EXPM1_F32), power) + SCALE_F32;
    power / d
}

pub(super) const SCALE_F32: f32 = 4_294_967_296.0;

/// (e⁻ʳ − 1) / r · 2³² for |r| ≤ ln 2 / 2: the coefficients of `expm1_beyond_linear_f32`.
pub(super) const EXPM1_F32: [f32; 6] = [
    -SCALE_F32,
    0.5 * SCALE_F32,
    -0.166_665_762_662_887_57 * SCALE_F32,
    0.041_666_466_742_753_983 * SCALE_F32,
    -8.363_250_643_014_907_8e-3 * SCALE_F32,
    1.393_496_873_788_535_6e-3 * SCALE_F32,
];

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    // As in f32, all of it times 2⁶⁴.
    const LIMIT: f64 = -1087.0 * core::f64::consts::LN_2;
    let limited = if x < LIMIT { LIMIT } else { x };
    let (k, r) = reduce_f64::<{ 1023 + 64 }>(if limited > 60.0 { 60.0 } else { limited });
    let power = power_f64(k);
    let d = mul_add(r, polynomial(r, EXPM1_F64), power) + SCALE_F64;
    let y = power / d;
    // Next to 0 the result is ½ + x/4 − x³/48 + x⁵/480 − …, and ½ + x/4, an f64, often lies in the middle between two numbers of
    // f32: 78 of them were rounded the wrong way without the cube, and those where it is below an f64's place without
    // half a place more. The next term, of x⁷, is below 2⁻⁷⁴ here.
    let a = x.abs();
    let place = if a < TIE { a } else { TIE }.copysign(x);
    let cubic = x * mul_add(x * x, 1.0 / 480.0, -1.0 / 48.0);
    let near = mul_add(x, 0.25, 0.5) + mul_add(x * x, cubic, -place);
    if a < 1.0 / 512.0 { near } else { y }
}

const SCALE_F64: f64 = 18_446_744_073_709_551_616.0;

/// A little more than 2⁻⁵⁴, half of the last place above ½.
const TIE: f64 = 5.551_12e-17;

/// (e⁻ʳ − 1) / r · 2⁶⁴ for |r| ≤ ln 2 / 2: the coefficients of `exp_reduced_f64`.
const EXPM1_F64: [f64; 11] = [
    -SCALE_F64,
    0.500_000_000_000_001_332_267_6 * SCALE_F64,
    -0.166_666_666_666_665_047_591_4 * SCALE_F64,
    4.166_666_666_651_219_763_65e-2 * SCALE_F64,
    -8.333_333_333_436_797_329_96e-3 * SCALE_F64,
    1.388_888_894_762_577_196_42e-3 * SCALE_F64,
    -1.984_126_962_934_597_900_47e-4 * SCALE_F64,
    2.480_148_946_039_339_083_18e-5 * SCALE_F64,
    -2.755_747_813_762_219_376_94e-6 * SCALE_F64,
    2.763_141_677_189_637_812_97e-7 * SCALE_F64,
    -2.503_396_182_890_481_281_17e-8 * SCALE_F64,
];
