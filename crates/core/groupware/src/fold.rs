//! Text made comparable for look-ups: coarser than any collation of a filter, so that it can rule items out but never
//! in.
//!
//! Every character is folded by itself, without regard to its neighbours. So if a filter's text occurs in a value
//! under any of the collations (octets, ASCII without case, Unicode without case, RFC 4790 and 5051), its folded form
//! occurs in the folded value. Combining marks go, which makes their order and composition irrelevant.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Between the properties of an item; never in a folded text.
pub(crate) const BORDER: u8 = 0xff;

/// Adds the folded form of `text`.
pub(crate) fn push(text: &str, out: &mut Vec<u8>) {
    for c in text.chars() {
        if c.is_ascii() {
            out.push(u8::try_from(c.to_ascii_lowercase()).unwrap_or(b'?'));
        } else {
            push_wide(c, out);
        }
    }
}

fn push_wide(c: char, out: &mut Vec<u8>) {
    let mut wide = |c: char| {
        if !is_combining_mark(c) {
            let mut bytes = [0_u8; 4];
            out.extend_from_slice(c.encode_utf8(&mut bytes).as_bytes());
        }
    };
    // Upper, then lower: brings together letters that share only their capital, such as the two small sigmas.
    let cased = |c: char| c.to_uppercase().flat_map(char::to_lowercase);
    for c in cased(c) {
        decompose_compatible(c, |part| cased(part).for_each(|c| decompose_compatible(c, &mut wide)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        push(text, &mut out);
        out
    }

    #[test]
    fn spellings_of_the_same_fold_together() {
        let check = |a: &str, b: &str| assert_eq!(folded(a), folded(b), "{a:?} {b:?}");
        check("MÜLLER", "mu\u{308}ller");
        check("Straße", "STRASSE");
        check("ΟΔΥΣΣΕΥΣ", "οδυσσευς");
        check("ﬁn", "FIN");
        check("Анна", "АННА");
        check("a\u{301}\u{323}", "a\u{323}\u{301}");
        check("İstanbul", "istanbul");
        check("℻", "fax");
    }

    #[test]
    fn a_part_folds_to_a_part() {
        let whole = "Ångström – Größe ΑΣ ﬃ Ⅷ";
        let borders: Vec<usize> = whole.char_indices().map(|(at, _)| at).chain([whole.len()]).collect();
        let haystack = folded(whole);
        for start in &borders {
            for end in borders.iter().filter(|end| *end >= start) {
                let needle = folded(&whole[*start..*end]);
                assert!(memchr::memmem::find(&haystack, &needle).is_some(), "{:?}", &whole[*start..*end]);
            }
        }
    }
}
