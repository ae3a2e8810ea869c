import doctest
from pathlib import Path

import akin
from akin import _query


def test_the_guides_examples_are_what_is_printed(flags: akin.Collection) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "python.md"
    done = doctest.testfile(str(page), module_relative=False, globs={"c": flags}, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert done.attempted > 8 and not done.failed


def test_the_docstrings_examples_are_what_is_printed() -> None:
    done = doctest.testmod(_query)
    assert done.attempted and not done.failed
