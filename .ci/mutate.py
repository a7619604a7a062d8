"""Breaks the recorded estates on purpose. Fails if a path that was broken still passes.

usage: mutate.py BINARY FOLDER_OF_ESTATES

Some mutations take away what a *secret* needs and leave what a *key* needs. A path that uses a key still works then.
"""

import pathlib
import re
import subprocess
import sys

# Mutations that leave `get`, `wrapKey` and `unwrapKey` of a key as they were.
LEAVE_KEYS = {
    "deny/exact-action-lower-case": "the deny assignment names getSecret only",
    "rbac/crypto-user-only": "Key Vault Crypto User may use keys",
    "rbac/custom-not-data-actions-exact": "notDataActions names getSecret only",
    "rbac/custom-not-data-actions-lower-case": "notDataActions names getSecret only",
    "rbac/custom-not-data-actions-wild": "notDataActions names getSecret only",
    "rbac/custom-two-objects-each-half": "the second object grants vaults/keys/*",
    "rbac/scope-of-keys-of-the-same-name": "the scope is the key",
}
# The path that uses a key.
USES_KEY = re.compile(r"azure-backup/\S+/encryption$")
LINE = re.compile(r"  (?P<estate>\S+) (?P<path>.+) \[(?P<mutation>\S+)\]")


def main():
    binary, folder = sys.argv[1:]
    script = pathlib.Path(folder).parent / "mutate.py"
    command = [sys.executable, script, binary, folder, "--runs", "0", "--quiet"]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    print(ran.stdout, end="")
    print(ran.stderr, end="", file=sys.stderr)
    if ran.returncode not in (0, 1) or not ran.stdout.startswith("wrong passes: "):
        return 1
    # A crash and whatever else the script complains about is not excused.
    listed = [line for line in ran.stdout.splitlines()[1:] if line.strip()]
    wrong = [line for line in listed if not is_excused(line)]
    for line in wrong:
        print(f"wrong: {line.strip()}", file=sys.stderr)
    print(f"{len(listed) - len(wrong)} of them leave what the path needs, {len(wrong)} are wrong")
    return 1 if wrong else 0


def is_excused(line):
    """Whether a mutation left what the path needs."""
    found = LINE.match(line)
    return bool(found and USES_KEY.search(found["path"]) and found["mutation"] in LEAVE_KEYS)


sys.exit(main())
