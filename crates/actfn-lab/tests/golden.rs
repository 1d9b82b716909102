//! What small networks have learned is the same to the bit on every instruction set, and what `golden.csv` says. AArch64 and
//! WebAssembly are held to the same file by `crates/actfn-proof/other-targets/run.sh`.
//!
//! One test function: it forces paths, which holds for the whole process.

extern crate alloc;

use actfn::Path;
use actfn_lab::engine;

mod training;

#[test]
fn every_path_trains_to_the_golden_hashes() {
    let golden = include_str!("golden.csv");
    for path in Path::ALL.into_iter().filter(|path| path.available()) {
        path.force();
        let mut found = String::new();
        training::lines(|line| found += &format!("{line}\n"));
        assert!(found == golden, "on {path:?}, tests/golden.csv should be\n{found}");
    }
}
