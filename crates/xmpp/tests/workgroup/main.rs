//! The elements of workgroups, of forms and commands, and the link of a component, as their documents show them.

mod anything_goes;
mod commands;
mod component;
mod dialect;
mod forms;
mod invitations;
mod past;
mod stage;
mod xep_0142;
