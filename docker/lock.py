"""Write requirements.txt: every dependency of the image, at one version, with the hashes of its wheels.

    python docker/lock.py

pip resolves for the Python of the image, not for the one that runs this script. With hashes, an installation fails if
a package of the same version has another content.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PYTHON = "3.12"
MACHINES = ("x86_64", "aarch64")
EXTRAS = ("mssql", "fast", "fleet", "notify")
PLATFORMS = ("manylinux2014", "manylinux_2_17", "manylinux_2_27", "manylinux_2_28")
HEADER = """\
# Dependencies of the image with their hashes, for Python {python} on {machines}.
# Written by docker/lock.py; do not edit.
"""


def main() -> None:
    """Resolve for each machine and write the merged list."""
    hashes: dict[str, set[str]] = defaultdict(set)
    for machine in MACHINES:
        for package in resolve(machine):
            hash_name, _, digest = package["download_info"]["archive_info"]["hash"].partition("=")
            metadata = package["metadata"]
            hashes[f"{metadata['name'].lower().replace('_', '-')}=={metadata['version']}"].add(f"{hash_name}:{digest}")
    lines = [
        " \\\n    ".join([pin, *(f"--hash={digest}" for digest in sorted(digests))])
        for pin, digests in sorted(hashes.items())
    ]
    text = HEADER.format(python=PYTHON, machines=" and ".join(MACHINES)) + "\n".join(lines) + "\n"
    (FOLDER / "requirements.txt").write_text(text, encoding="utf-8", newline="\n")


def resolve(machine: str) -> list[dict[str, Any]]:
    """Return pip's report about the packages that it would install on a machine."""
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [name for extra in EXTRAS for name in project["optional-dependencies"][extra]]
    platforms = [f"--platform={platform}_{machine}" for platform in PLATFORMS]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"),
            *("--report", str(report), "--target", folder, "--only-binary=:all:"),
            *("--python-version", PYTHON, "--implementation=cp", "--abi=cp312", "--abi=abi3", "--abi=none"),
            *platforms,
            *project["dependencies"],
            *extras,
        ]
        subprocess.run(command, check=True)
        return json.loads(report.read_text(encoding="utf-8"))["install"]


if __name__ == "__main__":
    main()
