//! The golden hashes: every instruction set and number of threads gives the same bits.
//!
//! One test function: it forces paths, which holds for the whole process.

use actfn::Path;
use actfn_proof::golden_file::{self, Golden};
use actfn_proof::record;

#[test]
fn every_path_gives_the_golden_hashes() {
    let recorded: Vec<Golden> = record::read(&golden_file::path()).unwrap();
    for path in Path::ALL.into_iter().filter(|path| path.available()) {
        path.force();
        // The portable path calls a function for each fused multiply-add: it gets the inputs for slow machines.
        let fine = path != Path::Portable;
        let hashes = golden_file::compute(fine);
        let expected: Vec<_> = recorded.iter().filter(|row| fine || !row.is_fine()).collect();
        let names = |rows: &[&Golden]| rows.iter().map(|row| row.name()).collect::<Vec<_>>();
        let hashes: Vec<_> = hashes.iter().collect();
        assert_eq!(
            names(&hashes),
            names(&expected),
            "make the file anew: cargo run --release -p actfn-proof -- golden"
        );
        let differ: Vec<_> = hashes.iter().zip(&expected).filter(|(a, b)| a != b).map(|(a, _)| a.name()).collect();
        assert!(differ.is_empty(), "on {path:?}, other bits in:\n{}", differ.join("\n"));
    }
}
