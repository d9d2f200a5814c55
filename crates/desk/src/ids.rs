//! Numbers that name things inside the desk. They are given by the engine, never reused, and mean nothing outside it:
//! edges show names, tokens or addresses instead.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u64);
    };
}

id!(/** A workgroup: a public entrance. */ WorkgroupId);
id!(/** A queue: a waiting line of a workgroup. */ QueueId);
id!(/** An agent: who helps. */ AgentId);
id!(/** A visitor: who asks for help; the same over several requests when the edge recognises them. */ VisitorId);
id!(/** A request: one visitor's wish to be helped. */ RequestId);
id!(/** An offer: a request put before one agent. */ OfferId);
id!(/** A room: where a conversation is held. */ RoomId);
