//! Presence to one address, and its automatic end: RFC 6121 §4.6.

use crate::home::{BERT, CARL, DESK, Home, PHONE, ROOM, VISITOR, WORKGROUP, settings};

const ROOMS: &str = "conference.example.org";
const WORKGROUPS: &str = "workgroup.example.org";

#[test]
fn a_room_is_entered_and_left_when_the_connection_ends() {
    let mut home = Home::new();
    home.connects(DESK);
    home.sends(DESK, &format!("<presence to='{ROOM}/Anna'><x xmlns='http://jabber.org/protocol/muc'/></presence>"));
    home.receives(
        ROOMS,
        &format!("<presence from='{DESK}' to='{ROOM}/Anna'><x xmlns='http://jabber.org/protocol/muc'/></presence>"),
    );
    home.service_sends(&format!("<presence from='{ROOM}/Anna' to='{DESK}'/>"));
    home.receives(DESK, &format!("<presence from='{ROOM}/Anna' to='{DESK}'/>"));
    home.sends(DESK, &format!("<presence to='{ROOM}/Nana'/>")).skip(ROOMS).ends(DESK);
    home.receives(ROOMS, &format!("<presence type='unavailable' from='{DESK}' to='{ROOM}/Nana'/>"));
    home.receives_nothing(ROOMS);
}

#[test]
fn who_left_a_room_is_not_announced_again() {
    let mut home = Home::new();
    home.connects(DESK).sends(DESK, &format!("<presence to='{ROOM}/Anna'/>")).skip_all();
    home.sends(DESK, &format!("<presence to='{ROOM}/Anna' type='unavailable'><status>bye</status></presence>"));
    home.receives(ROOMS, &format!("<presence type='unavailable' to='{ROOM}/Anna'><status>bye</status></presence>"));
    home.ends(DESK).receives_nothing(ROOMS);
}

#[test]
fn going_unavailable_tells_rooms_workgroups_and_people_once() {
    let mut home = Home::friends();
    home.arrives(CARL).skip_all();
    for to in [format!("{ROOM}/Anna"), WORKGROUP.to_owned(), CARL.to_owned(), BERT.to_owned()] {
        home.sends(DESK, &format!("<presence to='{to}'/>"));
    }
    home.skip_all().sends(DESK, "<presence type='unavailable'><status>Bye</status></presence>");
    home.receives(ROOMS, &format!("<presence type='unavailable' to='{ROOM}/Anna'><status>Bye</status></presence>"));
    home.receives(WORKGROUPS, &format!("<presence type='unavailable' to='{WORKGROUP}' from='{DESK}'/>"));
    for who in [BERT, CARL] {
        home.receives(who, &format!("<presence type='unavailable' from='{DESK}'/>")).receives_nothing(who);
    }
    home.ends(DESK).receives_nothing(ROOMS).receives_nothing(WORKGROUPS);
}

#[test]
fn a_stranger_sees_only_what_was_sent_to_them() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(CARL).skip_all();
    home.sends(DESK, &format!("<presence to='{CARL}'><show>chat</show></presence>"));
    home.receives(CARL, &format!("<presence from='{DESK}'><show>chat</show></presence>"));
    home.sends(DESK, "<presence><show>away</show></presence>").receives_nothing(CARL);
    home.ends(DESK).receives(CARL, &format!("<presence type='unavailable' from='{DESK}'/>"));
}

#[test]
fn presence_to_an_account_reaches_all_its_sessions_and_their_end_too() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(PHONE).arrives(CARL).skip_all();
    home.sends(CARL, "<presence to='anna@example.org'/>");
    home.receives(DESK, &format!("<presence from='{CARL}'/>")).receives(PHONE, &format!("<presence from='{CARL}'/>"));
    home.ends(CARL);
    for who in [DESK, PHONE] {
        home.receives(who, &format!("<presence type='unavailable' from='{CARL}'/>")).receives_nothing(who);
    }
}

#[test]
fn presence_to_nobody_is_dropped_and_elsewhere_refused() {
    let mut home = Home::new();
    home.connects(DESK);
    for to in ["nobody@example.org", "bert@example.org/gone", "example.org"] {
        home.sends(DESK, &format!("<presence to='{to}'/>")).receives_nothing(DESK);
    }
    home.sends(DESK, "<presence to='x@elsewhere.example/y'/>").is_refused(DESK, "presence", "remote-server-not-found");
    home.ends(DESK);
}

#[test]
fn a_session_goes_to_only_so_many_places() {
    let mut settings = settings();
    settings.limits.directed_per_session = 2;
    let mut home = Home::with(settings);
    home.connects(DESK);
    for name in ["a", "b", "a"] {
        home.sends(DESK, &format!("<presence to='{name}@conference.example.org/Anna'/>")).receives_nothing(DESK);
    }
    home.sends(DESK, "<presence to='c@conference.example.org/Anna'/>");
    home.is_refused(DESK, "presence", "resource-constraint");
    home.sends(DESK, "<presence to='a@conference.example.org/Anna' type='unavailable'/>").skip_all();
    home.sends(DESK, "<presence to='c@conference.example.org/Anna'/>").receives(ROOMS, "<presence/>");
}

#[test]
fn long_addresses_count_by_their_length() {
    let mut home = Home::new();
    home.connects(VISITOR);
    let long = "n".repeat(1_000);
    for number in 0..31 {
        home.sends(VISITOR, &format!("<presence to='r{number}@conference.example.org/{long}'/>"))
            .receives_nothing(VISITOR);
    }
    home.sends(VISITOR, &format!("<presence to='r99@conference.example.org/{long}'/>"));
    home.is_refused(VISITOR, "presence", "resource-constraint");
}

#[test]
fn a_visitor_enters_a_room_and_leaves_it_with_the_connection() {
    let mut home = Home::new();
    home.connects(VISITOR).sends(VISITOR, &format!("<presence to='{ROOM}/Guest'/>"));
    home.receives(ROOMS, &format!("<presence from='{VISITOR}'/>"));
    home.service_sends(&format!(
        "<message from='{ROOM}' to='{VISITOR}' type='groupchat'><subject>Hi</subject></message>"
    ));
    home.receives(VISITOR, "<message type='groupchat'/>");
    home.ends(VISITOR).receives(ROOMS, &format!("<presence type='unavailable' from='{VISITOR}' to='{ROOM}/Guest'/>"));
    assert!(home.kept.is_empty());
}
