"""Counts that several server processes keep together."""

import os
from pathlib import Path
from typing import Final

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client reads it once, when it is imported: so it is set before, and not here imported.

Processes that are forked have what their parent imported, and so it is set before that too.
"""


def share_counts(folder: Path) -> None:
    """Let the server processes that are started after this add up their counts; those of an earlier run go."""
    if FOLDER in os.environ:
        return  # Whoever runs the processes has chosen a folder, and looks after it.
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.db"):
        old.unlink()
    os.environ[FOLDER] = str(folder.absolute())
