"""Calls the tools of `apim-doctor mcp` with the protocol's own inspector, in both of the protocol's forms.

usage: mcp.py PROGRAM INSPECTOR

INSPECTOR is the folder in which `@modelcontextprotocol/inspector` is installed.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parent.parent
RECORDING = str(ROOT / "fixtures/worlds/user-assigned-identity.json")
TEXT = "Client address is not authorized and caller is not a trusted service."
TOOLS = ["diagnose", "explain", "can", "check", "what-if"]


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    inspector = folder / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
    failed = []

    def inspect(era, *arguments):
        with tempfile.TemporaryDirectory() as home:
            command = ["node", inspector, "--cli", program, "mcp", "--protocol-era", era, "--format", "json", *arguments]
            done = subprocess.run(command, env={**os.environ, "HOME": home}, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout, done.stderr

    def expect(what, is_true, seen):
        print(f"{'ok' if is_true else 'FAILED'}: {what}", flush=True)
        if not is_true:
            failed.append(what)
            print(seen, file=sys.stderr)

    for era in ["legacy", "modern"]:
        call = lambda tool, **given: inspect(
            era, "--method", "tools/call", "--tool-name", tool, "--tool-args-json", json.dumps(given)
        )
        status, out, err = inspect(era, "--method", "tools/list", "--strict")
        names = [tool["name"] for tool in json.loads(out)["result"]["tools"]] if status == 0 else []
        expect(f"{era}: the tools, with schemas that every client can read", names == TOOLS, out + err)
        for tool, given, arguments in [
            ("explain", {"error": TEXT}, ["explain", "--error", TEXT]),
            ("diagnose", {"files": [RECORDING]}, ["diagnose", RECORDING]),
        ]:
            status, out, err = call(tool, **given)
            printed = subprocess.run([program, *arguments, "-o", "json"], capture_output=True, text=True, check=False).stdout
            result = json.loads(out)["result"] if status == 0 else {}
            same = result.get("structuredContent") == json.loads(printed) and result["content"][0]["text"] == printed.rstrip()
            expect(f"{era}: `{tool}` returns what its command prints", same, out + err)
        status, out, err = call("diagnose", fix=True)
        says = "`fix`: unknown field" in out + err
        expect(f"{era}: a field that does not exist is an error", status != 0 and says, f"{status}\n{out}{err}")
    return 1 if failed else 0


sys.exit(main())
