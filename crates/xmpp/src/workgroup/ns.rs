//! The two namespaces of workgroups.

/// XEP-0142.
pub const WORKGROUP: &str = "http://jabber.org/protocol/workgroup";
/// The dialect of Fastpath and Smack.
pub const JIVE: &str = "http://jivesoftware.com/protocol/workgroup";
/// What clients mix: every reader takes elements of either (the dialect's clients send some in the wrong one).
pub const FAMILY: &[&str] = &[WORKGROUP, JIVE];
/// The feature of a service that sends mail.
pub const EMAIL_FEATURE: &str = "jive:email:provider";
/// The form that describes a workgroup in service discovery.
pub const WORKGROUP_INFO: &str = "http://jabber.org/protocol/workgroup#workgroupinfo";
