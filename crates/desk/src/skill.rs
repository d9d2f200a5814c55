//! What a request requires of an agent: skill expressions in the manner of `English=20&Loans=2`, and their relaxing over
//! time. Values and their meaning live here; the text form is read in `skill/parse.rs`. Nothing here knows agents.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::refusal::{Finding, Severity};
use crate::time::Span;

mod parse;

/// Longest text of an expression, in bytes, as typed and in its canonical form.
pub const TEXT_MAX: usize = 500;
/// Most comparisons in an expression as typed.
pub const COMPARISONS_MAX: usize = 32;
/// Deepest nesting of parentheses in an expression as typed.
pub const NESTING_MAX: usize = 8;
/// Longest skill name, in bytes.
pub const NAME_MAX: usize = 64;
/// Most steps of a [`Requirement`].
pub const STEPS_MAX: usize = 8;

/// The name of a skill: letters and digits of any script, `_`, `-`, `.` and single spaces inside. Kept in lower case, so
/// that `English` and `english` are one skill.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SkillName(Box<str>);

/// Levels by skill; a skill that is absent has level 0.
pub type Levels = BTreeMap<SkillName, u32>;

/// Why a text is no skill expression or no skill name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SkillError {
    /// Where in the text, in bytes from its start.
    pub at: usize,
    /// What is wrong, in a sentence without its full stop.
    pub message: String,
}

/// A condition on an agent's skill levels, in canonical form: operands sorted, doubles dropped, no needless nesting. So
/// two texts that differ only in such things are one value, and their requests share a class.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Expr(Node);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
enum Node {
    /// Holds for everybody.
    #[default]
    Anyone,
    Compare(Comparison),
    /// Two or more, none of them `All` or `Anyone`, sorted.
    All(Vec<Node>),
    /// Two or more, none of them `Either` or `Anyone`, sorted.
    Either(Vec<Node>),
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Comparison {
    skill: SkillName,
    op: Op,
    level: u32,
}

/// How a level is compared. `=` means equal, not "at least".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Op {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a request requires, weaker the longer it waits: each expression holds from its span since joining until the next.
///
/// No steps mean that anybody may help. The first expression holds from the start, whatever its span.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Requirement {
    /// Spans since joining, ascending, the first zero (see [`Requirement::check`]).
    pub steps: Vec<(Span, Expr)>,
}

static ANYONE: Expr = Expr(Node::Anyone);

impl SkillName {
    /// Reads a name, without quotes. Space around it is dropped.
    ///
    /// # Errors
    /// Says where the name is empty, too long, or has a character that names do not have.
    pub fn new(text: &str) -> Result<Self, SkillError> {
        parse::name(text)
    }

    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Expr {
    /// The expression that everybody meets.
    pub const fn any() -> Self {
        Self(Node::Anyone)
    }

    /// Whether everybody meets it because it asks for nothing.
    pub const fn is_any(&self) -> bool {
        matches!(self.0, Node::Anyone)
    }

    /// Reads an expression that a person typed: `English>=20 & ("sign language">0 | Writing=5)`. `&` binds tighter than
    /// `|`. A text of nothing but space is [`Expr::any`].
    ///
    /// # Errors
    /// Says where the text is no expression, or passes a limit ([`TEXT_MAX`], [`COMPARISONS_MAX`], [`NESTING_MAX`]).
    pub fn parse(text: &str) -> Result<Self, SkillError> {
        parse::expression(text, &parse::TYPED)
    }

    /// Reads what [`fmt::Display`] wrote, joined expressions included: limits are wide enough for seven typed expressions
    /// joined by [`Expr::and`]. For the store, not for people.
    ///
    /// # Errors
    /// As [`Expr::parse`].
    pub fn parse_stored(text: &str) -> Result<Self, SkillError> {
        parse::expression(text, &parse::STORED)
    }

    /// The expression that holds when both hold.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(Node::all(vec![self.0.clone(), other.0.clone()]))
    }

    /// Whether somebody with these levels meets it. A skill that is absent has level 0.
    pub fn matches(&self, levels: &Levels) -> bool {
        self.0.matches(levels)
    }

    /// How well these levels fit, for choosing the best of several who match: the sum of the levels of the skills that
    /// the expression names, each counted once.
    pub fn score(&self, levels: &Levels) -> u32 {
        self.skills().iter().filter_map(|skill| levels.get(skill)).fold(0, |sum, level| sum.saturating_add(*level))
    }

    /// Whether the expression asks for this skill: it compares it in a way that level 0 does not meet.
    pub fn asks_for(&self, skill: &SkillName) -> bool {
        self.0.asks_for(skill)
    }

    /// The skills that the expression names.
    pub fn skills(&self) -> BTreeSet<&SkillName> {
        let mut found = BTreeSet::new();
        self.0.collect(&mut found);
        found
    }
}

impl Node {
    /// What holds when all of these hold.
    fn all(nodes: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Self::Anyone => {}
                Self::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        match flat.len() {
            0 => Self::Anyone,
            1 => flat.remove(0),
            _ => Self::All(flat),
        }
    }

    /// What holds when one of these holds.
    fn either(nodes: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Self::Anyone => return Self::Anyone,
                Self::Either(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        if flat.len() == 1 { flat.remove(0) } else { Self::Either(flat) }
    }

    fn matches(&self, levels: &Levels) -> bool {
        match self {
            Self::Anyone => true,
            Self::Compare(comparison) => {
                let level = levels.get(&comparison.skill).copied().unwrap_or(0);
                comparison.op.holds(level, comparison.level)
            }
            Self::All(nodes) => nodes.iter().all(|node| node.matches(levels)),
            Self::Either(nodes) => nodes.iter().any(|node| node.matches(levels)),
        }
    }

    fn asks_for(&self, skill: &SkillName) -> bool {
        match self {
            Self::Anyone => false,
            Self::Compare(comparison) => comparison.skill == *skill && !comparison.op.holds(0, comparison.level),
            Self::All(nodes) | Self::Either(nodes) => nodes.iter().any(|node| node.asks_for(skill)),
        }
    }

    fn collect<'a>(&'a self, found: &mut BTreeSet<&'a SkillName>) {
        match self {
            Self::Anyone => {}
            Self::Compare(comparison) => {
                found.insert(&comparison.skill);
            }
            Self::All(nodes) | Self::Either(nodes) => nodes.iter().for_each(|node| node.collect(found)),
        }
    }
}

impl Op {
    const fn holds(self, level: u32, asked: u32) -> bool {
        match self {
            Self::Equal => level == asked,
            Self::NotEqual => level != asked,
            Self::Less => level < asked,
            Self::LessOrEqual => level <= asked,
            Self::Greater => level > asked,
            Self::GreaterOrEqual => level >= asked,
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Requirement {
    /// Nothing is required.
    pub const fn any() -> Self {
        Self { steps: Vec::new() }
    }

    /// The same is required however long somebody waits.
    pub fn always(expr: Expr) -> Self {
        if expr.is_any() { Self::any() } else { Self { steps: vec![(Span::ZERO, expr)] } }
    }

    /// What is required of an agent after so long since joining.
    pub fn at(&self, waited: Span) -> &Expr {
        let begun = self.steps.iter().take_while(|(after, _)| *after <= waited).count();
        self.steps.get(begun.saturating_sub(1)).map_or(&ANYONE, |(_, expr)| expr)
    }

    /// The span since joining at which the next expression comes into force; none: nothing changes any more.
    pub fn next_change(&self, waited: Span) -> Option<Span> {
        self.steps.iter().skip(1).map(|(after, _)| *after).find(|after| *after > waited)
    }

    /// The same requirement with `expr` asked for besides, at every step.
    #[must_use]
    pub fn and(&self, expr: &Expr) -> Self {
        if self.steps.is_empty() {
            return Self::always(expr.clone());
        }
        Self { steps: self.steps.iter().map(|(after, step)| (*after, step.and(expr))).collect() }
    }

    /// What is wrong with the steps; `at` of a finding is `step[2]` and the like. Empty: nothing.
    pub fn check(&self) -> Vec<Finding> {
        let fault = |at: String, message: &str| Finding { at, message: message.to_owned(), severity: Severity::Fault };
        let mut findings = Vec::new();
        if self.steps.len() > STEPS_MAX {
            findings.push(fault("step".to_owned(), &format!("there are more than {STEPS_MAX} steps")));
        }
        if self.steps.first().is_some_and(|(after, _)| *after != Span::ZERO) {
            findings.push(fault("step[0]".to_owned(), "the first step must hold from the start, after 0 seconds"));
        }
        for (i, pair) in self.steps.windows(2).enumerate() {
            let at = format!("step[{}]", i + 1);
            if pair[1].0 <= pair[0].0 {
                findings.push(fault(at, "each step must come later than the one before"));
            } else if pair[1].1 == pair[0].1 {
                let message = "requires the same as the step before".to_owned();
                findings.push(Finding { at, message, severity: Severity::Warning });
            }
        }
        findings
    }
}

impl fmt::Display for SkillName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(' ') { write!(f, "\"{}\"", self.0) } else { f.write_str(&self.0) }
    }
}

impl fmt::Display for Expr {
    /// The canonical text; reads back as an equal value. [`Expr::any`] is the empty text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => Ok(()),
            Self::Compare(Comparison { skill, op, level }) => write!(f, "{skill}{}{level}", op.sign()),
            Self::All(nodes) => nodes.iter().enumerate().try_for_each(|(i, node)| {
                f.write_str(if i == 0 { "" } else { "&" })?;
                if matches!(node, Self::Either(_)) { write!(f, "({node})") } else { node.fmt(f) }
            }),
            Self::Either(nodes) => nodes.iter().enumerate().try_for_each(|(i, node)| {
                f.write_str(if i == 0 { "" } else { "|" })?;
                node.fmt(f)
            }),
        }
    }
}

impl fmt::Display for SkillError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.at, self.message)
    }
}

impl std::error::Error for SkillError {}

#[cfg(test)]
mod tests;
