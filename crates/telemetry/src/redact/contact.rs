//! E-mail addresses and telephone numbers, if asked for.

use std::ops::Range;

/// Digits of a telephone number (ITU-T E.164, section 6).
const PHONE: std::ops::RangeInclusive<usize> = 8..=15;

/// The local part of the address around the `@` at `at`; the domain is left, as it helps and names nobody.
pub(super) fn local_part(text: &[u8], at: usize) -> Option<Range<usize>> {
    let local = text[..at].iter().rev().take(128).take_while(|byte| in_local(**byte)).count();
    let domain = &text[at + 1..];
    let domain = &domain[..domain.iter().take(256).take_while(|byte| in_domain(**byte) || **byte == b'.').count()];
    let labels = domain.split(|byte| *byte == b'.').take_while(|label| !label.is_empty()).count();
    // A cut in the middle of a character would be no boundary.
    let start = (at - local..at).find(|start| text[*start] & 0xC0 != 0x80)?;
    (labels >= 2).then_some(start..at)
}

fn in_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._%+'-!#$&/?^`{|}~".contains(&byte) || byte >= 0x80
}

fn in_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte >= 0x80
}

/// The telephone number whose first digit is at `start`: international (`+98 912 …`, `0098 912 …`), national with a
/// leading zero, or ten digits in three groups.
pub(super) fn phone(text: &[u8], start: usize) -> Option<Range<usize>> {
    let before = start.checked_sub(1).map(|before| text[before]);
    let plus = before == Some(b'+');
    if !plus
        && before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'_' | b'/'))
    {
        return None;
    }
    let mut end = start;
    let (mut digits, mut groups, mut group) = (0, 1, 0);
    while let Some(&byte) = text.get(end) {
        if byte.is_ascii_digit() {
            digits += 1;
            if digits > *PHONE.end() {
                return None;
            }
            group += 1;
        } else {
            let gap = text[end..]
                .iter()
                .take(3)
                .take_while(|byte| matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/'))
                .count();
            if gap == 0 || !text.get(end + gap).is_some_and(u8::is_ascii_digit) {
                break;
            }
            groups += usize::from(group > 0);
            group = 0;
            end += gap;
            continue;
        }
        end += 1;
    }
    let glued = text.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_'));
    let international = plus || text[start..].starts_with(b"00");
    let national = text[start] == b'0' && (9..=11).contains(&digits);
    let american =
        groups == 3 && digits == 10 && text[start..].iter().take_while(|byte| byte.is_ascii_digit()).count() == 3;
    let begin = if plus { start - 1 } else { start };
    (!glued && PHONE.contains(&digits) && (international || national || american)).then_some(begin..end)
}
