//! Every no that the desk can give. A refusal changed nothing; each edge turns it into its own error in one place.

use std::fmt;

use crate::time::Time;

/// A no that changed nothing.
#[derive(Clone, PartialEq, Debug)]
pub enum Refusal {
    /// There is no such thing, or not any more.
    NotFound(What),
    /// It exists, and it is somebody else's.
    NotYours(What),
    /// The form is missing or not filled out correctly.
    FormRequired(Vec<FieldProblem>),
    /// This visitor waits or chats here already.
    AlreadyQueued,
    /// The workgroup is closed, or takes nobody new; when it opens, if that is known.
    QueueClosed {
        /// When new requests are taken again.
        opens_at: Option<Time>,
    },
    /// As many wait as may wait.
    QueueFull,
    /// This visitor may not join.
    Blocked,
    /// The offer was taken, revoked, rejected or expired before.
    OfferGone,
    /// The agent is not signed in, holds as many chats as allowed, or is not a member.
    NotEligible(Ineligible),
    /// It is not in a state in which that can be done.
    WrongState(&'static str),
    /// The declaration has faults; each with where it stands.
    BadDeclaration(Vec<Finding>),
    /// A limit of the desk would be passed.
    Limit(&'static str),
}

/// What was not found or is not yours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the words of the desk, one each")]
pub enum What {
    Workgroup,
    Queue,
    Agent,
    Visitor,
    Request,
    Offer,
    Room,
    Block,
}

/// Why an agent cannot do or take it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ineligible {
    /// Not signed in.
    SignedOut,
    /// No member of that queue.
    NotMember,
    /// Holds as many chats as allowed.
    AtCapacity,
    /// Lacks a skill that is required.
    LacksSkill,
    /// Takes part in this chat already.
    AlreadyInside,
}

/// One field of a form that was not filled out correctly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldProblem {
    /// The field's name.
    pub field: String,
    /// What is wrong with the answer.
    pub problem: Problem,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Problem {
    /// An answer is required.
    Missing,
    /// Longer than allowed.
    TooLong,
    /// None of the choices.
    NotAChoice,
    /// No mail address.
    NotAnEmail,
    /// There is no such field.
    Unknown,
}

/// One fault of a declaration, or a warning about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Where, as a path of names: `support/loans/rollover[1]`.
    pub at: String,
    /// What, in a sentence.
    pub message: String,
    /// Faults refuse the declaration; warnings do not.
    pub severity: Severity,
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Works, but probably not as meant.
    Warning,
    /// Cannot be put in force.
    Fault,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(what) => write!(f, "there is no such {what}"),
            Self::NotYours(what) => write!(f, "this {what} is not yours"),
            Self::FormRequired(problems) => write!(f, "the form needs {} answer(s) mended", problems.len()),
            Self::AlreadyQueued => write!(f, "already waiting or chatting here"),
            Self::QueueClosed { .. } => write!(f, "closed: no new requests are taken now"),
            Self::QueueFull => write!(f, "full: as many wait as may wait"),
            Self::Blocked => write!(f, "this visitor may not join"),
            Self::OfferGone => write!(f, "the offer is gone"),
            Self::NotEligible(why) => write!(f, "not possible: {why}"),
            Self::WrongState(why) => write!(f, "not possible now: {why}"),
            Self::BadDeclaration(findings) => write!(f, "the declaration has {} finding(s)", findings.len()),
            Self::Limit(what) => write!(f, "limit reached: {what}"),
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Workgroup => "workgroup",
            Self::Queue => "queue",
            Self::Agent => "agent",
            Self::Visitor => "visitor",
            Self::Request => "request",
            Self::Offer => "offer",
            Self::Room => "room",
            Self::Block => "block",
        })
    }
}

impl fmt::Display for Ineligible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignedOut => "the agent is not signed in",
            Self::NotMember => "the agent is no member of that queue",
            Self::AtCapacity => "the agent holds as many chats as allowed",
            Self::LacksSkill => "the agent lacks a required skill",
            Self::AlreadyInside => "the agent takes part already",
        })
    }
}

impl std::error::Error for Refusal {}
