#!/usr/bin/env python3
"""Makes these files with Pillow 13 and FFmpeg 5.1, and expected.json: what Pillow shows of each frame, and for how long.

Transparent pixels count as black: their colours are not seen. Where a PNG file says that what was there before a frame comes
back, Pillow puts back the frame before that: of those files FFmpeg's frames are expected.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageSequence

here = Path(__file__).resolve().parent
W, H = 40, 30


def frames(transparent: bool) -> list[Image.Image]:
    out = []
    for i in range(6):
        im = Image.new("RGBA", (W, H), (0, 0, 0, 0) if transparent else (30, 60, 90, 255))
        d = ImageDraw.Draw(im)
        d.rectangle([3 + 4 * i, 5, 12 + 4 * i, 14], fill=(220, 40 * i, 40, 255))
        d.ellipse([20 - 2 * i, 12, 30 - 2 * i, 25], fill=(20, 200, 30 * i, 255))
        if i == 3:
            d.rectangle([0, 26, 39, 29], fill=(250, 250, 10, 255))
        out.append(im)
    return out


def save(name: str, ims: list[Image.Image], **options) -> None:
    ims[0].save(here / name, save_all=True, append_images=ims[1:], **options)


times = [100, 30, 0, 10, 250, 1000]
for disposal in (0, 1, 2, 3):
    save(f"transparent-{disposal}.gif", frames(True), disposal=disposal, duration=times, loop=0)
save("opaque.gif", [f.convert("P", palette=Image.Palette.ADAPTIVE, colors=64) for f in frames(False)], duration=times)
for dispose in (0, 1, 2):
    for blend in (0, 1):
        save(f"dispose-{dispose}-blend-{blend}.png", frames(True), disposal=dispose, blend=blend, duration=[50, 60, 70, 80, 90, 100])
save("default.png", frames(False), default_image=True, duration=200)
save("palette.png", [f.convert("P", palette=Image.Palette.ADAPTIVE, colors=16) for f in frames(False)], duration=120)
save("lossless.webp", frames(True), lossless=True, duration=[100, 30, 20, 40, 250, 1000])
save("lossy.webp", frames(True), quality=70, duration=100)
save("opaque.webp", frames(False), lossless=True, duration=100, minimize_size=True)
film = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=48x36:rate=5:duration=1"]
subprocess.run([*film, here / "ffmpeg.gif"], check=True)
subprocess.run([*film, "-f", "apng", here / "ffmpeg.png"], check=True)
frames(False)[0].save(here / "still.gif")
frames(False)[0].save(here / "still.png")
frames(False)[0].save(here / "still.webp")


def by_ffmpeg(path: Path) -> list[Image.Image]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["ffmpeg", "-v", "quiet", "-f", "apng", "-i", path, "-vsync", "0", "-pix_fmt", "rgba", f"{folder}/%02d.png"], check=True)
        return [Image.open(p).copy() for p in sorted(Path(folder).iterdir())]


expected = {}
for path in sorted(p for p in here.iterdir() if p.suffix in (".gif", ".png", ".webp") and not p.name.startswith("still")):
    shown = []
    im = Image.open(path)
    others = by_ffmpeg(path) if path.name.startswith("dispose-2") else None
    for i, frame in enumerate(ImageSequence.Iterator(im)):
        if path.name == "default.png" and i == 0:  # the picture that viewers show which know no animations
            continue
        rgba = (others[i] if others else frame).convert("RGBA")
        seen = Image.new("RGBA", rgba.size, (0, 0, 0, 0))
        opaque = rgba.getchannel("A").point(lambda a: 255 if a else 0)
        seen.paste(rgba, mask=opaque)
        shown.append({"ms": round(frame.info.get("duration", 0)), "sha256": hashlib.sha256(seen.tobytes()).hexdigest()})
    expected[path.name] = shown
(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
print(len(expected), "files", file=sys.stderr)
