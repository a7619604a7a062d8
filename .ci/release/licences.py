"""The licences of the packages that are part of the program: their authors ask for them to be passed on."""

import json
import os
import re
import subprocess

from layout import ROOT

FILE = re.compile(r"(un)?licen[cs]e|copying|notice|copyright", re.IGNORECASE)

# The C library that is linked statically. Source: <https://git.musl-libc.org/cgit/musl/tree/COPYRIGHT>.
MUSL = "/usr/share/doc/musl/copyright"


def linked(metadata):
    """Returns the packages that the program links, without those that only build or test it."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    todo = [p["id"] for p in metadata["packages"] if p["name"] == "apim-doctor-cli"]
    found = set()
    while todo:
        package = todo.pop()
        if package not in found:
            found.add(package)
            deps = nodes[package]["deps"]
            todo += [dep["pkg"] for dep in deps if any(kind["kind"] is None for kind in dep["dep_kinds"])]
    return [p for p in metadata["packages"] if p["id"] in found and p["source"]]


def texts(package):
    folder = os.path.dirname(package["manifest_path"])
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if FILE.match(name) and os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                yield "\n".join(line.rstrip() for line in file.read().strip().splitlines())


def third_party(target):
    """Returns one text: each licence once, with the packages that it belongs to."""
    command = ["cargo", "metadata", "--format-version=1", "--locked", f"--filter-platform={target}"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    packages = sorted(linked(metadata), key=lambda p: (p["name"], p["version"]))
    of_text = {}
    words = {}
    for package in packages:
        # Some packages break the lines of the same text elsewhere.
        for text in {words.setdefault(" ".join(text.split()), text) for text in texts(package)}:
            of_text.setdefault(text, []).append(f"{package['name']} {package['version']}")
    if "musl" in target and os.path.exists(MUSL):
        with open(MUSL, encoding="utf-8") as file:
            of_text[file.read().strip()] = ["musl"]
    lines = ["apim-doctor contains these packages, and the Rust standard library (MIT OR Apache-2.0).", ""]
    lines += [f"{p['name']} {p['version']}: {p['license'] or p['license_file']}" for p in packages]
    for text, owners in sorted(of_text.items(), key=lambda item: (item[1], item[0])):
        lines += ["", "=" * 80, ", ".join(owners), "=" * 80, "", text]
    return "\n".join(lines) + "\n"
