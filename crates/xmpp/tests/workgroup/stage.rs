//! What the tests of elements share.

#![expect(clippy::unwrap_used, reason = "an element that cannot be staged fails its test")]

use std::fmt::Debug;

use xmpp::markup::Fault;
use xmpp::minidom::Element;

pub const NS: &str = "http://jabber.org/protocol/workgroup";
pub const JIVE: &str = "http://jivesoftware.com/protocol/workgroup";

/// An element; `NS` and `JIVE` stand for the two namespaces.
pub fn parse(xml: &str) -> Element {
    xml.replace("'NS'", &format!("'{NS}'")).replace("'JIVE'", &format!("'{JIVE}'")).parse().unwrap()
}

/// As it is written on the wire.
pub fn wire(xml: &str) -> String {
    String::from(&parse(xml))
}

/// Reads an element, writes it again, and compares what is written with what was read, to the letter.
pub fn exact<T: Debug + PartialEq>(
    xml: &str,
    read: impl Fn(&Element) -> Result<T, Fault>,
    write: impl Fn(&T) -> Element,
) -> T {
    becomes(xml, xml, read, write)
}

/// Reads an element, writes it again, and compares what is written with what is expected, to the letter; and what is
/// written means the same when it is read again.
pub fn becomes<T: Debug + PartialEq>(
    xml: &str,
    expected: &str,
    read: impl Fn(&Element) -> Result<T, Fault>,
    write: impl Fn(&T) -> Element,
) -> T {
    let value = read(&parse(xml)).unwrap();
    let written = write(&value);
    assert_eq!(String::from(&written), wire(expected));
    assert_eq!(read(&parse(&String::from(&written))).unwrap(), value);
    value
}
