//! Settings of a workgroup that only the edges read: look, widget, retention, codes. The desk carries them as JSON and does
//! not look inside.

use std::collections::BTreeMap;

use desk::refusal::{Finding, Severity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everything in `WorkgroupSpec::edge`. Keys of another version are passed over: the desk's data outlives versions.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct EdgeSettings {
    /// Codes for being away, to choose from.
    pub away_reasons: Vec<String>,
    /// Tags for chats, to choose from.
    pub tags: Vec<String>,
    /// How the widget looks.
    pub look: Look,
    /// What the widget does and where it may stand.
    pub widget: Widget,
    /// How long things are kept.
    pub retention: Retention,
}

/// How the widget looks.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Look {
    /// `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
    /// Heading; the workgroup's title if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Headings by language.
    pub titles: BTreeMap<String, String>,
    /// What the visitor reads first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    /// Greetings by language.
    pub greetings: BTreeMap<String, String>,
    /// At which side of the page the launcher stands.
    pub position: Side,
    /// Other texts of the widget, by their key.
    pub strings: BTreeMap<String, String>,
}

/// A side of the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Right.
    #[default]
    Right,
    /// Left.
    Left,
}

/// What the widget does and where it may stand.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Widget {
    /// Sites that may embed it, such as `https://www.example.org`; `*`: all. Our own pages always may.
    pub origins: Vec<String>,
    /// A message may be left when the workgroup is closed.
    pub leave_message: bool,
    /// Files in chats.
    pub files: FileRules,
    /// Visitors may rate the chat.
    pub rating: bool,
    /// How visitors get the transcript.
    pub transcript: TranscriptRules,
    /// Shown where data is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy_note: Option<String>,
}

/// Files in chats.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FileRules {
    /// Files may be sent.
    pub enabled: bool,
    /// Largest file in kilobytes of 1,024.
    pub size_max_kb: u32,
    /// Media types, `image/*` for all of a kind.
    pub types: Vec<String>,
}

/// How visitors get the transcript.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TranscriptRules {
    /// As a file.
    pub download: bool,
    /// By mail.
    pub mail: bool,
}

/// How long things are kept, in days; 0: not after the chat has ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// What was said, names and answers.
    pub transcripts_days: u32,
    /// Hashes of addresses.
    pub addresses_days: u32,
    /// Files.
    pub files_days: u32,
}

impl Default for EdgeSettings {
    fn default() -> Self {
        let form = super::form::Workgroup::default();
        Self {
            away_reasons: form.away_reasons,
            tags: form.tags,
            look: form.look,
            widget: form.widget,
            retention: form.retention,
        }
    }
}

impl Default for Widget {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            leave_message: true,
            files: FileRules::default(),
            rating: true,
            transcript: TranscriptRules::default(),
            privacy_note: None,
        }
    }
}

impl Default for FileRules {
    fn default() -> Self {
        let types = ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"];
        Self { enabled: true, size_max_kb: 10_240, types: types.map(str::to_owned).to_vec() }
    }
}

impl Default for TranscriptRules {
    fn default() -> Self {
        Self { download: true, mail: false }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self { transcripts_days: 90, addresses_days: 7, files_days: 30 }
    }
}

impl EdgeSettings {
    /// Reads what the desk carries; what cannot be read counts as the defaults.
    pub fn of(edge: &str) -> Self {
        serde_json::from_str(edge).unwrap_or_default()
    }

    /// As the desk carries it.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether a page of this origin may embed the widget.
    pub fn admits(&self, origin: &str) -> bool {
        self.widget.origins.iter().any(|known| known == "*" || known.eq_ignore_ascii_case(origin))
    }

    /// What cannot be right, under the path `at`.
    pub fn check(&self, at: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut fault = |key: &str, message: String| {
            findings.push(Finding { at: format!("{at}/{key}"), message, severity: Severity::Fault });
        };
        if let Some(accent) = &self.look.accent
            && !is_colour(accent)
        {
            fault("look/accent", format!("`{accent}` is no colour like #2d6a4f"));
        }
        for origin in &self.widget.origins {
            if origin != "*" && crate::config::PublicUrl::try_from(origin.clone()).is_err() {
                fault("widget/origins", format!("`{origin}` is no site like https://www.example.org, and not `*`"));
            }
        }
        for kind in &self.widget.files.types {
            if kind.split_once('/').is_none_or(|(kind, sub)| kind.is_empty() || sub.is_empty()) {
                fault("widget/files/types", format!("`{kind}` is no media type like image/png or image/*"));
            }
        }
        if self.widget.files.size_max_kb > 1 << 20 {
            fault("widget/files/size_max_kb", "more than a gigabyte".to_owned());
        }
        for (key, days) in [
            ("transcripts_days", self.retention.transcripts_days),
            ("addresses_days", self.retention.addresses_days),
            ("files_days", self.retention.files_days),
        ] {
            if days > 36_500 {
                fault(&format!("retention/{key}"), format!("{days} days is more than a century"));
            }
        }
        let texts = [("away_reasons", &self.away_reasons), ("tags", &self.tags)];
        for (key, list) in texts {
            if list.len() > 100 || list.iter().any(|text| text.trim().is_empty() || text.chars().count() > 60) {
                fault(key, "at most 100, each of 1 to 60 characters".to_owned());
            }
        }
        findings
    }
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| matches!(hex.len(), 3 | 6) && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_desk_carries_outlives_versions() {
        let settings = EdgeSettings { tags: vec!["loan".into()], ..EdgeSettings::default() };
        assert_eq!(EdgeSettings::of(&settings.to_json()), settings);
        assert_eq!(EdgeSettings::of("{\"of a later version\":1,\"tags\":[\"loan\"]}"), settings);
        assert_eq!(EdgeSettings::of("nonsense"), EdgeSettings::default());
    }

    #[test]
    fn sites_are_admitted_by_their_whole_origin() {
        let mut settings = EdgeSettings::default();
        assert!(!settings.admits("https://www.example.org"));
        settings.widget.origins = vec!["https://www.example.org".into()];
        assert!(settings.admits("https://WWW.example.org"));
        assert!(!settings.admits("http://www.example.org"));
        assert!(!settings.admits("https://www.example.org.evil.example"));
        settings.widget.origins = vec!["*".into()];
        assert!(settings.admits("null"));
    }

    #[test]
    fn faults_are_named_with_their_place() {
        let mut settings = EdgeSettings::default();
        assert_eq!(settings.check("support"), []);
        settings.look.accent = Some("green".into());
        settings.widget.origins = vec!["www.example.org".into()];
        let found: Vec<_> = settings.check("support").into_iter().map(|f| f.at).collect();
        assert_eq!(found, ["support/look/accent", "support/widget/origins"]);
    }
}
