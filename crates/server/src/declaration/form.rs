//! The keys of `desk.toml`, which are also those of `/admin/desk`, with their defaults. What they mean to the desk is
//! `convert.rs`; `docs/desk.example.toml` explains them to people.

use std::collections::BTreeMap;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use super::edge::{Look, Retention, Widget};
use super::hours::Hours;

/// A whole desk, as people write it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Declaration {
    /// Skills by name, with the title that people read.
    pub skills: BTreeMap<String, String>,
    /// Everybody who may help.
    pub agent: Vec<Agent>,
    /// Public entrances.
    pub workgroup: Vec<Workgroup>,
    /// Replies that agents call up by a shortcut.
    pub canned: Vec<Canned>,
}

/// Who helps.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Agent {
    /// The account's name.
    pub name: String,
    /// What visitors read; the name if left out.
    pub title: String,
    /// Most chats at once.
    pub chats_max: u32,
    /// Skill levels.
    pub skills: BTreeMap<String, u32>,
}

/// A public entrance.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Workgroup {
    /// Address: `a-z`, `0-9`, `-`, `_`.
    pub name: String,
    /// What people read; the name if left out.
    pub title: String,
    /// One or two sentences about what help is given here.
    pub description: String,
    /// IANA time zone of the hours.
    pub zone: String,
    /// What happens to a chat whose agent is lost.
    pub agent_lost: AgentLost,
    /// What happens at closing time to those who wait.
    pub closing: Closing,
    /// How long an agent may be disconnected before counting as lost.
    pub agent_grace_s: u32,
    /// How long a waiting visitor may be disconnected without losing the place.
    pub visitor_grace_s: u32,
    /// How long a visitor in a chat may be away before it ends.
    pub visitor_absence_s: u32,
    /// How long an invited visitor may take to enter.
    pub invitation_timeout_s: u32,
    /// How often an invitation may lapse.
    pub invitations_max: u8,
    /// Pause that an agent gets after a chat.
    pub wrap_up_s: u32,
    /// How long a transfer may stay untaken.
    pub transfer_timeout_s: u32,
    /// A chat in which nobody says anything for so long is closed; 0: never.
    pub idle_close_s: u32,
    /// Requests that may wait at once.
    pub waiting_max: u32,
    /// Codes for being away, to choose from.
    pub away_reasons: Vec<String>,
    /// Tags for chats, to choose from.
    pub tags: Vec<String>,
    /// When new requests are taken.
    pub hours: Hours,
    /// What a visitor is asked before joining.
    pub form: Form,
    /// Choose queue, priority and skills by the answers; the first that holds wins.
    pub rule: Vec<Rule>,
    /// Callbacks.
    pub callback: Callback,
    /// How the widget looks.
    pub look: Look,
    /// What the widget does and where it may stand.
    pub widget: Widget,
    /// How long things are kept.
    pub retention: Retention,
    /// The waiting lines; the first is the default.
    pub queue: Vec<Queue>,
}

/// What a visitor is asked before joining.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Form {
    /// The questions in order.
    pub field: Vec<Field>,
}

/// One question.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Field {
    /// Key of the answer: `a-z`, `0-9`, `_`.
    pub name: String,
    /// What the visitor reads; the name if left out.
    pub label: String,
    /// Labels by language.
    pub labels: BTreeMap<String, String>,
    /// What may be answered.
    pub kind: FieldKind,
    /// An answer must be given.
    pub required: bool,
    /// Longest answer in characters.
    pub length_max: u32,
    /// The values of a choice.
    pub options: Vec<FieldOption>,
}

/// What may be answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// One line.
    #[default]
    Text,
    /// Several lines.
    Multiline,
    /// A mail address.
    Email,
    /// One of the options.
    Choice,
    /// Yes or no.
    Checkbox,
}

/// One value of a choice.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FieldOption {
    /// What is answered.
    pub value: String,
    /// What the visitor reads; the value if left out.
    pub label: String,
    /// Labels by language.
    pub labels: BTreeMap<String, String>,
}

/// Chooses queue, priority and skills.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// All must hold.
    pub when: Vec<Condition>,
    /// Name of a queue of this workgroup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// 0 to 9; 5 is normal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// A skill expression, such as `english>=10 & loans>0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skills: Option<String>,
}

/// A condition: on one answer, with `field` and exactly one of `is`, `contains`, `answered`; or `asks` alone.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Condition {
    /// Name of a field of the form, or `locale` or `page`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// Equal to one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<Vec<String>>,
    /// Has this within.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// Was answered at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<bool>,
    /// Who joins asks for this skill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asks: Option<String>,
}

/// Callbacks.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Callback {
    /// They may be asked for.
    pub enabled: bool,
    /// How long a visitor has to confirm.
    pub confirm_timeout_s: u32,
    /// How often confirmation is asked for.
    pub attempts_max: u8,
    /// How long until the next attempt.
    pub retry_after_s: u32,
    /// A callback ends so long after it was due.
    pub expires_after_s: u32,
    /// Open at once.
    pub open_max: u32,
}

/// A waiting line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Queue {
    /// Name within the workgroup.
    pub name: String,
    /// What the house reads; the name if left out.
    pub title: String,
    /// How a waiting request finds its agent.
    pub dispatch: Dispatch,
    /// Which of several agents comes first.
    pub choice: Choice,
    /// A returning visitor goes to the agent who helped last, if free.
    pub last_agent_first: bool,
    /// How long an offer stands.
    pub offer_timeout_s: u32,
    /// How long a rejection is remembered.
    pub rejection_memory_s: u32,
    /// What one priority class is worth in waiting time.
    pub ageing_s: u32,
    /// Requests that may wait here at once.
    pub waiting_max: u32,
    /// A skill expression that agents must meet; empty: anybody.
    pub skills: String,
    /// Weaker expressions after a time.
    pub relax: Vec<Relax>,
    /// Which queue a rolled-over request is counted on.
    pub counted: Counted,
    /// Agents who are away may be offered requests when nobody else is free.
    pub offer_to_away: bool,
    /// Requests of priority 8 and 9 reach agents in dnd.
    pub urgent_to_dnd: bool,
    /// The wait that the house aims at.
    pub target_wait_s: u32,
    /// Who helps here: names, or tables with priority, capacity and skills.
    pub members: Vec<Member>,
    /// Where requests go (also) after a time.
    pub rollover: Vec<Rollover>,
}

/// A weaker requirement after a time.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Relax {
    /// Since joining.
    pub after_s: u32,
    /// A skill expression; empty: anybody.
    pub skills: String,
}

/// A request becomes (also) the business of another queue.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rollover {
    /// After so long at the level before.
    pub after_s: u32,
    /// `workgroup/queue`.
    pub to: String,
    /// The levels before keep ringing.
    pub keep: bool,
    /// A level where nobody is there is skipped at once.
    pub skip_if_nobody: bool,
}

/// A membership, written as a name or a table.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Member {
    /// The agent's name.
    pub agent: String,
    /// 0 to 9; higher ones are offered requests first.
    pub priority: u8,
    /// Chats from this queue at once.
    pub capacity: Option<u32>,
    /// Skill levels that differ here.
    pub skills: BTreeMap<String, u32>,
}

/// A membership as a table.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Member)]
pub struct MemberTable {
    /// The agent's name.
    agent: String,
    /// 0 to 9, 5 if left out; higher ones are offered requests first.
    #[serde(default = "normal")]
    priority: u8,
    /// Chats from this queue at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    capacity: Option<u32>,
    /// Skill levels that differ here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    skills: BTreeMap<String, u32>,
}

/// A reply that agents call up by a shortcut.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Canned {
    /// What is typed.
    pub shortcut: String,
    /// What it is called; the shortcut if left out.
    pub title: String,
    /// What is said.
    pub text: String,
    /// Only at this workgroup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workgroup: Option<String>,
    /// Only in this language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }
    };
}

words!(
    /// How a waiting request finds its agent.
    Dispatch {
        /// The best agent is offered it, then the next.
        #[default] Offer,
        /// All are offered it at once.
        RingAll,
        /// Agents take from the line.
        Pull,
        /// An agent waits in a room.
        StaffedRoom,
    }
);
words!(
    /// Which of several agents comes first.
    Choice {
        /// Who has been without a chat for longest.
        #[default] LongestIdle,
        /// Who holds the fewest chats for their ceiling.
        LeastBusy,
        /// Who was offered something longest ago.
        RoundRobin,
        /// Who has the highest levels.
        BestSkill,
    }
);
words!(
    /// Which queue a request is counted on.
    Counted {
        /// The one that was asked.
        #[default] Asked,
        /// The one that answered.
        Answered,
    }
);
words!(
    /// What happens to a chat whose agent is lost.
    AgentLost {
        /// It is kept for the agent.
        Keep,
        /// The visitor goes back to the head of the line.
        #[default] Return,
    }
);
words!(
    /// What happens at closing time to those who wait.
    Closing {
        /// They are still helped.
        #[default] Serve,
        /// Their requests end.
        End,
    }
);

const fn normal() -> u8 {
    5
}

impl Default for Agent {
    fn default() -> Self {
        Self { name: String::new(), title: String::new(), chats_max: 3, skills: BTreeMap::new() }
    }
}

impl Default for Workgroup {
    fn default() -> Self {
        Self {
            name: String::new(),
            title: String::new(),
            description: String::new(),
            zone: "UTC".to_owned(),
            agent_lost: AgentLost::default(),
            closing: Closing::default(),
            agent_grace_s: 60,
            visitor_grace_s: 120,
            visitor_absence_s: 300,
            invitation_timeout_s: 60,
            invitations_max: 3,
            wrap_up_s: 0,
            transfer_timeout_s: 60,
            idle_close_s: 1800,
            waiting_max: 1000,
            away_reasons: ["break", "lunch", "meeting"].map(str::to_owned).to_vec(),
            tags: Vec::new(),
            hours: Hours::default(),
            form: Form::default(),
            rule: Vec::new(),
            callback: Callback::default(),
            look: Look::default(),
            widget: Widget::default(),
            retention: Retention::default(),
            queue: Vec::new(),
        }
    }
}

impl Default for Field {
    fn default() -> Self {
        Self {
            name: String::new(),
            label: String::new(),
            labels: BTreeMap::new(),
            kind: FieldKind::Text,
            required: false,
            length_max: 200,
            options: Vec::new(),
        }
    }
}

impl Default for Callback {
    fn default() -> Self {
        Self {
            enabled: false,
            confirm_timeout_s: 180,
            attempts_max: 3,
            retry_after_s: 600,
            expires_after_s: 86_400,
            open_max: 100,
        }
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            name: String::new(),
            title: String::new(),
            dispatch: Dispatch::default(),
            choice: Choice::default(),
            last_agent_first: false,
            offer_timeout_s: 30,
            rejection_memory_s: 120,
            ageing_s: 600,
            waiting_max: 1000,
            skills: String::new(),
            relax: Vec::new(),
            counted: Counted::default(),
            offer_to_away: false,
            urgent_to_dnd: false,
            target_wait_s: 60,
            members: Vec::new(),
            rollover: Vec::new(),
        }
    }
}

impl Default for Rollover {
    fn default() -> Self {
        Self { after_s: 60, to: String::new(), keep: true, skip_if_nobody: true }
    }
}

impl Serialize for Member {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        if self.priority == normal() && self.capacity.is_none() && self.skills.is_empty() {
            return output.serialize_str(&self.agent);
        }
        let table = MemberTable {
            agent: self.agent.clone(),
            priority: self.priority,
            capacity: self.capacity,
            skills: self.skills.clone(),
        };
        table.serialize(output)
    }
}

/// By hand, because serde's untagged enums lose the reason and the place of an error.
impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Member;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an agent's name or a table with `agent`")
            }
            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Member, E> {
                Ok(Member { agent: name.to_owned(), priority: normal(), ..Member::default() })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Member, A::Error> {
                let table = MemberTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Member {
                    agent: table.agent,
                    priority: table.priority,
                    capacity: table.capacity,
                    skills: table.skills,
                })
            }
        }
        input.deserialize_any(Either)
    }
}

impl utoipa::PartialSchema for Member {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, SchemaType, Type};
        let name =
            ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).description(Some("The agent's name."));
        OneOfBuilder::new().item(name).item(MemberTable::schema()).into()
    }
}

impl ToSchema for Member {}
