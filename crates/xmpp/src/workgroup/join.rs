//! Joining a queue (XEP-0142 `join-queue`) and asking for its form, in the XEP's way and in the dialect's.

use jid::BareJid;
use minidom::Element;

use super::limits::{ENTRIES, FOREIGN};
use super::metadata::{read_user, write_user};
use super::{Metadata, ns};
use crate::markup::{Build, Fault, Read};
use crate::xep::data_form::{Form, Submission};

/// A wish to be helped.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JoinQueue {
    /// Whether position and wait are to be told while waiting.
    pub notify: bool,
    /// The form, filled in.
    pub form: Option<Submission>,
    /// Named values beside the form.
    pub metadata: Metadata,
    /// The address that stands for a visitor without an account.
    pub user: Option<BareJid>,
    /// Elements of the application, which must reach the agent unchanged.
    pub foreign: Vec<Element>,
}

impl JoinQueue {
    /// Reads `<join-queue/>`. Smack sends the form twice: the first counts.
    ///
    /// # Errors
    /// When it is another element or holds too much.
    pub fn read(element: &Element) -> Result<JoinQueue, Fault> {
        let it = Read::of(element, "join-queue", ns::FAMILY)?;
        let mut join = JoinQueue::default();
        for (n, child) in it.all().enumerate() {
            if n == ENTRIES {
                return Err(Fault::TooMany { what: "join-queue", max: ENTRIES });
            }
            let element = child.element();
            if child.is("queue-notifications") {
                join.notify = true;
            } else if child.is("user") {
                join.user = read_user(element)?;
            } else if child.is("metadata") {
                join.metadata = Metadata::read(element)?;
            } else if Submission::is(element) {
                if join.form.is_none() {
                    join.form = Some(Submission::read(element)?);
                }
            } else if !child.is_ours() {
                if join.foreign.len() == FOREIGN.elements {
                    return Err(Fault::TooMany { what: "payload", max: FOREIGN.elements });
                }
                join.foreign.push(element.clone());
            }
        }
        FOREIGN.check(&join.foreign)?;
        Ok(join)
    }

    /// The `<join-queue/>` element as a client sends it.
    pub fn write(&self) -> Element {
        Build::new("join-queue", ns::WORKGROUP)
            .flag("queue-notifications", self.notify)
            .children(self.user.as_ref().map(write_user))
            .children((!self.metadata.is_empty()).then(|| self.metadata.write()))
            .children(self.form.as_ref().map(Submission::write))
            .children(self.foreign.iter().cloned())
            .done()
    }

    /// Metadata and form in one, as Fastpath merges them: the form's values replace those of the same name, and a
    /// password is never kept.
    pub fn merged(&self) -> Metadata {
        let mut merged = self.metadata.clone();
        for (name, values) in self.form.iter().flat_map(Submission::fields) {
            if name != "FORM_TYPE" {
                merged.set_all(name, values.to_vec());
            }
        }
        merged.remove("password");
        merged
    }
}

/// The answer to who asks for the form in the XEP's way: `<join-queue/>` with the form in it.
pub fn join_form(form: &Form) -> Element {
    Build::new("join-queue", ns::WORKGROUP).child(form.write()).done()
}

/// The answer in the dialect's way: `<workgroup-form/>` with the same form in it.
pub fn workgroup_form(form: &Form) -> Element {
    Build::new("workgroup-form", ns::JIVE).child(form.write()).done()
}
