use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;

struct Pair {
    folder: TempDir,
    files: Files,
}

impl Pair {
    fn new(certificate: &str, key: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = Files { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
        std::fs::write(&files.certificate, certificate).unwrap();
        std::fs::write(&files.key, key).unwrap();
        std::fs::set_permissions(&files.key, std::fs::Permissions::from_mode(0o600)).unwrap();
        Self { folder, files }
    }

    fn error(&self) -> String {
        let error = self.files.read().and_then(|content| self.files.load(&content)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        error.message().replace(&self.folder.path().display().to_string(), "…")
    }
}

fn generate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[test]
fn a_pair_that_fits_is_taken() {
    let (certificate, key) = generate();
    let pair = Pair::new(&certificate, &key);
    assert!(pair.files.load(&pair.files.read().unwrap()).is_ok());
}

#[test]
fn what_cannot_be_used_is_named_with_its_key() {
    let ((certificate, key), (other, _)) = (generate(), generate());
    let cut: String = key.chars().take(key.len() / 2).collect();
    let mut table = String::new();
    for (certificate, key) in [
        ("", key.as_str()),
        ("hunter2", &key),
        (&certificate, ""),
        (&certificate, "hunter2"),
        (&certificate, &cut),
        (&other, &key),
        (&key, &key),
        (&certificate, &certificate),
    ] {
        table += &Pair::new(certificate, key).error();
        table.push('\n');
    }
    let pair = Pair::new(&certificate, &key);
    std::fs::set_permissions(&pair.files.key, std::fs::Permissions::from_mode(0o604)).unwrap();
    table += &pair.error();
    table.push('\n');
    std::fs::remove_file(&pair.files.certificate).unwrap();
    table += &pair.error();
    table.push('\n');
    let pair = Pair::new(&"x".repeat(300_000), &key);
    table += &pair.error();
    assert!(!table.contains("hunter2"));
    insta::assert_snapshot!(table);
}

#[test]
fn the_group_may_read_a_key_and_others_may_not() {
    let (certificate, key) = generate();
    let pair = Pair::new(&certificate, &key);
    for (mode, good) in [(0o400, true), (0o600, true), (0o640, true), (0o644, false), (0o602, false), (0o601, false)] {
        std::fs::set_permissions(&pair.files.key, std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(pair.files.read().is_ok(), good, "{mode:o}");
    }
}
