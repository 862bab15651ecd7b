//! E-mail addresses and telephone numbers, if asked for.

use std::ops::Range;

/// Digits of a telephone number (ITU-T E.164, section 6).
const PHONE: std::ops::RangeInclusive<usize> = 8..=15;

/// Bytes of the longest local part (RFC 5321, section 4.5.3.1.1), with room for other scripts.
const LONGEST_LOCAL: usize = 128;

/// Bytes of the longest name (RFC 1035, section 2.3.4).
const LONGEST_DOMAIN: usize = 255;

/// The local part of the address around the `@` at `at`; the domain is left, as it helps and names nobody.
pub(super) fn local_part(text: &[u8], at: usize) -> Option<Range<usize>> {
    let local = text[..at].iter().rev().take(LONGEST_LOCAL).take_while(|byte| in_local(**byte)).count();
    let domain = &text[at + 1..];
    let domain = &domain[..domain.iter().take(LONGEST_DOMAIN).take_while(|byte| in_domain(**byte)).count()];
    let labels = domain.split(|byte| *byte == b'.').take_while(|label| !label.is_empty()).count();
    // A cut in the middle of a character would be no boundary.
    let start = (at - local..at).find(|start| !matches!(text[*start], 0x80..=0xBF))?;
    (labels >= 2).then_some(start..at)
}

fn in_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._%+'-!#$&/?^`{|}~".contains(&byte) || !byte.is_ascii()
}

fn in_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') || !byte.is_ascii()
}

/// The telephone number whose first digit is at `start`: international (`+98 912 …`, `0098 912 …`), national with a
/// leading zero, or ten digits in three groups.
pub(super) fn phone(text: &[u8], start: usize) -> Option<Range<usize>> {
    let before = start.checked_sub(1).map_or(b' ', |before| text[before]);
    if before.is_ascii_alphanumeric() || matches!(before, b'-' | b'.' | b':' | b'_' | b'/') {
        return None;
    }
    let plus = before == b'+';
    let (mut groups, mut digits, mut end) = (Vec::new(), 0, start);
    let mut next = start;
    // Groups are taken as long as the number is not too long with them.
    loop {
        let group = text[next..].iter().take(*PHONE.end() + 1).take_while(|byte| byte.is_ascii_digit()).count();
        if group == 0 || digits + group > *PHONE.end() {
            break;
        }
        groups.push(group);
        digits += group;
        end = next + group;
        let gap = text[end..].iter().take(3).take_while(|byte| b" -.()/".contains(byte)).count();
        next = end + gap;
        if gap == 0 {
            break;
        }
    }
    let glued = text.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_'));
    let known = match digits {
        _ if plus || text[start..].starts_with(b"00") => PHONE.contains(&digits),
        9..=11 if text[start] == b'0' => true,
        _ => groups == [3, 3, 4],
    };
    let begin = start - usize::from(plus);
    (known && !glued).then_some(begin..end)
}
