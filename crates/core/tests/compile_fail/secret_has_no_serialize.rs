fn main() {
    let password = archirust_core::Secret::from("hunter2");
    let _ = serde_json::to_string(&password);
}
