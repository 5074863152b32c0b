//! Long texts in parts that overlap: embedders read so much of a text and no more.

/// The most characters of a part: about 400 tokens, of the 512 that small models read.
const LONGEST_PART: usize = 1_200;
/// How much of a part its next one begins with, so that no sentence is torn for both.
const OVERLAP: usize = 150;
/// How far back a part may end at a space rather than within a word.
const LOOK_BACK: usize = 100;
/// How much of the first line stands above each later part: what it is about.
const LONGEST_HEADING: usize = 120;
/// The most parts of a record; what is behind them is not searched.
pub(super) const MOST_PARTS: usize = 200;

/// The parts of a text; none of an empty one.
pub(super) fn parts_of(text: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    // No letter takes more than four bytes, so most texts need not be counted.
    if text.len() <= LONGEST_PART {
        return vec![text.to_owned()];
    }
    let letters: Vec<char> = text.chars().collect();
    let first_line = text.lines().next().unwrap_or_default();
    let heading: String = first_line.chars().take(LONGEST_HEADING).collect();
    let mut parts = Vec::new();
    let mut from = 0;
    while parts.len() < MOST_PARTS {
        let end = end_of(&letters, from);
        let body: String = letters[from..end].iter().collect();
        let body = body.trim();
        parts.push(if parts.is_empty() {
            body.to_owned()
        } else {
            format!("{heading}\n{body}")
        });
        if end == letters.len() {
            break;
        }
        from = end - OVERLAP;
    }
    parts
}

/// Where a part ends that begins at `from`: at a space, if there is one near its end.
fn end_of(letters: &[char], from: usize) -> usize {
    let most = from + LONGEST_PART;
    if most >= letters.len() {
        return letters.len();
    }
    let space = letters[most - LOOK_BACK..most]
        .iter()
        .rposition(|letter| letter.is_whitespace());
    space.map_or(most, |at| most - LOOK_BACK + at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_short_text_is_one_part_and_nothing_is_none() {
        assert_eq!(parts_of("Name: Acme"), ["Name: Acme"]);
        assert!(parts_of("").is_empty());
    }

    #[test]
    fn every_word_of_a_long_text_is_whole_in_some_part() {
        let words: Vec<String> = (0..2_000).map(|number| format!("word{number}")).collect();
        let parts = parts_of(&format!("Name: Acme\n{}", words.join(" ")));
        assert!(parts.len() > 10);
        assert!(parts[1].starts_with("Name: Acme\n"));
        for word in &words {
            let whole = |part: &String| part.split_whitespace().any(|found| found == word);
            assert!(parts.iter().any(whole), "{word}");
        }
    }

    #[test]
    fn there_are_never_more_parts_than_are_allowed() {
        assert_eq!(parts_of(&"x".repeat(5_000_000)).len(), MOST_PARTS);
    }

    proptest! {
        #[test]
        fn no_text_makes_a_part_that_is_too_long(text in "\\PC{0,4000}") {
            for part in parts_of(&text) {
                prop_assert!(part.chars().count() <= LONGEST_PART + LONGEST_HEADING + 1);
            }
        }
    }
}
