//! Which protocol an Odoo speaks, by its version.

/// The first version that speaks JSON-2, and the one that our addons are made for.
const JSON2_SINCE: u32 = 19;

/// Whether an Odoo of this version is older than JSON-2. One of an unknown version is not.
pub fn is_older(version: &str) -> bool {
    (1..JSON2_SINCE).contains(&major(version))
}

/// The number that counts: `16.0` and `saas~16.3` are 16; 0 if there is none.
pub(super) fn major(version: &str) -> u32 {
    let digits = version.trim_start_matches(|character: char| !character.is_ascii_digit());
    let end = digits
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_old_by_its_first_number() {
        for old in ["14.0", "18.0", "saas~17.2", "16.0+e"] {
            assert!(is_older(old), "{old}");
        }
        for new in ["19.0", "saas~19.1", "20.0", "", "master"] {
            assert!(!is_older(new), "{new}");
        }
    }
}
