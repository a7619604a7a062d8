"""What a release consists of: its targets, its file names, and where the repository is."""

import os
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

TARGETS = (
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-linux-musl",
)


def archive_name(target):
    return f"apim-doctor-{target}." + ("zip" if "windows" in target else "tar.gz")


def workspace():
    """Returns `workspace.package` of Cargo.toml, which names the version and the repository."""
    with open(os.path.join(ROOT, "Cargo.toml"), "rb") as file:
        return tomllib.load(file)["workspace"]["package"]


if __name__ == "__main__":
    print(workspace()["version"])
