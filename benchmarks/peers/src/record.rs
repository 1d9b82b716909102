//! What was measured, as Markdown.

use std::path::Path;

use crate::contest::{Contest, Time};

/// The text of the tables so far.
pub struct Record {
    text: String,
}

/// One row of a table: who took how long for each of the sizes.
pub struct Row {
    pub name: String,
    /// For each size, the contenders that could do it.
    pub times: Vec<(usize, Vec<Time>)>,
}

/// What is no peer.
const OURS: [&str; 4] = ["memcpy", "actfn", "actfn exact", "actfn in burn"];

impl Record {
    pub fn new() -> Self {
        Self { text: String::new() }
    }

    /// A paragraph, or a heading.
    pub fn paragraph(&mut self, contest: &Contest, text: &str) {
        self.text += &format!("{text}\n\n");
        contest.say(&format!("{text}\n"));
    }

    /// Nanoseconds per element of each contender, and what ours is of the best peer's and of memcpy's.
    pub fn table(&mut self, contest: &Contest, contenders: &[&str], rows: &[Row]) {
        let mut lines = vec![
            format!("| function | {} | of the best peer | of memcpy | spread |", contenders.join(" | ")),
            "|---".repeat(contenders.len() + 4) + "|",
        ];
        for row in rows {
            let joined = |of: &dyn Fn(usize, &[Time]) -> Option<String>| {
                let entries = row.times.iter().map(|(size, times)| of(*size, times).unwrap_or("–".to_owned()));
                let entries: Vec<String> = entries.collect();
                if entries.iter().all(|entry| entry == "–") { "–".to_owned() } else { entries.join(" / ") }
            };
            let of = |times: &[Time], name: &str| times.iter().find(|time| time.name == name).map(|time| time.median);
            let mut entries = vec![row.name.clone()];
            for name in contenders {
                entries.push(joined(&|size, times| of(times, name).map(|ns| digits(ns / size as f64))));
            }
            let best = |times: &[Time]| {
                times.iter().filter(|time| !OURS.contains(&time.name)).map(|time| time.median).reduce(f64::min)
            };
            entries.push(joined(&|_, times| Some(format!("{:.2}", of(times, "actfn")? / best(times)?))));
            entries.push(joined(&|_, times| Some(format!("{:.2}", of(times, "actfn")? / of(times, "memcpy")?))));
            let most = row.times.iter().flat_map(|(_, times)| times).filter(|time| time.name == "actfn");
            let most = most.map(|time| time.spread).fold(0.0, f64::max);
            entries.push(format!("{:.0} %", 100.0 * most));
            lines.push(format!("| {} |", entries.join(" | ")));
        }
        self.paragraph(contest, &lines.join("\n"));
    }

    /// Writes a file of its own, named by date and machine.
    pub fn write(&self, folder: &Path) -> Result<(), String> {
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let of = |key: &str| {
            let line = cpu.lines().find(|line| line.starts_with(key))?;
            line.split_once(": ").map(|(_, value)| value.to_owned())
        };
        let name = of("model name").unwrap_or("a CPU of unknown name".to_owned());
        let family = [of("cpu family"), of("model\t")].map(|number| number.unwrap_or("?".to_owned())).join("/");
        let date = chrono::Local::now().format("%Y-%m-%d");
        let versions = "candle 0.11.1, burn and burn-flex 0.22.1, rten-vecmath 0.27.0";
        let path = actfn::Path::current();
        let head = format!(
            "# Rust, {date}\n\n{name} (family/model {family}), {path:?}, one thread unless said, `f32` unless said. \
             {versions}, rustc's std and libm for the scalar loops. Medians of rounds in turns, in nanoseconds per \
             element; spread is the distance of the quartiles of actfn's times, the largest of the row.\n\nRepeat: `cargo run --release --manifest-path \
             benchmarks/Cargo.toml -p peers -- --record benchmarks/record`\n\n"
        );
        let machine = slug(&format!("{name} {family}"));
        let file = folder.join(format!("{date}-rust-{machine}.md"));
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&file, format!("{head}{}\n", self.text.trim_end())))
            .map_err(|error| format!("{} cannot be written: {error}", file.display()))
    }
}

/// What of a CPU's name can stand in a file's: `amd-epyc-25-17`.
fn slug(name: &str) -> String {
    let name = name.to_lowercase().replace("(r)", " ").replace("(tm)", " ");
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !["", "processor", "cpu"].contains(word));
    words.collect::<Vec<_>>().join("-")
}

/// Three digits that count, or what is beyond them.
pub fn digits(ns: f64) -> String {
    match ns {
        _ if ns < 1.0 => format!("{ns:.3}"),
        _ if ns < 10.0 => format!("{ns:.2}"),
        _ => format!("{ns:.1}"),
    }
}
