//! Reads skill expressions and skill names. Every length and depth is bounded before it is gone into; no text makes it
//! panic. What the values mean is in `skill.rs`.

use super::{COMPARISONS_MAX, Comparison, Expr, NAME_MAX, NESTING_MAX, Node, Op, SkillError, SkillName, TEXT_MAX};

/// How much a text may hold.
pub(super) struct Bounds {
    text: usize,
    comparisons: usize,
    nesting: usize,
}

/// What people type.
pub(super) const TYPED: Bounds = Bounds { text: TEXT_MAX, comparisons: COMPARISONS_MAX, nesting: NESTING_MAX };

/// What the desk wrote: seven typed expressions, with an `&` and a pair of parentheses for each.
pub(super) const STORED: Bounds =
    Bounds { text: 8 * TEXT_MAX, comparisons: 8 * COMPARISONS_MAX, nesting: NESTING_MAX + 1 };

fn error<T>(at: usize, message: impl Into<String>) -> Result<T, SkillError> {
    Err(SkillError { at, message: message.into() })
}

/// A whole expression.
pub(super) fn expression(text: &str, bounds: &Bounds) -> Result<Expr, SkillError> {
    if text.len() > bounds.text {
        return error(bounds.text, format!("the expression is longer than {} bytes", bounds.text));
    }
    let mut reader = Reader { text, at: 0, bounds, comparisons: 0, nesting: 0 };
    reader.skip_space();
    if reader.peek().is_none() {
        return Ok(Expr::any());
    }
    let node = reader.either()?;
    match reader.peek() {
        None => {}
        Some(')') => return error(reader.at, "this closing parenthesis was not opened"),
        Some(_) => return error(reader.at, "expected `&`, `|` or the end"),
    }
    let expr = Expr(node);
    // Lower case may be longer than what was typed, in some scripts.
    if expr.to_string().len() > bounds.text {
        return error(text.len(), format!("the expression is longer than {} bytes in lower case", bounds.text));
    }
    Ok(expr)
}

/// A name without quotes.
pub(super) fn name(text: &str) -> Result<SkillName, SkillError> {
    let offset = text.len() - text.trim_start_matches(' ').len();
    let trimmed = text.trim_matches(' ');
    for (at, c) in trimmed.char_indices() {
        if !is_name_char(c) && c != ' ' {
            let shown = c.escape_debug();
            return error(
                offset + at,
                format!("a skill name cannot have `{shown}`; letters, digits, _ - . and space can"),
            );
        }
        if c == ' ' && trimmed[at..].starts_with("  ") {
            return error(offset + at, "a skill name cannot have two spaces in a row");
        }
    }
    canonical(trimmed, offset)
}

/// Lower case by character, so that the form of a letter does not hang on its neighbours (final sigma), and without the
/// marks that lower-casing some letters leaves behind.
fn canonical(text: &str, at: usize) -> Result<SkillName, SkillError> {
    if text.is_empty() {
        return error(at, "a skill name is missing");
    }
    // A character is at least a third as long in lower case; this bounds the work.
    if text.len() > 3 * NAME_MAX {
        return error(at, format!("the skill name is longer than {NAME_MAX} bytes"));
    }
    let lower = text.chars().flat_map(char::to_lowercase).filter(|c| is_name_char(*c) || *c == ' ');
    let lower: String = lower.map(|c| if c == 'ς' { 'σ' } else { c }).collect();
    if lower.len() > NAME_MAX {
        return error(at, format!("the skill name is longer than {NAME_MAX} bytes"));
    }
    Ok(SkillName(lower.into_boxed_str()))
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    bounds: &'a Bounds,
    comparisons: usize,
    nesting: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Steps over a sign and the space behind it, if it stands here.
    fn take(&mut self, sign: &str) -> bool {
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
            self.skip_space();
        }
        found
    }

    fn either(&mut self) -> Result<Node, SkillError> {
        let mut nodes = vec![self.all()?];
        while self.take("|") {
            if self.peek() == Some('|') {
                return error(self.at, "write a single `|` for \"or\"");
            }
            nodes.push(self.all()?);
        }
        Ok(Node::either(nodes))
    }

    fn all(&mut self) -> Result<Node, SkillError> {
        let mut nodes = vec![self.operand()?];
        while self.take("&") {
            if self.peek() == Some('&') {
                return error(self.at, "write a single `&` for \"and\"");
            }
            nodes.push(self.operand()?);
        }
        Ok(Node::all(nodes))
    }

    fn operand(&mut self) -> Result<Node, SkillError> {
        let opened = self.at;
        if !self.take("(") {
            return self.comparison();
        }
        self.nesting += 1;
        if self.nesting > self.bounds.nesting {
            return error(opened, format!("parentheses are nested deeper than {}", self.bounds.nesting));
        }
        let node = self.either()?;
        if !self.take(")") {
            return match self.peek() {
                None => error(opened, "this parenthesis is not closed"),
                Some(_) => error(self.at, "expected `&`, `|` or `)`"),
            };
        }
        self.nesting -= 1;
        Ok(node)
    }

    fn comparison(&mut self) -> Result<Node, SkillError> {
        self.comparisons += 1;
        if self.comparisons > self.bounds.comparisons {
            return error(self.at, format!("there are more than {} comparisons", self.bounds.comparisons));
        }
        let skill = self.skill()?;
        let op = self.op()?;
        let level = self.level()?;
        Ok(Node::Compare(Comparison { skill, op, level }))
    }

    fn skill(&mut self) -> Result<SkillName, SkillError> {
        let start = self.at;
        if let Some(quote @ ('"' | '\'')) = self.peek() {
            let inner = &self.rest()[1..];
            let Some(end) = inner.find(quote) else { return error(start, "this quotation mark is not closed") };
            let name = name(&inner[..end]).map_err(|e| SkillError { at: e.at + start + 1, ..e })?;
            self.at = start + end + 2;
            self.skip_space();
            return Ok(name);
        }
        let len = self.rest().find(|c| !is_name_char(c)).unwrap_or(self.rest().len());
        if len == 0 {
            return match self.peek() {
                None => error(start, "expected a skill name, but the text ends"),
                Some(c) => error(start, format!("expected a skill name, found `{}`", c.escape_debug())),
            };
        }
        let name = canonical(&self.rest()[..len], start)?;
        self.at += len;
        self.skip_space();
        if self.peek().is_some_and(is_name_char) {
            return error(start, "a skill name with a space must stand in quotation marks");
        }
        Ok(name)
    }

    fn op(&mut self) -> Result<Op, SkillError> {
        const SIGNS: [(&str, Op); 6] = [
            ("!=", Op::NotEqual),
            ("<=", Op::LessOrEqual),
            (">=", Op::GreaterOrEqual),
            ("=", Op::Equal),
            ("<", Op::Less),
            (">", Op::Greater),
        ];
        let Some((_, op)) = SIGNS.into_iter().find(|(sign, _)| self.take(sign)) else {
            return error(self.at, "expected one of = != < <= > >= after the skill name");
        };
        Ok(op)
    }

    fn level(&mut self) -> Result<u32, SkillError> {
        let start = self.at;
        let len = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        if len == 0 {
            return error(start, "expected a level: a whole number, 0 or more");
        }
        let Ok(level) = self.rest()[..len].parse() else {
            return error(start, format!("the level is larger than {}", u32::MAX));
        };
        self.at += len;
        if self.peek().is_some_and(is_name_char) {
            return error(self.at, "a level is a whole number in the digits 0 to 9");
        }
        self.skip_space();
        Ok(level)
    }
}
