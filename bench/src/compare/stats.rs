//! Medians and the table that shows them.

use std::fmt;

/// The same figure of several rounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series(Vec<f64>);

impl Series {
    /// A figure that was taken once.
    pub fn once(value: f64) -> Self {
        Self(vec![value])
    }

    /// Adds the figure of one more round.
    pub fn add(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The one in the middle, or between the two in the middle; not a number when there is none.
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        match sorted.len() {
            0 => f64::NAN,
            n if n % 2 == 1 => sorted[n / 2],
            n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
        }
    }

    /// How far the rounds are apart: the least and the greatest.
    pub fn range(&self) -> (f64, f64) {
        self.0.iter().fold((f64::NAN, f64::NAN), |(least, greatest), value| (least.min(*value), greatest.max(*value)))
    }
}

/// Figures of two services and their ratio.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<(String, Series, Option<Series>)>,
}

impl Table {
    /// Adds a row: what was measured, ours, and the twin's if it was measured there too.
    pub fn row(&mut self, what: impl Into<String>, ours: Series, twin: Option<Series>) {
        self.rows.push((what.into(), ours, twin));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = |series: &Series| {
            let (least, greatest) = series.range();
            format!("{} ({} to {})", figure(series.median()), figure(least), figure(greatest))
        };
        writeln!(f, "| {:46} | {:23} | {:23} | {:5} |", "median (range)", "accounts", "twin", "ratio")?;
        writeln!(f, "|{:-<48}|{:->25}|{:->25}|{:->7}|", "", ":", ":", ":")?;
        for (what, ours, twin) in &self.rows {
            let ratio = twin.as_ref().map(|twin| format!("{:.2}", ours.median() / twin.median()));
            let twin = twin.as_ref().map(cell);
            let (twin, ratio) = (twin.unwrap_or_default(), ratio.unwrap_or_default());
            writeln!(f, "| {what:46} | {:>23} | {twin:>23} | {ratio:>5} |", cell(ours))?;
        }
        Ok(())
    }
}

/// With a decimal only where it tells something.
fn figure(value: f64) -> String {
    if value.abs() < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Series {
        Series(values.to_vec())
    }

    #[test]
    fn the_median_is_in_the_middle_of_the_sorted_rounds() {
        assert_eq!(series(&[9.0, 1.0, 5.0]).median(), 5.0);
        assert_eq!(series(&[9.0, 1.0, 5.0, 6.0]).median(), 5.5);
        assert!(series(&[]).median().is_nan());
    }

    #[test]
    fn the_range_is_from_the_least_to_the_greatest() {
        assert_eq!(series(&[9.0, 1.0, 5.0]).range(), (1.0, 9.0));
    }

    #[test]
    fn large_figures_have_no_decimals() {
        assert_eq!([99.94, 100.0, 30_166.4].map(figure), ["99.9", "100", "30166"]);
    }

    #[test]
    fn the_table_shows_medians_ranges_and_the_ratio() {
        let mut table = Table::default();
        table.row("healthz, µs", series(&[10.0, 20.0, 30.0]), Some(series(&[10.0])));
        table.row("p99, ms", series(&[4.0]), None);
        let text = table.to_string();
        let rows: Vec<&str> = text.lines().skip(2).collect();
        let squeezed: Vec<String> =
            rows.iter().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(squeezed[0], "| healthz, µs | 20.0 (10.0 to 30.0) | 10.0 (10.0 to 10.0) | 2.00 |");
        assert_eq!(squeezed[1], "| p99, ms | 4.0 (4.0 to 4.0) | | |");
    }
}
