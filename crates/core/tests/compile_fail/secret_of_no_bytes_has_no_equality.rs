fn main() {
    let pin = archirust_core::Secret::new(1234_u64);
    let _ = pin == archirust_core::Secret::new(1234_u64);
}
