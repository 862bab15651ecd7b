//! Conditions from what a client asks.

use std::ops::Bound;

use archirust_core::page::{Range, RangeValue};
use sea_orm::sea_query::{Cond, Condition};
use sea_orm::{ColumnTrait, Value};

/// The rows whose `column` lies in `range`; `stored` gives the form in which a bound is stored:
/// `in_range(note::Column::CreatedAt, &range, UtcTime::from)`. Rows without a value lie in no range.
pub fn in_range<C, T, V>(column: C, range: &Range<T>, stored: impl Fn(T) -> V) -> Condition
where
    C: ColumnTrait,
    T: RangeValue + Clone,
    V: Into<Value>,
{
    let mut all = Cond::all();
    match range.lower() {
        Bound::Included(bound) => all = all.add(column.gte(stored(bound.clone()))),
        Bound::Excluded(bound) => all = all.add(column.gt(stored(bound.clone()))),
        Bound::Unbounded => {}
    }
    match range.upper() {
        Bound::Included(bound) => all = all.add(column.lte(stored(bound.clone()))),
        Bound::Excluded(bound) => all = all.add(column.lt(stored(bound.clone()))),
        Bound::Unbounded => {}
    }
    all
}
