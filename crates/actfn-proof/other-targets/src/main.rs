//! Prints the hashes.

fn main() {
    other_targets::lines(|line| println!("{line}"));
}
