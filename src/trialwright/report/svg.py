"""SVG that can stand in a page beside other SVG: named, sized by its place, with ids of its own."""

import re
from dataclasses import dataclass
from html import escape

FONT = "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the report.

    Attributes:
        id: unique in the page.
        title: what it shows, in a few words.
        description: what a reader who does not see it needs to know.
        svg: the picture.
        headers, rows: the numbers behind it, for the table beside it.
        width: of the picture, so that a narrow screen scrolls rather than shrinks the letters.
    """

    id: str
    title: str
    description: str
    svg: str
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    width: int = 480


def embedded(svg: str, figure_id: str, title: str, description: str) -> str:
    """An SVG document made fit for a page.

    It fills its place and keeps its shape, is one image to a screen reader, and its ids start with
    the figure's, in the order in which they appear: renderers count them per process.
    """
    svg = re.sub(r"<\?xml[^>]*>|<!DOCTYPE[^>]*>", "", svg)
    svg = re.sub(r'\s(?:role|aria-[a-z]+)="[^"]*"', "", svg)
    for number, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg))):
        own = f"{figure_id}-part-{number}"
        svg = re.sub(rf'\bid="{re.escape(name)}"', f'id="{own}"', svg)
        svg = re.sub(rf"url\(#{re.escape(name)}\)", f"url(#{own})", svg)
        svg = re.sub(rf'href="#{re.escape(name)}"', f'href="#{own}"', svg)
    opening = re.match(r"\s*<svg\b[^>]*>", svg)
    if opening is None:
        raise ValueError("this is no SVG")
    box = re.search(r'viewBox="([^"]+)"', opening.group())
    if box is None:
        raise ValueError("the SVG has no viewBox")
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box.group(1)}" role="img"'
        f' aria-labelledby="{figure_id}-title {figure_id}-description">'
        f'<title id="{figure_id}-title">{escape(title)}</title>'
        f'<desc id="{figure_id}-description">{escape(description)}</desc>'
    )
    return head + svg[opening.end() :].strip()
