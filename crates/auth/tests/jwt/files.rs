//! Key files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use archirust_auth::jwt::{Algorithm, KeyFile, MAX_KEY_FILE_BYTES};
use archirust_core::ErrorKind;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A file with mode 0600.
fn write(folder: &TempDir, content: impl AsRef<[u8]>) -> KeyFile {
    let path = folder.path().join("jwt.pem");
    fs::write(&path, content).unwrap();
    set_mode(&path, 0o600);
    KeyFile::new(path, Algorithm::Es256)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The report of a refused file, with the folder of the test left out.
fn refusal(folder: &TempDir, file: &KeyFile) -> String {
    let error = file.load().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    error.report().to_string().replace(folder.path().to_str().unwrap(), "…")
}

#[test]
fn a_new_file_is_its_owners_alone_and_is_read_again() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let folder = folder();
        let file = KeyFile::new(folder.path().join("jwt.pem"), algorithm);
        let made = file.create().unwrap();
        assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(file.load().unwrap().kid(), made.kid());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }
}

#[test]
fn a_file_that_exists_is_never_replaced() {
    let folder = folder();
    let file = write(&folder, "precious");
    let error = file.create().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert!(error.detail().unwrap().contains("move it away first"));
    assert_eq!(fs::read_to_string(file.path()).unwrap(), "precious");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
}

#[test]
fn a_missing_file_is_made_and_one_that_is_there_is_read() {
    let folder = folder();
    let file = KeyFile::new(folder.path().join("jwt.pem"), Algorithm::Es256);
    let (made, new) = file.load_or_create().unwrap();
    let (read, again) = file.load_or_create().unwrap();
    assert_eq!((new, again), (true, false));
    assert_eq!(made.kid(), read.kid());
    // A damaged one is neither read nor replaced.
    let broken = write(&folder, "garbage");
    assert_eq!(broken.load_or_create().unwrap_err().kind(), ErrorKind::Configuration);
    assert_eq!(fs::read_to_string(broken.path()).unwrap(), "garbage");
}

#[test]
fn processes_that_start_together_use_one_key() {
    let folder = folder();
    let file = Arc::new(KeyFile::new(folder.path().join("jwt.pem"), Algorithm::Es256));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let file = Arc::clone(&file);
            std::thread::spawn(move || file.load_or_create().map(|(key, made)| (key.kid().to_owned(), made)).unwrap())
        })
        .collect();
    let keys: Vec<(String, bool)> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(keys.iter().all(|(kid, _)| *kid == keys[0].0));
    assert_eq!(keys.iter().filter(|(_, made)| *made).count(), 1);
}

#[test]
fn a_missing_file_says_how_to_make_one() {
    let folder = folder();
    let file = KeyFile::new(folder.path().join("jwt.pem"), Algorithm::Es256);
    insta::assert_snapshot!(refusal(&folder, &file), @"configuration: key file …/jwt.pem does not exist: make one with `archi jwt keygen`");
}

#[test]
fn a_file_that_is_cut_off_or_garbage_says_so_and_nothing_of_its_content() {
    let folder = folder();
    let whole = include_str!("keys/p-256.pem");
    let cut = refusal(&folder, &write(&folder, &whole[..whole.len() / 2]));
    insta::assert_snapshot!(cut, @"configuration: key file …/jwt.pem is truncated, damaged or not a key: restore it from a backup, or move it away and make one with `archi jwt keygen`");
    for garbage in [&b""[..], b"kanarienvogel", &[0xff; 64], &vec![b'a'; MAX_KEY_FILE_BYTES as usize + 1]] {
        assert_eq!(refusal(&folder, &write(&folder, garbage)), cut);
    }
}

#[test]
fn a_file_has_64_kib_at_most() {
    let folder = folder();
    let key = include_str!("keys/p-256.pem");
    let filled = |length: usize| format!("{}{key}", "\n".repeat(length - key.len()));
    let longest = MAX_KEY_FILE_BYTES as usize;
    assert!(write(&folder, filled(longest)).load().is_ok());
    assert!(write(&folder, filled(longest + 1)).load().is_err());
}

#[test]
fn a_key_of_another_kind_says_what_is_needed() {
    let folder = folder();
    let rsa = refusal(&folder, &write(&folder, include_str!("keys/rsa-2048.pem")));
    insta::assert_snapshot!(rsa, @"configuration: key file …/jwt.pem holds an RSA key, and ES256 needs an unencrypted P-256 key in PKCS#8: name another file, or make one with `archi jwt keygen`");
    for (algorithm, needed) in [
        (Algorithm::EdDsa, "an unencrypted Ed25519 key"),
        (Algorithm::Ps256, "an unencrypted RSA key"),
        (Algorithm::Hs256, "a secret instead of a file"),
    ] {
        let file = KeyFile::new(write(&folder, include_str!("keys/p-256.pem")).path(), algorithm);
        assert!(refusal(&folder, &file).contains(needed));
    }
}

#[test]
fn a_small_rsa_key_says_its_limits() {
    let folder = folder();
    let file = KeyFile::new(write(&folder, include_str!("keys/rsa-1024.pem")).path(), Algorithm::Rs256);
    insta::assert_snapshot!(refusal(&folder, &file), @"configuration: key file …/jwt.pem is an RSA key outside of 2048 to 8192 bits: move it away and make one with `archi jwt keygen`");
}

#[test]
fn a_file_that_others_may_use_is_refused() {
    let folder = folder();
    let file = write(&folder, include_str!("keys/p-256.pem"));
    for mode in [0o600, 0o400, 0o700] {
        set_mode(file.path(), mode);
        assert!(file.load().is_ok(), "{mode:o}");
    }
    for mode in [0o604, 0o640, 0o610, 0o601, 0o620, 0o602, 0o666] {
        set_mode(file.path(), mode);
        assert!(refusal(&folder, &file).contains(&format!("mode {mode:04o}")), "{mode:o}");
    }
    set_mode(file.path(), 0o644);
    insta::assert_snapshot!(refusal(&folder, &file), @"configuration: key file …/jwt.pem is open to others (mode 0644): run `chmod 600 …/jwt.pem`, and replace the key if others have access to this machine");
}

#[test]
fn a_folder_is_no_file_and_a_missing_folder_says_so() {
    let folder = folder();
    let file = KeyFile::new(folder.path(), Algorithm::Es256);
    assert!(refusal(&folder, &file).contains("is not a file"));
    let file = KeyFile::new(folder.path().join("missing/jwt.pem"), Algorithm::Es256);
    let error = file.create().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.detail().unwrap().contains("create its folder"));
    assert_eq!(file.load_or_create().unwrap_err().kind(), ErrorKind::Configuration);
}
