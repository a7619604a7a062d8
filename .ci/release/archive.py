"""Packs one program for a release: the program, completions, manual pages and licences, in one folder.

usage: archive.py PROGRAM TARGET FOLDER

Writes FOLDER/apim-doctor-TARGET.tar.gz (for Windows: .zip) and prints its path. PROGRAM has to run on this machine,
because it prints the completions and the manual. The same program and commit give the same bytes: names are sorted,
the files have no owner, and their time is the commit's (or SOURCE_DATE_EPOCH).
"""

import gzip
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile

sys.dont_write_bytecode = True
from layout import ROOT, archive_name  # noqa: E402
from licences import third_party  # noqa: E402

DOCUMENTS = ("README.md", "CHANGELOG.md", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT")
# Each name is what the shell expects in its folder of completions.
COMPLETIONS = {
    "bash": "apim-doctor.bash",
    "elvish": "apim-doctor.elv",
    "fish": "apim-doctor.fish",
    "powershell": "_apim-doctor.ps1",
    "zsh": "_apim-doctor",
}


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def manual(program):
    with tempfile.TemporaryDirectory() as folder:
        output(program, "man", "--all-to", folder)
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                yield f"man/man1/{name}", file.read()


def contents(program, target):
    """Returns the bytes of each file, and whether it can be executed."""
    with open(program, "rb") as file:
        files = {"apim-doctor.exe" if "windows" in target else "apim-doctor": (file.read(), True)}
    for name in DOCUMENTS:
        path = os.path.join(ROOT, name)
        if os.path.exists(path):
            with open(path, "rb") as file:
                files[name] = (file.read(), False)
    files["THIRD-PARTY-LICENSES.txt"] = (third_party(target).encode(), False)
    for shell, name in COMPLETIONS.items():
        files[f"completions/{name}"] = (output(program, "completions", shell), False)
    for name, page in manual(program):
        files[name] = (page, False)
    return files


def commit_time():
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return int(given or output("git", "-C", ROOT, "log", "-1", "--format=%ct"))


def folders(names):
    """Returns every folder above the names."""
    found = set()
    for name in names:
        while name := os.path.dirname(name):
            found.add(name)
    return found


def write_tar(path, files, moment):
    with open(path, "wb") as out, gzip.GzipFile("", "wb", 6, out, 0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for name in sorted({*files, *folders(files)}):
                entry = tarfile.TarInfo(name)
                entry.mtime = moment
                data, runs = files.get(name, (b"", True))
                entry.type = tarfile.REGTYPE if name in files else tarfile.DIRTYPE
                entry.mode = 0o755 if runs else 0o644
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))


def write_zip(path, files, moment):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, (data, runs) in sorted(files.items()):
            entry = zipfile.ZipInfo(name, time.gmtime(moment)[:6])
            entry.create_system = 3
            entry.external_attr = (0o100755 if runs else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    program, target, folder = sys.argv[1:]
    files = {f"apim-doctor-{target}/{name}": file for name, file in contents(program, target).items()}
    path = os.path.join(folder, archive_name(target))
    (write_zip if path.endswith(".zip") else write_tar)(path, files, commit_time())
    print(path)


main()
