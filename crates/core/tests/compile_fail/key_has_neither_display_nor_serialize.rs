use archirust_core::secret::StrongKey;

fn show(key: &StrongKey) {
    let _ = format!("{key}");
    let _ = serde_json::to_string(key);
}

fn main() {}
