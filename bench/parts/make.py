"""Makes pictures that show a part of others, and pairs of pictures.

    python make.py PICTURES DIR [QUERIES [OTHERS]]

PICTURES is a folder of photographs and drawings. DIR gets originals, queries, and pairs.tsv: kind, query, original for each
query, and the kind "none" with OTHERS originals that have nothing to do with it; and others.txt: the pictures that were not
used. All is drawn from one seed.
"""

import math
import pathlib
import random
import sys

from PIL import Image, ImageEnhance

SIDE = 1200


def load(path):
    image = Image.open(path).convert("RGB")
    image.thumbnail((SIDE, SIDE))
    return image


def crop(image, share):
    w, h = (int(side * math.sqrt(share)) for side in image.size)
    x, y = random.randrange(image.width - w + 1), random.randrange(image.height - h + 1)
    return image.crop((x, y, x + w, y + h))


def resized(image, by):
    return image.resize([max(8, round(side * by)) for side in image.size], Image.LANCZOS)


def turned(image):
    image = crop(image, 0.6).rotate(random.choice((-1, 1)) * random.uniform(5, 175), resample=Image.BICUBIC)
    w, h = image.size
    return image.crop((w // 6, h // 6, w - w // 6, h - h // 6))


def shifted(image):
    image = ImageEnhance.Brightness(crop(image, 0.3)).enhance(random.uniform(0.7, 1.4))
    return ImageEnhance.Color(image).enhance(random.uniform(0.2, 1.6))


def pasted(image, onto, angle):
    onto = onto.copy()
    small = resized(image, random.uniform(0.4, 0.8) * min(onto.size) / max(image.size))
    small = small.convert("RGBA").rotate(angle, expand=True, resample=Image.BICUBIC)
    onto.paste(small, (random.randrange(max(1, onto.width - small.width)), random.randrange(max(1, onto.height - small.height))), small)
    return onto


KINDS = {
    "crop of 5 %": lambda i, o: crop(i, 0.05),
    "crop of 10 %": lambda i, o: crop(i, 0.1),
    "crop of 25 %": lambda i, o: crop(i, 0.25),
    "crop of 50 %": lambda i, o: crop(i, 0.5),
    "crop, turned": lambda i, o: turned(i),
    "crop, at 0.3": lambda i, o: resized(crop(i, 0.4), 0.3),
    "crop, at 3": lambda i, o: resized(crop(i, 0.4), 3),
    "crop, JPEG 30": lambda i, o: crop(i, 0.25),
    "crop, other colours": lambda i, o: shifted(i),
    "in another picture": lambda i, o: pasted(i, o, 0),
    "in another, turned": lambda i, o: pasted(i, o, random.uniform(0, 360)),
    "crop in another": lambda i, o: pasted(crop(i, random.uniform(0.1, 0.5)), o, 0),
}


def main():
    pictures, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    queries = int(sys.argv[3]) if len(sys.argv) > 3 else 240
    others = int(sys.argv[4]) if len(sys.argv) > 4 else 30
    random.seed(26)
    files = sorted(p for p in pictures.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
    random.shuffle(files)
    originals = []
    (out / "originals").mkdir(parents=True, exist_ok=True)
    (out / "queries").mkdir(exist_ok=True)
    unused = []
    for at, path in enumerate(files):
        if len(originals) == 2 * queries // len(KINDS) + others:
            unused += files[at:]
            break
        image = load(path)
        if min(image.size) < 300:
            unused.append(path)
        else:
            originals.append((out / "originals" / f"{len(originals):04d}.png", image))
            image.save(originals[-1][0], compress_level=1)
    (out / "others.txt").write_text("".join(f"{path}\n" for path in unused))
    with open(out / "pairs.tsv", "w") as pairs:
        for i in range(queries):
            kind = list(KINDS)[i % len(KINDS)]
            which = (i // len(KINDS) + len(originals) // len(KINDS) * (i % len(KINDS))) % len(originals)
            path, image = originals[which]
            onto = originals[(which + len(originals) // 2) % len(originals)]
            query = out / "queries" / f"{i:04d}.jpg"
            KINDS[kind](image, onto[1]).convert("RGB").save(query, quality=30 if "JPEG" in kind else 85)
            print(kind, query, path, sep="\t", file=pairs)
            rest = [p for p, _ in originals if p not in (path, onto[0])]
            for other in random.sample(rest, others):
                print("none", query, other, sep="\t", file=pairs)


main()
