//! One form of a password, whatever keyboard it was typed on.
//!
//! New hashes are made of the NFKC form (UAX 15), as NIST SP 800-63B asks: the same characters typed as one code point, as
//! a letter and its mark, or as a presentation form of an old Arabic keyboard are the same password. Hashes that come from
//! elsewhere were made of what was typed, so verification tries that as well where it differs.

use icu_normalizer::ComposingNormalizerBorrowed;
use zeroize::Zeroizing;

/// The longest password that is hashed, in bytes as typed; far more than any policy accepts in characters.
pub const MAX_PASSWORD_BYTES: usize = 4096;

/// The NFKC form.
pub(super) fn normalize(password: &str) -> Zeroizing<String> {
    Zeroizing::new(ComposingNormalizerBorrowed::new_nfkc().normalize(password).into_owned())
}

/// The forms in which a password may have been hashed: NFKC first, then as typed if that is another.
pub(super) fn forms(password: &str) -> impl Iterator<Item = Zeroizing<String>> {
    let normal = normalize(password);
    let typed = (*normal != password).then(|| Zeroizing::new(password.to_owned()));
    std::iter::once(normal).chain(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_alike() {
        assert_eq!(normalize("e\u{301}"), normalize("\u{e9}"));
        assert_eq!(*normalize("\u{ff21}\u{fb01}"), "Afi");
        // A Persian "peh" as an Arabic presentation form; the zero-width non-joiner stays, it is part of the spelling.
        assert_eq!(*normalize("\u{fb56}\u{200c}"), "\u{67e}\u{200c}");
    }

    #[test]
    fn there_is_a_second_form_only_where_typing_differs() {
        assert_eq!(forms("plain ascii").count(), 1);
        let both: Vec<_> = forms("e\u{301}").map(|form| form.to_string()).collect();
        assert_eq!(both, ["\u{e9}", "e\u{301}"]);
    }
}
