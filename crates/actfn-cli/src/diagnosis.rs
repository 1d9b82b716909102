//! Diagnosed networks, for the terminal and for reports: the same for `compare` and `train`.

use actfn_lab::{Chart, Diagnosis, Finding, Severity, When};
use anstyle::{AnsiColor, Style};
use maud::{Markup, html};

use crate::report::{self, Palette};
use crate::table::{self, Columns};

/// Networks with what is known of their layers, and what is wrong with them.
pub struct Diagnosed<'a> {
    /// The network's name, and what was found: the worst first.
    pub findings: Vec<(String, &'a Finding)>,
    /// Every network's name, and its layers at one time or two.
    pub networks: Vec<(String, Vec<(When, &'a Diagnosis)>)>,
    /// Which networks these are, if that is not plain.
    pub which: &'static str,
}

impl Diagnosed<'_> {
    /// What is wrong; with all notes and every layer if wanted.
    pub fn text(&self, every_layer: bool) -> String {
        let mut text = String::new();
        let least = if every_layer { Severity::Note } else { Severity::Warning };
        let mut left = self.findings.len();
        for (name, finding) in self.findings.iter().filter(|(_, finding)| finding.severity >= least) {
            left -= 1;
            let colour = match finding.severity {
                Severity::Note => AnsiColor::Cyan,
                Severity::Warning => AnsiColor::Yellow,
                Severity::Failure => AnsiColor::Red,
            };
            let style = Style::new().fg_color(Some(colour.into())).bold();
            let Finding { when, what, cause, change, .. } = finding;
            let word = finding.severity.word();
            let paragraph = format!("{word:<9}{name}, {when}: {what}. Cause: {cause}. Try: {change}.");
            text += &table::wrapped(&paragraph, "         ").replacen(word, &format!("{style}{word}{style:#}"), 1);
        }
        if self.findings.is_empty() {
            text += "Diagnosis: nothing is wrong with any hidden layer.\n";
        }
        match left {
            0 => {}
            1 => text += "1 more note, and every layer: --diagnose\n",
            _ => text += &format!("{left} more notes, and every layer: --diagnose\n"),
        }
        if every_layer {
            text += &table::wrapped(&actfn_lab::thresholds(), "  ");
            text += &table::wrapped(&format!("{}{}", self.which, Diagnosis::LEGEND), "  ");
            for (name, times) in &self.networks {
                for (when, diagnosis) in times {
                    let (header, rows) = diagnosis.rows();
                    let columns = Columns {
                        header: header.map(String::from).to_vec(),
                        rows: rows.into_iter().map(Vec::from).collect(),
                        numbers: true,
                    };
                    text += &format!("\n{name}, {when}\n{}", columns.text());
                }
            }
        }
        text
    }

    /// The same with pictures: the sections of a report.
    pub fn sections(&self) -> Result<[Markup; 2], String> {
        let card = |(name, finding): &&(String, &Finding)| {
            html! {
                div.card {
                    div { (report::badge(report::severity(finding.severity), finding.severity.word()))
                        h3 { (name) ", " (finding.when) } }
                    p { (finding.what) "." }
                    p { b { "Cause: " } (finding.cause) ". " b { "Try: " } (finding.change) "." }
                }
            }
        };
        let (notes, severe): (Vec<_>, Vec<_>) =
            self.findings.iter().partition(|(_, finding)| finding.severity == Severity::Note);
        let mut layers = Vec::new();
        for (name, times) in &self.networks {
            let pictures: Vec<Chart> =
                times.iter().map(|(when, diagnosis)| diagnosis.histograms(format!("{name}, {when}"))).collect();
            layers.push(html! {
                (report::charts(&pictures, Palette::Ordered, (520, 230))?)
                details {
                    summary { "Layer by layer" }
                    @for (when, diagnosis) in times { p.soft { (when) } (report::table(&diagnosis.rows())) }
                }
            });
        }
        let found = html! {
            @for trouble in &severe { (card(trouble)) }
            @if self.findings.is_empty() { p { "Nothing is wrong." } }
            @if !notes.is_empty() {
                details {
                    summary { (notes.len()) @if notes.len() == 1 { " note" } @else { " notes" } }
                    @for note in &notes { (card(note)) }
                }
            }
            details { summary { "Thresholds" } p { (actfn_lab::thresholds()) } }
        };
        let activations = html! {
            p.soft { (self.which) (Diagnosis::LEGEND) }
            @for layer in layers { (layer) }
        };
        Ok([report::section("Diagnosis", found), report::section("Pre-activations by layer", activations)])
    }
}
