//! XEP-0280 carbons and XEP-0297 forwarding: a message of one session, wrapped for the account's other sessions. No
//! decisions here.

use minidom::Element;
use xmpp_parsers::message::Message;
use xmpp_parsers::ns;

/// Which way the message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// To another session of the account.
    Received,
    /// From another session of the account.
    Sent,
}

/// The copy, ready to go into a message.
pub fn copy(way: Way, message: Message) -> Element {
    let name = match way {
        Way::Received => "received",
        Way::Sent => "sent",
    };
    let forwarded = Element::builder("forwarded", ns::FORWARD).append(Element::from(message)).build();
    Element::builder(name, ns::CARBONS).append(forwarded).build()
}
