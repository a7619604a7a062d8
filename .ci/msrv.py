"""Checks that every dependency in Cargo.lock compiles with the Rust version that Cargo.toml promises.

usage: msrv.py
"""

import json
import subprocess
import sys


def numbers(version):
    return tuple(int(part) for part in (version.split(".") + ["0", "0"])[:3])


def main():
    command = ["cargo", "metadata", "--locked", "--format-version=1", "--all-features"]
    metadata = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    own = {p["rust_version"] for p in metadata["packages"] if p["id"] in metadata["workspace_members"]}
    if len(own) != 1 or None in own:
        print(f"msrv: the packages of the workspace do not have one `rust-version`: {own}", file=sys.stderr)
        return 1
    promised = own.pop()
    newer = [p for p in metadata["packages"] if p["rust_version"] and numbers(p["rust_version"]) > numbers(promised)]
    for package in newer:
        print(f"msrv: {package['name']} {package['version']} needs Rust {package['rust_version']}", file=sys.stderr)
    print(f"{len(metadata['packages'])} packages, {len(newer)} of them need more than Rust {promised}")
    return 1 if newer else 0


sys.exit(main())
