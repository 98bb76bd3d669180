#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes state_tree.json beside it: roots of small state trees, proofs that must be accepted and
proofs that must be refused. It is a second implementation of SPEC 4.1 and 4.3 and shares nothing
with the first; any client can run its vectors."""

import hashlib
import json
from pathlib import Path

EMPTY = bytes(32)


def sha256(data):
    return hashlib.sha256(data).digest()


def bit(key, depth):
    return key[depth // 8] >> (7 - depth % 8) & 1


def leaf_hash(key, value):
    out = bytearray(sha256(key + value))
    out[0] |= 0x80
    return bytes(out)


def node_hash(left, right):
    if left == EMPTY and (right == EMPTY or right[0] & 0x80):
        return right
    if right == EMPTY and left[0] & 0x80:
        return left
    out = bytearray(sha256(left + right))
    out[0] &= 0x7F
    return bytes(out)


def tree_hash(leaves, depth=0):
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaf_hash(*leaves[0])
    left = [leaf for leaf in leaves if not bit(leaf[0], depth)]
    right = [leaf for leaf in leaves if bit(leaf[0], depth)]
    return node_hash(tree_hash(left, depth + 1), tree_hash(right, depth + 1))


def prove(leaves, key):
    bitmap, siblings, depth = bytearray(), [], 0
    while len(leaves) > 1:
        sibling = tree_hash([l for l in leaves if bit(l[0], depth) != bit(key, depth)], depth + 1)
        leaves = [l for l in leaves if bit(l[0], depth) == bit(key, depth)]
        if sibling != EMPTY:
            bitmap += bytes(depth // 8 + 1 - len(bitmap))
            bitmap[-1] |= 0x80 >> depth % 8
            siblings.append(sibling)
        depth += 1
    other = leaves[0] if leaves and leaves[0][0] != key else None
    return {"bitmap": bytes(bitmap), "siblings": siblings, "other": other}


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    return bytes([major << 5 | 24, number]) if number < 256 else bytes(
        [major << 5 | 25]) + number.to_bytes(2, "big")


def cbor(item):
    if item is None:
        return b"\xf6"
    if isinstance(item, bytes):
        return head(2, len(item)) + item
    return head(4, len(item)) + b"".join(cbor(part) for part in item)


def text(data):
    return "0x" + data.hex()


def view(proof):
    other = proof["other"] and {"key": text(proof["other"][0]), "value": text(proof["other"][1])}
    return {"bitmap": text(proof["bitmap"]), "siblings": [text(s) for s in proof["siblings"]],
            "other": other}


def word(name):
    return sha256(name.encode())


def key_with(prefix, name):
    """A key that begins with these bits."""
    bits = prefix + "".join(str(bit(word(name), i)) for i in range(len(prefix), 256))
    return int(bits, 2).to_bytes(32, "big")


def leaves_of(count):
    return [(word(f"key {i}"), word(f"value {i}")) for i in range(count)]


LONG = "10" * 100
TREES = {
    "empty": [],
    "one leaf": leaves_of(1),
    "two leaves": leaves_of(2),
    "seven leaves": leaves_of(7),
    "a hundred leaves": leaves_of(100),
    "two leaves that part at the first bit": [(key_with("0", "a"), word("x")),
                                              (key_with("1", "b"), word("y"))],
    "two leaves that share 200 bits": [(key_with(LONG + "0", "a"), word("x")),
                                       (key_with(LONG + "1", "b"), word("y"))],
    "two leaves that differ in the last bit": [(bytes(31) + b"\x00", word("x")),
                                               (bytes(31) + b"\x01", word("y"))],
    "five leaves under one prefix, one elsewhere":
        [(key_with("0110" + format(i, "03b"), str(i)), word(str(i))) for i in range(5)] +
        [(key_with("1", "far"), word("far"))],
}


def fact(name, comment, leaves, key, value, proof, error=None):
    shown = view(proof)
    fields = [proof["bitmap"], proof["siblings"], proof["other"] and list(proof["other"])]
    return {"comment": f"{name}: {comment}", "root": text(tree_hash(leaves)), "key": text(key),
            "value": value and text(value), "proof": shown, "cbor": text(cbor(fields)),
            "error": error}


def valid():
    for name, leaves in TREES.items():
        keys = leaves[:7]
        for key, value in keys:
            yield fact(name, "a leaf is there", leaves, key, value, prove(leaves, key))
        for absent in [word("absent"), word("nobody"), key_with("0111", "z"), key_with("0", "q"),
                       key_with(LONG[:-2], "deep"), key_with(LONG + "0", "deeper")]:
            yield fact(name, "a key is absent", leaves, absent, None, prove(leaves, absent))


def invalid():
    leaves = TREES["seven leaves"]
    key, value = leaves[3]
    good = prove(leaves, key)
    gone = next(k for k in map(word, map(str, range(99))) if prove(leaves, k)["other"])
    empty = next(k for k in map(word, map(str, range(99)))
                 if not prove(leaves, k)["other"])
    other = prove(leaves, gone)
    hole = prove(leaves, empty)
    M, F, R = "proof_malformed", "proof_of_other_fact", "proof_root_mismatch"

    def bad(comment, error, proof=good, k=key, v=value, **change):
        return fact("refused", comment, leaves, k, v, {**proof, **change}, error)

    yield bad("another value", R, v=word("another"))
    yield bad("another key", R, k=word("another"))
    yield bad("absence of what is there", F, proof={**good, "other": (key, value)}, v=None)
    yield bad("absence by leaving the leaf out", M if good["siblings"][-1][0] & 0x80 else R, v=None)
    yield bad("presence with another leaf", F, proof=other, k=gone)
    yield bad("an empty place for another leaf's", M if other["siblings"][-1][0] & 0x80 else R,
              proof=other, k=gone, v=None, other=None)
    yield bad("a leaf in an empty place that is off the path", M, proof=hole, k=empty, v=None,
              other=(bytes(b ^ 0xFF for b in empty), value))
    yield bad("a leaf in an empty place that is on the path", R, proof=hole, k=empty, v=None,
              other=(empty[:31] + bytes([empty[31] ^ 1]), value))
    yield bad("a zero byte at the end of the bitmap", M, bitmap=good["bitmap"] + b"\x00")
    yield bad("a bitmap of 264 bits", M, bitmap=good["bitmap"] + bytes(32) + b"\x01",
              siblings=good["siblings"] + [word("s")])
    yield bad("a sibling too many", M, siblings=good["siblings"] + [word("s")])
    yield bad("a sibling too few", M, siblings=good["siblings"][:-1])
    yield bad("no siblings and no bitmap", R, siblings=[], bitmap=b"")
    yield bad("a step more", R, bitmap=good["bitmap"] + b"\x80",
              siblings=good["siblings"] + [word("s")])
    yield bad("an empty sibling in the list", M, siblings=[EMPTY] + good["siblings"][1:])
    yield bad("two siblings in the other order", R,
              siblings=good["siblings"][1::-1] + good["siblings"][2:])
    yield bad("one bit of a sibling", R, siblings=[bytes([good["siblings"][0][0] ^ 1]) +
                                                   good["siblings"][0][1:]] + good["siblings"][1:])
    yield bad("the tree's own leaf as if it were a node", R, v=None, k=empty, proof=hole,
              siblings=hole["siblings"][:-1] + [bytes([leaf_hash(key, value)[0] & 0x7F]) +
                                                leaf_hash(key, value)[1:]])


def main():
    trees = [{"comment": name, "leaves": [{"key": text(k), "value": text(v)} for k, v in leaves],
              "root": text(tree_hash(leaves))} for name, leaves in TREES.items()]
    document = {"trees": trees, "proofs": [*valid(), *invalid()]}
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(document, indent=1) + "\n")


main()
