//! How people leave rooms and why rooms end: names only.

/// How a session left a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Leaving {
    /// Of its own will.
    Clean,
    /// The connection is gone, or stanzas to it came back as errors (status 333).
    Lost,
    /// Kicked (307).
    Kicked,
    /// Banned (301).
    Banned,
    /// The affiliation was taken away and the room is members-only (321).
    Removed,
    /// The room became members-only (322).
    MembersOnly,
    /// The room was destroyed.
    RoomDestroyed,
    /// The service stops (332).
    ServiceShutdown,
}

/// Why a room is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// An owner, or the host, ended it.
    Owner,
    /// The last occupant of a temporary room left.
    Empty,
    /// The creator gave up before configuring it.
    Cancelled,
    /// The service stops.
    ServiceShutdown,
}
