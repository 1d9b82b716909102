//! Angles in quarter turns, however large: x · 2/π without whole turns, to 200 binary places (Payne & Hanek 1983).

use std::sync::LazyLock;

use dashu_base::BitTest;
use dashu_float::{Context, round::mode::Down};

/// A number modulo 4 in fixed point: two binary digits before the point and 254 behind it, the first word the highest.
type Fixed = [u64; 4];

/// The digits of 2/π behind the point, the first word the highest: enough for an `f64` of any size.
const WORDS: usize = 24;
static TWO_OVER_PI: LazyLock<[u64; WORDS]> = LazyLock::new(|| {
    let context = Context::<Down>::new(64 * WORDS + 64);
    let pi = context.pi::<2>(None).value();
    let quotient = context.div(&crate::precise::power_of_two(1, 1), pi.repr());
    let digits = quotient.unwrap_or_else(|e| unreachable!("π is not 0: {e}")).value().into_repr();
    let bits = |place: usize| {
        // The bit of weight 2^(−1 − place).
        let index = -1 - place as isize - digits.exponent();
        index >= 0 && digits.significand().bit(index as usize)
    };
    std::array::from_fn(|word| (0..64).fold(0, |sum, i| sum << 1 | bits(64 * word + i) as u64))
});

/// x in quarter turns: its error is below 2⁻²⁰⁰.
fn quarters(x: f64) -> Fixed {
    let bits = x.to_bits();
    let (field, fraction) = ((bits >> 52) as i32 & 0x7ff, bits & ((1 << 52) - 1));
    let (significand, exponent) = if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
    // Digits of 2^exponent · 2/π from the weight 2 on: those above are multiples of 4.
    let window = window(exponent - 2);
    let mut product = [0; 4];
    let mut carry = 0;
    for (product, digit) in product.iter_mut().zip(window).rev() {
        let sum = significand as u128 * digit as u128 + carry;
        (*product, carry) = (sum as u64, sum >> 64);
    }
    if x < 0.0 { negative(product) } else { product }
}

/// 256 digits from a place on; those before the point are 0.
fn window(place: i32) -> Fixed {
    let word = |i: i32| if (0..WORDS as i32).contains(&i) { TWO_OVER_PI[i as usize] } else { 0 };
    let (first, shift) = (place.div_euclid(64), place.rem_euclid(64) as u32);
    std::array::from_fn(|i| {
        let i = first + i as i32;
        ((word(i) as u128) << 64 | word(i + 1) as u128).wrapping_shl(shift).wrapping_shr(64) as u64
    })
}

fn add(a: Fixed, b: Fixed) -> Fixed {
    let mut sum = [0; 4];
    let mut carry = false;
    for i in (0..4).rev() {
        let (s, over) = a[i].overflowing_add(b[i]);
        let (s, more) = s.overflowing_add(carry as u64);
        (sum[i], carry) = (s, over | more);
    }
    sum
}

fn negative(a: Fixed) -> Fixed {
    add(a.map(|a| !a), [0, 0, 0, 1])
}

/// high + low in quarter turns: the nearest whole number of them, modulo 4, and the rest as a sum of two numbers.
pub(crate) fn reduce(high: f64, low: f64) -> (u32, f64, f64) {
    let turned = if low == 0.0 { quarters(high) } else { add(quarters(high), quarters(low)) };
    let whole = (add(turned, [1 << 61, 0, 0, 0])[0] >> 62) as u32;
    let rest = add(turned, negative([(whole as u64) << 62, 0, 0, 0]));
    let below = rest[0] >> 63 == 1;
    let magnitude = if below { negative(rest) } else { rest };
    // The rest's first 106 digits, in two numbers.
    let zeros =
        magnitude.iter().position(|word| *word != 0).map_or(256, |i| 64 * i as u32 + magnitude[i].leading_zeros());
    let digits = |from: u32| {
        let word = |i: u32| if i < 4 { magnitude[i as usize] } else { 0 };
        let (first, shift) = (from / 64, from % 64);
        let bits = ((word(first) as u128) << 64 | word(first + 1) as u128) << shift >> (128 - 53);
        bits as u64 as f64 * f64::from_bits(((1023 + 1 - 52) - from as u64) << 52)
    };
    let sign = if below { -1.0 } else { 1.0 };
    (whole, sign * digits(zeros), sign * digits(zeros + 53))
}
