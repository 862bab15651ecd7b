//! The limit of a query, written into its text.
//!
//! SQLite looks at the value of a bound limit while it plans, and so plans anew each time one is bound (3.51,
//! `sqlite3ExprIsInteger`): more than half of the cost of a point read, which SeaORM ends with `LIMIT ?`. As a literal
//! it is planned once; there are few different limits.

use sea_orm::{Statement, Value};

/// Turns a bound limit at the end of a query into a literal.
pub(super) fn literal(mut statement: Statement) -> Statement {
    const OFFSET: &str = " OFFSET ?";
    let Some(values) = &mut statement.values else { return statement };
    let before_offset = statement.sql.strip_suffix(OFFSET);
    let query = before_offset.unwrap_or(&statement.sql);
    let bound_after = usize::from(before_offset.is_some()) + 1;
    if let Some(kept) = query.strip_suffix(" LIMIT ?")
        && let Some(index) = values.0.len().checked_sub(bound_after)
        && let Some(Value::BigUnsigned(Some(limit))) = values.0.get(index)
    {
        let offset = if before_offset.is_some() { OFFSET } else { "" };
        statement.sql = format!("{kept} LIMIT {limit}{offset}");
        values.0.remove(index);
    }
    statement
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Query};
    use sea_orm::{DbBackend, StatementBuilder};

    use super::*;

    fn shown(statement: &Statement) -> (String, usize) {
        (statement.sql.clone(), statement.values.as_ref().map_or(0, |values| values.0.len()))
    }

    #[test]
    fn a_limit_becomes_part_of_the_text() {
        let query = |limit: Option<u64>, offset: Option<u64>| {
            let mut query = Query::select().column(Asterisk).from("a").and_where(Expr::col("b").eq(1)).to_owned();
            if let Some(limit) = limit {
                query.limit(limit);
            }
            if let Some(offset) = offset {
                query.offset(offset);
            }
            literal(StatementBuilder::build(&query, &DbBackend::Sqlite))
        };
        let text = r#"SELECT * FROM "a" WHERE "b" = ?"#;
        assert_eq!(shown(&query(None, None)), (text.to_owned(), 1));
        assert_eq!(shown(&query(Some(21), None)), (format!("{text} LIMIT 21"), 1));
        assert_eq!(shown(&query(Some(21), Some(40))), (format!("{text} LIMIT 21 OFFSET ?"), 2));
        let offset = query(Some(21), Some(40)).values.unwrap().0[1].clone();
        assert_eq!(offset, Value::BigUnsigned(Some(40)));
    }

    #[test]
    fn what_is_no_such_limit_is_left_alone() {
        let same = |sql: &str, values: Vec<Value>| {
            let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
            assert_eq!(literal(statement.clone()), statement);
        };
        same("SELECT 1 LIMIT ?", vec![]);
        same("SELECT 1 LIMIT ?", vec!["5; DROP TABLE a".into()]);
        same("SELECT 1 LIMIT ?", vec![Value::BigUnsigned(None)]);
        same("SELECT 1 LIMIT ? OFFSET ?", vec![Value::BigUnsigned(Some(1))]);
        same("SELECT ?", vec![Value::BigUnsigned(Some(1))]);
        same(
            "SELECT * FROM (SELECT 1 LIMIT ?) WHERE 1 = ?",
            vec![Value::BigUnsigned(Some(1)), Value::BigUnsigned(Some(1))],
        );
    }
}
