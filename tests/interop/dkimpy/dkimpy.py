"""Jobs as JSON on stdin, [{"what", "letter" in base64}], results as JSON: for `verify` a truth for each of two signatures, for the others the
fields to put before the letter, in base64. One start for all: it takes longer than the work."""
import base64
import json
import sys

import dkim

with open(sys.argv[1]) as file:
    settings = json.load(file)
domain = settings["domain"].encode()


def records(name, timeout=5):
    record = settings["records"].get(name.decode().rstrip("."))
    return record and record.encode()


def fields(parts):
    joined = b"".join(part.rstrip(b"\r\n") + b"\r\n" for part in parts)
    return base64.b64encode(joined).decode()


def run(what, letter):
    if what == "verify":
        return [dkim.DKIM(letter).verify(idx=index, dnsfunc=records) for index in (0, 1)]
    if what == "rsa":
        pem = settings["pem"].encode()
        return fields([dkim.sign(letter, b"r", domain, pem, canonicalize=(b"relaxed", b"simple"))])
    if what == "ed25519":
        seed = settings["seed"].encode()
        return fields([dkim.sign(letter, b"e", domain, seed, signature_algorithm=b"ed25519-sha256")])
    if what == "seal":
        return fields(dkim.arc_sign(letter, b"r", domain, settings["pem"].encode(), domain))
    raise ValueError(what)


jobs = json.load(sys.stdin)
print(json.dumps([run(job["what"], base64.b64decode(job["letter"])) for job in jobs]))
