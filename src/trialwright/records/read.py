"""One way in: a file of any known format becomes a record, or one clear error."""

import hashlib
from pathlib import Path

from trialwright.errors import UnusableInputError
from trialwright.records.api_json import read_api_json
from trialwright.records.classic_page import looks_classic, read_classic_page
from trialwright.records.mirror_page import looks_mirrored, read_mirror_page
from trialwright.records.record import Record

_REMEDY = (
    "Give a study as JSON from version 2 of the ClinicalTrials.gov API, or a record page of "
    "ClinicalTrials.gov or of its mirror saved as text."
)


def read_record(path: Path) -> Record:
    """Return the record in a file; the format is detected.

    Raises:
        UnusableInputError: the file is missing, empty, binary, cut, damaged or no record.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnusableInputError(
            f"the file cannot be read: {error.strerror}", where=str(path)
        ) from error
    try:
        return read_content(content)
    except UnusableInputError as error:
        where = f"{path}, {error.where}" if error.where else str(path)
        raise UnusableInputError(error.what, where=where, remedy=error.remedy) from error


def read_content(content: bytes) -> Record:
    """Return the record in the bytes of a file.

    Raises:
        UnusableInputError: the bytes are empty, binary, cut, damaged or no record.
    """
    if not content.strip():
        raise UnusableInputError("the file is empty", remedy=_REMEDY)
    text = _decode(content)
    sha256 = hashlib.sha256(content).hexdigest()
    if text.lstrip().startswith(("{", "[")):
        return read_api_json(text, sha256)
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    if looks_classic(text):
        return read_classic_page(text, sha256)
    if looks_mirrored(text):
        return read_mirror_page(text, sha256)
    raise UnusableInputError("the file is no registry record", remedy=_REMEDY)


def _decode(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableInputError(
            f"the file is binary or damaged: byte {error.start} is not UTF-8 text", remedy=_REMEDY
        ) from error
    if "\0" in text:
        raise UnusableInputError("the file is binary, not text", remedy=_REMEDY)
    return text.replace("\r\n", "\n").replace("\r", "\n")
