"""Draws the table that the growth measurement writes.

    python bench/search/plot.py GROWTH.csv GROWTH.svg
"""

import csv
import re
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

PANELS = (("milliseconds", "milliseconds a query", 1), ("memory_bytes", "memory, MB", 1e-6), ("build_seconds", "building, seconds", 1))


def main(source, target):
    matplotlib.rcParams.update({"svg.hashsalt": "akin", "svg.fonttype": "none", "font.size": 9})
    with open(source, newline="") as f:
        rows = list(csv.DictReader(f))
    for row in rows:  # the number of lists grows with the rows
        row["engine"] = re.sub(r"IVF\d+", "IVF", row["engine"])
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    figure, panels = plt.subplots(1, 3, figsize=(15, 5))
    for panel, (column, title, scale) in zip(panels, PANELS):
        for number, engine in enumerate(engines):
            points = [(int(r["rows"]), float(r[column]) * scale) for r in rows if r["engine"] == engine and float(r[column]) > 0]
            ours = engine.startswith("akin")
            panel.plot(*zip(*points), marker="o", markersize=3, label=engine, color=f"C{number % 10}", linewidth=2.5 if ours else 1) if points else None
        panel.set(xscale="log", yscale="log", xlabel="vectors", title=title)
        panel.grid(alpha=0.3)
    sizes = sorted({int(r["rows"]): (float(r["read_milliseconds"]), float(r["operations_milliseconds"])) for r in rows}.items())
    numbers = [size for size, _ in sizes]
    panels[0].plot(numbers, [read for _, (read, _) in sizes], "k--", linewidth=1, label="limit: reading all float32 once")
    panels[0].plot(numbers, [operations for _, (_, operations) in sizes], "k:", linewidth=1, label="limit: all products in a batch")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="lower center", ncols=4, frameon=False)
    figure.suptitle(f"{rows[0]['dim']} values a vector, k = 10")
    figure.tight_layout(rect=(0, 0.14, 1, 1))
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
