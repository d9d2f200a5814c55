//! XEP-0313 message archives: what a query asks for, and how a page of an archive is told. For accounts and rooms alike.
//! The elements are those of `xmpp-parsers`; here they become plain values, with times in microseconds. No archive here.

use std::str::FromStr;

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::mam::Query;
use xmpp_parsers::ns;
use xmpp_parsers::rsm::SetQuery;
use xso::{AsXml, FromXml, FromXmlText};

use super::delay::{Delay, Stamp};

/// The feature of a server that knows `before-id`, `after-id`, `ids`, flipped pages and metadata.
pub const EXTENDED: &str = "urn:xmpp:mam:2#extended";

/// A question to an archive (XEP-0313 §4): all conditions hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveQuery {
    /// Whose archive.
    pub owner: BareJid,
    /// Only with this address; a bare one stands for all its resources.
    pub with: Option<Jid>,
    /// Not before, in microseconds since the epoch.
    pub start_us: Option<i64>,
    /// Not after, in microseconds since the epoch.
    pub end_us: Option<i64>,
    /// Only after the message of this id.
    pub after_id: Option<String>,
    /// Only before the message of this id.
    pub before_id: Option<String>,
    /// Only these messages, if there are any; all must be there.
    pub ids: Vec<String>,
    /// Which part of what fits.
    pub part: Part,
    /// Messages at most, at least 0.
    pub max: usize,
}

/// Which part of a result (XEP-0059).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// From the oldest.
    First,
    /// The newest.
    Last,
    /// Those right after this id.
    After(String),
    /// Those right before this id.
    Before(String),
}

/// A page of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArchivePage {
    /// The messages, oldest first.
    pub messages: Vec<ArchivedMessage>,
    /// Nothing fits beyond the page, in the direction in which it was asked.
    pub complete: bool,
    /// How many messages fit, all pages together.
    pub count: usize,
    /// How many fitting messages stand before the page.
    pub index: usize,
}

/// A message of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedMessage {
    /// Its id in the archive.
    pub id: String,
    /// When, in microseconds since the epoch.
    pub at_us: i64,
    /// The message.
    pub stanza: String,
}

/// Why a query cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryFault {
    /// It is malformed; what is wrong.
    Malformed(&'static str),
    /// It names a condition that is not known, or a page by number.
    Unknown,
}

/// A query as a client sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedQuery {
    /// What is asked.
    pub query: ArchiveQuery,
    /// The client's name for the query; every result repeats it.
    pub query_id: Option<String>,
    /// The page is told newest first.
    pub flip: bool,
}

/// Reads a `<query/>`.
///
/// # Errors
/// [`QueryFault`].
pub fn read(payload: Element, owner: BareJid, page_max: usize, ids_max: usize) -> Result<AskedQuery, QueryFault> {
    let query = Query::try_from(payload).map_err(|_| QueryFault::Malformed("The query is malformed."))?;
    let mut asked = ArchiveQuery {
        owner,
        with: None,
        start_us: None,
        end_us: None,
        after_id: None,
        before_id: None,
        ids: Vec::new(),
        part: Part::First,
        max: page_max,
    };
    for field in query.form.map(|form| form.fields).unwrap_or_default() {
        read_field(&mut asked, field, ids_max)?;
    }
    read_part(&mut asked, query.set, page_max)?;
    Ok(AskedQuery { query: asked, query_id: query.queryid.map(|id| id.0), flip: query.flip_page })
}

fn read_field(asked: &mut ArchiveQuery, field: Field, ids_max: usize) -> Result<(), QueryFault> {
    let time = |value: &String| Stamp::from_xml_text(value.clone()).map(|stamp| stamp.0);
    let value = field.values.first();
    match field.var.as_deref() {
        Some("FORM_TYPE") if value.is_none_or(|value| value == ns::MAM) => {}
        Some("with") => {
            let with = value.map(|value| Jid::from_str(value)).transpose();
            asked.with = with.map_err(|_| QueryFault::Malformed("`with` is no address."))?;
        }
        Some("start") => {
            let start = value.map(time).transpose();
            asked.start_us = start.map_err(|_| QueryFault::Malformed("`start` is no time."))?;
        }
        Some("end") => {
            let end = value.map(time).transpose();
            asked.end_us = end.map_err(|_| QueryFault::Malformed("`end` is no time."))?;
        }
        Some("after-id") => asked.after_id = value.cloned(),
        Some("before-id") => asked.before_id = value.cloned(),
        Some("ids") if field.values.len() <= ids_max => asked.ids = field.values,
        Some("ids") => return Err(QueryFault::Malformed("These are too many ids.")),
        _ => return Err(QueryFault::Unknown),
    }
    Ok(())
}

fn read_part(asked: &mut ArchiveQuery, set: Option<SetQuery>, page_max: usize) -> Result<(), QueryFault> {
    let Some(set) = set else { return Ok(()) };
    if set.index.is_some() {
        return Err(QueryFault::Unknown);
    }
    asked.max = set.max.unwrap_or(page_max).min(page_max);
    asked.part = match (set.after, set.before) {
        (None, None) => Part::First,
        (Some(after), None) => Part::After(after),
        (None, Some(before)) if before.is_empty() => Part::Last,
        (None, Some(before)) => Part::Before(before),
        (Some(_), Some(_)) => return Err(QueryFault::Malformed("A page is before or after a message, not both.")),
    };
    Ok(())
}

/// The form that says which conditions a query may have (XEP-0313 §4.1.5).
pub fn form() -> Element {
    let field = |var: &str, kind| Field::new(var, kind);
    let fields = vec![
        field("with", FieldType::JidSingle),
        field("start", FieldType::TextSingle),
        field("end", FieldType::TextSingle),
        field("before-id", FieldType::TextSingle),
        field("after-id", FieldType::TextSingle),
        field("ids", FieldType::ListMulti),
    ];
    let form = DataForm::new(DataFormType::Form, ns::MAM, fields);
    Element::builder("query", ns::MAM).append(Element::from(form)).build()
}

/// Where a page begins (XEP-0059).
#[derive(FromXml, AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::RSM, name = "first")]
struct First {
    #[xml(attribute)]
    index: usize,
    #[xml(text)]
    id: String,
}

/// Which page it is (XEP-0059).
#[derive(FromXml, AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::RSM, name = "set")]
struct Set {
    #[xml(child(default))]
    first: Option<First>,
    #[xml(extract(default, fields(text(type_ = String))))]
    last: Option<String>,
    #[xml(extract(default, fields(text(type_ = usize))))]
    count: Option<usize>,
}

/// The end of a page.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::MAM, name = "fin")]
struct Fin {
    #[xml(attribute)]
    complete: bool,
    #[xml(child)]
    set: Set,
}

/// The `<fin/>` of a page, which goes into the result of the query, behind the messages.
pub fn fin(page: &ArchivePage) -> Element {
    let first = page.messages.first().map(|first| First { index: page.index, id: first.id.clone() });
    let last = page.messages.last().map(|last| last.id.clone());
    Fin { complete: page.complete, set: Set { first, last, count: Some(page.count) } }.into()
}

/// A stanza as it was.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::FORWARD, name = "forwarded")]
struct Forwarded {
    #[xml(child)]
    delay: Delay,
    #[xml(element)]
    stanza: Element,
}

/// One message of a page.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::MAM, name = "result")]
struct Found {
    #[xml(attribute)]
    id: String,
    #[xml(attribute(name = "queryid", default))]
    query_id: Option<String>,
    #[xml(child)]
    forwarded: Forwarded,
}

/// The `<result/>` that carries one message. None if what was stored is no XML.
pub fn result(message: &ArchivedMessage, query_id: Option<&str>) -> Option<Element> {
    let stanza: Element = message.stanza.parse().ok()?;
    let delay = Delay { from: None, stamp: Stamp(message.at_us) };
    let forwarded = Forwarded { delay, stanza };
    Some(Found { id: message.id.clone(), query_id: query_id.map(str::to_owned), forwarded }.into())
}

/// The oldest message.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::MAM, name = "start")]
struct Start {
    #[xml(attribute)]
    id: String,
    #[xml(attribute)]
    timestamp: Stamp,
}

/// The newest message.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::MAM, name = "end")]
struct End {
    #[xml(attribute)]
    id: String,
    #[xml(attribute)]
    timestamp: Stamp,
}

/// What an archive spans.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::MAM, name = "metadata")]
struct Metadata {
    #[xml(child(default))]
    start: Option<Start>,
    #[xml(child(default))]
    end: Option<End>,
}

/// The `<metadata/>` of an archive: its oldest and its newest message, by id and microseconds since the epoch.
pub fn metadata(ends: Option<[(String, i64); 2]>) -> Element {
    let (start, end) = match ends {
        Some([(oldest, first_us), (newest, last_us)]) => (
            Some(Start { id: oldest, timestamp: Stamp(first_us) }),
            Some(End { id: newest, timestamp: Stamp(last_us) }),
        ),
        None => (None, None),
    };
    Metadata { start, end }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_xml(xml: &str) -> Result<AskedQuery, QueryFault> {
        read(xml.parse().unwrap(), BareJid::new("juliet@capulet.example").unwrap(), 50, 3)
    }

    #[test]
    fn a_query_of_the_xep_is_read() {
        let asked = read_xml(
            "<query xmlns='urn:xmpp:mam:2' queryid='f27'><x xmlns='jabber:x:data' type='submit'>
               <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>
               <field var='with'><value>room@conference.shakespeare.lit</value></field>
               <field var='start'><value>2010-08-07T00:00:00Z</value></field></x>
             <set xmlns='http://jabber.org/protocol/rsm'><max>10</max><after>09af3-cc343-b409f</after></set></query>",
        )
        .unwrap();
        assert_eq!((asked.query_id.as_deref(), asked.flip), (Some("f27"), false));
        assert_eq!(asked.query.with, Some("room@conference.shakespeare.lit".parse().unwrap()));
        assert_eq!(asked.query.start_us, Some(1_281_139_200_000_000));
        assert_eq!((asked.query.part, asked.query.max), (Part::After("09af3-cc343-b409f".to_owned()), 10));
    }

    #[test]
    fn pages_are_at_most_as_long_as_the_server_likes() {
        let plain = read_xml("<query xmlns='urn:xmpp:mam:2'/>").unwrap();
        assert_eq!((plain.query.part, plain.query.max), (Part::First, 50));
        let long = "<set xmlns='http://jabber.org/protocol/rsm'><max>1000000</max><before/></set>";
        let long = read_xml(&format!("<query xmlns='urn:xmpp:mam:2'>{long}<flip-page/></query>")).unwrap();
        assert_eq!((long.query.part, long.query.max, long.flip), (Part::Last, 50, true));
        let ids = "<value>a</value><value>b</value><value>c</value><value>d</value>";
        let many = format!("<x xmlns='jabber:x:data' type='submit'><field var='ids'>{ids}</field></x>");
        let many = read_xml(&format!("<query xmlns='urn:xmpp:mam:2'>{many}</query>"));
        assert!(matches!(many, Err(QueryFault::Malformed(_))));
    }

    #[test]
    fn the_end_of_a_page_and_of_an_archive_are_written_as_in_the_xep() {
        let message = |id: &str| ArchivedMessage { id: id.to_owned(), at_us: 0, stanza: "<a xmlns='b'/>".to_owned() };
        let page = ArchivePage {
            messages: vec![message("28482-98726-73623"), message("09af3-cc343-b409f")],
            complete: false,
            count: 20,
            index: 0,
        };
        assert_eq!(
            String::from(&fin(&page)),
            "<fin xmlns='urn:xmpp:mam:2' complete='false'><set xmlns='http://jabber.org/protocol/rsm'>\
             <first index='0'>28482-98726-73623</first><last>09af3-cc343-b409f</last><count>20</count></set></fin>"
        );
        let empty = String::from(&fin(&ArchivePage { complete: true, ..ArchivePage::default() }));
        assert!(
            empty.contains("complete='true'") && empty.contains("<count>0</count>") && !empty.contains("<first"),
            "{empty}"
        );
        let ends = metadata(Some([
            ("YWxwaGEg".to_owned(), 1_219_439_344_000_000),
            ("b21lZ2Eg".to_owned(), 1_587_406_234_000_000),
        ]));
        let start = ends.get_child("start", ns::MAM).and_then(|start| start.attr("timestamp"));
        assert_eq!(start, Some("2008-08-22T21:09:04.000Z"));
        assert_eq!(metadata(None).children().count(), 0);
    }

    #[test]
    fn what_was_stored_and_is_no_xml_is_left_out() {
        let broken = ArchivedMessage { id: "a".to_owned(), at_us: 0, stanza: "<message".to_owned() };
        assert_eq!(result(&broken, None), None);
    }
}
