//! Proof that settings are read: a setting that no code looks at is a promise that nobody keeps.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::Settings;

use super::reads::Reads;

/// A setting or section that no code reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadSetting {
    /// Its dotted key.
    pub key: String,
    /// The struct that declares it.
    pub owner: String,
    /// Its name there.
    pub field: String,
}

impl fmt::Display for UnreadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (`{}` of {})", self.key, self.field, self.owner)
    }
}

/// The settings and sections of `T` that no code in the Rust files below `source_roots` reads.
///
/// A read is a field access (`settings.ttl`, also in the arguments of a macro) or a pattern that names the field. Tests and
/// assignments are none, nor is the declaration. Types are not known to it: `x.ttl` counts for every `ttl`, except that
/// `self.ttl` counts for the type whose method it stands in.
///
/// # Errors
/// When a file can't be read or is not Rust.
pub fn unread_settings<T: Settings>(
    source_roots: impl IntoIterator<Item = impl AsRef<Path>>,
) -> io::Result<Vec<UnreadSetting>> {
    let mut files = Vec::new();
    for root in source_roots {
        collect(root.as_ref(), &mut files)?;
    }
    let reads = read_all(&files)?;
    let fields = T::schema().into_iter().map(|field| (field.key, field.declared));
    let sections = T::sections().into_iter().filter_map(|section| Some((section.key, section.declared?)));
    let unread = sections.chain(fields).filter(|(_, (owner, field))| !reads.has(owner, field));
    Ok(unread.map(|(key, (owner, field))| UnreadSetting { key, owner: owner.into(), field: field.into() }).collect())
}

/// Asserts that code in the Rust files below `source_roots` reads every setting of `T`, see [`unread_settings`].
///
/// # Panics
/// When one is unread, or the files can't be read.
#[track_caller]
#[expect(clippy::panic, reason = "an assertion")]
pub fn assert_all_settings_are_read<T: Settings>(source_roots: impl IntoIterator<Item = impl AsRef<Path>>) {
    match unread_settings::<T>(source_roots) {
        Ok(unread) if unread.is_empty() => {}
        Ok(unread) => {
            let list: Vec<String> = unread.iter().map(ToString::to_string).collect();
            panic!("no code reads these settings:\n{}", list.join("\n"));
        }
        Err(error) => panic!("the sources can't be searched: {error}"),
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
        entries.sort();
        entries.iter().try_for_each(|entry| collect(entry, files))
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        files.push(path.to_owned());
        Ok(())
    } else {
        path.metadata().map(|_| ())
    }
}

fn read_all(files: &[PathBuf]) -> io::Result<Reads> {
    let mut parsed = Vec::new();
    for path in files {
        let text = fs::read_to_string(path)?;
        let file = syn::parse_file(&text)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display())))?;
        parsed.push((path, file));
    }
    // Test modules in files of their own are only known by the file that declares them, so they are sought first.
    let mut tests: Vec<PathBuf> = Vec::new();
    for (path, file) in &parsed {
        let mut scout = Reads::default();
        scout.file(file);
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new(""));
        let below = if ["mod", "lib", "main"].contains(&stem) { folder.to_owned() } else { folder.join(stem) };
        tests.extend(scout.test_modules.iter().map(|module| below.join(module)));
    }
    let mut reads = Reads::default();
    for (path, file) in &parsed {
        let is_test = |test: &PathBuf| path.with_extension("") == *test || path.starts_with(test);
        if !tests.iter().any(is_test) {
            reads.file(file);
        }
    }
    Ok(reads)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Settings.
    #[derive(Settings)]
    #[expect(dead_code, reason = "only their names matter")]
    struct Outer {
        /// A setting.
        #[setting(default = 1)]
        count: u32,
        /// Another one.
        #[setting(default = 1)]
        r#type: u32,
        #[setting(nested)]
        inner: Inner,
    }

    /// A section.
    #[derive(Settings)]
    #[expect(dead_code, reason = "only their names matter")]
    struct Inner {
        /// A setting.
        #[setting(default = 1, rename = "time_to_live")]
        ttl: u32,
    }

    fn unread_in(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let unread = unread_settings::<Outer>([folder.path()]).unwrap();
        unread.into_iter().map(|setting| setting.key).collect()
    }

    const REST: &str = "fn rest(s: &Outer) -> u32 { s.inner.time(s.r#type) + s.inner.ttl }";

    fn count_is_read_by(code: &str) -> bool {
        let unread = unread_in(&[("rest.rs", REST), ("lib.rs", code)]);
        assert!(unread.is_empty() || unread == ["count"], "{unread:?}");
        unread.is_empty()
    }

    #[test]
    fn a_setting_that_no_code_reads_is_found_with_its_key() {
        assert_eq!(
            unread_in(&[("lib.rs", "struct Outer { count: u32 }")]),
            ["inner", "count", "type", "inner.time_to_live"]
        );
        assert_eq!(unread_in(&[("lib.rs", REST)]), ["count"]);
    }

    #[test]
    fn accesses_and_patterns_are_reads() {
        for code in [
            "fn f(s: &Outer) -> u32 { s.count }",
            "fn f(s: &Outer) { g(&s.base.count) }",
            "fn f(s: &mut Outer) { s.count += 1 }",
            "fn f(s: &Outer) { println!(\"{}\", s.count) }",
            "fn f(s: &Outer) { println!(\"{}\", g(s.count, 1)) }",
            "impl Outer { fn f(&self) -> u32 { self.count } }",
            "impl Outer { fn f(&self) -> String { format!(\"{}\", self.count) } }",
            "impl Outer { fn f(self) -> u32 { let Self { count, .. } = self; count } }",
            "fn f(s: Outer) -> u32 { let Outer { count: n, .. } = s; n }",
            "fn f(Outer { count, .. }: Outer) -> u32 { count }",
        ] {
            assert!(count_is_read_by(code), "{code}");
        }
    }

    #[test]
    fn writing_declaring_calling_and_testing_is_not_reading() {
        for code in [
            "fn f(s: &mut Outer) { s.count = 1 }",
            "fn f() -> Outer { Outer { count: 1 } }",
            "fn f(s: &[u32]) -> usize { s.iter().count() }",
            "fn f(s: &[u32]) { println!(\"{}\", s.iter().count()) }",
            "fn f(count: usize) { println!(\"{:?}\", 0..count) }",
            "fn f(s: Outer) { let Outer { count: _, .. } = s; }",
            "fn f(s: Other) -> u32 { let Other { count, .. } = s; count }",
            "impl Other { fn f(&self) -> u32 { self.count } }",
            "impl Other { fn f(&self) -> String { format!(\"{}\", self.count) } }",
            "#[test] fn f() { assert_eq!(Outer::default().count, 1) }",
            "#[tokio::test] async fn f() { g(s.count) }",
            "#[cfg(test)] mod tests { fn f(s: &Outer) -> u32 { s.count } }",
            "#[cfg(test)] impl Outer { fn f(&self) -> u32 { self.count } }",
        ] {
            assert!(!count_is_read_by(code), "{code}");
        }
    }

    #[test]
    fn test_modules_in_files_of_their_own_are_no_code() {
        let read = "fn f(s: &Outer) -> u32 { s.count }";
        let declared = "#[cfg(test)] mod checks;";
        assert_eq!(unread_in(&[("rest.rs", REST), ("lib.rs", declared), ("checks.rs", read)]), ["count"]);
        assert_eq!(unread_in(&[("rest.rs", REST), ("a.rs", declared), ("a/checks/mod.rs", read)]), ["count"]);
        assert!(unread_in(&[("rest.rs", REST), ("lib.rs", declared), ("other.rs", read)]).is_empty());
    }

    #[test]
    fn what_is_no_rust_and_what_is_not_there_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        assert!(unread_settings::<Outer>([folder.path().join("missing")]).is_err());
        fs::write(folder.path().join("lib.rs"), "fn (").unwrap();
        assert!(unread_settings::<Outer>([folder.path()]).is_err());
    }

    #[test]
    #[should_panic(expected = "count (`count` of Outer)")]
    fn the_assertion_names_what_is_unread() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("lib.rs"), REST).unwrap();
        assert_all_settings_are_read::<Outer>([folder.path()]);
    }
}
