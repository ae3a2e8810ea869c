import asyncio
import base64
import io
import re
from pathlib import Path

import numpy
import pytest
from conftest import FLAGS
from PIL import Image

import akin


def test_a_search_has_numpys_order_and_scores(flags: akin.Collection) -> None:
    e = flags.embeddings()
    scores = (e.vectors.astype(numpy.float64) @ e["Chad"].astype(numpy.float64)).astype(numpy.float32)
    order = [i for i in numpy.argsort(-scores, kind="stable") if e.names[i] != "Chad"][:20]
    found = flags.search("Chad", top=20)
    assert [h.name for h in found] == [e.names[i] for i in order]
    assert numpy.allclose([h.score for h in found], scores[order], atol=0, rtol=0)


def test_embeddings_are_the_file_itself(flags: akin.Collection, exported: Path) -> None:
    e = flags.embeddings()
    assert e.mapped and isinstance(e.vectors, numpy.memmap) and not e.vectors.flags.writeable
    assert numpy.array_equal(numpy.asarray(e), numpy.load(exported))
    assert len(e) == len(list(flags.pictures()))
    with pytest.raises(KeyError):
        e["Atlantis"]


def test_pictures_that_share_a_row_get_its_vector(program: str, tmp_path: Path) -> None:
    for name, of in (("a", "Chad"), ("b", "France"), ("c", "Chad")):  # a and c have the same bytes
        (tmp_path / f"{name}.png").write_bytes((FLAGS / f"{of}.png").read_bytes())
    with akin.open(tmp_path / "new.akin", program=program) as c:
        c.index(tmp_path, progress=False)
        e = c.embeddings()
    assert not e.mapped and e.names == ["a", "b", "c"]
    assert numpy.array_equal(e["a"], e["c"]) and not numpy.array_equal(e["a"], e["b"])


def test_pictures_are_asked_with_in_every_form(flags: akin.Collection) -> None:
    file = FLAGS / "Chad.png"
    image = Image.open(file).convert("RGBA").convert("RGB")
    forms = [file, str(file), file.read_bytes(), image, numpy.asarray(image)]
    for form in forms:
        found = flags.search(form, top=1, include_self=True)
        assert found[0].name == "Chad" and found[0].score > 0.999, type(form)
    by_name = flags.search("Chad", top=5)
    assert [h.name for h in flags.search(file, top=6) if h.name != "Chad"] == [h.name for h in by_name]


def test_queries_are_added_and_weighted(flags: akin.Collection) -> None:
    e = flags.embeddings()
    q = e["Chad"].astype(float) + 0.5 * e["Mali"] - 0.25 * e["Japan"]
    scores = e.vectors @ (q / numpy.linalg.norm(q))
    order = [e.names[i] for i in numpy.argsort(-scores) if e.names[i] not in ("Chad", "Mali", "Japan")][:5]
    query = akin.like("Chad") + 0.5 * akin.like("Mali") - 0.25 * akin.like("Japan")
    assert [h.name for h in flags.search(query, top=5)] == order


def test_a_region_is_searched_for_alone(flags: akin.Collection) -> None:
    image = Image.open(FLAGS / "Chad.png").convert("RGBA").convert("RGB")
    left = image.crop((0, 0, image.width // 2, image.height))
    cropped = akin.like(FLAGS / "Chad.png").cropped(0, 0, image.width // 2, image.height)
    want = flags.search(left, top=5, include_self=True)
    got = flags.search(cropped, top=5, include_self=True)
    assert [h.name for h in got] == [h.name for h in want]


def test_filters_apply_inside_the_search(flags: akin.Collection) -> None:
    assert all(h.name.startswith("G") for h in flags.search("Chad", top=5, names=["G*"]))
    assert [h.name for h in flags.search("Chad", only=["Mali"])] == ["Mali"]
    flags.add_tag("africa", "Mali", "Guinea")
    assert {h.name for h in flags.search("Chad", tags=["africa"])} == {"Mali", "Guinea"}
    assert [t.tag for t in flags.tags()] == ["africa"]
    flags.remove_tag("africa", "Mali", "Guinea")
    assert flags.tags() == []


def test_answers_become_frames(flags: akin.Collection) -> None:
    found = flags.search("Chad", top=3)
    pandas, polars, arrow = found.to_pandas(), found.to_polars(), found.to_arrow()
    assert list(pandas["name"]) == polars["name"].to_list() == arrow["name"].to_pylist() == [h.name for h in found]
    assert found[0].path == FLAGS / "Romania.png" and found[0].chance is not None
    compared = flags.compare("Chad", top=3)
    assert set(compared.to_pandas()["model"]) == {r.model for r in compared.rows}


def test_a_notebook_shows_pictures(flags: akin.Collection) -> None:
    shown = flags.search("Chad", top=3)._repr_html_()
    assert shown.count("<img") == 3 and "Romania" in shown
    data = re.search(r'src="data:image/\w+;base64,([^"]+)"', shown)
    assert data and Image.open(io.BytesIO(base64.b64decode(data[1]))).width <= 128
    assert flags.image("Chad").size == Image.open(FLAGS / "Chad.png").size


def test_jobs_report_progress_and_results(flags: akin.Collection) -> None:
    steps = []
    made = flags.map(fresh=True, progress=lambda p: steps.append((p.step, p.done, p.total)))
    assert len(made.pictures) == len(list(flags.pictures())) and steps
    assert list(made.to_pandas().columns) == ["name", "x", "y", "cluster", "source"]
    measured = flags.evaluate("flags", progress=False)
    assert isinstance(measured, akin.records.Evaluation)
    row = measured.table()[0]
    mrr = [sum(1 / r for r in p.ranks[row["model"]]) / 2 for p in measured.pairs]
    assert abs(row["mrr"] - sum(mrr) / len(mrr)) < 1e-9
    cut = Image.open(FLAGS / "Mexico.png").convert("RGB").crop((80, 20, 140, 100)).resize((240, 320))
    first = flags.search(cut, verify=20, top=1)[0]
    assert first.name == "Mexico" and first.match is not None and [round(v / 2) for v in first.match.box_b] == [40, 10, 30, 40]
    assert flags.search("Japan", verify=3)[0].match is None
    report = flags.index(parts=True, progress=False)
    assert report.parts is not None and report.parts.pictures >= 190 and not report.parts.failed
    found = flags.search(cut, parts=True)
    assert [h.name for h in found] == ["Mexico"] and found.parts is not None and found.parts.missing == 0
    assert found[0].score > 0.95 and flags.search("Japan", parts=True).hits == []
    report = flags.index(regions=True, progress=False)
    assert report.regions and report.regions[0].pictures >= 190 and report.regions[0].regions > 1000
    best = flags.search(cut, within="regions", top=1)[0]
    assert best.box is not None and best.score > flags.search(cut, top=1)[0].score
    proven = flags.match(FLAGS / "Mexico.png", "Mexico")
    assert proven.matches[0].expected_false < 0.01 and [round(v) for v in proven.matches[0].box_b[2:]] == list(Image.open(FLAGS / "Mexico.png").size)
    assert flags.match("Chad", "Romania").matches == []
    grouped = flags.evaluate(labels={"Chad": "tricolour", "Romania": "tricolour", "Japan": "disc", "Bangladesh": "disc"}, progress=False)
    assert isinstance(grouped, akin.records.GroupEvaluation) and grouped.groups == 2
    # Chad and Romania are nearly one flag, so who prefers Romania agrees with every model, and who prefers Japan with none.
    answered = flags.evaluate(triplets=[("Chad", "Japan", "Romania", 1), ("Romania", "Chad", "Japan", 1)], progress=False)
    assert isinstance(answered, akin.records.TripletEvaluation)
    assert {s.two_afc for s in answered.summary.values()} == {0.5} and answered.majority.two_afc == 1
    assert flags.duplicates(exact=True, progress=False).groups == []


def test_errors_are_akins_words(flags: akin.Collection, program: str, tmp_path: Path) -> None:
    with pytest.raises(akin.NotFoundError, match="did you mean France"):
        flags.search("Frnace")
    with pytest.raises(akin.InvalidError, match="not a picture|no picture|format"):
        flags.search(b"no picture at all")
    with pytest.raises(akin.Error, match="no-such-folder"):
        flags.index("/no-such-folder", progress=False)
    with pytest.raises(akin.ProgramError):
        akin.open(tmp_path / "x.akin", program=tmp_path / "nothing")
    (tmp_path / "file").write_text("no collection")
    with pytest.raises(akin.Error):
        akin.open(tmp_path / "file" / "x.akin", program=program)


def test_asyncio_answers_many_at_once(folder: Path, program: str) -> None:
    async def ask() -> list[str]:
        async with await akin.aio.open(folder, program=program) as c:
            names = ["Chad", "Mali", "France", "Japan"]
            results = await asyncio.gather(*(c.search(n, top=1) for n in names))
            assert len([p async for p in c.pictures(typed="cha")]) == 1
            return [r[0].name for r in results]

    assert asyncio.run(ask())[0] == "Romania"
