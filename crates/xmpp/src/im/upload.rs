//! Requests for a place to put a file (XEP-0363). The place itself is the host's. Read by hand, as `xmpp-parsers` wants a
//! `content-type` where the XEP does not.

use minidom::Element;
use xmpp_parsers::http_upload::{Get, Header, HeaderName, Put, SlotResult};

use super::House;
use super::ask::{About, Question, Slot};
use super::outcome::{Asker, Turn};
use super::queries::Reply;
use super::refusal::Refusal;

const NAME_BYTES: usize = 255;

impl House {
    /// A client asks where to put a file.
    pub(super) fn ask_slot(&self, turn: &mut Turn<'_>, asker: &Asker, request: &Element) -> Result<Reply, Refusal> {
        let most = self.settings.upload_bytes.ok_or(Refusal::Unavailable)?;
        let Ok(by) = asker.from.try_as_full() else { return Err(Refusal::Unavailable) };
        let name = request.attr("filename").filter(|name| !name.is_empty() && name.len() <= NAME_BYTES);
        let size = request.attr("size").and_then(|size| size.parse::<u64>().ok()).filter(|size| *size > 0);
        let (Some(name), Some(size)) = (name, size) else {
            return Err(Refusal::BadRequest("A file has a name and a size."));
        };
        if size > most {
            return Err(Refusal::FileTooLarge(most));
        }
        let media_type = request.attr("content-type").filter(|kind| kind.len() <= NAME_BYTES).map(str::to_owned);
        let question = Question::Slot { by: by.clone(), name: name.to_owned(), size, media_type };
        turn.ask(question, asker, About::Slot);
        Ok(Reply::Later)
    }
}

/// The answer to who asked.
pub(super) fn written(slot: Slot) -> Element {
    let header = |value| Header { name: HeaderName::Authorization, value };
    let headers = slot.authorization.map(header).into_iter().collect();
    SlotResult { put: Put { url: slot.put, headers }, get: Get { url: slot.get } }.into()
}
