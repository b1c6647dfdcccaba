"""A page read back as a browser would: sections, tables by caption, figures, and all its words."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input"}
SVG = "{http://www.w3.org/2000/svg}"


@dataclass
class Element:
    """An element with its attributes, its children and the text between them, in order."""

    tag: str
    attributes: dict[str, str | None]
    content: list["Element | str"] = field(default_factory=list)

    def all(self, *tags: str) -> list["Element"]:
        """The elements of these names below this one."""
        found = []
        for each in self.content:
            if isinstance(each, Element):
                found += [each] if each.tag in tags else []
                found += each.all(*tags)
        return found

    @property
    def text(self) -> str:
        """All words below this element but those of a style sheet, with single spaces."""
        parts = [
            each if isinstance(each, str) else each.text
            for each in self.content
            if isinstance(each, str) or each.tag != "style"
        ]
        return " ".join(" ".join(parts).split())

    @property
    def cells(self) -> list[list[str]]:
        """The rows of a table, the header first."""
        return [[cell.text for cell in row.all("th", "td")] for row in self.all("tr")]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("document", {})]
        self.ids: dict[str, Element] = {}

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(self.open[-1].content[-1])

    def handle_startendtag(self, tag, attrs):
        element = Element(tag, dict(attrs))
        self.open[-1].content.append(element)
        if name := element.attributes.get("id"):
            assert name not in self.ids, name
            self.ids[name] = element

    def handle_endtag(self, tag):
        closed = self.open.pop()
        assert closed.tag == tag, f"</{tag}> closes <{closed.tag}>"

    def handle_data(self, data):
        self.open[-1].content.append(data)


class Page:
    """A report, read."""

    def __init__(self, html: str) -> None:
        self.html = html
        reader = _Reader()
        reader.feed(html)
        reader.close()
        (self.document,) = reader.open
        self.ids = reader.ids

    def section(self, name: str) -> Element:
        return self.ids[name]

    def table(self, section: str, caption: str, number: int = 0) -> list[list[str]]:
        """The rows of the table of a section whose caption starts so, its header first."""
        found = [
            each
            for each in self.section(section).all("table")
            if each.all("caption")[0].text.startswith(caption)
        ]
        return found[number].cells

    def rows(self, section: str, caption: str, number: int = 0) -> dict[str, list[str]]:
        """The same by the first cell, without the header and the headings of groups."""
        return {row[0]: row[1:] for row in self.table(section, caption, number)[1:] if len(row) > 1}

    def behind(self, figure: str) -> list[list[str]]:
        """The rows of the numbers behind a figure."""
        (table,) = self.ids[figure].all("table")
        return table.cells

    def description(self, figure: str) -> str:
        return self.ids[f"{figure}-description"].text


def drawn(svg: str) -> list[str]:
    """The words of a picture."""
    return ["".join(each.itertext()) for each in ET.fromstring(svg).iter(f"{SVG}text")]


def numbers(text: str) -> list[float]:
    """The numbers in a text, with the true minus."""
    return [float(each.replace("−", "-")) for each in re.findall(r"−?\d+(?:\.\d+)?", text)]


def agrees(text: str, *values: float | None) -> bool:
    """Whether a text writes these numbers, each rounded to the decimals that it shows."""
    shown = re.findall(r"−?\d+(?:\.\d+)?", text)
    half = [0.5 * 10 ** -len(each.partition(".")[2]) for each in shown]
    known = [each for each in values if each is not None]
    return len(shown) == len(known) and all(
        abs(float(each.replace("−", "-")) - value) <= unit * (1 + 1e-9)
        for each, unit, value in zip(shown, half, known, strict=True)
    )
