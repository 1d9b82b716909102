//! sin(factor · x + eighths · π/4), for every number whose product with the factor is finite.
//!
//! The angle is counted in turns, factor · x / 2π, of which whole ones are dropped (Payne & Hanek 1983). A number from 2⁵² · 2³²ʲ on
//! is a whole multiple of 2³²ʲ, so 2³²ʲ/2π without its whole turns takes the place of 1/2π: 212 digits of it, in four
//! numbers, are enough. Each exact product with one of them loses its whole turns before the rest is summed.

use super::{pair, polynomial};

/// The binary digits of 1/2π behind the point.
const DIGITS: [u64; 19] = [
    0x28be_60db_9391_054a,
    0x7f09_d5f4_7d4d_3770,
    0x36d8_a566_4f10_e410,
    0x7f94_58ea_f7ae_f158,
    0x6dc9_1b8e_9093_74b8,
    0x0192_4bba_8274_6487,
    0x3f87_7ac7_2c4a_69cf,
    0xba20_8d7d_4bae_d121,
    0x3a67_1c09_ad17_df90,
    0x4e64_758e_60d4_ce7d,
    0x2721_17e2_ef7e_4a0e,
    0xc7fe_25ff_f781_6603,
    0xfbcb_c462_d682_9b47,
    0xdb4d_9fb3_c9f2_c26d,
    0xd3d1_8fd9_a797_fa8b,
    0x5d49_eeb1_faf9_7c5e,
    0xcf41_ce7d_e294_a4ba,
    0x9afe_d7ec_47e3_5742,
    0x1580_cc11_bf1e_daea,
];

/// 2³²ʲ/2π without its whole turns, 53 digits in each number.
const TURNS: [[f64; 4]; 32] = {
    let mut turns = [[0.0; 4]; 32];
    let mut i = 0;
    // The last one is never chosen: it makes an index of five bits.
    while i < 4 * 31 {
        let place = 32 * (i / 4) + 53 * (i % 4);
        let (word, shift) = (place / 64, place % 64);
        let two = (DIGITS[word] as u128) << 64 | DIGITS[word + 1] as u128;
        let digits = (two << shift >> (128 - 53)) as u64;
        // digits · 2^(−53 (i % 4 + 1))
        turns[i / 4][i % 4] = digits as f64 * f64::from_bits((1023 - 53 * (i as u64 % 4 + 1)) << 52);
        i += 1;
    }
    turns
};

const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²

/// x without whole turns. From 2⁵² on there is nothing else.
#[inline(always)]
fn fraction(x: f64) -> f64 {
    const TOP: f64 = 4_503_599_627_370_496.0; // 2⁵²
    // Away from 0: between 2⁵² and 2⁵³ a sum is a whole number.
    let top = TOP.copysign(x);
    let part = x - ((x + top) - top);
    if x.abs() < TOP { part } else { 0.0 }
}

/// s · (c₀ + c₁ + c₂) in turns without whole ones.
#[inline(always)]
fn turns(s: f64, [c0, c1, c2]: [f64; 3]) -> (f64, f64) {
    let (p0, p1) = pair::product(s, c0);
    let (p2, p3) = pair::product(s, c1);
    let (t, low0) = pair::sum(fraction(p0), fraction(p1));
    let (t, low1) = pair::sum(t, fraction(p2));
    let (t, low2) = pair::sum(t, s * c2);
    (t, low0 + low1 + low2 + p3)
}

/// The sine and what its rounding leaves off.
#[inline(always)]
pub(crate) fn f64(x: f64, factor: f64, eighths: i32) -> (f64, f64) {
    let (angle, angle_low) = pair::product(x, factor);
    let any = |angle: f64| {
        let above = (angle.to_bits() >> 52 & 0x7ff) as i64 - (1023 + 52);
        let j = if above > 0 { above as usize >> 5 } else { 0 };
        let [c0, c1, c2, c3] = TURNS[j & 31];
        let s = angle * f64::from_bits((1023 - 32 * j as u64) << 52);
        let (t, low) = turns(s, [c0, c1, c2]);
        (t, low + super::mul_add::f64(s, c3, pair::product(s, c2).1))
    };
    // What rounding took from the product may be whole turns too.
    let ((t, low), (more, more_low)) = (any(angle), any(angle_low));
    let (t, sum_low) = pair::sum(t, more);
    of_turns((angle, angle_low), (t, low + (sum_low + more_low)), eighths)
}

/// The sine and what its rounding leaves off, by way of `f64`, in which the product is exact if the factor has 29 digits;
/// otherwise what is missing may be whole turns from 2⁵³ on.
#[inline(always)]
pub(crate) fn f32(x: f32, factor: f64, eighths: i32) -> (f32, f32) {
    let (angle, angle_low) = pair::product(x as f64, factor);
    // Here j is at most 2 and 159 digits are enough: chosen by comparison, which is quicker than from a table.
    let (huge, huger) = (angle.abs() >= TWO_TO_84, angle.abs() >= TWO_TO_116);
    let choose = |[none, one, two]: [f64; 3]| {
        if huger {
            two
        } else if huge {
            one
        } else {
            none
        }
    };
    let c = [0, 1, 2].map(|i| choose([TURNS[0][i], TURNS[1][i], TURNS[2][i]]));
    let scale = choose([1.0, 1.0 / (1u64 << 32) as f64, 1.0 / (1u128 << 64) as f64]);
    let (t, low) = turns(angle * scale, c);
    let (sin, low) = of_turns((angle, angle_low), (t, low + fraction(angle_low * scale * c[0])), eighths);
    let high = sin as f32;
    (high, ((sin - high as f64) + low) as f32)
}

const TWO_TO_84: f64 = f64::from_bits((1023 + 84) << 52);
const TWO_TO_116: f64 = f64::from_bits((1023 + 116) << 52);

/// The sine of an angle, which is also given in turns without whole ones.
#[inline(always)]
fn of_turns((angle, angle_low): (f64, f64), (t, low): (f64, f64), eighths: i32) -> (f64, f64) {
    use super::mul_add::f64 as mul_add;
    // In quarters: a whole number of them, and a rest of at most one half.
    let (t, low) = (4.0 * t, 4.0 * low);
    let (t, low) = if eighths & 1 == 0 {
        (t, low)
    } else {
        let (t, t_low) = pair::sum(t, 0.5);
        (t, t_low + low)
    };
    let shifted = t + MAGIC;
    let (rest, rest_low) = pair::sum(t - (shifted - MAGIC), low);
    let half_pi = (core::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17);
    let (a, a_low) = pair::times((rest, rest_low), half_pi);
    // Small angles are what they are: counted in turns they could be subnormal.
    let small = angle.abs() < core::f64::consts::FRAC_PI_4 && eighths & 1 == 0;
    let (a, a_low) = if small { (angle, angle_low) } else { (a, a_low) };
    let quarters = shifted.to_bits().wrapping_add_signed((eighths >> 1) as i64);

    let z = a * a;
    // fpminimax((sin(sqrt(x)) / sqrt(x) - 1) / x, 5, [|53...|], [1e-20, 0.617], absolute): relative error 2⁻⁵⁵
    let sin = polynomial(
        z,
        [
            -0.166_666_666_666_666_66,
            0.008_333_333_333_331_31,
            -0.000_198_412_698_370_863_4,
            2.755_731_622_356_832e-6,
            -2.505_115_138_316_053_7e-8,
            1.591_927_597_916_071_3e-10,
        ],
    );
    let sin = mul_add(a * z, sin, mul_add(-0.5 * z, a_low, a_low));
    // fpminimax((cos(sqrt(x)) - 1 + x / 2) / x^2, 5, [|53...|], [1e-20, 0.617], absolute): relative error 2⁻⁶⁰
    let cos = polynomial(
        z,
        [
            0.041_666_666_666_666_664,
            -0.001_388_888_888_888_706_1,
            2.480_158_729_846_035_4e-5,
            -2.755_731_715_834_791_6e-7,
            2.087_612_784_297_277_7e-9,
            -1.138_154_339_298_144_2e-11,
        ],
    );
    let cos = mul_add(z * z, cos, -a * a_low);
    let cos = mul_add(-0.5, mul_add(a, a, -z), cos); // what z's rounding left off
    // 1 − z/2 is rounded; what that left off joins the rest.
    let head = if quarters & 1 == 0 { a } else { mul_add(-0.5, z, 1.0) };
    let tail = if quarters & 1 == 0 { sin } else { mul_add(-0.5, z, 1.0 - head) + cos };
    let (high, low) = pair::fast_sum(head, tail);
    let high = if angle == 0.0 && eighths == 0 { angle } else { high }; // keeps −0
    let sign = (quarters & 2) << 62;
    (f64::from_bits(high.to_bits() ^ sign), f64::from_bits(low.to_bits() ^ sign))
}
