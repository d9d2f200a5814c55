//! The body of a form with a file, held back while it is read: the parser takes in all that is there at once and keeps what
//! it cannot make out yet, so it is given small pieces, and few of them until the file begins. How large the file may be is
//! for its receiver to say.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::Stream;

/// Bytes of a form around its file: more are not read before the file begins.
pub const FORM_MAX: u64 = 64 * 1024;
/// Bytes the parser gets at a time.
const PIECE: usize = 8 * 1024;

/// How far the reading of a form has come.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Marks>);

#[derive(Debug, Default)]
struct Marks {
    file_begun: AtomicBool,
    overrun: AtomicBool,
}

impl Progress {
    /// The file begins: from here its receiver counts.
    pub fn file_begins(&self) {
        self.0.file_begun.store(true, Ordering::Relaxed);
    }

    /// More than [`FORM_MAX`] bytes came, and no file.
    pub fn is_overrun(&self) -> bool {
        self.0.overrun.load(Ordering::Relaxed)
    }
}

/// The body of a form, to be read instead of `body`; it fails after [`FORM_MAX`] bytes without a file.
pub fn held_back(body: Body, progress: Progress) -> Body {
    Body::from_stream(Pieces { body: body.into_data_stream(), rest: Bytes::new(), given: 0, pause: false, progress })
}

struct Pieces {
    body: BodyDataStream,
    /// What came and was not given on yet.
    rest: Bytes,
    given: u64,
    /// The parser reads until it must wait: it is made to after each piece.
    pause: bool,
    progress: Progress,
}

impl Stream for Pieces {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.pause) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        while self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_next(context) {
                Poll::Ready(Some(Ok(chunk))) => self.rest = chunk,
                other => return other,
            }
        }
        let marks = &self.progress.0;
        if self.given >= FORM_MAX && !marks.file_begun.load(Ordering::Relaxed) {
            marks.overrun.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err(axum::Error::new("the form is too long before its file"))));
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        self.given += length as u64;
        self.pause = true;
        Poll::Ready(Some(Ok(piece)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::{FromRequest, Multipart, Request};

    const BEFORE: &str = "--XX\r\ncontent-disposition: form-data; name=\"id\"\r\n\r\nf-1\r\n--XX\r\n\
        content-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n";

    async fn form(content: impl Into<Body>, progress: &Progress) -> Multipart {
        let request = Request::post("/")
            .header("content-type", "multipart/form-data; boundary=XX")
            .body(held_back(content.into(), progress.clone()));
        Multipart::from_request(request.unwrap(), &()).await.unwrap_or_else(|_| panic!("it is a form"))
    }

    #[tokio::test]
    async fn a_form_that_comes_all_at_once_is_read_whole() {
        let progress = Progress::default();
        // Less than the extractor's own limit, which holds here.
        let file = vec![b'a'; 1_500_000];
        let whole = [BEFORE.as_bytes(), &file, b"\r\n--XX--\r\n"].concat();
        let mut form = form(whole, &progress).await;
        assert_eq!(form.next_field().await.unwrap().unwrap().text().await.unwrap(), "f-1");
        let mut field = form.next_field().await.unwrap().unwrap();
        progress.file_begins();
        let mut size = 0;
        while let Some(chunk) = field.chunk().await.unwrap() {
            assert!(chunk.len() <= 8 * PIECE, "{} bytes were kept at once", chunk.len());
            size += chunk.len();
        }
        assert_eq!((size, progress.is_overrun()), (file.len(), false));
    }

    #[tokio::test]
    async fn a_form_without_end_and_without_a_file_is_given_up() {
        let header = "--XX\r\ncontent-disposition: form-data; name=\"id\"; x=\"";
        for beginning in ["", header] {
            let progress = Progress::default();
            let first = futures_util::stream::iter([Ok::<_, axum::Error>(Bytes::from(beginning))]);
            let endless = futures_util::stream::repeat_with(|| Ok(Bytes::from_static(&[b'a'; 1000])));
            let mut form = form(Body::from_stream(futures_util::StreamExt::chain(first, endless)), &progress).await;
            assert!(form.next_field().await.is_err());
            assert!(progress.is_overrun());
        }
    }
}
