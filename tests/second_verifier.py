"""A second reading of `quell journal export`, written from the description in docs/rooms/journal.md and from RFC 9162 and
RFC 8032 alone: it shares no line with the program. Usage: second_verifier.py EXPORT [CODE]. Needs Python 3.8, nothing else."""

import base64
import hashlib
import json
import struct
import sys

FIELDS = ["seq", "change_id", "change", "at", "actor", "purpose", "territory", "basis", "about", "body", "out"]


def row_hash(before, row):
    digest = hashlib.sha256()
    for part in [before] + [str(row[field]) for field in FIELDS]:
        text = part.encode()
        digest.update(struct.pack("<Q", len(text)) + text)
    return digest.hexdigest()


def tree_root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return hashlib.sha256(b"\x01" + tree_root(leaves[:left]) + tree_root(leaves[left:])).digest()


# Ed25519, RFC 8032, section 6: plain and slow.
P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
Q = 2**252 + 27742317777372353535851937790883648493
I = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * I % P
    assert (x * x - xx) % P == 0, "not a point of the curve"
    return P - x if x & 1 != sign else x


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x = recover_x(y, sign)
    return (x, y, 1, x * y % P)


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number, a):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, a)
        a, number = add(a, a), number >> 1
    return total


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def is_signed(key, text, signature):
    challenge = hashlib.sha512(signature[:32] + key + text).digest()
    challenge = int.from_bytes(challenge, "little") % Q
    one = times(int.from_bytes(signature[32:], "little"), BASE)
    other = add(point(signature[:32]), times(challenge, point(key)))
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


def fail(why):
    print(why)
    sys.exit(1)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    opening, rows, closing = lines[0], lines[1:-1], lines[-1]
    if "checkpoint" not in closing:
        fail("the file ends before its last line")
    before, place, leaves = opening["before"], opening["from"], []
    for row in rows:
        if row["seq"] != place:
            fail(f"row {place} is missing")
        if row["hash"] != row_hash(before, row):
            fail(f"row {place} does not follow from the one before")
        leaves.append(hashlib.sha256(b"\x00" + row["hash"].encode()).digest())
        before, place = row["hash"], place + 1
    point_ = closing["checkpoint"]
    if point_["seq"] != place - 1 or point_["head"] != before:
        fail(f"the checkpoint is of row {point_['seq']}, the rows end with {place - 1}")
    root = base64.b64encode(tree_root(leaves)).decode()
    if opening["from"] == 1 and root != point_["root"]:
        fail("the root of the tree is another than the signed one")
    note = f"{point_['origin']}\n{point_['seq']}\n{point_['root']}\nhead {point_['head']}\nat {point_['at']}\n"
    if not is_signed(base64.b64decode(opening["key"]), note.encode(), base64.b64decode(point_["signature"])):
        fail("the signature is not that of the key")
    print(f"{len(rows)} rows, root {root}, signed with {opening['key']}")


main()
