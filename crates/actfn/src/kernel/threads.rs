//! Sharing of large slices among threads. Each element is computed as it would be on one thread, so the bits are the same.
//!
//! The work comes behind a pointer: rayon's machinery is then compiled for each format, and not for each function too
//! (which made two thirds of the library's code).

/// Elements in a thread's share. Below two shares the call stays on its thread: waking another takes some microseconds,
/// as long as the cheap functions need for this many elements.
const SHARE: usize = 1 << 16;

/// Work on a share of an input and an output, given the number of its first row.
type Work<'a, T, U> = dyn Fn(usize, &[T], &mut [U]) + Sync + 'a;
/// Work on a share of two inputs and one output, likewise.
type SharedWork<'a, T> = dyn Fn(usize, &[T], &[T], &mut [T]) + Sync + 'a;

/// The sum of a share of two inputs, likewise.
type Sum<'a, T> = dyn Fn(usize, &[T], &[T]) -> f64 + Sync + 'a;

/// Work on some rows of a product of matrices, given the number of the first.
type Rows<'a> = dyn Fn(usize, &mut [f32]) + Sync + 'a;

#[cfg(feature = "rayon")]
mod parallel {
    use super::super::float_mode::DefaultMode;
    use super::{Rows, SHARE, SharedWork, Sum, Work};
    use alloc::{vec, vec::Vec};
    use std::sync::{Mutex, PoisonError};

    /// Does all the work, on this thread and on rayon's others. This one has the data in its caches: handed to a worker, as
    /// rayon's iterators do, relu of 262 144 numbers took four times as long where there is one thread.
    fn share_out<T: Send>(shares: impl Iterator<Item = T> + Send, work: &(dyn Fn(T) + Sync)) {
        let threads = rayon::current_num_threads();
        let shares = Mutex::new(shares);
        let next = || shares.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work_on = || {
            while let Some(share) = next() {
                work(share);
            }
        };
        if threads == 1 {
            return work_on();
        }
        rayon::in_place_scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|_| {
                    let _mode = DefaultMode::enter();
                    work_on();
                });
            }
            work_on();
        });
    }

    pub(crate) fn each<T: Send>(x: &mut [T], work: &(dyn Fn(usize, &mut [T]) + Send + Sync)) {
        if x.len() < 2 * SHARE {
            return work(0, x);
        }
        share_out(x.chunks_mut(SHARE).enumerate(), &|(i, x)| work(i * SHARE, x));
    }

    pub(crate) fn zip<T: Sync, U: Send>(x: &[T], y: &mut [U], work: &Work<'_, T, U>) {
        if x.len() < 2 * SHARE {
            return work(0, x, y);
        }
        let shares = x.chunks(SHARE).zip(y.chunks_mut(SHARE)).enumerate();
        share_out(shares, &|(i, (x, y))| work(i * SHARE, x, y));
    }

    pub(crate) fn zip2<T: Send + Sync>(x: &[T], g: &[T], y: &mut [T], work: &SharedWork<'_, T>) {
        if x.len() < 2 * SHARE {
            return work(0, x, g, y);
        }
        let shares = x.chunks(SHARE).zip(g.chunks(SHARE)).zip(y.chunks_mut(SHARE)).enumerate();
        share_out(shares, &|(i, ((x, g), y))| work(i * SHARE, x, g, y));
    }

    /// As [`zip2`], by whole rows: a row has `x`, `g` and `y` numbers in the three slices.
    pub(crate) fn rows<T: Send + Sync>(
        (x, x_columns): (&[T], usize),
        (g, g_columns): (&[T], usize),
        (y, y_columns): (&mut [T], usize),
        work: &SharedWork<'_, T>,
    ) {
        let share = (SHARE / x_columns).max(1);
        if x.len() < 2 * SHARE || x.len() / x_columns <= share {
            return work(0, x, g, y);
        }
        let inputs = x.chunks(share * x_columns).zip(g.chunks(share * g_columns));
        let shares = inputs.zip(y.chunks_mut(share * y_columns)).enumerate();
        share_out(shares, &|(i, ((x, g), y))| work(i * share, x, g, y));
    }

    /// A product of matrices by rows of `columns` numbers, each a sum of `terms`.
    pub(crate) fn blocks(sums: &mut [f32], columns: usize, terms: usize, work: &Rows<'_>) {
        // A term takes a small part of the time that an element of a function does; and each share reads all of b.
        const TERMS: usize = 32 * SHARE;
        const LEAST_ROWS: usize = 48;
        let share = (TERMS / (columns * terms)).max(LEAST_ROWS) * columns;
        if sums.len() <= share || sums.len() * terms < 2 * TERMS {
            return work(0, sums);
        }
        share_out(sums.chunks_mut(share).enumerate(), &|(i, sums)| work(i * share / columns, sums));
    }

    /// The sums of all shares, the same shares however many threads there are.
    pub(crate) fn sums<T: Sync>(x: &[T], g: &[T], work: &Sum<'_, T>) -> Vec<f64> {
        if x.len() < 2 * SHARE {
            return super::sums_in_turn(x, g, work);
        }
        let mut sums = vec![0.0; x.len().div_ceil(SHARE)];
        let shares = x.chunks(SHARE).zip(g.chunks(SHARE)).zip(&mut sums).enumerate();
        share_out(shares, &|(i, ((x, g), sum))| *sum = work(i * SHARE, x, g));
        sums
    }
}

pub(crate) fn sums_in_turn<T>(x: &[T], g: &[T], work: &Sum<'_, T>) -> alloc::vec::Vec<f64> {
    let shares = x.chunks(SHARE).zip(g.chunks(SHARE)).enumerate();
    shares.map(|(i, (x, g))| work(i * SHARE, x, g)).collect()
}

#[cfg(not(feature = "rayon"))]
mod serial {
    pub(crate) use super::sums_in_turn as sums;
    use super::{Rows, SharedWork, Work};

    pub(crate) fn blocks(sums: &mut [f32], _: usize, _: usize, work: &Rows<'_>) {
        work(0, sums)
    }

    pub(crate) fn each<T>(x: &mut [T], work: &dyn Fn(usize, &mut [T])) {
        work(0, x)
    }

    pub(crate) fn zip<T, U>(x: &[T], y: &mut [U], work: &Work<'_, T, U>) {
        work(0, x, y)
    }

    pub(crate) fn zip2<T>(x: &[T], g: &[T], y: &mut [T], work: &SharedWork<'_, T>) {
        work(0, x, g, y)
    }

    pub(crate) fn rows<T>(
        (x, _): (&[T], usize),
        (g, _): (&[T], usize),
        (y, _): (&mut [T], usize),
        work: &SharedWork<'_, T>,
    ) {
        work(0, x, g, y)
    }
}

#[cfg(feature = "rayon")]
pub(crate) use parallel::*;
#[cfg(not(feature = "rayon"))]
pub(crate) use serial::*;
