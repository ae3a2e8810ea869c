"""Makes the archives in this folder, and beside each what Python's zipfile and tarfile read in it.

    python3 archives.py

A member is a line of the .json: name, size, seconds of its date, SHA-256.
"""
import hashlib
import io
import json
import pathlib
import shutil
import struct
import subprocess
import tarfile
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


def tar_info(name, data, **more):
    i = tarfile.TarInfo(name)
    i.size, i.mtime = len(data), 1620284890
    for k, v in more.items():
        setattr(i, k, v)
    return i, io.BytesIO(data)


def made_tar(name, fill, mode="w", **more):
    with tarfile.open(here / name, mode, **more) as t:
        fill(t)


def expect_tar(name, read=None):
    out = {}
    with tarfile.open(here / (read or name)) as t:
        for i in t:
            if i.isreg():
                data = t.extractfile(i).read()
                out[i.name] = [i.name, len(data), hashlib.sha256(data).hexdigest()]
    (here / f"{name}.json").write_text(json.dumps(sorted(out.values()), ensure_ascii=False, indent=0) + "\n")


LONG = "a folder with a long name/" * 8 + "picture.jpg"


def plain_tar(t):
    folder = tarfile.TarInfo("day 1")
    folder.type = tarfile.DIRTYPE
    t.addfile(folder)
    t.addfile(*tar_info("day 1/ünï.jpg", picture(4)))
    t.addfile(*tar_info("b.jpg", picture(2)))
    t.addfile(*tar_info(LONG, picture(3)))
    t.addfile(*tar_info("empty.jpg", b""))
    link = tarfile.TarInfo("link.jpg")
    link.type, link.linkname = tarfile.SYMTYPE, "b.jpg"
    t.addfile(link)
    t.addfile(*tar_info("last.jpg", picture(9)))


for form, number in ("pax", tarfile.PAX_FORMAT), ("gnu", tarfile.GNU_FORMAT):
    made_tar(f"{form}.tar", plain_tar, format=number)
expect_tar("pax.tar")
expect_tar("gnu.tar")
made_tar("packed.tar.bz2", plain_tar, "w:bz2")
expect_tar("packed.tar.bz2")
for name, command in ("packed.tgz", ["gzip", "-9n"]), ("packed.tar.zst", ["zstd", "-19", "-q"]), ("packed.tar.xz", ["xz"]):
    with open(here / "pax.tar", "rb") as source, open(here / name, "wb") as out:
        subprocess.run(command + ["-c"], stdin=source, stdout=out, check=True)
expect_tar("packed.tgz")
expect_tar("packed.tar.zst", "pax.tar")
shutil.copy(here / "packed.tgz", here / "misnamed.tar")
expect_tar("misnamed.tar")

pax = (here / "pax.tar").read_bytes()
(here / "cut.tar").write_bytes(pax[: pax.rindex(b"last.jpg") + 512 + 4000])
tgz = (here / "packed.tgz").read_bytes()
(here / "cut.tgz").write_bytes(tgz[:-1200])


def names_tar(t):
    for n, name in enumerate(["../out.jpg", "/absolute.jpg", "./dot.jpg", "twice.jpg", "twice.jpg", "a\\b.jpg"]):
        t.addfile(*tar_info(name, picture(n + 1)))


made_tar("names.tar", names_tar, format=tarfile.USTAR_FORMAT)
made_tar("latin.tar", lambda t: t.addfile(*tar_info("M\xfcnchen.jpg", picture(1))), format=tarfile.GNU_FORMAT, encoding="latin-1")

# A file with a hole, by GNU tar.
with open(here / "hole.jpg", "wb") as f:
    f.seek(1 << 20)
    f.write(picture(1))
(here / "plain.jpg").write_bytes(picture(2))
for form in "gnu", "posix":
    subprocess.run(["tar", "-C", here, "--sparse", f"--format={form}", "--mtime=@1620284890", "--owner=0", "--group=0", "-cf", here / f"sparse_{form}.tar", "hole.jpg", "plain.jpg"], check=True)
(here / "hole.jpg").unlink()
(here / "plain.jpg").unlink()


def shard(t):
    """Two samples with captions, one with a class, one with both kinds in JSON, and two that share a caption."""
    for key, more in {
        "000/a": {".txt": b"A red\n flag", ".cls": b"7"},
        "000/b": {".txt": b"A blue flag", ".json": b'{"label": "flag", "tags": ["blue", "cold"], "caption": "not the first"}'},
        "000/c": {".txt": b"The same", ".cls": b"sea"},
        "000/d": {".txt": b"The same"},
        "000/e": {".json": b"[1, 2", ".cls": b"\xff\xfe"},
    }.items():
        t.addfile(*tar_info(key + ".jpg", key.encode()))
        for ending, text in more.items():
            t.addfile(*tar_info(key + ending, text))
    t.addfile(*tar_info("README.txt", b"of no sample"))


made_tar("shard.tar", shard)
made_tar("shard.tar.bz2", shard, "w:bz2")
