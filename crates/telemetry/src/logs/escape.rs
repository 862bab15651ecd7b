//! Text within a line: nothing in it may end the line, hide a part of it, or command the terminal that shows it.

/// Where the text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// A JSON string (RFC 8259, section 7).
    Json,
    /// A quoted value of a readable line.
    Quoted,
    /// The message of a readable line.
    Bare,
}

/// Bytes that may have to be escaped: 1 always in JSON, 2 always, 3 the first byte of characters to look at.
static KINDS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = 2;
        byte += 1;
    }
    table[0x7f] = 2;
    table[b'"' as usize] = 1;
    table[b'\\' as usize] = 1;
    // U+0080, U+0600, U+2000, U+F000, U+C0000 and what follows them
    table[0xC2] = 3;
    table[0xD8] = 3;
    table[0xE2] = 3;
    table[0xEF] = 3;
    table[0xF3] = 3;
    table
};

/// Appends the text.
pub(super) fn push(out: &mut String, text: &str, escape: Escape) {
    let mut done = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(place) = find(bytes, at) {
        at = place;
        let kind = KINDS[usize::from(bytes[at])];
        if kind == 1 && escape == Escape::Bare {
            at += 1;
            continue;
        }
        let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
        let next = at + character.len_utf8();
        if kind < 3 || is_unsafe(character) {
            out.push_str(&text[done..at]);
            push_escaped(out, character, escape);
            done = next;
        }
        at = next;
    }
    out.push_str(&text[done..]);
}

/// The first byte from `at` on that may have to be escaped.
#[inline]
fn find(bytes: &[u8], mut at: usize) -> Option<usize> {
    // Comparisons that the compiler turns into those of whole vectors; other scripts than Latin go the longer way.
    while let Some(chunk) = bytes.get(at..at + 32) {
        if chunk.iter().fold(false, |any, &byte| any | !(0x20..0x7f).contains(&byte) | (byte == b'"') | (byte == b'\\'))
        {
            break;
        }
        at += 32;
    }
    Some(at + bytes[at..].iter().position(|byte| KINDS[usize::from(*byte)] != 0)?)
}

#[cold]
fn push_escaped(out: &mut String, character: char, escape: Escape) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ if escape == Escape::Json => {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                out.push_str("\\u");
                for shift in [12, 8, 4, 0] {
                    out.extend(char::from_digit(u32::from(*unit >> shift & 0xF), 16));
                }
            }
        }
        _ => out.extend(character.escape_unicode()),
    }
}

/// Characters beyond ASCII that end lines, reorder text, are not seen, or are controls.
fn is_unsafe(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{9f}' // C1 controls, CSI among them
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // direction
        | '\u{2028}' | '\u{2029}' // ends of lines and paragraphs
        | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' // not seen
        | '\u{e0000}'..='\u{e007f}') // tags
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str, escape: Escape) -> String {
        let mut out = String::new();
        push(&mut out, text, escape);
        out
    }

    #[test]
    fn controls_line_ends_and_direction_are_written_out() {
        let text = "a\"\\\n\r\t\u{0}\u{1b}[31m\u{7f}\u{85}\u{9b}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}\u{e0041}b";
        insta::assert_snapshot!(escaped(text, Escape::Json));
        insta::assert_snapshot!(escaped(text, Escape::Quoted));
        insta::assert_snapshot!(escaped(text, Escape::Bare));
    }

    #[test]
    fn ordinary_text_of_any_script_stays() {
        for text in
            ["", "GET /v1/users", "سلام دنیا می\u{200c}خواهم", "naïve ¿qué? “quotes” €5 ﷼", "日本語", "🦀 👩\u{200d}💻"]
        {
            assert_eq!(escaped(text, Escape::Json), text);
            assert_eq!(escaped(text, Escape::Bare), text);
        }
    }

    proptest! {
        #[test]
        fn json_reads_back_what_was_written(text in any::<String>()) {
            let json = format!("\"{}\"", escaped(&text, Escape::Json));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            prop_assert!(!json.chars().any(|c| c.is_control() || is_unsafe(c)));
        }

        #[test]
        fn no_text_ends_a_line(text in any::<String>(), escape in proptest::sample::select(vec![Escape::Quoted, Escape::Bare])) {
            prop_assert!(!escaped(&text, escape).chars().any(|c| c.is_control() || is_unsafe(c)));
        }
    }
}
