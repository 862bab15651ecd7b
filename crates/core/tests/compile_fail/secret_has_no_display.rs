fn main() {
    let password = archirust_core::Secret::from("hunter2");
    let _ = format!("{password}");
}
