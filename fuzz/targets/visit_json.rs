//! What a visitor's client sends: every body of the visitors' API and the frames of the stream. Whatever is refused is refused
//! with a complete problem document; what is read is made fit without surprises.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;
use server::clock::{parse_rfc3339, rfc3339};
use server::http::extract::parse_json;
use server::http::streams::Frame;
use server::http::visits::{
    CallbackBody, CorrectedText, MailTo, NewText, OpenVisit, PageBody, Rating, ReadUpTo, Typing, is_address, locale,
};
use server::text::{MESSAGE_MAX, message};
use server::wire;

fuzz_target!(|bytes: &[u8]| {
    read::<OpenVisit>(bytes);
    read::<MailTo>(bytes);
    read::<Rating>(bytes);
    read::<ReadUpTo>(bytes);
    read::<Typing>(bytes);
    read::<Frame>(bytes);
    if let Some(NewText { text, .. }) = read(bytes) {
        let _ = message(&text, MESSAGE_MAX);
    }
    if let Some(CorrectedText { text }) = read(bytes) {
        let _ = message(&text, MESSAGE_MAX);
    }
    if let Some(page) = read::<PageBody>(bytes) {
        page.into_page();
    }
    if let Some(CallbackBody { not_before: Some(time) }) = read(bytes) {
        time_of(&time);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        time_of(text);
        if let Some(id) = wire::parse(text) {
            assert_eq!(wire::parse(&wire::id(id)), Some(id));
        }
        if let Ok(locale) = locale(text) {
            assert!(locale.is_ascii() && locale.len() <= 35);
        }
        if is_address(text) {
            assert!(!text.contains(['\r', '\n', ' ', '<', '>']), "{text:?} would break a mail's header");
        }
    }
});

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    match parse_json(bytes) {
        Ok(read) => Some(read),
        Err(problem) => {
            let body = serde_json::to_value(problem.into_body()).expect("a problem can be written");
            assert_eq!(body["code"], "bad_request");
            assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
            None
        }
    }
}

/// Times are kept in whole milliseconds on the wire: written once, they stay the same.
fn time_of(text: &str) {
    if let Some(time) = parse_rfc3339(text) {
        let written = rfc3339(time);
        let again = parse_rfc3339(&written).map(rfc3339);
        assert_eq!(again.as_ref(), Some(&written));
    }
}
