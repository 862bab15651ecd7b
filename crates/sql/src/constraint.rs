//! Which field of a request a constraint of the database speaks of.

/// Endings that engines and people give to names of constraints and indexes.
const ENDINGS: [&str; 8] = ["_key", "_unique", "_uniq", "_uk", "_idx", "_pkey", "_fkey", "_check"];

/// Beginnings of the same kind.
const BEGINNINGS: [&str; 6] = ["uq_", "ux_", "uk_", "idx_", "ix_", "fk_"];

/// The columns of a list as SQLite names them: `users.tenant, users.email`.
pub(crate) fn columns_of_list(list: &str) -> Vec<String> {
    list.split(',')
        .map(|column| column.trim().rsplit('.').next().unwrap_or_default().to_owned())
        .filter(|column| !column.is_empty())
        .collect()
}

/// The column that a constraint is named after: `users_email_key` of the table `users` is about `email`. Where the table
/// is not known, the name must leave no doubt.
pub(crate) fn column_of_name(table: Option<&str>, constraint: &str) -> Option<String> {
    let mut name = constraint;
    let mut stripped = false;
    for beginning in BEGINNINGS {
        if let Some(rest) = name.strip_prefix(beginning) {
            (name, stripped) = (rest, true);
            break;
        }
    }
    for ending in ENDINGS {
        if let Some(rest) = name.strip_suffix(ending) {
            (name, stripped) = (rest, true);
            break;
        }
    }
    let column = match table {
        Some(table) => name.strip_prefix(table)?.strip_prefix('_')?,
        None if stripped && name.matches('_').count() == 1 => name.split_once('_')?.1,
        None => return None,
    };
    (!column.is_empty()).then(|| column.to_owned())
}

/// The JSON pointer (RFC 6901) to a member of the request's body.
pub(crate) fn pointer(column: &str) -> String {
    format!("/{}", column.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_lose_their_table() {
        assert_eq!(columns_of_list("users.email"), ["email"]);
        assert_eq!(columns_of_list("users.tenant, users.email"), ["tenant", "email"]);
        assert_eq!(columns_of_list("email"), ["email"]);
        assert!(columns_of_list("").is_empty());
    }

    #[test]
    fn a_constraint_tells_its_column() {
        let column = |table, name| column_of_name(table, name);
        assert_eq!(column(Some("users"), "users_email_key").as_deref(), Some("email"));
        assert_eq!(column(Some("users"), "uq_users_display_name").as_deref(), Some("display_name"));
        assert_eq!(column(Some("user_roles"), "user_roles_role_id_fkey").as_deref(), Some("role_id"));
        assert_eq!(column(None, "users_email_key").as_deref(), Some("email"));
        assert_eq!(column(None, "uq_users_email").as_deref(), Some("email"));
    }

    #[test]
    fn a_doubtful_name_tells_nothing() {
        assert_eq!(column_of_name(Some("users"), "one_mail_each"), None);
        assert_eq!(column_of_name(Some("users"), "users_pkey"), None);
        assert_eq!(column_of_name(None, "user_roles_role_id_key"), None);
        assert_eq!(column_of_name(None, "one_mail"), None);
    }

    #[test]
    fn a_pointer_is_escaped() {
        assert_eq!(pointer("email"), "/email");
        assert_eq!(pointer("a/b~c"), "/a~1b~0c");
    }
}
