//! How a search is read: the words of a text. Both backends take them from here.

/// Most words of a search; more are left out.
pub(crate) const WORDS_MAX: usize = 16;
/// Most hits on a page.
pub(crate) const HITS_MAX: usize = 200;

/// The words of a text: runs of letters and digits, in lower case.
pub(crate) fn words(text: &str) -> Vec<String> {
    let runs = text.split(|letter: char| !letter.is_alphanumeric()).filter(|run| !run.is_empty());
    runs.take(WORDS_MAX).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_and_quotation_marks_are_no_words() {
        assert_eq!(words("Loan \"OR\" -card* NEAR(x)"), ["loan", "or", "card", "near", "x"]);
        assert!(words(" * ' \" ").is_empty());
        assert_eq!(words(&"a ".repeat(100)).len(), WORDS_MAX);
    }
}
