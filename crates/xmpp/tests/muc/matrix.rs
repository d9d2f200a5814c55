//! The tables of XEP-0045 §5 as tables: what roles and affiliations permit, and who may change whose.

use xmpp::muc::{Affiliation, LastingPrivilege, Privilege, Role, RoomConfig};

use crate::admin::change;
use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, bare};

#[test]
fn what_a_role_permits() {
    use Privilege as P;
    for (privilege, none, visitor, participant, moderator) in [
        (P::Present, false, true, true, true),
        (P::Receive, false, true, true, true),
        (P::ChangeAvailability, false, true, true, true),
        (P::ChangeNick, false, true, true, true),
        (P::PrivateMessage, false, true, true, true),
        (P::Invite, false, true, true, true),
        (P::Speak, false, false, true, true),
        (P::ChangeSubject, false, false, true, true),
        (P::Kick, false, false, false, true),
        (P::GrantVoice, false, false, false, true),
        (P::RevokeVoice, false, false, false, true),
    ] {
        let row = Role::ALL.map(|role| role.allows(privilege));
        assert_eq!(row, [none, visitor, participant, moderator], "{privilege:?}");
    }
}

#[test]
fn what_an_affiliation_permits() {
    use LastingPrivilege as P;
    for (privilege, outcast, none, member, admin, owner) in [
        (P::EnterOpenRoom, false, true, true, true, true),
        (P::EnterMembersOnlyRoom, false, false, true, true, true),
        (P::ReadMemberList, false, false, false, true, true),
        (P::Ban, false, false, false, true, true),
        (P::EditMemberList, false, false, false, true, true),
        (P::AssignModeratorRole, false, false, false, true, true),
        (P::EditAdminList, false, false, false, false, true),
        (P::EditOwnerList, false, false, false, false, true),
        (P::ChangeConfiguration, false, false, false, false, true),
        (P::DestroyRoom, false, false, false, false, true),
    ] {
        let row = Affiliation::ALL.map(|affiliation| affiliation.allows(privilege));
        assert_eq!(row, [outcast, none, member, admin, owner], "{privilege:?}");
    }
}

#[test]
fn the_role_that_an_affiliation_enters_with() {
    for (affiliation, open, moderated) in [
        (Affiliation::Outcast, Role::None, Role::None),
        (Affiliation::None, Role::Participant, Role::Visitor),
        (Affiliation::Member, Role::Participant, Role::Participant),
        (Affiliation::Admin, Role::Moderator, Role::Moderator),
        (Affiliation::Owner, Role::Moderator, Role::Moderator),
    ] {
        assert_eq!(affiliation.role_on_entering(false), open, "{affiliation:?}");
        assert_eq!(affiliation.role_on_entering(true), moderated, "{affiliation:?}");
    }
}

#[test]
fn names_on_the_wire_are_read_as_written() {
    for role in Role::ALL {
        assert_eq!(Role::parse(role.as_str()), Some(role));
    }
    for affiliation in Affiliation::ALL {
        assert_eq!(Affiliation::parse(affiliation.as_str()), Some(affiliation));
    }
    assert_eq!((Role::parse("king"), Affiliation::parse("Owner")), (None, None));
}

/// Whether Anna, of one affiliation, may change Bert, of another, who is inside with the role of his affiliation.
fn may(anna: Affiliation, bert: Affiliation, item: &str) -> bool {
    let mut hall = Hall::with(RoomConfig { moderated: true, ..RoomConfig::default() });
    hall.is(ANNA, anna).is(BERT, bert).enters(SUPPORT, "Support").enters(ANNA, "Anna").enters(BERT, "Bert");
    hall.sends(ANNA, &change(item));
    hall.refused.is_none()
}

const INSIDE: [Affiliation; 4] = [Affiliation::None, Affiliation::Member, Affiliation::Admin, Affiliation::Owner];

#[test]
fn who_may_change_whose_affiliation() {
    for to in Affiliation::ALL {
        let item = format!("<item jid='{}' affiliation='{}'/>", bare(BERT), to.as_str());
        for bert in INSIDE {
            let by_owner = may(Affiliation::Owner, bert, &item);
            let by_admin = may(Affiliation::Admin, bert, &item);
            assert!(by_owner, "an owner makes {bert:?} {to:?}");
            assert_eq!(
                by_admin,
                bert < Affiliation::Admin && to < Affiliation::Admin,
                "an admin makes {bert:?} {to:?}"
            );
            for anna in [Affiliation::None, Affiliation::Member] {
                assert!(!may(anna, bert, &item), "{anna:?} makes {bert:?} {to:?}");
            }
        }
    }
}

#[test]
fn who_may_change_whose_role() {
    for to in Role::ALL {
        let item = format!("<item nick='Bert' role='{}'/>", to.as_str());
        for bert in INSIDE {
            for anna in INSIDE {
                let outranked = bert > anna && to < bert.role_on_entering(true);
                let unseatable = bert >= Affiliation::Admin && matches!(to, Role::Visitor | Role::Participant);
                let expected = anna >= Affiliation::Admin && !outranked && !unseatable;
                assert_eq!(may(anna, bert, &item), expected, "{anna:?} makes {bert:?} {to:?}");
            }
        }
    }
}

#[test]
fn a_moderator_without_standing_gives_voice_and_kicks_but_makes_no_moderators() {
    let mut hall = Hall::with(RoomConfig { moderated: true, ..RoomConfig::default() });
    hall.is(BERT, Affiliation::None).enters(SUPPORT, "Support").enters(ANNA, "Anna").enters(BERT, "Bert");
    hall.sends(SUPPORT, &change("<item nick='Anna' role='moderator'/>"));
    for (item, permitted) in [
        ("<item nick='Bert' role='moderator'/>", false),
        ("<item nick='Bert' role='participant'/>", true),
        ("<item nick='Bert' role='visitor'/>", true),
        ("<item nick='Support' role='none'/>", false),
        ("<item nick='Anna' role='participant'/>", false),
        ("<item nick='Bert' role='none'/>", true),
    ] {
        hall.sends(ANNA, &change(item));
        assert_eq!(hall.refused.is_none(), permitted, "{item}");
    }
    assert_eq!(hall.service.room(&bare(ROOM)).unwrap().occupant("Anna").unwrap().role(), Role::Moderator);
}
