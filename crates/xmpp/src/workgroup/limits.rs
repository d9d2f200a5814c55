//! How much one element of a workgroup may hold. Everything that a stranger could otherwise drive up.

use crate::markup::Allowance;

/// Bytes of an id of a session, a request, a room or a key.
pub const ID_BYTES: usize = 256;
/// Bytes of a name of a metadata value, a form field or a setting.
pub const NAME_BYTES: usize = 200;
/// Bytes of one value of metadata or of a form.
pub const VALUE_BYTES: usize = 8 * 1024;
/// Bytes of a longer text: a note, a mail, macros.
pub const TEXT_BYTES: usize = 64 * 1024;
/// Bytes of a reason.
pub const REASON_BYTES: usize = 1024;
/// Names in metadata, all values of one name counted apart.
pub const VALUES: usize = 200;
/// Entries of a list: agents, queues, chats, users.
pub const ENTRIES: usize = 10_000;
/// Application elements of a join that are carried to the offer.
pub const FOREIGN: Allowance = Allowance { elements: 8, bytes: 16 * 1024, depth: 12 };
