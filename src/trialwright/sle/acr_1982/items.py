"""The items of 1982: those of 1997 but for the immunological criterion."""

from typing import Final

from trialwright.sle.acr_1997.items import ITEMS as ITEMS_OF_1997
from trialwright.sle.instrument import Item

_IN_PLACE_OF_ANTIPHOSPHOLIPID: Final = (
    Item(
        key="le_cells",
        label="LE cells",
        group="immunological",
        source="memory",
    ),
    Item(
        key="false_positive_syphilis",
        label="False-positive syphilis test",
        group="immunological",
        help="Known for 6 months or longer.",
        source="memory",
    ),
)

ITEMS: Final[tuple[Item, ...]] = tuple(
    item
    for of_1997 in ITEMS_OF_1997
    for item in (_IN_PLACE_OF_ANTIPHOSPHOLIPID if of_1997.key == "antiphospholipid" else (of_1997,))
)
