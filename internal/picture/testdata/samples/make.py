#!/usr/bin/env python3
"""Makes DNG files that have a camera's samples and no preview, and what LibRaw's dcraw_emu makes of them (libraw-bin)."""

import random
import struct
import subprocess
from pathlib import Path

here = Path(__file__).resolve().parent
W, H = 96, 64


def scene(x: int, y: int) -> tuple[int, int, int]:
    if (x - 30) ** 2 + (y - 30) ** 2 < 300:
        return 3000, 600, 500
    if 60 < x < 85 and 10 < y < 50:
        return 400, 2400, 900
    return 800 + 20 * x, 1500, 700 + 30 * y


def dng(orientation: int) -> bytes:
    rng = random.Random(7)
    samples = b"".join(
        struct.pack("<H", min(4095, max(0, scene(x, y)[(y & 1) + (x & 1)] + rng.randint(-20, 20)))) for y in range(H) for x in range(W)
    )
    rational = lambda *v: b"".join(struct.pack("<ii", round(n * 10000), 10000) for n in v)
    short, long = lambda *v: struct.pack(f"<{len(v)}H", *v), lambda *v: struct.pack(f"<{len(v)}I", *v)
    tags = [
        (254, 4, long(0)), (256, 4, long(W)), (257, 4, long(H)), (258, 3, short(16)), (259, 3, short(1)), (262, 3, short(32803)),
        (271, 2, b"Example\0"), (272, 2, b"Sensor 1\0"), (273, 4, None), (274, 3, short(orientation)), (277, 3, short(1)), (278, 4, long(H)),
        (279, 4, long(len(samples))), (33421, 3, short(2, 2)), (33422, 1, bytes([0, 1, 1, 2])), (50706, 1, bytes([1, 4, 0, 0])),
        (50708, 2, b"Example Sensor 1\0"), (50714, 3, short(0)), (50717, 4, long(4095)),
        (50721, 10, rational(0.9, -0.2, -0.1, -0.4, 1.2, 0.2, -0.1, 0.2, 0.6)), (50728, 5, rational(0.6, 1, 0.7)), (50778, 3, short(21)),
    ]  # fmt: skip
    size = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 10: 8}
    at = 8 + 2 + 12 * len(tags) + 4
    directory, behind = struct.pack("<H", len(tags)), b""
    for tag, kind, value in tags:
        if value is None:
            value = long(0)  # the strip, set below
        count = len(value) // size[kind]
        if len(value) <= 4:
            field = value.ljust(4, b"\0")
        else:
            field = long(at + len(behind))
            behind += value + b"\0" * (len(value) % 2)
        directory += struct.pack("<HHI", tag, kind, count) + field
    strip = at + len(behind)
    directory = directory.replace(struct.pack("<HHI", 273, 4, 1) + long(0), struct.pack("<HHI", 273, 4, 1) + long(strip))
    return b"II*\0" + long(8) + directory + long(0) + behind + samples


for name, orientation in {"upright.dng": 1, "turned.dng": 6}.items():
    (here / name).write_bytes(dng(orientation))
    # -w: the camera's white balance; -q 0: bilinear.
    subprocess.run(["dcraw_emu", "-w", "-q", "0", here / name], check=True)
    (here / (name + ".ppm")).rename(here / (Path(name).stem + ".ppm"))
