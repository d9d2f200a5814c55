//! Kicks, bans, voice and affiliations over the network (XEP-0045 §8.2–8.4, §9), and what they do to those inside.

use xmpp::muc::{Affiliation, Leaving, Limits, Role, RoomConfig, RoomHappening, RoomRefusal};

use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, VISITOR, bare, codes};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
const USER: &str = "xmlns='http://jabber.org/protocol/muc#user'";

pub fn change(items: &str) -> String {
    format!(
        "<iq to='{ROOM}' type='set' id='q'><query xmlns='http://jabber.org/protocol/muc#admin'>{items}</query></iq>"
    )
}

fn kick(nick: &str) -> String {
    change(&format!("<item nick='{nick}' role='none'><reason>Avaunt, you cullion!</reason></item>"))
}

fn standing(who: &str, affiliation: &str) -> String {
    change(&format!("<item jid='{}' affiliation='{affiliation}'><reason>so be it</reason></item>", bare(who)))
}

/// Support owns and is inside, with Anna and Bert; nobody has read anything.
fn three() -> Hall {
    let mut hall = Hall::open();
    hall.enters(SUPPORT, "Support").enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall
}

#[test]
fn a_moderator_kicks() {
    let mut hall = three();
    hall.sends(SUPPORT, &kick("Bert"));
    hall.receives(
        BERT,
        &format!(
            "<presence from='{ROOM}/Bert' type='unavailable'><x {USER}>
             <item affiliation='none' role='none'><actor nick='Support'/><reason>Avaunt, you cullion!</reason></item>
             <status code='307'/><status code='110'/></x></presence>"
        ),
    );
    let seen = hall.next(ANNA);
    assert_eq!(codes(&seen), ["307"]);
    hall.receives(SUPPORT, &format!("<presence from='{ROOM}/Bert' type='unavailable'/>"));
    hall.receives(SUPPORT, &format!("<iq from='{ROOM}' id='q' type='result'/>"));
    let news = hall.news();
    let [RoomHappening::Left { how, by, reason, .. }] = &news[..] else { panic!("{news:?}") };
    assert_eq!(
        (*how, by.as_deref(), reason.as_deref()),
        (Leaving::Kicked, Some("Support"), Some("Avaunt, you cullion!"))
    );
    hall.enters(BERT, "Bert");
    assert_eq!(hall.nicks(), ["Anna", "Bert", "Support"]);
}

#[test]
fn nobody_else_kicks_and_nobody_kicks_a_higher_one_or_themself() {
    let mut hall = three();
    hall.sends(ANNA, &kick("Bert")).is_refused(RoomRefusal::NotPermitted);
    hall.receives(
        ANNA,
        &format!("<iq from='{ROOM}' id='q' type='error'><error type='auth'><forbidden {ERROR}/></error></iq>"),
    );
    hall.sends(SUPPORT, &change("<item nick='Anna' role='moderator'/>")).skip_all();
    hall.sends(ANNA, &kick("Support")).is_refused(RoomRefusal::TooPowerful);
    hall.receives(ANNA, &format!("<iq type='error'><error type='cancel'><not-allowed {ERROR}/></error></iq>"));
    hall.sends(SUPPORT, &kick("Support")).is_refused(RoomRefusal::OneSelf);
    hall.sends(SUPPORT, &kick("Nobody")).is_refused(RoomRefusal::NoSuchOccupant);
    assert_eq!(hall.nicks().len(), 3);
}

#[test]
fn a_ban_puts_out_and_keeps_out() {
    let mut hall = three();
    hall.sends(SUPPORT, &standing(BERT, "outcast"));
    hall.receives(
        BERT,
        &format!(
            "<presence type='unavailable'><x {USER}><item affiliation='outcast' role='none'><reason>so be it</reason></item>
             <status code='301'/></x></presence>"
        ),
    );
    assert_eq!(codes(&hall.next(ANNA)), ["301"]);
    hall.enters(BERT, "Bert").is_refused(RoomRefusal::Banned);
    hall.sends(SUPPORT, &standing(BERT, "none")).enters(BERT, "Bert");
    assert_eq!(hall.nicks().len(), 3);
}

#[test]
fn a_ban_of_a_domain_puts_out_everybody_from_there_without_a_standing_of_their_own() {
    let mut hall = three();
    hall.is(ANNA, Affiliation::Member).skip_all();
    hall.sends(SUPPORT, &change("<item jid='example.org' affiliation='outcast'/>"));
    assert_eq!(hall.nicks(), ["Anna", "Support"]);
}

#[test]
fn who_bans_themself_or_leaves_the_room_without_an_owner_is_refused() {
    let mut hall = three();
    hall.sends(SUPPORT, &standing(SUPPORT, "outcast")).is_refused(RoomRefusal::OneSelf);
    hall.receives(SUPPORT, &format!("<iq type='error'><error type='cancel'><conflict {ERROR}/></error></iq>"));
    hall.sends(SUPPORT, &standing(SUPPORT, "admin")).is_refused(RoomRefusal::LastOwner);
    hall.receives(SUPPORT, &format!("<iq type='error'><error type='cancel'><conflict {ERROR}/></error></iq>"));
    hall.is(ANNA, Affiliation::Owner).sends(SUPPORT, &standing(SUPPORT, "member"));
    let room = hall.service.room(&bare(ROOM)).unwrap();
    assert_eq!(room.affiliation_of(&bare(SUPPORT)), Affiliation::Member);
    assert_eq!(room.occupant("Support").unwrap().role(), Role::Participant);
}

#[test]
fn a_membership_that_is_taken_shuts_out_of_a_members_only_room() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest").skip_all();
    hall.sends(SUPPORT, &standing(VISITOR, "none"));
    hall.receives(
        VISITOR,
        &format!("<presence type='unavailable'><x {USER}><item affiliation='none' role='none'/><status code='321'/></x></presence>"),
    );
    assert!(matches!(
        &hall.news()[..],
        [RoomHappening::AffiliationChanged { .. }, RoomHappening::Left { how: Leaving::Removed, .. }]
    ));
}

#[test]
fn a_new_admin_moderates_at_once_and_a_former_one_no_more() {
    let mut hall = three();
    hall.sends(SUPPORT, &standing(ANNA, "admin"));
    hall.receives(
        BERT,
        &format!("<presence from='{ROOM}/Anna'><x {USER}><item affiliation='admin' role='moderator'/></x></presence>"),
    );
    hall.skip_all();
    hall.sends(SUPPORT, &standing(ANNA, "member"));
    hall.receives(
        BERT,
        &format!(
            "<presence from='{ROOM}/Anna'><x {USER}><item affiliation='member' role='participant'/></x></presence>"
        ),
    );
    let news = hall.news();
    assert!(
        matches!(
            &news[..],
            [
                RoomHappening::AffiliationChanged { from: Affiliation::Admin, to: Affiliation::Member, .. },
                RoomHappening::RoleChanged { role: Role::Participant, .. }
            ]
        ),
        "{news:?}"
    );
}

#[test]
fn voice_is_given_and_taken() {
    let mut hall = Hall::with(RoomConfig { moderated: true, ..RoomConfig::default() });
    hall.enters(SUPPORT, "Support").enters(BERT, "Bert").skip_all();
    hall.sends(SUPPORT, &change("<item nick='Bert' role='participant'/>"));
    hall.receives(
        BERT,
        &format!("<presence from='{ROOM}/Bert'><x {USER}><item affiliation='none' role='participant'/></x></presence>"),
    );
    hall.says(BERT, "thanks").receives(SUPPORT, "<presence/>").receives(SUPPORT, "<iq type='result'/>");
    hall.receives(SUPPORT, "<message><body>thanks</body></message>");
    hall.sends(SUPPORT, &change("<item nick='Bert' role='visitor'/>"));
    hall.says(BERT, "but").is_refused(RoomRefusal::NoVoice);
    hall.sends(SUPPORT, &change("<item nick='Support' role='visitor'/>")).is_refused(RoomRefusal::TooPowerful);
}

#[test]
fn moderators_hear_of_a_standing_of_somebody_absent_and_others_do_not() {
    let mut hall = three();
    hall.sends(SUPPORT, &standing(VISITOR, "member"));
    hall.receives(
        SUPPORT,
        &format!(
            "<message from='{ROOM}' type='groupchat'><x {USER}>
             <item affiliation='member' jid='{}' role='none'/></x></message>",
            bare(VISITOR)
        ),
    );
    hall.receives(SUPPORT, "<iq type='result'/>").receives_nothing(ANNA);
}

#[test]
fn all_changes_of_a_request_are_made_or_none() {
    let mut hall = three();
    let both = format!("<item nick='Bert' role='none'/><item jid='{}' affiliation='admin'/>", bare(ANNA));
    hall.sends(SUPPORT, &change(&both))
        .is_refused(RoomRefusal::BadRequest("Roles and affiliations are not changed together."));
    hall.sends(SUPPORT, &change("<item nick='Bert' role='none'/><item nick='Nobody' role='none'/>"));
    hall.is_refused(RoomRefusal::NoSuchOccupant);
    assert_eq!(hall.nicks().len(), 3);
    hall.sends(SUPPORT, &change("<item nick='Bert' role='none'/><item nick='Anna' role='none'/>"));
    assert_eq!(hall.nicks(), ["Support"]);
}

#[test]
fn a_request_that_makes_no_sense_is_refused() {
    let mut hall = three();
    for items in
        ["", "<item nick='Bert'/>", "<item role='none'/>", "<item nick='Bert' role='none' affiliation='none'/>"]
    {
        hall.sends(SUPPORT, &change(items));
        assert!(matches!(hall.refused, Some(RoomRefusal::BadRequest(_))), "{items}");
    }
    hall.sends(SUPPORT, &change("<item nick='Bert' role='king'/>"));
    hall.is_refused(RoomRefusal::BadRequest("The request is malformed."));
    let many = "<item nick='Bert' role='none'/>".repeat(Limits::default().items + 1);
    hall.sends(SUPPORT, &change(&many));
    assert!(matches!(hall.refused, Some(RoomRefusal::TooMany { .. })));
    let long = format!("<item nick='Bert' role='none'><reason>{}</reason></item>", "x".repeat(2_000));
    hall.sends(SUPPORT, &change(&long));
    assert!(matches!(hall.refused, Some(RoomRefusal::TooLong { what: "reason", .. })));
}

#[test]
fn the_host_kicks_without_a_name() {
    let mut hall = three();
    hall.host(|s, at| s.set_role(at, &bare(ROOM), "Bert", Role::None, Some("moved on")));
    let seen = String::from(&hall.next(ANNA));
    assert!(seen.contains("moved on") && !seen.contains("actor"), "{seen}");
    assert!(matches!(&hall.news()[..], [RoomHappening::Left { by: None, how: Leaving::Kicked, .. }]));
}
