//! `actfn train` on a terminal: what its dashboard shows, the ways out of it, and what is left behind.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

/// The program on a terminal of its own, which tells of its modes once the program has ended.
fn on_terminal(arguments: &[&str]) -> PtySession {
    const SCRIPT: &str = r#"trap : INT; stty rows 50 cols 160; "$@"; code=$?; stty -a; exit $code"#;
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, "sh"]).arg(assert_cmd::cargo::cargo_bin("actfn")).arg("train").args(arguments);
    command.env("TERM", "xterm-256color");
    spawn_command(command, Some(120_000)).unwrap()
}

/// What is printed from here to the end, and the exit code.
fn rest(mut terminal: PtySession) -> (String, i32) {
    let text = terminal.exp_eof().unwrap();
    match terminal.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (text, code),
        other => panic!("{other:?} after {text}"),
    }
}

/// The alternate screen is left, and keys are lines again.
fn is_given_back(text: &str) -> bool {
    let on = |mode: &str| text.contains(mode) && !text.contains(&format!("-{mode}"));
    text.contains("\x1b[?1049l") && text.contains("\x1b[?25h") && on("icanon") && on("isig")
}

/// Sends SIGINT to the program that trains into a folder.
fn interrupt(folder: &str) {
    let found = Command::new("pgrep").args(["-f", &format!("^[^ ]*actfn train .*--out {folder}$")]).output().unwrap();
    let process = String::from_utf8(found.stdout).unwrap().trim().to_string();
    assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success(), "{process}");
}

fn model(folder: &str) -> Vec<u8> {
    fs::read(Path::new(folder).join("model.safetensors")).unwrap()
}

#[test]
fn the_dashboard_shows_the_training_and_goes() {
    let directory = tempfile::tempdir().unwrap();
    let [shown, plain] = ["shown", "plain"].map(|name| directory.path().join(name).to_str().unwrap().to_string());
    // Long enough to be drawn, which is done every twentieth of a second.
    let options = ["--data", "digits", "--epochs", "300", "--patience", "300", "--out"];
    let (text, code) = rest(on_terminal(&[&options[..], &[&shown]].concat()));
    assert!(code == 0 && is_given_back(&text) && text.contains("Written to"), "{code} {text}");
    let words = ["loss", "accuracy", "gradient norm", "share of units", "dead units", "stuck units", "saturated"];
    for words in words.into_iter().chain(["relu at depth 2", "training", "validation", "layer 2", "epoch"]) {
        assert!(text.contains(words), "{words} in {text}");
    }

    assert_cmd::Command::cargo_bin("actfn").unwrap().arg("train").args(options).arg(&plain).assert().success();
    assert!(model(&shown) == model(&plain), "who looks on changes nothing");
}

/// Both keys, and the signal that other programs send.
#[test]
fn who_leaves_the_dashboard_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_string();
    let actfn = |arguments: &[&str]| {
        assert_cmd::Command::cargo_bin("actfn").unwrap().arg("train").args(arguments).assert().success();
    };
    let options = ["--data", "digits", "--epochs", "160", "--patience", "160", "--width", "128", "--out"];
    actfn(&[&options[..], &[&path("straight")]].concat());
    for (name, key) in [("ctrl-c", Some("\x03")), ("q", Some("q")), ("signal", None)] {
        let out = path(name);
        let mut terminal = on_terminal(&[&options[..], &[&out]].concat());
        terminal.exp_string("gradient norm").unwrap();
        match key {
            Some(key) => {
                terminal.send(key).unwrap();
                terminal.flush().unwrap();
            }
            None => interrupt(&out),
        }
        let (text, code) = rest(terminal);
        assert!(code == 130 && is_given_back(&text), "{name}: {code} {text}");
        assert!(text.contains(&format!("stopped: go on with actfn train --resume {out}")), "{name}: {text}");
        assert!(!Path::new(&out).join("model.safetensors").exists(), "{name} stopped it before its end");
        actfn(&["--resume", &out]);
        assert!(model(&out) == model(&path("straight")), "{name}");
    }
}

#[test]
fn an_error_is_told_on_the_terminal_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("out").to_str().unwrap().to_string();
    let mut terminal = on_terminal(&["--data", "digits", "--epochs", "100000", "--patience", "100000", "--out", &out]);
    terminal.exp_string("gradient norm").unwrap();
    while Path::new(&out).exists() {
        // It may write into it at the same time.
        let _ = fs::remove_dir_all(&out);
    }
    let (text, code) = rest(terminal);
    assert!(code == 2 && is_given_back(&text) && text.contains("cannot be written"), "{code} {text}");
}
