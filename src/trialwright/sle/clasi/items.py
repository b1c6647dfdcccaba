"""The items of CLASI: 13 areas of the skin, and mucous membranes and hair."""

from typing import Final

from trialwright.sle.instrument import Item

AREAS: Final = {
    "scalp": "Scalp",
    "ears": "Ears",
    "nose": "Nose and malar area",
    "face": "Rest of the face",
    "v_neck": "V-area of the neck",
    "posterior_neck_shoulders": "Posterior neck and shoulders",
    "chest": "Chest",
    "abdomen": "Abdomen",
    "back_buttocks": "Back and buttocks",
    "arms": "Arms",
    "hands": "Hands",
    "legs": "Legs",
    "feet": "Feet",
}


def _item(
    key: str, label: str, high: int, text: str, *, group: str = "activity", source: str = "S67"
) -> Item:
    return Item(
        key=key,
        label=label,
        kind="yes/no" if high == 1 else "grade",
        group=group,
        high=high,
        required=group == "activity",
        help=text,
        source=source,
        verified=source == "S67",
    )


ACTIVITY: Final = (
    *(
        item
        for area, name in AREAS.items()
        for item in (
            _item(
                f"{area}_erythema",
                f"{name}: erythema",
                3,
                "0 none, 1 pink or faint, 2 red, 3 dark red, purple or crusted; worst lesion.",
            ),
            _item(f"{area}_scale", f"{name}: scale or hypertrophy", 2, "Worst lesion."),
        )
    ),
    _item("mucous_membrane", "Mucous membrane lesion", 1, "", source="memory"),
    _item("recent_hair_loss", "Recent hair loss", 1, "", source="memory"),
    _item("alopecia", "Non-scarring alopecia", 3, "", source="memory"),
)

PERSISTS: Final = "dyspigmentation_persists"
SCALP_SCARRING: Final = "scalp_scarring_quadrants"
DYSPIGMENTATION: Final = tuple(
    _item(
        f"{area}_dyspigmentation",
        f"{name}: dyspigmentation",
        1,
        "",
        group="damage",
        source="memory",
    )
    for area, name in AREAS.items()
)
SCARRING: Final = tuple(
    _item(
        f"{area}_scarring",
        f"{name}: scarring, atrophy or panniculitis",
        2,
        "",
        group="damage",
        source="memory",
    )
    for area, name in AREAS.items()
    if area != "scalp"
)
DAMAGE: Final = (
    *DYSPIGMENTATION,
    _item(
        PERSISTS,
        "Dyspigmentation usually lasts 12 months or longer",
        1,
        "",
        group="damage",
    ),
    *SCARRING,
    _item(
        SCALP_SCARRING,
        "Quadrants of the scalp with scarring",
        4,
        "0 to 4; they score 0, 3, 4, 5 and 6.",
        group="damage",
        source="memory",
    ),
)

ITEMS: Final = (*ACTIVITY, *DAMAGE)
