"""A study file knows the line of each of its values."""

import pytest

from trialwright.protocol.source import plain, read_source

TEXT = """\
name: small
base: &base
  size: 1
list:
  - first
  - {id: second,
     size: 2}
merged:
  <<: *base
  extra: 3
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(TEXT)
    return read_source(path)


@pytest.mark.parametrize(
    ("location", "line"),
    [
        ((), 1),
        (("base",), 2),
        (("base", "size"), 3),
        (("list", 0), 5),
        (("list", 1, "id"), 6),
        (("list", 1, "size"), 7),
        (("merged", "extra"), 10),
        (("list", 7), 4),  # there is no eighth member: the list itself
        (("list", 1, "a tag of the model", "size"), 7),
        (("nowhere", "size"), 1),
    ],
)
def test_a_value_has_the_line_of_its_innermost_part(source, location, line):
    assert source.line(location) == line


def test_a_value_that_a_merge_brought_has_the_line_of_the_merged_mapping(source):
    assert source.line(("merged", "size")) == 8


def test_where_tells_file_line_and_path(source):
    assert source.where(("base", "size")).endswith("study.yaml, line 3, base.size")
    assert source.where(()).endswith("study.yaml, line 1")


def test_values_come_without_their_lines(source):
    assert plain(source.document)["merged"] == {"size": 1, "extra": 3}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused(value):
    with pytest.raises(ValueError, match="not a number that a study can use"):
        plain({"alpha": [value]})
