# A mail server for the tests: aiosmtpd (Debian: python3-aiosmtpd) with STARTTLS and AUTH required. It writes each mail that
# it takes as a JSON file; refuses `refused@…` for good and `later@…` the first time. Nothing of SMTP itself is written here.
"""usage: server.py PORT CERTIFICATE KEY FOLDER"""

import json
import os
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

port, certificate, key, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]


class Post:
    def __init__(self):
        self.put_off = set()
        self.count = len(os.listdir(folder))

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 nobody of that name here"
        if address.startswith("later@") and address not in self.put_off:
            self.put_off.add(address)
            return "451 4.3.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        taken = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "user": session.auth_data,
            "content": envelope.content.decode("utf-8"),
        }
        place = os.path.join(folder, f"{self.count:03}")
        with open(place + ".part", "w", encoding="utf-8") as file:
            json.dump(taken, file)
        os.rename(place + ".part", place + ".json")
        return "250 OK"


def admit(server, session, envelope, mechanism, given):
    success = (given.login, given.password) == (b"desk", b"s3cret@")
    return AuthResult(success=success, handled=False, auth_data=given.login.decode("utf-8"))


tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(certificate, key)
Controller(
    Post(),
    hostname="127.0.0.1",
    port=port,
    tls_context=tls,
    require_starttls=True,
    authenticator=admit,
    auth_required=True,
).start()
print("ready", flush=True)
threading.Event().wait()
