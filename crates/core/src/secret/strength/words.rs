//! Tells words from random letters by the pairs of letters that languages are made of.

use zeroize::Zeroizing;

/// The hundred most frequent pairs of letters in English, which other languages of the Latin alphabet share for the most part.
/// They are 15 % of random pairs and 60 to 80 % of those in words.
const PAIRS: &[u8] = b"th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi \
ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo \
wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh";

/// [`PAIRS`] as a table, by first and second letter.
const USUAL: [[bool; 26]; 26] = {
    let mut table = [[false; 26]; 26];
    let mut place = 0;
    while place < PAIRS.len() {
        table[(PAIRS[place] - b'a') as usize][(PAIRS[place + 1] - b'a') as usize] = true;
        place += 3;
    }
    table
};

/// Words or phrases, in whatever case and joined by whatever; letters of one case and nothing else.
pub(super) fn is_words(text: &str) -> bool {
    let plain = without_digits_for_letters(text);
    let phrase = text.contains(' ') && count(text, |byte| byte.is_ascii_alphabetic()) * 2 >= text.len();
    let letters = count(text, |byte| byte.is_ascii_alphabetic() || is_separator(byte));
    let only_letters = letters == text.len() && letters > 0 && is_one_case(text);
    // The limits keep random base64 out; more letters need more of them to be usual.
    phrase || only_letters || is_joined(text) || is_joined(&plain) || is_usual(text, 42) || is_usual(&plain, 50)
}

/// Parts of one case with separators between, most of it usual letters. An encoder mixes cases, so these are a person's.
fn is_joined(text: &str) -> bool {
    let letters = count(text, |byte| byte.is_ascii_alphabetic());
    let (usual, pairs) = usual_pairs(text);
    is_one_case(text) && count(text, is_separator) >= 2 && letters * 5 >= text.len() * 3 && usual * 5 >= pairs * 2
}

/// Whether so many per cent of all neighbours are usual pairs of letters.
fn is_usual(text: &str, per_cent: usize) -> bool {
    let (usual, _) = usual_pairs(text);
    text.len() > 1 && usual * 100 >= (text.len() - 1) * per_cent
}

/// How many pairs of letters are usual ones, and how many there are. A capital after a small letter starts a new word.
fn usual_pairs(text: &str) -> (usize, usize) {
    let pairs = text.as_bytes().windows(2).filter(|pair| {
        pair.iter().all(u8::is_ascii_alphabetic) && !(pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
    });
    let place = |letter: u8| usize::from(letter.to_ascii_lowercase() - b'a');
    pairs.fold((0, 0), |(usual, all), pair| (usual + usize::from(USUAL[place(pair[0])][place(pair[1])]), all + 1))
}

fn is_one_case(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_uppercase()) || !text.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn is_separator(byte: u8) -> bool {
    b"-_. ".contains(&byte)
}

fn count(text: &str, which: impl Fn(u8) -> bool) -> usize {
    text.bytes().filter(|byte| which(*byte)).count()
}

fn without_digits_for_letters(text: &str) -> Zeroizing<String> {
    let letter = |c: char| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    plain.extend(text.chars().map(letter));
    plain
}
