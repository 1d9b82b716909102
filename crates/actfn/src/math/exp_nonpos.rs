//! eˣ for x ≤ 0, the heart of every sigmoid, and the reduction that all exponentials share.

use super::polynomial;

/// x = k ln 2 + r with |r| ≤ ln 2 / 2 (a little more for |x| above 2¹⁵).
#[inline(always)]
pub(super) fn reduce_f32(x: f32) -> (i32, f32) {
    const ROUND: f32 = 12_582_912.0; // 1.5 · 2²³: the sum's last bits are the integer nearest to x / ln 2
    const LN_2_HI: f32 = 0.693_145_751_953_125; // 15 bits: k · LN_2_HI is exact for |k| < 512
    const LN_2_LO: f32 = 1.428_606_8e-6;
    use super::mul_add::f32 as mul_add;
    let shifted = mul_add(x, core::f32::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = mul_add(-k, LN_2_LO, mul_add(-k, LN_2_HI, x));
    (shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32, r)
}

/// As [`reduce_f32`].
#[inline(always)]
pub(super) fn reduce_f64(x: f64) -> (i64, f64) {
    const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
    const LN_2_HI: f64 = 0.693_147_180_369_123_8; // 33 bits
    const LN_2_LO: f64 = 1.908_214_929_270_587_7e-10;
    use super::mul_add::f64 as mul_add;
    let shifted = mul_add(x, core::f64::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = mul_add(-k, LN_2_LO, mul_add(-k, LN_2_HI, x));
    (shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i64, r)
}

/// eʳ − 1 for |r| ≤ ln 2 / 2, within 2⁻²⁷ before rounding.
///
/// `fpminimax((expm1(x) - x) / x^2, 4, [|24...|], [-0.3466, 0.3466], absolute)`
#[inline(always)]
pub(super) fn expm1_reduced_f32(r: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    let p = polynomial(
        r,
        [
            0.5,
            0.166_665_762_662_887_57,
            0.041_666_466_742_753_983,
            8.363_250_643_014_907_8e-3,
            1.393_496_873_788_535_6e-3,
        ],
    );
    mul_add(r * r, p, r)
}

/// eʳ − 1 for |r| ≤ ln 2 / 2, within 2⁻⁵⁶ before rounding.
///
/// `fpminimax((expm1(x) - x) / x^2, 9, [|53...|], [-0.3466, 0.3466], absolute)`
#[inline(always)]
pub(super) fn expm1_reduced_f64(r: f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    let p = polynomial(
        r,
        [
            0.500_000_000_000_000_111_022,
            0.166_666_666_666_666_740_681_5,
            4.166_666_666_662_315_055e-2,
            8.333_333_333_322_577_932_1e-3,
            1.388_888_891_750_576_174_5e-3,
            1.984_126_988_566_154_510_7e-4,
            2.480_152_097_304_114_399_1e-5,
            2.755_724_325_676_873_531_9e-6,
            2.762_020_739_781_047_320_1e-7,
            2.510_973_569_790_162_275_5e-8,
        ],
    );
    mul_add(r * r, p, r)
}

#[inline(always)]
pub(super) fn exp_reduced_f32(r: f32) -> f32 {
    1.0 + expm1_reduced_f32(r)
}

#[inline(always)]
pub(super) fn exp_reduced_f64(r: f64) -> f64 {
    1.0 + expm1_reduced_f64(r)
}

/// eˣ for x ≤ 0.
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    let x = if x < -104.0 { -104.0 } else { x };
    let (k, r) = reduce_f32(x);
    // k ≥ −151: 2^(k + 64) is normal, and the last product rounds a subnormal result once.
    let scaled = f32::from_bits(exp_reduced_f32(r).to_bits().wrapping_add_signed((k + 64) << 23));
    scaled * f32::from_bits((127 - 64) << 23)
}

/// eˣ for x ≤ 0.
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    let x = if x < -746.0 { -746.0 } else { x };
    let (k, r) = reduce_f64(x);
    let scaled = f64::from_bits(exp_reduced_f64(r).to_bits().wrapping_add_signed((k + 128) << 52));
    scaled * f64::from_bits((1023 - 128) << 52)
}
