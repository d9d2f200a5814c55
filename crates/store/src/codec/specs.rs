//! The field lists of the declared desk: workgroups, queues, agents, forms, hours, skills.

use desk::schedule::{Date, Holiday, Hours, Opening, Zone};
use desk::skill::{Expr, Requirement, SkillName};
use desk::spec::{
    AgentChoice, AgentLost, AgentSpec, CallbackSpec, Closing, Condition, ConditionTest, Counted, Dispatch, EntryRule,
    Field, FieldKind, FieldOption, Form, Member, Priority, QueueSpec, RolloverStep, WorkgroupSpec,
};
use desk::time::{Span, Time};
use serde_json::Value;

use super::{Codec, Fault, fields, newtypes, variants};

newtypes!(Priority);

impl Codec for Time {
    fn put(&self) -> Value {
        self.0.put()
    }
    fn take(value: Value) -> Result<Self, Fault> {
        Ok(Self(Codec::take(value)?))
    }
    fn is_empty(&self) -> bool {
        self.0 == 0
    }
}

impl Codec for Span {
    fn put(&self) -> Value {
        self.0.put()
    }
    fn take(value: Value) -> Result<Self, Fault> {
        Ok(Self(Codec::take(value)?))
    }
    fn is_empty(&self) -> bool {
        self.0 == 0
    }
}

impl Codec for SkillName {
    fn put(&self) -> Value {
        Value::String(self.as_str().to_owned())
    }
    fn take(value: Value) -> Result<Self, Fault> {
        Self::new(&String::take(value)?).map_err(|error| error.to_string())
    }
}

/// Skill expressions are written in their canonical text form, which reads back equal.
impl Codec for Expr {
    fn put(&self) -> Value {
        Value::String(self.to_string())
    }
    fn take(value: Value) -> Result<Self, Fault> {
        Self::parse_stored(&String::take(value)?).map_err(|error| error.to_string())
    }
    fn is_empty(&self) -> bool {
        self.is_any()
    }
}

fields! {
    Requirement { steps }
    Hours { weekly, holidays, last_call_s }
    Opening { weekday, from_min, to_min }
    Holiday { date, openings, name }
    Date { year, month, day }
    Zone { name, base_offset_s, transitions }
    WorkgroupSpec {
        name, title, description, hours, zone, form, entry_rules, closing, agent_lost, agent_grace, visitor_grace,
        visitor_absence, invitation_timeout, invitations_max, wrap_up, transfer_timeout, idle_close, waiting_max,
        callback, queues, edge
    }
    QueueSpec {
        name, title, dispatch, choice, last_agent_first, offer_timeout, rejection_memory, ageing, waiting_max,
        requirement, rollover, counted, offer_to_away, urgent_to_dnd, target_wait, members
    }
    Member { agent, priority, capacity, skills }
    AgentSpec { name, title, skills, chats_max }
    Form { fields }
    Field { name, label, labels, kind, required, length_max }
    FieldOption { value, label, labels }
    EntryRule { when, queue, priority, skills }
    Condition { field, test }
    RolloverStep { after, to, keep, skip_if_nobody }
    CallbackSpec { enabled, confirm_timeout, attempts_max, retry_after, expires_after, open_max }
}

variants! {
    FieldKind { Text Multiline Email Checkbox; Choice(_); }
    ConditionTest { Answered; IsOneOf(_) Contains(_) Asks(_); }
    Dispatch { Offer RingAll Pull StaffedRoom; ; }
    AgentChoice { LongestIdle LeastBusy RoundRobin BestSkill; ; }
    Counted { Asked Answered; ; }
    Closing { Serve End; ; }
    AgentLost { Keep Return; ; }
}
