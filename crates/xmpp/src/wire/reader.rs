//! The incremental reader: bytes as they come → a stream's header, complete top-level elements, the stream's end. Everything
//! is counted before it is built, so that nothing here grows or recurses with what a stranger sends.

use rxml::error::EndOrError;
use rxml::{AttrMap, Event, Options, Parse, Parser, QName, WithOptions};

use super::assembly::Assembly;
use super::{Limits, NS_STREAMS, StreamError, StreamErrorCondition as Condition, Unit};

/// A stream's header (RFC 6120 §4.7), or what stands for it on other transports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// The domain it is for.
    pub to: Option<String>,
    /// Who says they open it.
    pub from: Option<String>,
    /// The version of the protocol.
    pub version: Option<String>,
    /// The language of texts for people.
    pub lang: Option<String>,
}

impl Header {
    /// The attributes of `<stream:stream/>` or `<open/>`.
    pub fn of(attributes: &AttrMap) -> Self {
        let plain = |name: &str| attributes.get("", name).cloned();
        Self {
            to: plain("to"),
            from: plain("from"),
            version: plain("version"),
            lang: attributes.get(rxml::XMLNS_XML, "lang").cloned(),
        }
    }
}

/// Reads one stream, from its header on; after a restart (STARTTLS, SASL) another reader takes over.
#[derive(Debug)]
pub struct Reader {
    parser: Parser,
    limits: Limits,
    /// Most bytes of a top-level element.
    bytes_max: usize,
    /// Whether stanzas are read as stanzas.
    typed: bool,
    /// Open elements that stand around the units: 1 inside a stream, 0 in a frame.
    around: usize,
    /// Bytes since the last unit.
    used: usize,
    depth: usize,
    elements: usize,
    /// Children of each open element of the unit.
    children: Vec<usize>,
    assembly: Assembly,
}

impl Reader {
    /// A reader of a stream of which nothing was read. `typed` once stanzas may come: then they come out as
    /// [`Unit::Stanza`] and the larger limit of bytes holds.
    pub fn new(limits: Limits, typed: bool) -> Self {
        Self::around(1, limits, typed)
    }

    fn around(around: usize, limits: Limits, typed: bool) -> Self {
        let options = Options { max_token_length: limits.attribute_bytes, ..Options::default() };
        Self {
            parser: Parser::with_options(options),
            bytes_max: if typed { limits.bytes } else { limits.bytes_before_login },
            limits,
            typed,
            around,
            used: 0,
            depth: 0,
            elements: 0,
            children: Vec::new(),
            assembly: Assembly::Nothing,
        }
    }

    /// Stanzas may come from now on, without a new header (XEP-0388).
    pub fn log_in(&mut self) {
        self.typed = true;
        self.bytes_max = self.limits.bytes;
    }

    /// Takes bytes off `input` until a unit is complete; `None` when all are taken.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Unit>, StreamError> {
        loop {
            if self.at_rest() {
                *input = input.trim_ascii_start();
                if input.is_empty() {
                    self.parser.release_temporaries();
                    return Ok(None);
                }
            }
            let before = input.len();
            let parsed = self.parser.parse(input, false);
            self.used += before - input.len();
            if self.used > self.bytes_max {
                return Err(policy("the element has too many bytes"));
            }
            let event = match parsed {
                Ok(Some(event)) => event,
                Ok(None) | Err(EndOrError::NeedMoreData) => return Ok(None),
                Err(EndOrError::Error(error)) => return Err(translate(error)),
            };
            if let Some(unit) = self.take(event)? {
                self.used = 0;
                return Ok(Some(unit));
            }
        }
    }

    /// Between units, where only whitespace may stand.
    fn at_rest(&self) -> bool {
        self.used == 0 && self.depth <= self.around
    }

    fn take(&mut self, event: Event) -> Result<Option<Unit>, StreamError> {
        match event {
            Event::XmlDeclaration(..) if self.around == 0 => {
                Err(StreamError::new(Condition::BadFormat, "a frame must not have an XML declaration"))
            }
            Event::XmlDeclaration(..) => Ok(None),
            Event::StartElement(metrics, name, attributes) => {
                self.depth += 1;
                self.check_head(&name, &attributes)?;
                if self.depth == self.around {
                    return header(&name, &attributes).map(Some);
                }
                if self.depth == self.around + 1 {
                    self.elements = 0;
                    self.children.clear();
                    self.assembly = Assembly::begin(name, attributes, self.typed);
                } else {
                    self.count_child()?;
                    self.assembly.feed(Event::StartElement(metrics, name, attributes));
                }
                self.children.push(0);
                Ok(None)
            }
            Event::Text(_, ref text) if self.depth <= self.around => {
                if !text.bytes().all(|byte| byte.is_ascii_whitespace()) {
                    return Err(StreamError::new(Condition::BadFormat, "text between stanzas"));
                }
                self.used = 0;
                Ok(None)
            }
            Event::EndElement(_) if self.depth == self.around => {
                self.depth -= 1;
                Ok(Some(Unit::End))
            }
            Event::EndElement(_) => {
                self.depth -= 1;
                self.children.pop();
                self.assembly.feed(event);
                Ok(if self.depth == self.around { self.assembly.finish() } else { None })
            }
            Event::Text(..) => {
                self.assembly.feed(event);
                Ok(None)
            }
        }
    }

    fn check_head(&mut self, (_, name): &QName, attributes: &AttrMap) -> Result<(), StreamError> {
        if self.depth > self.around + self.limits.depth {
            return Err(policy("the element is nested too deeply"));
        }
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(policy("the stanza has too many elements"));
        }
        if attributes.len() > self.limits.attributes {
            return Err(policy("the element has too many attributes"));
        }
        let longest = attributes.names().map(|(_, name)| name.len()).max().unwrap_or_default().max(name.len());
        if longest > self.limits.name_bytes { Err(policy("a name is too long")) } else { Ok(()) }
    }

    fn count_child(&mut self) -> Result<(), StreamError> {
        let Some(children) = self.children.last_mut() else { return Ok(()) };
        *children += 1;
        if *children > self.limits.children { Err(policy("the element has too many children")) } else { Ok(()) }
    }
}

/// Reads one text frame, which must be one element and nothing else (RFC 7395 §3.3.3).
pub fn read_frame(frame: &[u8], limits: Limits, typed: bool) -> Result<Unit, StreamError> {
    if frame.len() > if typed { limits.bytes } else { limits.bytes_before_login } {
        return Err(policy("the frame has too many bytes"));
    }
    let mut reader = Reader::around(0, limits, typed);
    let mut rest = frame;
    let broken = || StreamError::new(Condition::NotWellFormed, "a frame must be one whole element");
    let unit = reader.next(&mut rest)?.ok_or_else(broken)?;
    if rest.trim_ascii().is_empty() { Ok(unit) } else { Err(broken()) }
}

fn header((namespace, name): &QName, attributes: &AttrMap) -> Result<Unit, StreamError> {
    if namespace.as_str() != NS_STREAMS {
        return Err(StreamError::new(Condition::InvalidNamespace, "not a stream of XMPP"));
    }
    if *name != "stream" {
        return Err(StreamError::new(Condition::BadFormat, "a stream begins with its header"));
    }
    Ok(Unit::Header(Header::of(attributes)))
}

fn policy(text: &'static str) -> StreamError {
    StreamError::new(Condition::PolicyViolation, text)
}

/// Which stream error a violation of XML is.
fn translate(error: rxml::Error) -> StreamError {
    use rxml::Error as E;
    match error {
        E::InvalidUtf8Byte(_) => StreamError::new(Condition::UnsupportedEncoding, "not UTF-8"),
        E::RestrictedXml("only utf-8 encoding is allowed") => {
            StreamError::new(Condition::UnsupportedEncoding, "only UTF-8 is spoken here")
        }
        E::RestrictedXml("long name or reference" | "event too long") => policy("a name or an attribute is too long"),
        E::RestrictedXml(_) | E::UndeclaredEntity => StreamError::new(Condition::RestrictedXml, ""),
        // What begins like `<!DOCTYPE` and `<!ENTITY`.
        E::InvalidSyntax("malformed cdata or comment section start") => StreamError::new(Condition::RestrictedXml, ""),
        E::UndeclaredNamespacePrefix(_) => StreamError::new(Condition::BadNamespacePrefix, ""),
        _ => StreamError::new(Condition::NotWellFormed, ""),
    }
}
