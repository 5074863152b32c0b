//! The text of HTML as Odoo keeps it in descriptions and notes.

/// What stands between words even where no space is written.
const BREAKS: [&str; 14] = [
    "br", "p", "div", "li", "ul", "ol", "tr", "td", "th", "table", "h1", "h2", "h3", "hr",
];
/// What holds no text for people.
const HIDDEN: [&str; 2] = ["script", "style"];
/// The longest name between `&` and `;`.
const LONGEST_ENTITY: usize = 10;

/// The text without tags, its entities as what they stand for.
pub(super) fn text_of(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        rest = if from.starts_with('<') {
            tag(from, &mut text)
        } else {
            entity(from, &mut text)
        };
    }
    text.push_str(rest);
    text
}

/// Passes over a tag; returns what follows it.
fn tag<'a>(from: &'a str, text: &mut String) -> &'a str {
    if let Some(comment) = from.strip_prefix("<!--") {
        return comment.find("-->").map_or("", |end| &comment[end + 3..]);
    }
    let opens = from[1..].starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
    let Some(end) = from.find('>').filter(|_| opens) else {
        // A sign that somebody wrote, not a tag.
        text.push('<');
        return &from[1..];
    };
    let inside = from[1..end].trim_start_matches('/');
    let name: String = inside
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    if BREAKS.contains(&name.as_str()) {
        text.push(' ');
    }
    let after = &from[end + 1..];
    if HIDDEN.contains(&name.as_str()) && !from.starts_with("</") {
        let closing = format!("</{name}");
        let lower = after.to_ascii_lowercase();
        return lower.find(&closing).map_or("", |at| &after[at..]);
    }
    after
}

/// Writes what an entity stands for; returns what follows it.
fn entity<'a>(from: &'a str, text: &mut String) -> &'a str {
    let end = from
        .char_indices()
        .take(LONGEST_ENTITY + 2)
        .find(|(_, letter)| *letter == ';');
    let meant = end.and_then(|(end, _)| Some((end, meaning(&from[1..end])?)));
    if let Some((end, letter)) = meant {
        text.push(letter);
        &from[end + 1..]
    } else {
        text.push('&');
        &from[1..]
    }
}

fn meaning(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        "euro" => Some('€'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_people_read_is_left() {
        let table = [
            ("<p>Glass<br/>and <b>steel</b></p>", " Glass and steel "),
            ("a &amp; b &lt; c&nbsp;&#233;&#x20AC;", "a & b < c é€"),
            ("<style>p{}</style>x<script>1<2</script>y", "xy"),
            ("5 < 6 & 7 > 3", "5 < 6 & 7 > 3"),
            ("a<!-- <p>no</p> -->b", "ab"),
            ("broken <p", "broken <p"),
            ("&nosuchthing; &", "&nosuchthing; &"),
            ("<p><br></p>", "   "),
        ];
        for (html, text) in table {
            assert_eq!(text_of(html), text, "{html}");
        }
    }
}
