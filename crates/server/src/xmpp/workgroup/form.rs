//! A workgroup's form as a data form, and what was filled in as answers.

use std::collections::BTreeMap;

use desk::spec;
use store::commit::Answer;
use xmpp::workgroup::Metadata;
use xmpp::xep::data_form::{Field, Form, FormType, Kind};

use super::no::No;
use crate::text;

/// Longest answer in characters, whatever a form says.
const ANSWER_MAX: usize = 4_000;

/// The form of a workgroup, to be filled in.
pub fn data_form(title: &str, form: &spec::Form) -> Form {
    let mut data = Form::new(FormType::Form, None).titled(title);
    data.fields = form.fields.iter().map(data_field).collect();
    data
}

fn data_field(field: &spec::Field) -> Field {
    let kind = match &field.kind {
        spec::FieldKind::Text | spec::FieldKind::Email => Kind::TextSingle,
        spec::FieldKind::Multiline => Kind::TextMulti,
        spec::FieldKind::Choice(_) => Kind::ListSingle,
        spec::FieldKind::Checkbox => Kind::Boolean,
    };
    let mut data = Field::new(&field.name, kind).labelled(&field.label);
    data.required = field.required;
    match &field.kind {
        // Without a value the form breaks in Spark.
        spec::FieldKind::Checkbox => data.values.push("0".to_owned()),
        spec::FieldKind::Choice(options) => {
            data.options = options.iter().map(|option| (option.value.clone(), option.label.clone())).collect();
        }
        _ => {}
    }
    data
}

/// The answers to the form's own fields, clean, and a checkbox as the desk reads it. What the form does not ask is left out.
///
/// # Errors
/// `not-acceptable` for an answer that is too long.
pub fn answers(form: &spec::Form, metadata: &Metadata) -> Result<BTreeMap<String, String>, No> {
    let mut answers = BTreeMap::new();
    for field in &form.fields {
        let Some((_, values)) = metadata.iter().find(|(name, _)| *name == field.name) else { continue };
        let joined = values.join("\n");
        let value = match (&field.kind, joined.trim()) {
            (spec::FieldKind::Checkbox, "1" | "true") => "true".to_owned(),
            (spec::FieldKind::Checkbox, _) => "false".to_owned(),
            _ => match text::message(&joined, ANSWER_MAX) {
                Ok(value) => value,
                Err(text::Unfit::Empty) => continue,
                Err(text::Unfit::TooLong) => {
                    return Err(No::NotAcceptable(format!("The answer to \"{}\" is too long.", field.name)));
                }
            },
        };
        answers.insert(field.name.clone(), value);
    }
    Ok(answers)
}

/// The answers in the form's order, with what was asked and what the choices are called.
pub fn labelled(form: &spec::Form, answers: &BTreeMap<String, String>) -> Vec<Answer> {
    let fields = form.fields.iter().filter_map(|field| Some((field, answers.get(&field.name)?)));
    let answer = |(field, value): (&spec::Field, &String)| {
        let shown = match &field.kind {
            spec::FieldKind::Choice(options) => options.iter().find(|o| o.value == *value).map(|o| o.label.clone()),
            _ => None,
        };
        let value = shown.unwrap_or_else(|| value.clone());
        Answer { field: field.name.clone(), label: field.label.clone(), value }
    };
    fields.map(answer).collect()
}
