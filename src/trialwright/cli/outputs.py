"""What `rehearse` and `analyze` both write: results.json and report.html."""

from importlib.metadata import version
from typing import Final

from trialwright.analysis import Results, canonical_json
from trialwright.protocol import LoadedStudy

FORMAT: Final = "trialwright-results/1"
PROGRAMS: Final = ("trialwright", "numpy", "scipy", "polars", "vl-convert-python")


def results_document(loaded: LoadedStudy, results: Results) -> str:
    """The results with the study that they belong to; the same data give the same bytes."""
    return canonical_json(
        {
            "format": FORMAT,
            "study": {
                "id": loaded.study.id,
                "version": loaded.study.version,
                "sha256": loaded.sha256,
                "reading": loaded.reading,
            },
            "results": results,
        }
    )


def versions() -> dict[str, str]:
    """Of the programs that compute and draw."""
    return {name: version(name) for name in PROGRAMS}
