//! Rounds in turns, medians, and the line that says how far apart two sides are.

/// What a ratio of ours to theirs should be.
#[derive(Debug, Clone, Copy)]
pub enum Aim {
    /// More is better.
    AtLeast(f64),
    /// Less is better.
    AtMost(f64),
}

/// The figures of one measurement, round by round.
#[derive(Debug, Default)]
pub struct Rounds(Vec<f64>);

impl Rounds {
    /// Adds a round.
    pub fn add(&mut self, figure: f64) {
        self.0.push(figure);
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// Prints what a table's columns are.
pub fn head(chapter: &str) {
    println!("\n{chapter}");
    println!(
        "{:<44} {:>10} {:>10} {:>8} {:>9}",
        "", "telerad", "other", "ratio", "aim"
    );
}

/// Prints the medians of both sides and their ratio against its aim.
pub fn line(what: &str, unit: &str, ours: &Rounds, theirs: &Rounds, aim: Aim) {
    let (ours, theirs) = (ours.median(), theirs.median());
    let ratio = ours / theirs;
    let (sign, limit, reached) = match aim {
        Aim::AtLeast(limit) => ("≥", limit, ratio >= limit),
        Aim::AtMost(limit) => ("≤", limit, ratio <= limit),
    };
    let verdict = if reached { "" } else { "  missed" };
    println!(
        "{:<44} {ours:>10.2} {theirs:>10.2} {ratio:>8.3} {sign:>3}{limit:>6.2}{verdict}",
        format!("{what}, {unit}")
    );
}

/// Prints a figure that has only an aim of its own.
pub fn alone(what: &str, unit: &str, figure: f64, aim: Aim) {
    let (sign, limit, reached) = match aim {
        Aim::AtLeast(limit) => ("≥", limit, figure >= limit),
        Aim::AtMost(limit) => ("≤", limit, figure <= limit),
    };
    let verdict = if reached { "" } else { "  missed" };
    println!(
        "{:<44} {figure:>10.2} {:>10} {:>8} {sign:>3}{limit:>6.2}{verdict}",
        format!("{what}, {unit}"),
        "",
        ""
    );
}
