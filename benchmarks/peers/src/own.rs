//! actfn alone, beside memcpy: what the peers do not have.

use std::cell::RefCell;
use std::hint::black_box;

use half::{bf16, f16};

use crate::contest::{Contender, Contest, inputs};
use crate::record::{Record, digits};

pub fn run(contest: &Contest, record: &mut Record) {
    const CACHED: usize = 262_144;
    const LARGE: usize = 16_777_216;
    record.paragraph(
        contest,
        "## actfn alone\n\nForward and backward read x, and grad y; two threads work on 262 144 numbers.",
    );
    // Each on a core of its own: left to itself the system often had both on one for the length of a contest.
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    let pin = move |thread: usize| {
        if let Some(core) = cores.get(thread) {
            core_affinity::set_for_current(*core);
        }
    };
    let two = rayon::ThreadPoolBuilder::new().num_threads(2).start_handler(pin).build().expect("two threads");
    let mut lines = vec![
        "| function | memcpy | forward | f16 | bf16 | backward | exact | two threads | a call on 16 |".to_owned(),
        "|---".repeat(9) + "|",
    ];
    let (x, large) = (inputs(CACHED), inputs(LARGE));
    let halves: Vec<f16> = large.iter().map(|x| f16::from_f32(*x)).collect();
    let brains: Vec<bf16> = large.iter().map(|x| bf16::from_f32(*x)).collect();
    let (half_y, brain_y) = (RefCell::new(halves.clone()), RefCell::new(brains.clone()));
    let y = RefCell::new(large.clone());
    for f in actfn::catalogue().filter(|f| !f.is_rowwise() && contest.wants(f.info().name)) {
        let name = f.info().name;
        let exact = f.clone().exact();
        let mut contenders = [
            Contender::new("memcpy", || black_box(&mut y.borrow_mut()[..]).copy_from_slice(black_box(&large))),
            Contender::new("forward", || f.forward(1, black_box(&large), black_box(&mut y.borrow_mut()[..]))),
            Contender::new("f16", || f.forward(1, black_box(&halves), black_box(&mut half_y.borrow_mut()[..]))),
            Contender::new("bf16", || f.forward(1, black_box(&brains), black_box(&mut brain_y.borrow_mut()[..]))),
            Contender::new("backward", || {
                f.backward(1, black_box(&large), black_box(&large), black_box(&mut y.borrow_mut()[..]));
            }),
            Contender::new("exact", || exact.forward(1, black_box(&large), black_box(&mut y.borrow_mut()[..]))),
        ];
        let from_memory = contest.hold(&format!("{name} of {LARGE}"), &mut contenders);
        let cached = RefCell::new(x.clone());
        let mut contenders = [
            Contender::new("one", || f.forward(1, black_box(&x), black_box(&mut cached.borrow_mut()[..]))),
            Contender::new("backward", || {
                f.backward(1, black_box(&x), black_box(&x), black_box(&mut cached.borrow_mut()[..]));
            }),
            Contender::new("exact", || exact.forward(1, black_box(&x), black_box(&mut cached.borrow_mut()[..]))),
            Contender::new("sixteen", || f.forward(1, black_box(&x[..16]), black_box(&mut cached.borrow_mut()[..16]))),
        ];
        let one = contest.hold(&format!("{name} of {CACHED}"), &mut contenders);
        // In the pool for the whole contest: what it takes to get there is not the kernel's.
        let both = two.install(|| {
            let mut y = x.clone();
            let run = || f.forward(1, black_box(&x), black_box(&mut y));
            contest.hold(&format!("{name} on two threads"), &mut [Contender::new("two", run)])
        });
        let large = |i: usize| digits(from_memory[i].median / LARGE as f64);
        let cached = |i: usize| digits(one[i].median / CACHED as f64);
        lines.push(format!(
            "| {name} | {} | {} / {} | {} | {} | {} / {} | {} / {} | {:.2} × | {:.0} ns |",
            large(0),
            cached(0),
            large(1),
            large(2),
            large(3),
            cached(1),
            large(4),
            cached(2),
            large(5),
            one[0].median / both[0].median,
            one[3].median,
        ));
    }
    record.paragraph(contest, "Two figures are of 262 144 and 16 777 216 numbers, one is of 16 777 216.");
    record.paragraph(contest, &lines.join("\n"));
}
