//! `actfn train` and `actfn predict` as their users type them, on real data.

use std::fs;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};

use assert_cmd::Command;
use flate2::Compression;
use flate2::write::GzEncoder;
use npyz::WriterBuilder;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/");
const TABLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../actfn-lab/data/");

struct Directory(tempfile::TempDir);

impl Directory {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_string()
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }
}

fn actfn(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("actfn").unwrap();
    command.args(arguments);
    command
}

fn output(arguments: &[&str]) -> String {
    String::from_utf8(actfn(arguments).assert().success().get_output().stdout.clone()).unwrap()
}

fn train(arguments: &[&str]) -> Value {
    serde_json::from_str(&output(&[&["train", "--json"], arguments].concat())).unwrap()
}

fn score(report: &Value) -> f64 {
    report["metrics"]["test_score"].as_f64().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The files of a folder with their bytes, by name.
fn files(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (PathBuf::from(path.file_name().unwrap()), fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn classes_are_learnt_and_told() {
    let directory = Directory::new();
    let out = directory.path("iris");
    let report = train(&["--data", "iris", "--out", &out, "--epochs", "60"]);
    assert_eq!(report["configuration"]["task"], "classification");
    assert!(score(&report) > 0.75, "{}", score(&report));
    let names: Vec<_> = files(&out).into_iter().map(|(name, _)| name.to_str().unwrap().to_string()).collect();
    assert_eq!(names, ["configuration.json", "metrics.json", "model.safetensors", "preprocessing.json"]);

    let told = output(&["predict", &out, "iris"]);
    let mut lines = told.lines();
    assert_eq!(lines.next().unwrap(), "species,probability_setosa,probability_versicolor,probability_virginica");
    let truth = fs::read_to_string(format!("{TABLES}iris.csv")).unwrap();
    let mut right = 0;
    for (told, truth) in lines.zip(truth.lines().skip(1)) {
        let mut fields = told.split(',');
        right += usize::from(truth.ends_with(fields.next().unwrap()));
        let sum: f64 = fields.map(|probability| probability.parse::<f64>().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{told}");
    }
    assert!(right > 120, "{right} of 150");

    // Columns are found by their names; others do not matter.
    let file =
        directory.file("f.csv", b"petal_width,colour,petal_length,sepal_width,sepal_length\n0.2,blue,1.4,3.5,5.1\n");
    assert_eq!(output(&["predict", &out, &file]).lines().nth(1), told.lines().nth(1));
    let json: Value = serde_json::from_str(&output(&["predict", &out, &file, "--json"])).unwrap();
    assert_eq!(json[0]["species"], "setosa");
    let written = directory.path("told.csv");
    assert_eq!(output(&["predict", &out, "iris", "--output", &written]), "");
    assert_eq!(fs::read_to_string(&written).unwrap(), told);
}

#[test]
fn predict_names_the_column_that_is_missing_or_of_another_type() {
    let directory = Directory::new();
    let rows: String =
        (0..60).map(|i| format!("{},{},{}\n", i % 7, ["red", "blue"][i % 2], ["a", "b"][i % 2])).collect();
    let data = directory.file("mixed.csv", format!("size,colour,kind\n{rows}").as_bytes());
    let out = directory.path("model");
    let report = train(&["--data", &data, "--out", &out, "--epochs", "30"]);
    assert_eq!(score(&report), 1.0, "the colour tells the class");
    for (text, problem) in [
        ("size\n1\n", "has no column `colour`, which the model was trained on; its columns are `size`"),
        (
            "size,colour\n1,red\nbig,red\n",
            "line 3, column `size`: `big` is not a number, and the model learnt numbers from this column: correct it",
        ),
        (
            "size,colour\n1,green\n",
            "line 2, column `colour`: `green` is not one of the categories learnt: `blue`, `red`",
        ),
        ("size,colour,size\n1,red,1\n", "has more than one column `size`: rename one"),
        ("size,colour\n1,7\n", "line 2, column `colour`: `7` is not one of the categories learnt"),
        (
            "size,colour\n,red\n",
            "line 2, column `size`: the value is missing: fill it in, or train with --missing mean",
        ),
    ] {
        let file = directory.file("bad.csv", text.as_bytes());
        let told = directory.path("told.csv");
        actfn(&["predict", &out, &file, "--output", &told])
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(format!("error: {file}")).and(contains(problem)));
        assert!(!Path::new(&told).exists());
    }
    actfn(&["predict", &directory.path("none"), &data]).assert().code(2).stderr(contains("actfn train"));
}

/// The errata of the page: identity for regression. Its trial had −4.6 for a sigmoid output.
#[test]
fn numbers_in_raw_units_need_the_identity_at_the_output() {
    let directory = Directory::new();
    let run = |name: &str, more: &[&str]| {
        let out = directory.path(name);
        let options = ["--data", "diabetes", "--optimizer", "adam", "--lr", "0.01", "--out", &out];
        train(&[&options[..], more].concat())
    };
    let identity = run("identity", &["--target-units", "raw"]);
    assert_eq!(identity["configuration"]["task"], "regression");
    assert!((0.25..0.75).contains(&score(&identity)), "{}", score(&identity));
    let sigmoid = run("sigmoid", &["--target-units", "raw", "--output-activation", "sigmoid"]);
    assert!((-6.0..-3.0).contains(&score(&sigmoid)), "{}", score(&sigmoid));
    let standardised = run("standardised", &[]);
    assert!((0.25..0.75).contains(&score(&standardised)), "{}", score(&standardised));

    let told = output(&["predict", &directory.path("standardised"), "diabetes"]);
    let numbers: Vec<f64> = told.lines().skip(1).map(|line| line.parse().unwrap()).collect();
    let mean = numbers.iter().sum::<f64>() / 442.0;
    assert!(told.starts_with("progression\n") && (140.0..165.0).contains(&mean), "in the data's units: {mean}");
    actfn(&["train", "--data", "iris", "--output-activation", "sigmoid", "--out", &directory.path("no")])
        .assert()
        .code(2)
        .stderr(contains("it is for regression"));
    assert!(!Path::new(&directory.path("no")).exists());
}

/// As `actfn train … 2>&1 | head -1` does.
#[test]
fn a_reader_that_goes_away_does_not_stop_the_training() {
    let directory = Directory::new();
    let out = directory.path("out");
    let mut child = Process::new(assert_cmd::cargo::cargo_bin("actfn"))
        .args(["train", "--data", "iris", "--out", &out])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    assert!(child.wait().unwrap().success());
    assert!(Path::new(&out).join("model.safetensors").exists());
}

/// Kills without a warning, once the epoch has been told of.
fn kill_after(mut child: Child, epoch: usize) {
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let wanted = format!("epoch {epoch:>3} ");
    let found = lines.map(Result::unwrap).any(|line| line.starts_with(&wanted));
    assert!(found, "the training ended before it could be killed");
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "killed, not ended");
}

#[test]
fn a_killed_run_goes_on_to_the_same_bits() {
    let directory = Directory::new();
    for optimizer in ["sgd", "adam", "adamw"] {
        let (straight, killed) = (directory.path(&format!("{optimizer}-1")), directory.path(&format!("{optimizer}-2")));
        let options =
            ["--data", "digits", "--epochs", "40", "--patience", "40", "--width", "32", "--optimizer", optimizer];
        output(&[&["train", "--out", &straight], &options[..]].concat());
        let child = Process::new(assert_cmd::cargo::cargo_bin("actfn"))
            .args(["train", "--out", &killed])
            .args(options)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        kill_after(child, 5);
        actfn(&["predict", &killed, "digits"]).assert().code(2).stderr(contains("train --resume"));
        actfn(&["train", "--out", &killed]).assert().code(2).stderr(contains("--resume"));
        let again = Process::new(assert_cmd::cargo::cargo_bin("actfn"))
            .args(["train", "--resume", &killed])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        kill_after(again, 12);
        let resumed = actfn(&["train", "--resume", &killed]).assert().success();
        let lines = String::from_utf8_lossy(&resumed.get_output().stderr).to_string();
        assert!(!lines.contains("epoch   5 ") && lines.contains("epoch  40 "), "it does not begin anew: {lines}");
        assert!(files(&straight) == files(&killed), "{optimizer}");
        // Nothing is left to do.
        assert_eq!(
            output(&["train", "--csv", "--resume", &killed]),
            output(&["train", "--csv", "--resume", &straight])
        );
    }
}

#[test]
fn training_stops_early_and_keeps_the_best_network() {
    let directory = Directory::new();
    let out = directory.path("iris");
    let report = train(&["--data", "iris", "--patience", "3", "--out", &out]);
    let metrics = &report["metrics"];
    let history = metrics["history"].as_array().unwrap();
    let best = metrics["best_epoch"].as_u64().unwrap() as usize;
    assert_eq!((&metrics["stopped"], history.len()), (&"patience".into(), best + 4));
    let loss = |epoch: &Value| epoch["validation_loss"].as_f64().unwrap();
    assert!(history.iter().all(|epoch| loss(epoch) >= loss(&history[best])));
    assert_eq!(history[0]["layers"].as_array().unwrap().len(), 2);

    let text = output(&["train", "--resume", &out]);
    assert!(text.lines().all(|line| line.chars().count() <= 100) && !text.contains('\x1b'), "{text}");
    for words in ["gradient before", "the validation loss has not fallen for 3 epochs", "test accuracy"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let csv = output(&["train", "--csv", "--resume", &out]);
    assert!(csv.starts_with(
        "epoch,training_loss,validation_loss,validation_score,gradient_norm_1,dead_1,stuck_1,saturated_1,"
    ));
    assert_eq!(csv.lines().count(), history.len() + 1);

    let diverged = train(&["--data", "wine", "--optimizer", "sgd", "--lr", "1e9", "--out", &directory.path("far")]);
    assert_eq!((&diverged["metrics"]["stopped"], &diverged["metrics"]["best_epoch"]), (&"diverged".into(), &0.into()));
}

#[test]
fn a_network_that_does_not_learn_is_told_why() {
    let directory = Directory::new();
    let [out, page] = ["model", "report.html"].map(|name| directory.path(name));
    let options = ["--activation", "sigmoid", "--depth", "6", "--epochs", "2"];
    let text = output(&[&["train", "--data", "digits", "--out", &out, "--report", &page], &options[..]].concat());
    assert!(text.contains("failure  sigmoid at depth 6, before training: the gradient vanishes"), "{text}");
    assert!(text.contains("Cause: the activation: √E f′(z)² is 0.21") && text.contains("relu"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>"));
    // Loss and score, gradients by layer and by epoch, pre-activations before and after.
    assert_eq!(html.matches("<svg").count(), 6);
    assert!(html.contains("the gradient vanishes") && html.contains("layer 6") && !html.contains("<script"));

    // From the folder alone, to the byte.
    let again = directory.path("again.html");
    let text = output(&["train", "--resume", &out, "--diagnose", "--report", &again]);
    assert!(text.contains("sigmoid at depth 6, after training\n") && text.contains("τ = 0.025"), "{text}");
    assert_eq!(html, fs::read_to_string(&again).unwrap());
    let report: Value = serde_json::from_str(&output(&["train", "--resume", &out, "--json"])).unwrap();
    let kinds: Vec<&Value> = report["findings"].as_array().unwrap().iter().map(|finding| &finding["kind"]).collect();
    assert!(kinds.iter().any(|kind| *kind == "vanishing gradient"), "{kinds:?}");
    assert_eq!(report["metrics"]["before"]["layers"].as_array().unwrap().len(), 6);

    // What passes nothing back has no lines to draw, and what learns has nothing wrong.
    let [out, page] = ["steps", "steps.html"].map(|name| directory.path(name));
    let options = ["--activation", "perceptron", "--epochs", "1", "--report", &page, "--out", &out];
    let text = output(&[&["train", "--data", "iris"], &options[..]].concat());
    assert!(text.contains("units without a gradient: 100 % in layers 1–2"), "{text}");
    assert!(fs::read_to_string(&page).unwrap().contains("There is no line where the gradient is 0"));
    let nowhere = directory.path("no/report.html");
    actfn(&["train", "--resume", &out, "--report", &nowhere])
        .assert()
        .code(2)
        .stderr(contains("cannot be written").and(contains("the network is kept")));
}

#[test]
fn the_options_change_the_network() {
    let directory = Directory::new();
    let mut seen = Vec::new();
    for (number, more) in [
        &[][..],
        &["--seed", "2"],
        &["--init", "glorot_uniform"],
        &["--activation", "leaky_relu(negative_slope=0.3)"],
        &["--depth", "3"],
        &["--width", "9"],
        &["--optimizer", "adamw"],
        &["--lr", "0.01"],
    ]
    .iter()
    .enumerate()
    {
        let out = directory.path(&number.to_string());
        output(&[&["train", "--data", "iris", "--epochs", "2", "--out", &out], *more].concat());
        let model = fs::read(Path::new(&out).join("model.safetensors")).unwrap();
        assert!(!seen.contains(&model), "{more:?} changes nothing");
        seen.push(model);
    }
    actfn(&["train", "--activation", "rellu", "--out", "x"]).assert().code(2).stderr(contains("did you mean"));
    actfn(&["train", "--lr", "0", "--out", "x"]).assert().code(2).stderr(contains("above 0"));
    actfn(&["train"]).assert().code(2).stderr(contains("--out"));
}

#[test]
fn each_layer_may_have_its_own_activation() {
    let directory = Directory::new();
    let out = directory.path("mixed");
    let report =
        train(&["--data", "iris", "--activation", "relu,leaky_relu(0.2, 0),prelu", "--epochs", "3", "--out", &out]);
    let configuration = &report["configuration"];
    let names = ["relu", "leaky_relu(negative_slope=0.2, weight_at_zero=0)", "prelu"];
    assert_eq!(configuration["activations"].as_array().unwrap(), &names);
    assert_eq!(configuration["initialisations"].as_array().unwrap(), &["he_normal"; 3]);
    // PReLU's slope is learned, and kept with the weights.
    let [before, after] = ["before", "after"].map(|time| &report["metrics"][time]["layers"]);
    assert_eq!((&before[0]["activation"], &before[2]["activation"]), (&"relu".into(), &"prelu".into()));
    assert_eq!(after[1]["activation"], names[1]);
    let slope = after[2]["activation"].as_str().unwrap();
    assert!(slope.starts_with("prelu(negative_slope=0.2"), "{slope}");
    let model = fs::read(Path::new(&out).join("model.safetensors")).unwrap();
    let name = b"layers.2.activation.negative_slope";
    assert!(model.windows(name.len()).any(|bytes| bytes == name));
    assert_eq!(output(&["predict", &out, "iris"]).lines().count(), 151);

    let no = directory.path("no");
    for (options, problem) in [
        (
            &["--activation", "relu,tanh", "--depth", "3"][..],
            "names 2 functions for 3 hidden layers: name one for each",
        ),
        (&["--activation", "relu,rellu"], "there is no activation `rellu`: did you mean `relu`?"),
    ] {
        actfn(&[&["train", "--out", &no], options].concat()).assert().code(2).stderr(contains(problem));
    }
    assert!(!Path::new(&no).exists());
}

/// 2000 of MNIST's images, plain and packed.
#[test]
fn idx_files_are_read_plain_and_packed() {
    let directory = Directory::new();
    let unpack = |name: &str| {
        let mut bytes = Vec::new();
        let file = fs::File::open(format!("{DATA}{name}")).unwrap();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut bytes).unwrap();
        bytes
    };
    let (mut images, mut labels) = (unpack("mnist10k-images-idx3-ubyte.gz"), unpack("mnist10k-labels-idx1-ubyte.gz"));
    assert_eq!((images.len(), labels.len()), (16 + 10_000 * 784, 8 + 10_000));
    images.truncate(16 + 2000 * 784);
    labels.truncate(8 + 2000);
    for bytes in [&mut images, &mut labels] {
        bytes[4..8].copy_from_slice(&2000u32.to_be_bytes());
    }
    let plain = directory.file("images-idx3-ubyte", &images);
    let plain_labels = directory.file("labels-idx1-ubyte", &labels);
    let packed = directory.file("images.gz", &gzip(&images));
    let packed_labels = directory.file("labels.gz", &gzip(&labels));
    let run = |name: &str, images: &str, labels: &str| {
        let out = directory.path(name);
        let options =
            ["--data", images, "--labels", labels, "--epochs", "5", "--depth", "1", "--width", "32", "--out", &out];
        let report = train(&options);
        (score(&report), fs::read(Path::new(&out).join("model.safetensors")).unwrap())
    };
    let first = run("plain", &plain, &plain_labels);
    assert!(first.0 > 0.82, "{}", first.0);
    assert!(first == run("packed", &packed, &packed_labels));
    assert_eq!(output(&["predict", &directory.path("plain"), &packed]).lines().count(), 2001);

    let cut = directory.file("cut-idx3-ubyte", &images[..5000]);
    let few = directory.file("few-idx1-ubyte", &[0, 0, 8, 1, 0, 0, 0, 2, 1, 1]);
    let x = directory.path("x");
    for (images, labels, problem) in [
        (&cut, Some(&plain_labels), "is cut short: it has 5000 bytes, and 1568016 are needed"),
        (&plain, Some(&few), "has the shape 2, but"),
        (&plain, None, "give the file of its labels (--labels)"),
        (&plain_labels, Some(&plain_labels), "has one number for each row"),
        (&plain, Some(&directory.path("none")), "no such file"),
    ] {
        let labels: Vec<&str> = labels.map_or(Vec::new(), |labels| vec!["--labels", labels]);
        actfn(&[&["train", "--out", &x, "--data", images], &labels[..]].concat())
            .assert()
            .code(2)
            .stderr(contains(problem));
    }
    assert!(!Path::new(&x).exists());
}

fn npy<T: npyz::AutoSerialize + Copy>(values: &[T], shape: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = npyz::WriteOptions::new().default_dtype().shape(shape).writer(&mut bytes).begin_nd().unwrap();
    writer.extend(values.iter().copied()).unwrap();
    writer.finish().unwrap();
    bytes
}

fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        archive.start_file(format!("{name}.npy"), options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn npz_archives_are_read() {
    let directory = Directory::new();
    let iris = fs::read_to_string(format!("{TABLES}iris.csv")).unwrap();
    let rows: Vec<Vec<&str>> = iris.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let x: Vec<f32> = rows.iter().flat_map(|row| row[..4].iter().map(|text| text.parse::<f32>().unwrap())).collect();
    let y: Vec<i64> = rows
        .iter()
        .map(|row| ["setosa", "versicolor", "virginica"].iter().position(|name| name == &row[4]).unwrap() as i64)
        .collect();
    let good = npz(&[("x", npy(&x, &[150, 4])), ("y", npy(&y, &[150]))]);
    let file = directory.file("iris.npz", &good);
    let report = train(&["--data", &file, "--epochs", "60", "--out", &directory.path("model")]);
    assert!(score(&report) > 0.75);
    let unlabelled = directory.file("new.npz", &npz(&[("x", npy(&x[..8], &[2, 4]))]));
    assert_eq!(output(&["predict", &directory.path("model"), &unlabelled]).lines().count(), 3);

    let mut bad_x = x.clone();
    bad_x[6] = f32::NAN;
    for (bytes, problem) in [
        (good[..good.len() - 40].to_vec(), "is not an .npz archive, or is cut short"),
        (npz(&[("a", npy(&x, &[150, 4])), ("b", npy(&y, &[150]))]), "has no array `x` of rows, but `a`, `b`"),
        (
            npz(&[("x", npy(&x, &[150, 4])), ("y", npy(&y[..9], &[9]))]),
            "array `y`: has the shape [9], but `x` has 150 rows",
        ),
        (npz(&[("x", npy(&bad_x, &[150, 4])), ("y", npy(&y, &[150]))]), "row 2, column `x_2`: `NaN` is not a finite"),
        (npy(&x, &[150, 4]), "save rows and target together"),
    ] {
        let bad = directory.file("bad.npz", &bytes);
        actfn(&["train", "--data", &bad, "--out", &directory.path("no")]).assert().code(2).stderr(contains(problem));
    }
    assert!(!Path::new(&directory.path("no")).exists());
}

#[test]
fn empty_cells_are_errors_or_means_or_drop_the_row() {
    let directory = Directory::new();
    let rows: String = (0..50)
        .map(|i| {
            let x = if i == 7 { String::new() } else { (i % 10).to_string() };
            let colour = if i == 9 { "" } else { ["red", "blue"][i % 2] };
            format!("{x},{colour},{}\n", ["a", "b"][i % 2])
        })
        .collect();
    let file = directory.file("gaps.csv", format!("x,colour,kind\n{rows}").as_bytes());
    let run = |name: &str, policy: &str| {
        train(&["--data", &file, "--missing", policy, "--epochs", "30", "--out", &directory.path(name)])
    };
    let count = |report: &Value| {
        ["training_rows", "validation_rows", "test_rows"]
            .map(|rows| report["metrics"][rows].as_u64().unwrap())
            .iter()
            .sum::<u64>()
    };
    let (mean, dropped) = (run("mean", "mean"), run("drop", "drop"));
    assert_eq!((count(&mean), count(&dropped)), (50, 48));
    assert_eq!(output(&["predict", &directory.path("mean"), &file]).lines().count(), 51);
    actfn(&["train", "--data", &file, "--out", &directory.path("no")]).assert().code(2).stderr(contains(
        "gaps.csv, line 9, column `x`: the value is missing: fill it in, or take the mean or leave out such rows",
    ));
}

/// A file as spreadsheets of half of Europe save it, and predictions from another one.
#[test]
fn what_was_understood_is_said_and_kept() {
    let directory = Directory::new();
    let row = |i: usize| {
        format!("{},5;{};{};{}\r\n", i % 9, ["red", "NA", "blue"][i % 3], 2000 + i % 4, ["no", "yes"][i % 2])
    };
    let rows: String = (0..60).map(row).collect();
    let file =
        directory.file("data.csv", format!("\u{feff}size;colour;year;kind\r\n{rows}9,5;red;2000;NA\r\n").as_bytes());
    let out = directory.path("model");
    let options = ["--missing", "mean", "--text", "year", "--epochs", "3", "--out", &out];
    let assert = actfn(&[&["train", "--data", &file], &options[..]].concat()).assert().success();
    let said = String::from_utf8_lossy(&assert.get_output().stderr).replace("\n  ", " ");
    assert!(
        said.starts_with(&format!(
            "{file}: 61 rows, separated by semicolons, with decimal commas; 7 features from 1 column of numbers and 2 \
             columns of text (`colour`, 2 categories; `year`, 4 categories); target `kind`: 2 classes (`no`, `yes`), since it is text. \
             Left out: 1 row without a target. Set to the mean: 20 missing values.\nepoch   1 "
        )),
        "{said}"
    );
    // The same rows with points and tabs.
    let european = output(&["predict", &out, &file]);
    let rows = rows.replace(",5;", ".5;").replace(';', "\t");
    let table = directory.file("data.tsv", format!("size\tcolour\tyear\tkind\n{rows}9.5\tred\t2000\tno\n").as_bytes());
    assert_eq!(output(&["predict", &out, &table]), european);
    assert_eq!(output(&["predict", &out, &table, "--delimiter", "tab"]), european);
    let assert = actfn(&["predict", &out, &file]).assert().success();
    let said = String::from_utf8_lossy(&assert.get_output().stderr).replace("\n  ", " ");
    let words = "61 rows, separated by semicolons, with decimal commas; 3 columns are used, not used: `kind`.\n";
    assert_eq!(said, format!("{file}: {words}"));
    actfn(&["predict", &out, &table, "--delimiter", ","]).assert().code(2).stderr(contains("has no column `size`"));
    actfn(&["predict", &out, &table, "--delimiter", "comma"])
        .assert()
        .code(2)
        .stderr(contains("one character is needed"));
    // Read once: a pipe has no second time.
    let pipe = Process::new("bash")
        .arg("-c")
        .arg(format!(
            "{} train --data <(cat {file}) --missing mean --epochs 1 --out {out}-2",
            assert_cmd::cargo::cargo_bin("actfn").display()
        ))
        .output()
        .unwrap();
    assert!(pipe.status.success(), "{pipe:?}");
}

#[test]
fn bad_files_of_every_kind_write_nothing() {
    let directory = Directory::new();
    let good = "a,b\n1,x\n2,y\n".to_string() + &"1,x\n2,y\n".repeat(3000);
    let packed = gzip(good.as_bytes());
    let wide: String = (0..1_000_000).map(|i| format!("c{i},")).collect::<String>() + "b\n";
    let names: String = (0..600).map(|i| format!("name {i},{}\n", i % 2)).collect();
    let cases: [(&str, Vec<u8>, &str); 14] = [
        ("f.csv", b"".to_vec(), "is empty"),
        ("f.csv", b"a,b\n".to_vec(), "has a header line but no rows"),
        ("f.csv", b"a,b\n1,x\n2\n".to_vec(), "line 3: 1 field, but the first line has 2, separated by commas"),
        ("f.csv", b"a,b\n1,x\ninf,y\n".to_vec(), "line 3, column `a`: `inf` is not a finite 32-bit number: correct it"),
        ("f.csv", b"a,b\n1,x\n2,y\ntwo,y\n".to_vec(), "line 4, column `a`: `two` is not a number, but 2 of"),
        ("f.csv", b"a,c\n1,x\n".to_vec(), "has no column `b`; its columns are `a`, `c`"),
        ("f.csv", b"a,a,b\n1,2,x\n".to_vec(), "has more than one column `a`"),
        ("f.csv", b"a,b\n1,x\n2,x\n3,x\n".to_vec(), "all rows are of the class `x`: two classes or more"),
        ("f.csv", b"a,b\n1,caf\xe9\n".to_vec(), "line 2, field 2: not UTF-8 text"),
        ("f.csv.gz", packed[..packed.len() / 2].to_vec(), "the compressed data ends here: the file is cut short"),
        ("f.csv", wide.into_bytes(), "has 1000001 columns, and 65536 is the most"),
        (
            "f.csv",
            ("name,b\n".to_string() + &names).into_bytes(),
            "column `name`: holds 600 different texts in 600 rows",
        ),
        ("f.xlsx", b"PK".to_vec(), "files ending in .xlsx cannot be read: save it as .csv"),
        ("f.csv", b"a,b\n1,0.5\n2,0.25\n".to_vec(), "2 rows with 2 different numbers in `b`: at least 10 rows"),
    ];
    let out = directory.path("out");
    for (name, bytes, problem) in cases {
        let file = directory.file(name, &bytes);
        for command in [&["train", "--out", &out][..], &["compare"]] {
            // Classes are all that `compare` knows.
            if problem.contains("different numbers") && command[0] == "compare" {
                continue;
            }
            actfn(&[command, &["--target", "b", "--data", &file]].concat())
                .assert()
                .code(2)
                .stdout("")
                .stderr(contains(format!("error: {file}")).and(contains(problem)));
        }
        assert!(!Path::new(&out).exists(), "{problem}");
    }
    actfn(&["train", "--out", &out, "--data", "irsi"])
        .assert()
        .code(2)
        .stderr("error: irsi: no such file; bundled data sets are digits, iris, wine, breast-cancer, diabetes\n");
    actfn(&["train", "--out", &out, "--data", "none.csv"]).assert().code(2).stderr("error: none.csv: no such file\n");
    let text = directory.file("t.csv", b"a,b\n1,x\n2,y\n");
    actfn(&["train", "--out", &out, "--data", &text, "--task", "regression"])
        .assert()
        .code(2)
        .stderr(contains("line 2, column `b`: `x` is not a number, which regression needs"));
    actfn(&["train", "--out", &format!("{text}/out")]).assert().code(2).stderr(contains("cannot be written"));
}

#[test]
fn every_embedded_data_set_can_be_learnt() {
    let directory = Directory::new();
    for (data, least) in [("digits", 0.9), ("iris", 0.75), ("wine", 0.8), ("breast-cancer", 0.9), ("diabetes", 0.25)] {
        let report = train(&["--data", data, "--epochs", "30", "--out", &directory.path(data)]);
        let baseline = report["metrics"]["baseline"].as_f64().unwrap();
        assert!(score(&report) > least && baseline < 0.7, "{data}: {} against {baseline}", score(&report));
    }
}

#[test]
fn help_teaches_by_examples() {
    for command in ["train", "predict"] {
        actfn(&[command, "--help"])
            .assert()
            .success()
            .stdout(contains("Examples:").and(contains(format!("actfn {command}"))));
    }
}
