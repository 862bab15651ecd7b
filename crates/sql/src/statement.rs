//! What a statement is, by its first word.

/// Whether a statement may change something. A help against mistakes, not a guard: where the engine can refuse writes it
/// does so itself.
pub(crate) fn writes(sql: &str) -> bool {
    const READS: [&str; 6] = ["SELECT", "WITH", "VALUES", "EXPLAIN", "SHOW", "PRAGMA"];
    let word = sql.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    let end = word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len());
    !READS.iter().any(|read| word[..end].eq_ignore_ascii_case(read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_told_from_writes() {
        for sql in
            ["SELECT 1", " select\n1", "(SELECT 1)", "WITH a AS (SELECT 1) SELECT * FROM a", "VALUES (1)", "PRAGMA x"]
        {
            assert!(!writes(sql), "{sql}");
        }
        for sql in
            ["INSERT INTO a VALUES (1)", "update a set b = 1", "DELETE FROM a", "DROP TABLE a", "SELECTED", "", "-- a"]
        {
            assert!(writes(sql), "{sql}");
        }
    }
}
