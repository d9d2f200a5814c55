//! Personal words by request, fetched from the store once and kept in a bounded cache. The only place in the staff edge
//! that knows names, answers and pages; they are never in events and never in a log.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use desk::ids::RequestId;
use store::edges::Visit;
use store::{Backend, StoreError};

use super::twins::{Answer, Page};
use crate::wire;

/// Requests whose words are kept; the one that was asked for longest ago goes first.
const KEPT_MAX: usize = 20_000;
/// Characters of `first_words`.
const FIRST_WORDS_MAX: usize = 200;

/// What is known of a request's visitor.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Words {
    /// The name given, if any.
    pub name: Option<String>,
    /// Language tag.
    pub locale: String,
    /// The page looked at.
    pub page: Option<Page>,
    /// Answers to the form, with the names of their fields.
    pub answers: Vec<(String, Answer)>,
    /// Was here before.
    pub returning: bool,
    /// The beginning of the keyed hash of the address.
    pub address_hint: Option<String>,
    /// What the visitor said first and last in the conversation, if anything.
    pub said: Option<(String, String)>,
}

impl Words {
    fn of(visit: Visit) -> Self {
        let page = visit.page.map(|page| Page { url: page.url, title: page.title, referrer: page.referrer });
        let answers = visit.answers.into_iter().map(|it| (it.field, Answer { label: it.label, value: it.value }));
        let hint = |hash: [u8; 32]| hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Self {
            name: visit.name,
            locale: visit.locale,
            page,
            answers: answers.collect(),
            returning: visit.returned,
            address_hint: visit.address_hash.map(hint),
            said: None,
        }
    }

    /// What the visitor is called: the name given, or a number.
    pub fn title(&self, request: RequestId) -> String {
        self.name.clone().unwrap_or_else(|| format!("Visitor {}", wire::id(request.0)))
    }

    /// The answers as they are shown.
    pub fn shown_answers(&self) -> Vec<Answer> {
        self.answers.iter().map(|(_, answer)| answer.clone()).collect()
    }

    /// The beginning of the answer to the first of these fields that was answered, or of what was said first.
    pub fn first_words(&self, fields: &[String]) -> Option<String> {
        let written = |field: &String| self.answers.iter().find(|(name, it)| name == field && !it.value.is_empty());
        let answer = fields.iter().find_map(written).map(|(_, answer)| &answer.value);
        answer.or(self.said.as_ref().map(|(first, _)| first)).map(|text| beginning(text))
    }

    /// The beginning of what was said last, if there is more to it than the first words.
    pub fn last_words(&self, fields: &[String]) -> Option<String> {
        let (_, last) = self.said.as_ref()?;
        Some(beginning(last)).filter(|last| self.first_words(fields).as_ref() != Some(last))
    }
}

fn beginning(text: &str) -> String {
    let mut beginning: String = text.chars().take(FIRST_WORDS_MAX).collect();
    if beginning.len() < text.len() {
        beginning.push('…');
    }
    beginning
}

/// The cache before the store.
pub struct WordCache {
    store: Arc<dyn Backend>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    words: HashMap<RequestId, (u64, Arc<Words>)>,
    by_use: BTreeMap<u64, RequestId>,
    uses: u64,
    /// How often something was forgotten: what was read before must not be kept after.
    forgotten: u64,
}

impl Kept {
    fn get(&mut self, request: RequestId) -> Option<Arc<Words>> {
        let (stamp, words) = self.words.get_mut(&request)?;
        self.by_use.remove(stamp);
        self.uses += 1;
        *stamp = self.uses;
        self.by_use.insert(self.uses, request);
        Some(Arc::clone(words))
    }

    fn put(&mut self, request: RequestId, words: Arc<Words>) {
        self.forget(request);
        while self.words.len() >= KEPT_MAX
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            self.words.remove(&oldest);
        }
        self.uses += 1;
        self.by_use.insert(self.uses, request);
        self.words.insert(request, (self.uses, words));
    }

    fn forget(&mut self, request: RequestId) {
        if let Some((stamp, _)) = self.words.remove(&request) {
            self.by_use.remove(&stamp);
        }
    }
}

impl WordCache {
    /// An empty cache.
    pub fn new(store: Arc<dyn Backend>) -> Self {
        Self { store, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The words of these requests, all missing ones fetched at once. Requests that the store does not know (any more) have
    /// empty words.
    ///
    /// # Errors
    /// When the store cannot read.
    pub async fn of(
        &self,
        requests: impl IntoIterator<Item = RequestId>,
    ) -> Result<HashMap<RequestId, Arc<Words>>, StoreError> {
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        let forgotten;
        {
            let mut kept = self.kept();
            forgotten = kept.forgotten;
            for request in requests {
                match kept.get(request) {
                    Some(words) => _ = found.insert(request, words),
                    None => missing.push(request),
                }
            }
        }
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(found);
        }
        let (visits, spoken) = (self.store.visits(missing.clone()), self.store.spoken(missing.clone()));
        let visits = visits.await?;
        let mut spoken: HashMap<_, _> = spoken.await?.into_iter().map(|it| (it.chat, (it.first, it.last))).collect();
        for visit in visits {
            let request = visit.request;
            let words = Arc::new(Words { said: spoken.remove(&request), ..Words::of(visit) });
            let mut kept = self.kept();
            if kept.forgotten == forgotten {
                kept.put(request, Arc::clone(&words));
            }
            found.insert(request, words);
        }
        for request in missing {
            found.entry(request).or_default();
        }
        Ok(found)
    }

    /// Forgets what is known: it changed, or must not be known any more.
    pub fn forget(&self, request: RequestId) {
        let mut kept = self.kept();
        kept.forgotten += 1;
        kept.forget(request);
    }

    /// Forgets everything, because a visitor was erased.
    pub fn clear(&self) {
        let mut kept = self.kept();
        *kept = Kept { forgotten: kept.forgotten + 1, ..Kept::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_bounded_and_keeps_what_is_used() {
        let mut kept = Kept::default();
        for n in 0..KEPT_MAX as u64 {
            kept.put(RequestId(n), Arc::default());
        }
        assert!(kept.get(RequestId(0)).is_some());
        kept.put(RequestId(u64::MAX), Arc::default());
        assert!(kept.get(RequestId(0)).is_some(), "was used just now");
        assert!(kept.get(RequestId(1)).is_none(), "was used longest ago");
        assert_eq!((kept.words.len(), kept.by_use.len()), (KEPT_MAX, KEPT_MAX));
        kept.forget(RequestId(0));
        assert_eq!((kept.words.len(), kept.by_use.len()), (KEPT_MAX - 1, KEPT_MAX - 1));
    }

    #[test]
    fn first_words_are_those_of_the_first_written_field_and_short() {
        let answer = |value: &str| Answer { label: "?".into(), value: value.into() };
        let words = Words {
            answers: vec![("topic".into(), answer("loans")), ("question".into(), answer(&"é".repeat(300)))],
            ..Words::default()
        };
        assert_eq!(words.first_words(&["question".into()]).map(|w| w.chars().count()), Some(FIRST_WORDS_MAX + 1));
        assert_eq!(words.first_words(&["other".into()]), None);
        let words = Words { said: Some(("hello".into(), "are you there?".into())), ..words };
        assert_eq!(words.first_words(&["other".into()]).as_deref(), Some("hello"));
        assert_eq!(words.last_words(&[]).as_deref(), Some("are you there?"));
        let once = Words { said: Some(("hello".into(), "hello".into())), ..Words::default() };
        assert_eq!(once.last_words(&[]), None, "said already as the first words");
        assert_eq!(words.title(RequestId(7)), "Visitor 7");
    }
}
