//! "Did you mean": the nearest of the names that exist. Nothing here knows what the names stand for.

/// The nearest of `known` to `typed`, if it is near enough to have been meant.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = typed.to_lowercase();
    let longest_distance = (typed.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= longest_distance || is_rewording(&lower, name))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The same word with other separators, or one a leading part of the other (`timeout` for `timeout_s`).
fn is_rewording(lower: &str, name: &str) -> bool {
    let bare = |text: &str| text.to_lowercase().replace(['-', '_', '.', ' '], "");
    let (typed, name) = (bare(lower), bare(name));
    typed == name || (typed.len() >= 4 && (name.starts_with(&typed) || typed.starts_with(&name) && name.len() >= 4))
}

/// Serde's complaint about an unknown key, with "did you mean" where one is near.
///
/// Serde only gives a sentence (``unknown field `x`, expected one of `a`, `b` ``), so the names are read out of it; a
/// sentence of another form comes back as it was.
pub fn explain(complaint: &str) -> String {
    let Some(rest) = complaint.strip_prefix("unknown field `").or_else(|| complaint.strip_prefix("unknown variant `"))
    else {
        return complaint.to_owned();
    };
    let kind = if complaint.starts_with("unknown field") { "key" } else { "value" };
    let mut quoted = rest.split('`');
    let typed = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.skip(1).step_by(2).collect();
    match nearest(typed, known.iter().copied()) {
        Some(name) => format!("unknown {kind} `{typed}`: did you mean `{name}`?"),
        None if known.is_empty() => format!("unknown {kind} `{typed}`"),
        None => format!("unknown {kind} `{typed}`; known are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let known = ["offer_timeout_s", "wrap_up_s", "members"];
        assert_eq!(nearest("ofer_timeout_s", known), Some("offer_timeout_s"));
        assert_eq!(nearest("offer-timeout", known), Some("offer_timeout_s"));
        assert_eq!(nearest("membres", known), Some("members"));
        assert_eq!(nearest("colour", known), None);
    }

    #[test]
    fn serdes_sentence_is_explained() {
        let said = explain("unknown field `lisen`, expected one of `listen`, `tls`");
        assert_eq!(said, "unknown key `lisen`: did you mean `listen`?");
        assert_eq!(explain("unknown field `zzz`, expected `listen`"), "unknown key `zzz`; known are listen");
        assert_eq!(
            explain("unknown variant `alow`, expected `allow` or `deny`"),
            "unknown value `alow`: did you mean `allow`?"
        );
        assert_eq!(explain("invalid type"), "invalid type");
    }
}
