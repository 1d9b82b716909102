//! The command as its users type it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use assert_cmd::Command;
use flate2::Compression;
use flate2::write::GzEncoder;
use predicates::prelude::*;
use predicates::str::{contains, starts_with};

fn actfn(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("actfn").unwrap();
    command.args(arguments);
    command
}

fn output(arguments: &[&str]) -> String {
    String::from_utf8(actfn(arguments).assert().success().get_output().stdout.clone()).unwrap()
}

/// `actfn compare` made small, with more options.
fn small<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["compare", "--width", "16", "--epochs", "3", "--seeds", "2"];
    arguments.extend(more);
    arguments
}

fn json(arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&output(arguments)).unwrap()
}

/// A comparison without its times, which alone may differ between runs.
fn without_times(mut comparison: serde_json::Value) -> serde_json::Value {
    for result in comparison["results"].as_array_mut().unwrap() {
        assert!(result.as_object_mut().unwrap().remove("step_ms").is_some());
    }
    comparison
}

/// A file that the test's directory keeps until the test ends.
struct Directory(tempfile::TempDir);

impl Directory {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path: PathBuf = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_string()
    }
}

#[test]
fn the_same_seeds_give_the_same_table_whatever_the_threads() {
    let run = |threads| {
        let options = ["--activations", "tanh,maxout", "--depths", "1,3", "--json", "--threads", threads];
        without_times(json(&small(&options)))
    };
    let first = run("1");
    assert_eq!(first, run("1"));
    assert_eq!(first, run("3"));
    assert_eq!(first["results"].as_array().unwrap().len(), 4);
}

#[test]
fn the_table_says_what_was_done_and_what_it_shows() {
    let text = output(&small(&["--activations", "relu,perceptron", "--depths", "1"]));
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let row =
        |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name} in {text}"));
    assert!(row("relu ").contains(" 1.0 "), "{text}");
    assert!(row("perceptron ").contains("none  100 %      100 %"), "{text}");
    for words in [
        "1797 rows of 64 numbers in 10 classes",
        "He normal for relu",
        "Learning rate: of 0.003, 0.01, 0.03, 0.1",
        "The test rows were looked at once",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert_eq!(text.lines().filter(|line| line.starts_with('→')).count(), 3, "{text}");
}

#[test]
fn deep_sigmoid_networks_fail_and_others_do_not() {
    let options =
        ["compare", "--activations", "sigmoid,selu", "--depths", "8", "--width", "32", "--epochs", "6", "--seeds", "1"];
    let comparison = json(&[&options[..], &["--json"]].concat());
    let accuracy = |result: usize| comparison["results"][result]["test_accuracies"][0].as_f64().unwrap();
    assert!(accuracy(0) < 0.2 && accuracy(1) > 0.9, "{comparison}");
    assert!(comparison["findings"][1].as_str().unwrap().contains("sigmoid at depth 8"), "{comparison}");
}

#[test]
fn reads_files_of_numbers_and_classes() {
    let directory = Directory::new();
    // Two clouds that a line parts.
    let rows: String = (0..60)
        .map(|i| {
            let (x, y) = ((i * 37 % 11) as f64 / 10.0, (i * 17 % 7) as f64 / 10.0);
            if i % 2 == 0 { format!("{x},red,{y}\n") } else { format!("{},blue,{y}\n", x + 3.0) }
        })
        .collect();
    let text = format!("x,colour,y\n{rows}");
    let plain = directory.file("clouds.csv", text.as_bytes());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    let packed = directory.file("clouds.csv.gz", &encoder.finish().unwrap());

    let run = |file: &str| {
        let options = ["--activations", "tanh", "--depths", "1", "--target", "colour", "--json", "--data", file];
        let mut arguments = small(&options);
        arguments[4] = "40";
        without_times(json(&arguments))
    };
    let (plain, packed) = (run(&plain), run(&packed));
    assert_eq!(plain["results"], packed["results"]);
    assert_eq!((&plain["features"], &plain["classes"]), (&2.into(), &2.into()));
    assert_eq!(plain["results"][0]["test_accuracies"], serde_json::json!([1.0, 1.0]));
}

#[test]
fn a_bad_file_is_an_error_with_its_place() {
    let directory = Directory::new();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(b"a,b\n").unwrap();
    encoder.write_all(&b"1,x\n2,y\n".repeat(1000)).unwrap();
    let packed = encoder.finish().unwrap();
    let cases: [(&[u8], &str); 9] = [
        (b"", "is empty"),
        (b"a,b\n", "has a header line but no rows"),
        (b"a,b\n1,x\n2\n", "line 3: 1 field, but the header names 2 columns"),
        (b"a,b\n1,x\ntwo,y\n", "line 3, column `a`: `two` is not a number"),
        (b"a,b\n1,x\nNaN,y\n", "line 3, column `a`: `NaN` is not a finite 32-bit number"),
        (b"a,c\n1,x\n2,y\n", "has no column `b`; its columns are `a`, `c`"),
        (b"a,b\n1,x\n2,x\n3,x\n", "all rows are of the class `x`"),
        (b"a,b\n1,x\n2,x\n3,x\n4,y\n", "the class `y` has 1 of the 4 rows"),
        (&packed[..packed.len() - 20], "the file is cut short"),
    ];
    for (bytes, problem) in cases {
        let file = directory.file("data.csv", bytes);
        actfn(&small(&["--target", "b", "--data", &file]))
            .assert()
            .code(2)
            .stdout("")
            .stderr(starts_with(format!("error: {file}")).and(contains(problem)));
    }
    actfn(&small(&["--data", "no-such-file.csv"])).assert().code(2).stderr("error: no-such-file.csv: no such file\n");
}

#[test]
fn bad_options_are_errors_with_a_remedy() {
    let cases: [(&[&str], &str); 8] = [
        (&["--activations", "relu,tahn"], "there is no activation `tahn`: did you mean `tanh`?"),
        (&["--activations", "leaky_relu(slope=1)"], "`leaky_relu` has no parameter `slope`: it has `negative_slope`"),
        (&["--activations", "maxout(num_pieces=99)"], "maxout(num_pieces=99) cannot give hidden layers of 16 units"),
        (&["--activations", ""], "there is no activation ``"),
        (&["--depths", "2,0"], "0 is not in 1..=256"),
        (&["--seeds", "0"], "0 is not in 1..=1000"),
        (&["--threads", "many"], "invalid digit"),
        (&["--target", "b"], "--data <FILE>"),
    ];
    for (options, problem) in cases {
        let mut arguments = vec!["compare"];
        if options[0] != "--seeds" {
            arguments.extend(["--seeds", "1"]);
        }
        arguments.extend(["--width", "16", "--epochs", "1"]);
        arguments.extend(options);
        actfn(&arguments).assert().code(2).stdout("").stderr(contains(problem));
    }
}

#[test]
fn functions_with_parameters_stand_in_lists() {
    let list = "leaky_relu(0.3),maxout(num_pieces=3, even_split=1),Tanh";
    let comparison = json(&small(&["--activations", list, "--depths", "1", "--json"]));
    let names: Vec<&str> =
        comparison["results"].as_array().unwrap().iter().map(|result| result["activation"].as_str().unwrap()).collect();
    assert_eq!(names, ["leaky_relu(negative_slope=0.3)", "maxout(num_pieces=3, even_split=1)", "tanh"]);
}

#[test]
fn eval_prints_values_and_derivatives() {
    assert_eq!(
        output(&["eval", "sigmoid", "--exact", "--", "-1", "0", "2.5"]),
        "   x        f(x)       f′(x)\n\
         -1.0  0.26894143  0.19661193\n \
         0.0         0.5        0.25\n \
         2.5   0.9241418  0.07010372\n"
    );
    assert_eq!(output(&["eval", "relu", "-3", "4"]), "   x  f(x)  f′(x)\n-3.0   0.0    0.0\n 4.0   4.0    1.0\n");
    assert_eq!(
        output(&["eval", "tanh", "--dtype", "bf16", "0.5"]),
        "  x        f(x)       f′(x)\n0.5  0.46289063  0.78515625\n"
    );
    assert!(output(&["eval", "tanh", "--dtype", "f64", "0.5"]).contains("0.46211715726000"));
    assert!(output(&["eval", "tanh", "nan", "inf"]).contains("NaN   NaN    NaN\ninf   1.0    0.0\n"));
}

#[test]
fn eval_prints_the_jacobian_of_a_function_of_rows() {
    assert_eq!(
        output(&["eval", "maxout", "1", "3", "-2", "-5"]),
        "     x  1.0   3.0  -2.0  -5.0\n\
         \x20 f(x)  3.0  -2.0\n\
         ∂f₁/∂x  0.0   1.0   0.0   0.0\n\
         ∂f₂/∂x  0.0   0.0   1.0   0.0\n"
    );
}

#[test]
fn eval_refuses_with_a_remedy() {
    actfn(&["eval", "sigmiod", "1"]).assert().code(2).stderr(contains("did you mean `sigmoid`?"));
    actfn(&["eval", "sigmoid", "one"]).assert().code(2).stderr(contains("'one'"));
    actfn(&["eval", "sigmoid"]).assert().code(2);
    actfn(&["eval", "maxout", "1", "2", "3"])
        .assert()
        .code(2)
        .stderr("error: maxout has no meaning for a row of 3 numbers\n");
    actfn(&["eval", "tanh", "--exact", "--dtype", "f64", "1"])
        .assert()
        .code(2)
        .stderr(contains("use f32, f16 or bf16"));
}

/// Ctrl-C ends the program in its own way, so that it can clear its progress bar, and at once.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_with_code_130() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("actfn"))
        .args(["compare", "--epochs", "1000000"])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(2));
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn help_teaches_by_examples() {
    for command in ["compare", "eval"] {
        actfn(&[command, "--help"])
            .assert()
            .success()
            .stdout(contains("Examples:").and(contains(format!("actfn {command}"))));
    }
}
