# Two slixmpp clients log in over TCP with STARTTLS and SCRAM, meet in a room and talk; a visitor logs in anonymously.
# usage: talk.py HOST PORT PASSWORD. Exit code 0: everything that was said arrived, in order. No test framework, no sleeping.
import asyncio
import ssl
import sys

import slixmpp

HOST, PORT, PASSWORD = sys.argv[1], int(sys.argv[2]), sys.argv[3]
ROOM = "slixmpp-talk@conference.localhost"
WORDS = [f"word {number}" for number in range(20)]
PATIENCE_S = 30


class Person(slixmpp.ClientXMPP):
    """Somebody with an account, who hears what is said in the room."""

    def __init__(self, name):
        super().__init__(f"{name}@localhost/slixmpp", PASSWORD)
        self.heard = asyncio.Queue()
        self.ready = asyncio.get_running_loop().create_future()
        for plugin in ("xep_0030", "xep_0045", "xep_0198", "xep_0199", "xep_0280"):
            self.register_plugin(plugin)
        # The server's certificate is its own.
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.add_event_handler("session_start", self.begun)
        self.add_event_handler("failed_all_auth", lambda _: self.fail("the log-in failed"))
        self.add_event_handler("groupchat_message", self.hear)
        self.add_event_handler("message", self.hear_directly)
        self.direct = asyncio.Queue()

    def fail(self, why):
        if not self.ready.done():
            self.ready.set_exception(RuntimeError(why))

    async def begun(self, _):
        self.send_presence()
        await self.get_roster()
        if not self.ready.done():
            self.ready.set_result(None)

    def hear(self, message):
        if message["body"]:
            self.heard.put_nowait((message["mucnick"], message["body"]))

    def hear_directly(self, message):
        if message["type"] in ("chat", "normal") and message["body"]:
            self.direct.put_nowait((message["from"].bare, message["body"]))

    async def enter(self, nick):
        await self.plugin["xep_0045"].join_muc_wait(ROOM, nick, timeout=PATIENCE_S)


class Visitor(Person):
    """Somebody without an account."""

    def __init__(self):
        slixmpp.ClientXMPP.__init__(self, "visitors.localhost", "")
        self.ready = asyncio.get_running_loop().create_future()
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.add_event_handler("session_start", lambda _: self.ready.set_result(None))
        self.add_event_handler("failed_all_auth", lambda _: self.fail("the anonymous log-in failed"))


async def expect(queue, wanted):
    for item in wanted:
        got = await asyncio.wait_for(queue.get(), PATIENCE_S)
        assert got == item, f"expected {item}, got {got}"


async def log_in(person):
    connected = person.connect(HOST, PORT)
    if asyncio.isfuture(connected) or asyncio.iscoroutine(connected):
        asyncio.ensure_future(connected)
    await asyncio.wait_for(person.ready, PATIENCE_S)


async def main():
    anna, bert, visitor = Person("anna"), Person("bert"), Visitor()
    for person in (anna, bert, visitor):
        await log_in(person)
    print("logged in:", anna.boundjid, bert.boundjid, visitor.boundjid)
    assert visitor.boundjid.domain == "visitors.localhost"

    info = await anna.plugin["xep_0030"].get_info(jid="conference.localhost", timeout=PATIENCE_S)
    assert "http://jabber.org/protocol/muc" in info["disco_info"]["features"]
    await anna.plugin["xep_0199"].send_ping("localhost", timeout=PATIENCE_S)

    await anna.enter("Anna")
    await anna.plugin["xep_0045"].set_room_config(ROOM, anna.plugin["xep_0004"].make_form("submit"))
    await bert.enter("Bert")
    for word in WORDS:
        anna.send_message(mto=ROOM, mbody=word, mtype="groupchat")
    expected = [("Anna", word) for word in WORDS]
    await expect(bert.heard, expected)
    await expect(anna.heard, expected)
    bert.send_message(mto=ROOM, mbody="understood", mtype="groupchat")
    await expect(anna.heard, [("Bert", "understood")])
    print("talked in", ROOM)

    bert.send_message(mto="anna@localhost", mbody="between us", mtype="chat")
    await expect(anna.direct, [("bert@localhost", "between us")])
    print("talked directly")
    for person in (anna, bert, visitor):
        person.disconnect()
        await asyncio.wait_for(person.disconnected, PATIENCE_S)
    print("ok")


asyncio.run(asyncio.wait_for(main(), 4 * PATIENCE_S))
