//! What handlers take from a request: JSON bodies with a limit and helpful errors. Who asks is decided in `identity.rs`.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codes;
use super::error::Problem;
use crate::suggest;

/// A JSON body, both ways. Unknown keys are refused with "did you mean" (types say `deny_unknown_fields`).
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<S, T> FromRequest<S> for Json<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::of(&codes::UNSUPPORTED_MEDIA_TYPE).detail("send application/json"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(body_problem)?;
        parse_json(&bytes).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// Reads JSON that came by another way than a body, with the same errors.
///
/// # Errors
/// `bad_request`, saying where and what.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let said = error.to_string();
        let (complaint, place) = said.rsplit_once(" at line ").unwrap_or((&said, ""));
        let place = if place.is_empty() { String::new() } else { format!(" (line {place})") };
        Problem::bad_request(format!("{}{place}", suggest::explain(complaint)))
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn body_problem(rejection: axum::extract::rejection::BytesRejection) -> Problem {
    match rejection.status() {
        http::StatusCode::PAYLOAD_TOO_LARGE => Problem::of(&codes::TOO_LARGE),
        _ => Problem::bad_request("the body could not be read"),
    }
}

/// A query string, with the API's own errors.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> axum::extract::FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => {
                let said = rejection.body_text();
                let complaint = said.rsplit_once(": ").map_or(said.as_str(), |(_, cause)| cause);
                Err(Problem::bad_request(format!("query: {}", suggest::explain(complaint))))
            }
        }
    }
}

/// Path parameters, with the API's own errors.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> axum::extract::FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::not_found("address")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "only parsed")]
        text: String,
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_place() {
        let said = parse_json::<Body>(br#"{"texd":"x"}"#).map(|_| ()).map_err(|p| p.into_body());
        let body = serde_json::to_value(said.unwrap_err()).unwrap();
        assert_eq!(body["detail"], "unknown key `texd`: did you mean `text`? (line 1 column 7)");
        assert_eq!(body["code"], "bad_request");
        assert!(parse_json::<Body>(b"{\"text\": \"\xff\"}").is_err());
    }
}
