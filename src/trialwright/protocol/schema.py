"""The published JSON Schema of study files, for editors and other programs."""

import json
import sys

from trialwright.protocol.study import Study


def study_schema() -> str:
    """The JSON Schema (2020-12) of a study file, as text."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Trialwright study",
        **Study.model_json_schema(),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(study_schema())
