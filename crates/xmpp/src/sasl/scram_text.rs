//! The messages of SCRAM as text (RFC 5802 §5.1, §7): taken apart, nothing judged.

/// Longest nonce and longest user name in bytes.
const PART_MAX: usize = 1_023;

/// What the client says about channel binding (`gs2-cbind-flag`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Binding {
    /// `n`: it cannot.
    Cannot,
    /// `y`: it could, but believes that the server cannot.
    ServerCannot,
    /// `p=`: it binds to this.
    To(String),
}

/// `client-first-message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct First {
    pub binding: Binding,
    /// Empty if none.
    pub authzid: String,
    /// `gs2-header`, which comes again in the final message.
    pub header: String,
    /// `client-first-message-bare`.
    pub bare: String,
    pub name: String,
    pub nonce: String,
}

impl First {
    pub fn read(text: &str) -> Option<Self> {
        let (flag, rest) = text.split_once(',')?;
        let (authzid, bare) = rest.split_once(',')?;
        let binding = match flag {
            "n" => Binding::Cannot,
            "y" => Binding::ServerCannot,
            _ => Binding::To(flag.strip_prefix("p=").filter(|name| is_binding_name(name))?.to_owned()),
        };
        let authzid = match authzid {
            "" => String::new(),
            named => unescape(named.strip_prefix("a=")?)?,
        };
        // Mandatory extensions (`m=`) stand before the name: none is known, so they do not match.
        let mut parts = bare.split(',');
        let name = unescape(parts.next()?.strip_prefix("n=")?)?;
        let nonce = parts.next()?.strip_prefix("r=").filter(|nonce| is_nonce(nonce))?.to_owned();
        parts.all(is_extension).then_some(())?;
        let header = text[..text.len() - bare.len()].to_owned();
        Some(Self { binding, authzid, header, bare: bare.to_owned(), name, nonce })
    }
}

/// `client-final-message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Final<'a> {
    /// base64 of the header and the binding's data.
    pub binding: &'a str,
    pub nonce: &'a str,
    /// `client-final-message-without-proof`.
    pub without_proof: &'a str,
    /// base64.
    pub proof: &'a str,
}

impl<'a> Final<'a> {
    pub fn read(text: &'a str) -> Option<Self> {
        let (without_proof, proof) = text.rsplit_once(",p=")?;
        let mut parts = without_proof.split(',');
        let binding = parts.next()?.strip_prefix("c=")?;
        let nonce = parts.next()?.strip_prefix("r=")?;
        parts.all(is_extension).then_some(Self { binding, nonce, without_proof, proof })
    }
}

fn is_binding_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}

fn is_nonce(nonce: &str) -> bool {
    (1..=PART_MAX).contains(&nonce.len()) && nonce.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

/// `attr-val` of an optional extension: a letter, `=`, something.
fn is_extension(part: &str) -> bool {
    matches!(part.as_bytes(), [letter, b'=', _, ..] if letter.is_ascii_alphabetic() && *letter != b'm')
}

/// `saslname`: commas and equal signs are written `=2C` and `=3D`.
fn unescape(name: &str) -> Option<String> {
    if name.is_empty() || name.len() > PART_MAX || name.contains('\0') {
        return None;
    }
    let mut pieces = name.split('=');
    let mut unescaped = pieces.next()?.to_owned();
    for piece in pieces {
        let (sign, rest) = (piece.get(..2)?, piece.get(2..)?);
        unescaped.push(match sign {
            "2C" => ',',
            "3D" => '=',
            _ => return None,
        });
        unescaped.push_str(rest);
    }
    Some(unescaped)
}
