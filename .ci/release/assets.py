"""Writes the files of a release that are not archives: SHA256SUMS, the installers and the Homebrew formula.

usage: assets.py FOLDER

FOLDER holds the archives of all targets. The installers and the formula contain the checksums of this release.
"""

import hashlib
import os
import sys

sys.dont_write_bytecode = True
from layout import TARGETS, archive_name, workspace  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
TEMPLATES = ("install.sh", "install.ps1", "apim-doctor.rb")


def checksum(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    package = workspace()
    values = {"@VERSION@": package["version"], "@REPOSITORY@": package["repository"].removesuffix("/")}
    for target in TARGETS:
        values[f"@SHA256:{target}@"] = checksum(os.path.join(folder, archive_name(target)))
    for name in TEMPLATES:
        with open(os.path.join(HERE, name), encoding="utf-8", newline="") as file:
            text = file.read()
        for placeholder, value in values.items():
            text = text.replace(placeholder, value)
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
            file.write(text)
    sums = os.path.join(folder, "SHA256SUMS")
    names = sorted(name for name in os.listdir(folder) if name != "SHA256SUMS")
    with open(sums, "w", encoding="utf-8", newline="") as file:
        file.writelines(f"{checksum(os.path.join(folder, name))}  {name}\n" for name in names)


main()
