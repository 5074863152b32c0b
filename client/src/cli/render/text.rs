//! Text from elsewhere, made harmless for a terminal.

/// One line without control characters: a price list may hold anything, escape sequences too.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\r' | '\t' => ' ',
            // Marks that turn the writing direction can make a line read as something else.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            character if character.is_control() => '\u{fffd}',
            character => character,
        })
        .collect()
}

/// Clean, and not longer than `most` characters.
pub(crate) fn short(text: &str, most: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_cannot_steer_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\r\nc"), "a\u{fffd}[2Jb  c");
        assert_eq!(clean("Bürostuhl „Öko“"), "Bürostuhl „Öko“");
        assert!(!clean("a\u{202e}b").contains('\u{202e}'));
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(short("äöüß", 4), "äöüß");
        assert_eq!(short("äöüßx", 4), "äöü…");
    }
}
