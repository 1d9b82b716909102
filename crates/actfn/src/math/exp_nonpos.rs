//! eˣ for x ≤ 0, the heart of every sigmoid, and the reduction that all exponentials share.

use super::polynomial;

/// The upper 15 bits of ln 2: k times it is exact for |k| < 512.
pub(super) const LN_2_HI_F32: f32 = 0.693_145_751_953_125;
/// ln 2 less those.
pub(super) const LN_2_LO_F32: f32 = 1.428_606_8e-6;

/// x = k ln 2 + r with |r| ≤ ln 2 / 2: bits of which the last nine are k + `BIAS`, for [`power_f32`], and r.
#[inline(always)]
pub(super) fn reduce_f32<const BIAS: i32>(x: f32) -> (u32, f32) {
    use super::mul_add::f32 as mul_add;
    const MAGIC: f32 = 12_582_912.0; // 1.5 · 2²³: a sum with it ends in the integer nearest to the other term
    let magic = MAGIC + BIAS as f32;
    let shifted = mul_add(x, core::f32::consts::LOG2_E, magic);
    let k = shifted - magic;
    let r = mul_add(-k, LN_2_LO_F32, mul_add(-k, LN_2_HI_F32, x));
    (shifted.to_bits(), r)
}

/// As [`reduce_f32`] for x + low, with what the rounding of r leaves off.
#[inline(always)]
pub(super) fn reduce_pair_f32<const BIAS: i32>(x: f32, low: f32) -> (u32, f32, f32) {
    use super::mul_add::f32 as mul_add;
    const MAGIC: f32 = 12_582_912.0; // 1.5 · 2²³
    let magic = MAGIC + BIAS as f32;
    let shifted = mul_add(x, core::f32::consts::LOG2_E, magic);
    let k = shifted - magic;
    let (high, low) = (mul_add(-k, LN_2_HI_F32, x), mul_add(-k, LN_2_LO_F32, low));
    let r = high + low;
    (shifted.to_bits(), r, (high - r) + low)
}

/// The upper 33 bits of ln 2, and the rest.
pub(super) const LN_2_HI_F64: f64 = 0.693_147_180_369_123_8;
pub(super) const LN_2_LO_F64: f64 = 1.908_214_929_270_587_7e-10;

/// As [`reduce_f32`], with k + `BIAS` in the last twelve bits.
#[inline(always)]
pub(super) fn reduce_f64<const BIAS: i64>(x: f64) -> (u64, f64) {
    use super::mul_add::f64 as mul_add;
    const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
    let magic = MAGIC + BIAS as f64;
    let shifted = mul_add(x, core::f64::consts::LOG2_E, magic);
    let k = shifted - magic;
    let r = mul_add(-k, LN_2_LO_F64, mul_add(-k, LN_2_HI_F64, x));
    (shifted.to_bits(), r)
}

/// As [`reduce_pair_f32`].
#[inline(always)]
pub(super) fn reduce_pair_f64<const BIAS: i64>(x: f64, low: f64) -> (u64, f64, f64) {
    use super::mul_add::f64 as mul_add;
    const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
    let magic = MAGIC + BIAS as f64;
    let shifted = mul_add(x, core::f64::consts::LOG2_E, magic);
    let k = shifted - magic;
    let (high, low) = (mul_add(-k, LN_2_HI_F64, x), mul_add(-k, LN_2_LO_F64, low));
    let r = high + low;
    (shifted.to_bits(), r, (high - r) + low)
}

/// (eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2.
///
/// `fpminimax((expm1(x) - x) / x^2, 4, [|24...|], [-0.3466, 0.3466], absolute)`
#[inline(always)]
pub(super) fn expm1_beyond_linear_f32(r: f32) -> f32 {
    polynomial(
        r,
        [
            0.5,
            0.166_665_762_662_887_57,
            0.041_666_466_742_753_983,
            8.363_250_643_014_907_8e-3,
            1.393_496_873_788_535_6e-3,
        ],
    )
}

/// eʳ − 1 for |r| ≤ ln 2 / 2, within 2⁻²⁷ before rounding.
#[inline(always)]
pub(super) fn expm1_reduced_f32(r: f32) -> f32 {
    super::mul_add::f32(r * r, expm1_beyond_linear_f32(r), r)
}

/// (eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2.
///
/// `fpminimax((expm1(x) - x) / x^2, 9, [|53...|], [-0.3466, 0.3466], absolute)`
#[inline(always)]
pub(super) fn expm1_beyond_linear_f64(r: f64) -> f64 {
    polynomial(
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
    )
}

/// eʳ − 1 for |r| ≤ ln 2 / 2, within 2⁻⁵⁶ before rounding.
#[inline(always)]
pub(super) fn expm1_reduced_f64(r: f64) -> f64 {
    super::mul_add::f64(r * r, expm1_beyond_linear_f64(r), r)
}

/// eʳ for |r| ≤ ln 2 / 2, within 2⁻²⁷·⁹ relative before rounding.
///
/// `fpminimax(exp(x), [|1, 2, 3, 4, 5, 6|], [|24...|], [-0.34665, 0.34665], relative, 1)`
#[inline(always)]
pub(super) fn exp_reduced_f32(r: f32) -> f32 {
    polynomial(r, [1.0, 1.0, 0.499_999_88, 0.166_665_12, 0.041_669_61, 8.369_086e-3, 1.374_876_6e-3])
}

/// eʳ for |r| ≤ ln 2 / 2, within 2⁻⁵⁷·⁶ relative before rounding.
///
/// `fpminimax(exp(x), [|1, …, 11|], [|53...|], [-0.34665, 0.34665], relative, 1)`
#[inline(always)]
pub(super) fn exp_reduced_f64(r: f64) -> f64 {
    polynomial(
        r,
        [
            1.0,
            1.0,
            0.500_000_000_000_001_332_267_6,
            0.166_666_666_666_665_047_591_4,
            4.166_666_666_651_219_763_65e-2,
            8.333_333_333_436_797_329_96e-3,
            1.388_888_894_762_577_196_42e-3,
            1.984_126_962_934_597_900_47e-4,
            2.480_148_946_039_339_083_18e-5,
            2.755_747_813_762_219_376_94e-6,
            2.763_141_677_189_637_812_97e-7,
            2.503_396_182_890_481_281_17e-8,
        ],
    )
}

/// 2^(k − 127) of the last nine bits k, and 0 for k = 0.
#[inline(always)]
pub(super) fn power_f32(k: u32) -> f32 {
    f32::from_bits(k << 23)
}

/// 2^(k − 1023) of the last twelve bits k, and 0 for k = 0.
#[inline(always)]
pub(super) fn power_f64(k: u64) -> f64 {
    f64::from_bits(k << 52)
}

/// eˣ for x ≤ 0.
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    // 2ᵏ is normal while it is times 2⁶⁴, so only the last product rounds. Where x ends it is 0: products that underflow take an
    // assist of the processor, of 150 cycles, and behind a mask of −10⁹ or −∞ exponentials took ten times as long.
    const LIMIT: f32 = (-191.0 * core::f64::consts::LN_2) as f32;
    let (k, r) = reduce_f32::<{ 127 + 64 }>(if x < LIMIT { LIMIT } else { x });
    exp_reduced_f32(r) * power_f32(k) * f32::from_bits((127 - 64) << 23)
}

/// eˣ for x ≤ 0.
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    const LIMIT: f64 = -1151.0 * core::f64::consts::LN_2;
    let (k, r) = reduce_f64::<{ 1023 + 128 }>(if x < LIMIT { LIMIT } else { x });
    exp_reduced_f64(r) * power_f64(k) * f64::from_bits((1023 - 128) << 52)
}
