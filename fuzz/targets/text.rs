//! What people type, cleaned: nothing is left that XML cannot carry or that turns around what stands beside it, and cleaning
//! again changes nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use server::text::{MESSAGE_MAX, NAME_MAX, line, message};

fuzz_target!(|raw: &str| {
    for max in [10, NAME_MAX, MESSAGE_MAX] {
        if let Ok(clean) = message(raw, max) {
            assert_eq!(message(&clean, max).as_ref(), Ok(&clean));
            harmless(&clean, max);
            clean.split('\n').for_each(balanced);
        }
        if let Ok(clean) = line(raw, max) {
            assert_eq!(line(&clean, max).as_ref(), Ok(&clean));
            assert_eq!(message(&clean, max).as_ref(), Ok(&clean), "a line is a message");
            harmless(&clean, max);
            let lone = |c: char| matches!(c, '\n' | '\t' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}');
            assert!(!clean.contains(lone), "{clean:?} is no line");
        }
    }
});

fn harmless(clean: &str, max: usize) {
    assert!(!clean.trim().is_empty() && clean.trim() == clean);
    assert!(clean.chars().count() <= max);
    for c in clean.chars() {
        let control = c.is_control() && c != '\n' && c != '\t';
        let turning = matches!(c, '\u{202a}'..='\u{202e}');
        let breaking = matches!(c, '\u{2028}' | '\u{2029}');
        let illegal = matches!(c, '\u{fffe}' | '\u{ffff}');
        assert!(!control && !turning && !breaking && !illegal, "{c:?} is left in {clean:?}");
    }
}

fn balanced(line: &str) {
    let mut open = 0_u32;
    for c in line.chars() {
        match c {
            '\u{2066}'..='\u{2068}' => open += 1,
            '\u{2069}' => open = open.checked_sub(1).expect("an isolate is closed that was not opened"),
            _ => {}
        }
    }
    assert_eq!(open, 0, "an isolate stays open: {line:?}");
}
