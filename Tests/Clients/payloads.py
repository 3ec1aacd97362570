"""Payloads of DUMP made by hand: checksums, and the forms of servers that are older or newer than the one at hand."""

import struct

VERSION = 10
POLYNOMIAL = 0x95ac9329ac4bc9b5


def _row(byte):
    for _ in range(8):
        byte = byte >> 1 ^ (POLYNOMIAL if byte & 1 else 0)
    return byte


TABLE = [_row(byte) for byte in range(256)]


def seal(body, version=VERSION):
    """The payload with version and checksum."""
    body += struct.pack("<H", version)
    crc = 0
    for byte in body:
        crc = TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return body + struct.pack("<Q", crc)


def of_reply(reply):
    """The payload in DUMP's reply."""
    return reply[reply.index(b"\n") + 1:-2]


def body_of(payload):
    return payload[:-10]


def length(number):
    if number < 64:
        return bytes([number])
    if number < 1 << 14:
        return struct.pack(">H", number | 0x4000)
    return b"\x80" + struct.pack(">I", number) if number < 1 << 32 else b"\x81" + struct.pack(">Q", number)


def string(text):
    return length(len(text)) + text


def strings(*texts):
    return b"".join(string(text) for text in texts)


def listpack(*elements, count=None):
    """Texts, and integers of any size, which are written with eight bytes or, from 0 to 127, as one."""
    body = b""
    for element in elements:
        if isinstance(element, int):
            entry = bytes([element]) if 0 <= element <= 127 else b"\xf4" + struct.pack("<q", element)
        elif len(element) < 64:
            entry = bytes([0x80 | len(element)]) + element
        elif len(element) < 4096:
            entry = struct.pack(">H", 0xe000 | len(element)) + element
        else:
            entry = b"\xf0" + struct.pack("<I", len(element)) + element
        size, back = len(entry), []
        limits = [127, 16382, 2097150]
        room = next((i + 1 for i, limit in enumerate(limits) if size <= limit), 4)
        for i in range(room):
            back.append(size >> 7 * (room - 1 - i) & 127 | (128 if i else 0))
        body += entry + bytes(back)
    return struct.pack("<IH", len(body) + 7, len(elements) if count is None else count) + body + b"\xff"


def _ziplist_entry(element):
    if not isinstance(element, int):
        if len(element) < 64:
            return bytes([len(element)]) + element
        if len(element) < 1 << 14:
            return struct.pack(">H", 0x4000 | len(element)) + element
        return b"\x80" + struct.pack(">I", len(element)) + element
    if 0 <= element <= 12:
        return bytes([0xf1 + element])
    if -128 <= element < 128:
        return b"\xfe" + struct.pack("<b", element)
    if -2**15 <= element < 2**15:
        return b"\xc0" + struct.pack("<h", element)
    if -2**23 <= element < 2**23:
        return b"\xf0" + struct.pack("<i", element)[:3]
    if -2**31 <= element < 2**31:
        return b"\xd0" + struct.pack("<i", element)
    return b"\xe0" + struct.pack("<q", element)


def ziplist(*elements, count=None):
    body, before, tail = b"", 0, 10
    for element in elements:
        tail = 10 + len(body)
        entry = (bytes([before]) if before < 254 else b"\xfe" + struct.pack("<I", before)) + _ziplist_entry(element)
        body += entry
        before = len(entry)
    return struct.pack("<IIH", len(body) + 11, tail, len(elements) if count is None else count) + body + b"\xff"


def intset(width, *integers):
    form = {2: "<h", 4: "<i", 8: "<q"}[width]
    return struct.pack("<II", width, len(integers)) + b"".join(struct.pack(form, integer) for integer in integers)


def zipmap(*pairs):
    body = b""
    for field, value in pairs:
        for text in (field, value):
            body += bytes([len(text)]) if len(text) < 254 else b"\xfe" + struct.pack("<I", len(text))
            body += (b"\x00" if text is value else b"") + text
    return bytes([min(len(pairs), 254)]) + body + b"\xff"


def double_text(text):
    return bytes([len(text)]) + text


# What 7.0 still reads, of earlier versions, with its type first: name, body.
OLDER = {
    "list": b"\x01" + length(4) + strings(b"a", b"", b"text") + b"\xc1\x00\x80",
    "list ziplist": b"\x0a" + string(ziplist(b"a", 5, 12, 13, -100, 30000, -8_000_000, 2**31 - 1, 2**40, -2**63, b"z" * 70)),
    "list ziplist of long texts": b"\x0a" + string(ziplist(b"q" * 300, b"b", b"r" * 20_000, b"s", 7)),
    "list quicklist": b"\x0e" + length(3) + string(ziplist(b"a", 1)) + string(ziplist()) + string(ziplist(b"b", b"c")),
    "list quicklist 2": b"\x12" + length(3) + b"\x02" + string(listpack(b"a", 1)) + b"\x01" + string(b"alone")
                        + b"\x02" + string(listpack(b"b" * 100, -5)),
    "set": b"\x02" + length(3) + strings(b"a", b"b") + b"\xc0\x05",
    "set intset 16": b"\x0b" + string(intset(2, -5, 1, 32767)),
    "set intset 32": b"\x0b" + string(intset(4, -2**31, 1, 2)),
    "set intset 64": b"\x0b" + string(intset(8, -2**63, 0, 2**63 - 1)),
    "zset": b"\x03" + length(4) + string(b"a") + double_text(b"1.5") + string(b"b") + b"\xfe" + string(b"c") + b"\xff"
            + string(b"d") + double_text(b"3.1400000000000001"),
    "zset 2": b"\x05" + length(2) + string(b"a") + struct.pack("<d", -2.25) + b"\xc0\x07" + struct.pack("<d", float("inf")),
    "zset ziplist": b"\x0c" + string(ziplist(b"m", 1, b"n", b"2.5", 17, b"inf")),
    "zset listpack": b"\x11" + string(listpack(b"m", 1, b"n", b"2.5", 17, b"inf")),
    "hash": b"\x04" + length(2) + strings(b"f", b"v", b"g") + b"\xc2\x01\x00\x00\x80",
    "hash ziplist": b"\x0d" + string(ziplist(b"f", b"v", b"g", 12, 100_000, b"")),
    "hash listpack": b"\x10" + string(listpack(b"f", b"v", b"g", 12, 100_000, b"")),
    "hash zipmap": b"\x09" + string(zipmap((b"foo", b"bar"), (b"hello", b"world!"), (b"l" * 300, b""))),
}

SOON = 4_102_444_800_000
# What came after 7.0: name, version, body.
NEWER = {
    "set listpack": (11, b"\x14" + string(listpack(b"a", b"b", 5))),
    "hash metadata": (12, b"\x18" + struct.pack("<Q", SOON) + length(3) + length(0) + strings(b"f", b"v")
                      + length(1) + strings(b"g", b"w") + length(50_001) + strings(b"h", b"x")),
    "hash listpack ex": (12, b"\x19" + struct.pack("<Q", SOON)
                         + string(listpack(b"f", b"v", 0, b"g", b"w", SOON, b"h", b"x", SOON + 50_000))),
    "hash of valkey": (80, b"\x16" + length(3) + strings(b"f", b"v") + b"\xff" * 8 + strings(b"g", b"w")
                       + struct.pack("<q", SOON) + strings(b"h", b"x") + struct.pack("<q", SOON + 50_000)),
}

MALFORMED = {
    "nothing": b"",
    "a type that there is none of": b"\x63" + string(b"a"),
    "a stream": b"\x15" + length(0),
    "a module": b"\x07" + length(1),
    "before its release, fields with times": b"\x16" + length(1) + length(1) + strings(b"f", b"v"),
    "before its release, a listpack with times": b"\x17" + string(listpack(b"f", b"v", 0)),
    "an empty list": b"\x01" + length(0),
    "an empty set": b"\x02" + length(0),
    "an empty zset": b"\x05" + length(0),
    "an empty hash": b"\x04" + length(0),
    "an empty quicklist": b"\x12" + length(1) + b"\x02" + string(listpack()),
    "an empty intset": b"\x0b" + string(intset(2)),
    "an empty listpack": b"\x10" + string(listpack()),
    "an empty ziplist": b"\x0a" + string(ziplist()),
    "an empty element by itself": b"\x12" + length(1) + b"\x01" + string(b""),
    "more elements than bytes": b"\x01" + b"\x81" + b"\xff" * 8 + string(b"a"),
    "a longer string than bytes": b"\x01" + length(1) + b"\x80\xff\xff\xff\xff" + b"a",
    "a list that is cut": b"\x01" + length(3) + strings(b"a", b"b"),
    "a member twice": b"\x02" + length(3) + strings(b"a", b"b", b"a"),
    "an integer twice": b"\x02" + length(2) + b"\xc0\x05" + string(b"5"),
    "a packed member twice": b"\x14" + string(listpack(b"a", b"b", b"a")),
    "an intset out of order": b"\x0b" + string(intset(2, 1, 3, 2)),
    "an intset with one twice": b"\x0b" + string(intset(4, 1, 1)),
    "an intset of a strange width": b"\x0b" + string(struct.pack("<IIb", 1, 1, 5)),
    "an intset of more than it has": b"\x0b" + string(struct.pack("<IIh", 2, 2, 5)),
    "a field twice": b"\x04" + length(2) + strings(b"f", b"1", b"f", b"2"),
    "a packed field twice": b"\x10" + string(listpack(b"f", b"1", b"f", b"2")),
    "a field twice in a ziplist": b"\x0d" + string(ziplist(b"f", b"1", b"f", b"2")),
    "a field twice in a zipmap": b"\x09" + string(zipmap((b"f", b"1"), (b"f", b"2"))),
    "a field without a value": b"\x10" + string(listpack(b"f", b"1", b"g")),
    "a member with two scores": b"\x05" + length(2) + (string(b"a") + struct.pack("<d", 1)) * 2,
    "a packed member with two scores": b"\x11" + string(listpack(b"a", 1, b"a", 2)),
    "a score that is no number": b"\x05" + length(1) + string(b"a") + struct.pack("<d", float("nan")),
    "a score that is said to be none": b"\x03" + length(1) + string(b"a") + b"\xfd",
    "a count that the listpack does not have": b"\x10" + string(listpack(b"f", b"1", count=4)),
    "a listpack that says to be longer": b"\x10" + string(b"\xff" + listpack(b"f", b"1")[1:]),
    "a listpack without an end": b"\x10" + string(listpack(b"f", b"1")[:-1] + b"\x00"),
    "a listpack whose lengths differ": b"\x10" + string(listpack(b"f", b"1").replace(b"f\x02", b"f\x03")),
    "a count that the ziplist does not have": b"\x0a" + string(ziplist(b"a", b"b", count=3)),
    "a ziplist with a false tail": b"\x0a" + string(ziplist(b"a", b"b")[:4] + b"\x0a" + ziplist(b"a", b"b")[5:]),
    "a piece of a strange kind": b"\x12" + length(1) + b"\x03" + string(listpack(b"a")),
    "a compressed string that is none": b"\x01" + length(1) + b"\xc3\x02\x40\x40" + b"\xff\xff",
    "a compressed string that announces too much": b"\x01" + length(1) + b"\xc3\x02\x81" + b"\x7f" + b"\xff" * 7 + b"\x00a",
}
# The same of newer ones.
MALFORMED_NEWER = {
    "a time beyond all": b"\x18" + struct.pack("<Q", 2**48 - 1) + length(1) + length(2) + strings(b"f", b"v"),
    "a time that overflows": b"\x18" + b"\xff" * 8 + length(1) + length(2) + strings(b"f", b"v"),
    "a time that is no integer": b"\x19" + struct.pack("<Q", SOON) + string(listpack(b"f", b"v", b"soon")),
    "a time below zero": b"\x19" + struct.pack("<Q", SOON) + string(listpack(b"f", b"v", -1)),
    "a field without a time": b"\x19" + struct.pack("<Q", SOON) + string(listpack(b"f", b"v")),
    "no first time": b"\x18" + b"\x00" * 7,
}
