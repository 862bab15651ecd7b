use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only read by serde")]
struct Register {
    email: String,
    age: Option<u8>,
    roles: Option<Vec<Role>>,
    address: Option<Address>,
    labels: Option<BTreeMap<String, bool>>,
    id: Option<uuid::Uuid>,
    point: Option<(f64, f64)>,
    either: Option<Either>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Admin,
    Reader,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only read by serde")]
struct Address {
    city: String,
    number: u32,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code, reason = "only read by serde")]
enum Either {
    Number(u8),
    Flag(bool),
}

fn explained(body: &str) -> String {
    let error = serde_json::from_str::<Register>(body).unwrap_err();
    let error = json::<Register>(body.as_bytes(), &error);
    let fields = error.fields().iter().map(|f| format!(" {:?} {}: {}", f.pointer, f.code, f.message));
    std::iter::once(format!("{} {}", error.kind().http_status(), error.message())).chain(fields).collect()
}

#[test]
fn each_fault_has_its_pointer_and_says_what_is_accepted() {
    let table: String = [
        "",
        "{",
        "nonsense",
        r#"{"email": }"#,
        r#"{"email":"a"} trailing"#,
        "\"hunter2\"",
        "[]",
        "{}",
        r#"{"email":1}"#,
        r#"{"email":"a","email":"b"}"#,
        r#"{"email":"a","hunter2":1}"#,
        r#"{"email":"a","age":300}"#,
        r#"{"email":"a","age":-1}"#,
        r#"{"email":"a","age":"hunter2"}"#,
        r#"{"email":"a","roles":["admin","hunter2"]}"#,
        r#"{"email":"a","roles":"hunter2"}"#,
        r#"{"email":"a","roles":["x`, expected one of `hunter2`, `y"]}"#,
        r#"{"email":"a","address":{}}"#,
        r#"{"email":"a","address":{"city":"hunter2"}}"#,
        r#"{"email":"a","address":{"city":"x","number":"hunter2"}}"#,
        r#"{"email":"a","address":"hunter2, expected u8"}"#,
        r#"{"email":"a","labels":{"a/b~c":"hunter2"}}"#,
        r#"{"email":"a","id":"hunter2"}"#,
        r#"{"email":"a","id":5}"#,
        r#"{"email":"a","point":[1]}"#,
        r#"{"email":"a","point":[1,"hunter2"]}"#,
        r#"{"email":"a","either":"hunter2"}"#,
    ]
    .map(|body| format!("{body}\n    {}\n", explained(body)))
    .concat();
    insta::assert_snapshot!(table);
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = format!("{{\"email\":{}{}}}", "[".repeat(1000), "]".repeat(1000));
    let error = serde_json::from_str::<serde_json::Value>(&deep).unwrap_err();
    assert_eq!(json::<serde_json::Value>(deep.as_bytes(), &error).kind(), ErrorKind::MalformedRequest);
}

#[test]
fn long_lists_and_long_keys_are_cut() {
    let many = (0..30).map(|n| format!("`v{n}`")).collect::<Vec<_>>().join(", ");
    let fault = Fault::of(&format!("unknown variant `x`, expected one of {many}"));
    assert!(fault.message.contains("v19") && !fault.message.contains("v20") && fault.message.ends_with('…'));
    let key = "k".repeat(1000);
    let body = format!(r#"{{"email":"a","labels":{{"{key}":1}}}}"#);
    let error = serde_json::from_str::<Register>(&body).unwrap_err();
    assert_eq!(json::<Register>(body.as_bytes(), &error).fields()[0].pointer.len(), "/labels/".len() + SHOWN_KEY);
}

proptest! {
    /// A string at any place where it does not belong comes back nowhere.
    #[test]
    fn no_value_comes_back(
        secret in "[a-zA-Z0-9`,\" ]{0,20}canary[a-zA-Z0-9`,\" ]{0,20}",
        place in 0_usize..7,
    ) {
        let value = serde_json::Value::from(secret);
        let body = match place {
            0 => value,
            1 => serde_json::json!({"email": "a", "age": value}),
            2 => serde_json::json!({"email": "a", "roles": [value]}),
            3 => serde_json::json!({"email": "a", "address": {"city": "x", "number": value}}),
            4 => serde_json::json!({"email": "a", "id": value}),
            5 => serde_json::json!({"email": "a", "either": value}),
            _ => serde_json::json!({"email": "a", "address": {"city": value}}),
        };
        let told = explained(&body.to_string());
        prop_assert!(!told.contains("canary"), "{}", told);
    }

    #[test]
    fn any_body_is_explained_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Err(error) = serde_json::from_slice::<Register>(&body) {
            json::<Register>(&body, &error);
        }
    }
}
