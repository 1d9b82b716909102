//! Nanoseconds per element of every function on one thread: forward, backward and exact forward, in `f32`, and memcpy
//! measured anew beside each of them, since the pace of memory changes from minute to minute on a shared machine. Forward also
//! where every other number is −10⁹, as behind a mask: results that underflow must not take longer.
//!
//! `cargo bench --manifest-path benchmarks/Cargo.toml` measures all; a name after `--` only the functions that contain it.
//! At the end it prints the table as Markdown, and fails if the default precision of a function takes longer than its exact one.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use actfn::{Path, catalogue};
use criterion::{BenchmarkId, Criterion, Throughput};

/// In the L1 cache's reach, in the L2 cache's, and out of all caches.
const SIZES: [usize; 3] = [4096, 262_144, 16_777_216];
const MODES: [&str; 5] = ["memcpy", "forward", "masked", "backward", "exact"];
/// Numbers in a row, for functions of rows.
const COLUMNS: usize = 1024;

fn main() -> ExitCode {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .nresamples(1000)
        .without_plots()
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(200))
        .configure_from_args();

    for f in catalogue() {
        let mut group = criterion.benchmark_group(f.info().name);
        for size in SIZES {
            group.throughput(Throughput::Elements(size as u64));
            let outputs = size / COLUMNS * f.outputs(COLUMNS).expect("a row of a power of two");
            let (x, mut y) = (inputs(size), vec![0.0f32; outputs]);
            let mut copy = vec![0.0f32; size];
            group.bench_function(BenchmarkId::new("memcpy", size), |b| {
                b.iter(|| black_box(&mut copy).copy_from_slice(black_box(&x)));
            });
            group.bench_function(BenchmarkId::new("forward", size), |b| {
                b.iter(|| f.forward(COLUMNS, black_box(&x), black_box(&mut y)));
            });
            let masked: Vec<f32> = x.iter().enumerate().map(|(i, x)| if i % 2 == 0 { -1e9 } else { *x }).collect();
            group.bench_function(BenchmarkId::new("masked", size), |b| {
                b.iter(|| f.forward(COLUMNS, black_box(&masked), black_box(&mut y)));
            });
            let exact = f.clone().exact();
            group.bench_function(BenchmarkId::new("exact", size), |b| {
                b.iter(|| exact.forward(COLUMNS, black_box(&x), black_box(&mut y)));
            });
            let (grad_y, mut grad_x) = (inputs(outputs), copy);
            group.bench_function(BenchmarkId::new("backward", size), |b| {
                b.iter(|| f.backward(COLUMNS, black_box(&x), black_box(&grad_y), black_box(&mut grad_x)));
            });
        }
        group.finish();
    }
    print_table();
    slower_than_exact()
}

/// Names the functions whose default precision takes longer than the exact one, by more than measurements on a shared machine differ.
fn slower_than_exact() -> ExitCode {
    const SIZE: usize = SIZES[1];
    let mut code = ExitCode::SUCCESS;
    for f in catalogue() {
        let name = f.info().name;
        if let (Some(default), Some(exact)) = (median(name, "forward", SIZE), median(name, "exact", SIZE))
            && default > 1.15 * exact
        {
            println!("{name}: {default:.2} ns by default and {exact:.2} exact at {SIZE} elements");
            code = ExitCode::FAILURE;
        }
    }
    code
}

/// Near N(0, 3²): the sum of four uniform numbers, scaled.
fn inputs(count: usize) -> Vec<f32> {
    let mut state = 1u64;
    let mut uniform = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    (0..count).map(|_| (uniform() + uniform() + uniform() + uniform()) * 5.2).collect()
}

/// The medians that criterion has stored in this run and earlier ones.
fn print_table() {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name\t: ")).unwrap_or("a CPU of unknown name");
    println!("\nns/element at {SIZES:?} elements, one thread, {:?}, {cpu}\n", Path::current());
    println!(
        "| function | memcpy | forward | of memcpy, from DRAM | masked | backward | exact |\n|---|---|---|---|---|---|---|"
    );
    for f in catalogue() {
        let name = f.info().name;
        let medians = MODES.map(|mode| SIZES.map(|size| median(name, mode, size)));
        let [memcpy, forward, masked, backward, exact] = medians.map(|times| {
            let times = times.map(|ns| ns.map_or("–".into(), |ns| format!("{ns:.2}")));
            times.join(" / ")
        });
        if let (Some(copy), Some(time)) = (medians[0][2], medians[1][2]) {
            println!("| {name} | {memcpy} | {forward} | {:.2} × | {masked} | {backward} | {exact} |", time / copy);
        }
    }
}

fn median(name: &str, mode: &str, size: usize) -> Option<f64> {
    let target =
        std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/target").into());
    let path = format!("{target}/criterion/{name}/{mode}/{size}/new/estimates.json");
    let estimates: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
    Some(estimates["median"]["point_estimate"].as_f64()? / size as f64)
}
