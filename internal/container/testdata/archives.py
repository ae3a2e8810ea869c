"""Makes the archives in this folder, and beside each what Python's zipfile and tarfile read in it.

    python3 archives.py

A member is a line of the .json: name, size, seconds of its date, SHA-256.
"""
import hashlib
import io
import json
import pathlib
import struct
import zipfile

here = pathlib.Path(__file__).parent
DATE = (2021, 5, 6, 7, 8, 10)


def picture(n):
    """Bytes that stand for a picture: what is inside is not looked at here."""
    return bytes((i * n + i // 251) % 256 for i in range(1000 * n))


def info(name, date=DATE, method=zipfile.ZIP_DEFLATED):
    i = zipfile.ZipInfo(name, date)
    i.compress_type = method
    i.external_attr = 0o100644 << 16
    return i


def expect_zip(name):
    out = []
    with zipfile.ZipFile(here / name) as z:
        latest = {i.filename: i for i in z.infolist()}
        for i in latest.values():
            if i.is_dir() or i.external_attr >> 28 == 0o12:
                continue
            data = z.read(i)
            out.append([i.filename, len(data), hashlib.sha256(data).hexdigest()])
    (here / f"{name}.json").write_text(json.dumps(sorted(out), ensure_ascii=False, indent=0) + "\n")


def made(name, fill):
    with zipfile.ZipFile(here / name, "w") as z:
        fill(z)
    return here / name


def methods(z):
    z.writestr(info("stored.jpg", method=zipfile.ZIP_STORED), picture(1))
    z.writestr(info("deflated.jpg"), picture(2))
    z.writestr(info("bzip2.jpg", method=zipfile.ZIP_BZIP2), picture(3))
    z.writestr(info("day 1/"), b"")
    z.writestr(info("day 1/ünï.jpg"), picture(4))
    z.writestr(info("empty.jpg"), b"")
    link = info("link.jpg")
    link.external_attr = 0o120777 << 16
    z.writestr(link, b"stored.jpg")


def names(z):
    for n, name in enumerate(["../out.jpg", "a/../../out.jpg", "/absolute.jpg", "./dot.jpg", "a//b.jpg", "..", "twice.jpg", "twice.jpg"]):
        z.writestr(info(name), picture(n + 1))


def streamed():
    """A zip with data descriptors behind its members, as programs write it into a pipe."""
    class Pipe(io.RawIOBase):
        def __init__(self, f):
            self.f = f

        def write(self, b):
            return self.f.write(b)

        def writable(self):
            return True

    with open(here / "streamed.zip", "wb") as f, zipfile.ZipFile(Pipe(f), "w") as z:
        z.writestr(info("a.jpg"), picture(2))
        with z.open(info("b.jpg"), "w", force_zip64=True) as out:
            out.write(picture(3))


def patched(name, source, *changes):
    data = (here / source).read_bytes()
    for old, new in changes:
        assert old in data and len(old) == len(new), (name, old)
        data = data.replace(old, new)
    (here / name).write_bytes(data)


made("methods.zip", methods)
expect_zip("methods.zip")
made("names.zip", names)
streamed()
expect_zip("streamed.zip")

made("plain.zip", lambda z: [z.writestr(info(f"{c}.jpg"), picture(n + 1)) for n, c in enumerate("abc")])
expect_zip("plain.zip")
# Written on Windows: backslashes, and a name in the character set of DOS, without the flag of UTF-8.
made("windows.zip", lambda z: [z.writestr(info("photos#beach.jpg"), picture(1)), z.writestr(info("M@nchen.jpg"), picture(2))])
patched("windows.zip", "windows.zip", (b"photos#beach", b"photos\\beach"), (b"M@nchen", b"M\x81nchen"))
made("zipped64.zip", lambda z: z.open(info("a.jpg"), "w", force_zip64=True).close())

plain = (here / "plain.zip").read_bytes()
(here / "cut.zip").write_bytes(plain[:-30])
# The second member is marked as encrypted, in both of its headers.
encrypted = bytearray(plain)
for magic, flags in (b"PK\x03\x04", 6), (b"PK\x01\x02", 8):
    at = encrypted.index(magic, encrypted.index(magic) + 1)
    encrypted[at + flags] |= 1
(here / "encrypted.zip").write_bytes(encrypted)
# The first member's data is damaged, and Deflate64 is said of the third.
damaged = bytearray(plain)
damaged[60] ^= 0xFF
for magic, method in (b"PK\x03\x04", 8), (b"PK\x01\x02", 10):
    at = damaged.rindex(magic)
    damaged[at + method] = 9
(here / "damaged.zip").write_bytes(damaged)


def bomb(name, claimed):
    """One member of 20 MB of zeros, which says that it has other many bytes; the same in both headers."""
    made(name, lambda z: z.writestr(info("a.jpg"), bytes(20_000_000)))
    data = bytearray((here / name).read_bytes())
    for magic, at in (b"PK\x03\x04", 22), (b"PK\x01\x02", 24):
        struct.pack_into("<I", data, data.index(magic) + at, claimed)
    (here / name).write_bytes(data)


bomb("unsaid.zip", 1000)
# A hundred names of one and the same member: https://www.bamsoftware.com/hacks/zipbomb/
one = bytearray((here / "unsaid.zip").read_bytes())
at = one.index(b"PK\x01\x02")
end = one.index(b"PK\x05\x06")
entry = one[at:end]
entries = b"".join(bytes(entry).replace(b"a.jpg", b"%05d" % n) for n in range(100))
tail = bytearray(one[end:])
struct.pack_into("<HHI", tail, 8, 100, 100, len(entries))
(here / "overlap.zip").write_bytes(one[:at] + entries + tail)
