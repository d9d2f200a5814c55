//! RFC 9457 problems: the one way in which HTTP says no, and the one function that turns a refusal of the desk into it.

use axum::response::{IntoResponse, Response};
use desk::refusal::{self, Refusal, Severity};
use desk::time::Time;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use super::codes::{self, Code};
use crate::clock;
use crate::run_loop::AskError;

tokio::task_local! {
    /// The id of the request that is being answered; set by the outermost layer.
    pub static REQUEST_ID: String;
}

/// An error of the API. Make one with [`Problem::of`] and the constants in [`codes`].
#[derive(Debug)]
pub struct Problem {
    code: &'static Code,
    detail: String,
    fields: Vec<FieldFault>,
    findings: Vec<FindingBody>,
    retry_after_s: Option<u64>,
    opens_at: Option<String>,
}

/// What a handler gives.
pub type Answer<T> = Result<T, Problem>;

/// One field of a request that needs mending.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema, Debug)]
pub struct FieldFault {
    /// The field's name.
    pub field: String,
    /// `missing`, `too_long`, `too_short`, `not_a_choice`, `not_an_email`, `unknown` or `invalid`.
    pub problem: &'static str,
}

/// One finding about a declaration.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema, Debug)]
pub struct FindingBody {
    /// Where, as a path of names.
    pub at: String,
    /// What, in a sentence.
    pub message: String,
    /// `fault` refuses the declaration, `warning` does not.
    pub severity: &'static str,
}

/// The body of an error, `application/problem+json` (RFC 9457).
#[derive(Serialize, ToSchema, Debug)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Address of a page that explains the code.
    #[serde(rename = "type")]
    kind: String,
    /// A few words for people.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// Stable; clients branch on it.
    code: &'static str,
    /// What went wrong this time.
    detail: String,
    /// Leads to the server's log.
    request_id: String,
    /// Which answers to mend.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldFault>,
    /// What is wrong with a declaration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingBody>,
    /// Seconds to wait before trying again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u64>,
    /// When the workgroup opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens_at: Option<String>,
}

impl Problem {
    /// A problem of that kind, with the kind's own words.
    pub fn of(code: &'static Code) -> Self {
        Self {
            code,
            detail: code.meaning.to_owned(),
            fields: Vec::new(),
            findings: Vec::new(),
            retry_after_s: None,
            opens_at: None,
        }
    }

    /// Says what went wrong this time.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Names a field to mend.
    pub fn field(mut self, field: impl Into<String>, problem: &'static str) -> Self {
        self.fields.push(FieldFault { field: field.into(), problem });
        self
    }

    /// Adds findings about a declaration.
    pub fn findings(mut self, findings: &[refusal::Finding]) -> Self {
        self.findings.extend(findings.iter().map(FindingBody::from));
        self
    }

    /// Says when to try again, in seconds; also as `Retry-After`.
    pub fn retry_after_s(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Says when the workgroup opens.
    pub fn opens_at(mut self, at: Option<Time>) -> Self {
        self.opens_at = at.map(clock::rfc3339);
        self
    }

    /// A malformed request.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::of(&codes::BAD_REQUEST).detail(detail)
    }

    /// There is no such `what`.
    pub fn not_found(what: &str) -> Self {
        Self::of(&codes::NOT_FOUND).detail(format!("there is no such {what}"))
    }

    /// Something failed that the caller cannot help; the cause goes to the log, not to the caller.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(request_id = request_id(), cause = %cause, "request failed");
        Self::of(&codes::INTERNAL)
    }

    /// The stable code.
    pub fn code(&self) -> &'static Code {
        self.code
    }

    /// The body as it goes out.
    pub fn into_body(self) -> ProblemBody {
        ProblemBody {
            kind: format!("/problems/{}", self.code.code),
            title: self.code.title,
            status: self.code.status,
            code: self.code.code,
            detail: self.detail,
            request_id: request_id(),
            fields: self.fields,
            findings: self.findings,
            retry_after_s: self.retry_after_s,
            opens_at: self.opens_at,
        }
    }
}

/// The id of the request that is being answered, empty outside of one.
pub fn request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_default()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_s = self.retry_after_s;
        let mut response = (status, axum::Json(self.into_body())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<&refusal::Finding> for FindingBody {
    fn from(finding: &refusal::Finding) -> Self {
        let severity = match finding.severity {
            Severity::Warning => "warning",
            Severity::Fault => "fault",
        };
        Self { at: finding.at.clone(), message: finding.message.clone(), severity }
    }
}

/// The one place where a refusal of the desk gets its code; metrics count by it too.
pub fn code_of(refusal: &Refusal) -> &'static Code {
    match refusal {
        Refusal::NotFound(_) => &codes::NOT_FOUND,
        Refusal::NotYours(_) => &codes::NOT_YOURS,
        Refusal::FormRequired(_) => &codes::FORM_REQUIRED,
        Refusal::AlreadyQueued => &codes::ALREADY_QUEUED,
        Refusal::QueueClosed { .. } => &codes::QUEUE_CLOSED,
        Refusal::QueueFull => &codes::QUEUE_FULL,
        Refusal::Blocked => &codes::BLOCKED,
        Refusal::OfferGone => &codes::OFFER_GONE,
        Refusal::NotEligible(_) => &codes::NOT_ELIGIBLE,
        Refusal::WrongState(_) => &codes::WRONG_STATE,
        Refusal::BadDeclaration(_) => &codes::BAD_DECLARATION,
        Refusal::Limit(_) => &codes::LIMIT,
    }
}

/// The one place where a refusal of the desk becomes an error of the HTTP API.
pub fn problem_of(refusal: &Refusal) -> Problem {
    let problem = Problem::of(code_of(refusal)).detail(refusal.to_string());
    match refusal {
        Refusal::FormRequired(fields) => {
            fields.iter().fold(problem, |problem, fault| problem.field(&fault.field, word_of(fault.problem)))
        }
        Refusal::QueueClosed { opens_at } => problem.opens_at(*opens_at).retry_after_s(300),
        Refusal::QueueFull => problem.retry_after_s(60),
        Refusal::BadDeclaration(findings) => problem.findings(findings),
        Refusal::Limit(_) => problem.retry_after_s(60),
        _ => problem,
    }
}

fn word_of(problem: refusal::Problem) -> &'static str {
    match problem {
        refusal::Problem::Missing => "missing",
        refusal::Problem::TooLong => "too_long",
        refusal::Problem::NotAChoice => "not_a_choice",
        refusal::Problem::NotAnEmail => "not_an_email",
        refusal::Problem::Unknown => "unknown",
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::of(&codes::NOT_FOUND),
            StoreError::Conflict(rule) => Self::of(&codes::WRONG_STATE).detail(format!("conflict: {rule}")),
            StoreError::Full => Self::of(&codes::STORAGE_FULL),
            StoreError::Locked => Self::of(&codes::BUSY).retry_after_s(5),
            StoreError::Closed => Self::of(&codes::STOPPING).retry_after_s(5),
            error => Self::internal(format!("{error}. {}", error.hint())),
        }
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Refused(refusal) => problem_of(&refusal),
            AskError::Stopping => Self::of(&codes::STOPPING).retry_after_s(5),
            AskError::Busy => Self::of(&codes::BUSY).retry_after_s(2),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        problem_of(&refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_keep_what_the_caller_needs() {
        let fault = refusal::FieldProblem { field: "topic".into(), problem: refusal::Problem::Missing };
        let body = problem_of(&Refusal::FormRequired(vec![fault])).into_body();
        assert_eq!((body.status, body.code), (422, "form_required"));
        assert_eq!(body.fields, [FieldFault { field: "topic".into(), problem: "missing" }]);

        let opens_at = Some(Time::from_secs(0));
        let response = problem_of(&Refusal::QueueClosed { opens_at }).into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "300");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
}
