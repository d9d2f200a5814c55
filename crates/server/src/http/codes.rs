//! The stable codes of errors in the HTTP API: status, title, and the meaning that `/problems/{code}` shows.
//! Raising them is `error.rs`.

/// One kind of error.
#[derive(PartialEq, Eq, Debug)]
pub struct Code {
    /// Stable; clients branch on it.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// A few words for people.
    pub title: &'static str,
    /// What it means and what to do.
    pub meaning: &'static str,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $status:literal $code:literal $title:literal $meaning:literal;)*) => {
        $($(#[$doc])* #[doc = $meaning] pub static $name: Code =
            Code { code: $code, status: $status, title: $title, meaning: $meaning };)*
        /// Every code there is.
        pub static ALL: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    NOT_FOUND 404 "not_found" "Not found" "There is no such thing, or not any more.";
    NOT_YOURS 403 "not_yours" "Not yours" "It exists, and it belongs to somebody else.";
    FORM_REQUIRED 422 "form_required" "The form needs attention"
        "The form is missing or not filled out correctly; `fields` says which answers to mend.";
    ALREADY_QUEUED 409 "already_queued" "Already waiting here" "This visitor waits or chats here already.";
    QUEUE_CLOSED 503 "queue_closed" "Closed" "No new requests are taken now; `opens_at` says when, if that is known.";
    QUEUE_FULL 503 "queue_full" "Full" "As many people wait as may wait. Try again later.";
    BLOCKED 403 "blocked" "Not possible" "This visitor may not join.";
    OFFER_GONE 410 "offer_gone" "The offer is gone" "It was taken by somebody else, revoked, rejected or expired.";
    NOT_ELIGIBLE 409 "not_eligible" "Not possible for this agent"
        "The agent is not signed in, holds as many chats as allowed, is no member, or lacks a skill.";
    WRONG_STATE 409 "wrong_state" "Not possible now" "It is not in a state in which that can be done.";
    BAD_DECLARATION 422 "bad_declaration" "The declaration has faults"
        "The desk cannot be put in force like this; `findings` says where and why. Nothing was changed.";
    LIMIT 429 "limit" "A limit is reached" "A limit of the desk would be passed.";
    UNAUTHORIZED 401 "unauthorized" "Not signed in" "A valid session, visit token or API key is needed.";
    CSRF 403 "csrf" "The page is out of date"
        "Requests of a cookie session that change something need the header X-CSRF-Token with the session's token.";
    FORBIDDEN 403 "forbidden" "Not allowed" "The role of this account, or the scope of this key, does not include that.";
    RATE_LIMITED 429 "rate_limited" "Too many requests" "Wait for as long as Retry-After says and try again.";
    TOO_LARGE 413 "too_large" "Too large" "The body, or a part of it, is larger than allowed.";
    UNSUPPORTED_MEDIA_TYPE 415 "unsupported_media_type" "Unsupported media type"
        "The content type is not one that is taken here.";
    BAD_REQUEST 400 "bad_request" "Bad request" "The request is malformed, or has a key or value that is not known.";
    METHOD_NOT_ALLOWED 405 "method_not_allowed" "Method not allowed" "There is such an address, but not with this method.";
    VERSION_CONFLICT 409 "version_conflict" "Changed by somebody else"
        "It changed since it was read. Read it again and repeat the change.";
    NOT_CONFIGURED 501 "not_configured" "Not configured" "This server is not set up for that.";
    TIMEOUT 408 "timeout" "Too slow" "The request did not arrive, or was not answered, in time.";
    STOPPING 503 "stopping" "The server is stopping" "It will be back soon; try again after Retry-After.";
    BUSY 503 "busy" "The server is busy" "Too much is asked of it at the moment; try again after Retry-After.";
    INTERNAL 500 "internal" "Internal error" "Something failed in the server. The request id leads to its log.";
    STORAGE_FULL 507 "storage_full" "Storage is full" "The server cannot store anything; its operator must make room.";
}

/// The code of that name.
pub fn by_name(name: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.code == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_have_valid_statuses() {
        for (index, code) in ALL.iter().enumerate() {
            assert!(http::StatusCode::from_u16(code.status).is_ok_and(|s| s.is_client_error() || s.is_server_error()));
            assert!(ALL[index + 1..].iter().all(|other| other.code != code.code), "{}", code.code);
        }
        assert_eq!(by_name("offer_gone").map(|code| code.status), Some(410));
        assert_eq!(by_name("nonsense"), None);
    }
}
