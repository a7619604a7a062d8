"""Runs every command in the README's `sh` blocks, word for word. Stops at the first failure.

usage: readme.py README.md
"""

import re
import subprocess
import sys


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        blocks = re.findall(r"^```sh\n(.*?)^```", file.read(), re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if line.strip() and not line.startswith("#")]
    if not commands:
        print("the README contains no commands", file=sys.stderr)
        return 1
    for command in commands:
        print(f"$ {command}", flush=True)
        status = subprocess.run(command, shell=True, check=False).returncode
        if status:
            print(f"`{command}` exited with status {status}", file=sys.stderr)
            return 1
    return 0


sys.exit(main())
