"""Inputs whose names try to break out of an output format.

Each hostile name has a tame twin: the same text with `=` for each character that means something in a format. If the
program says the same about both, their outputs consist of the same parts.
"""

import collections
import json
import re

# Every name begins with this, so that both twins sort alike.
HEAD = "zq7"
NAMES = [
    "\n::error::x", "\r::add-mask::x", "\r\n  ::stop-commands::x", "%0A::error::x", "%250A%25", "%AZP25%5D%3B", "\u200b::error::x",
    " ##[add-mask]x", "\n##[error]x", "##vso[task.setvariable variable=x]y", "\n##vso[task.complete result=Failed;]y", "\u00ad##\u00advso[task.debug]x",
    ",line=1,title=x", ";type=warning;x=y", "::x", "]", "] x", "=a=b", "]]>", "]]><failure/>", "<script>x", "<img src=x onerror=x>", "<!-- x", "<details>",
    "&lt;b&gt;&#x3c;", "&", "\"'", "|a|b", "\n|a|b|\n|-|-|\n", "`", "``", "` x `", "```\n```mermaid\nflowchart LR\n", "\n\n# x", "\n- x\n> x\n1. x", "\n---\n",
    "[x](javascript:x)", "![x](x.png)", "[x]: x", " https:example.invalid www.example.invalid x@example.invalid", "**x** _x_ ~~x~~", "\\", "\\\\`", "{0} {{x}}",
    "\"]; click A \"javascript:x\"", "\"]\n  A --> B[\"x", "%%{init: {\"theme\": \"dark\"}}%%", "#quot;#35;", " end", "$$x$$", "A@{ shape: circle }",
    "\x1b[31m", "\x00", "\x07\x08\x7f\x9b", "\u202eabc", "\u2066x", "\u2028::error::x", "\ufeff\ud7ff\ufffe\uffff", "é" * 300 + "|`]", "x" * 3000 + "\n::error::x",
]  # fmt: skip
NAMES = [HEAD + name for name in NAMES]
# Folders may have such names too. Neither `/` nor NUL can be part of one.
FOLDERS = ["in,line=1,x", "in;code=x]y", "in%0A::error::x", "in\n::error::x", "in ##vso[task.debug]x", "in|`<b>", "in\"'& ]]>", "in\u202ex", "in[x](x) #x?x"]


def tame(name):
    """The twin of a hostile name. Characters that no program prints as they are stay: commands that name them differ."""
    kept = re.sub(r"[\x00-\x1f\x7f-\x9f]", "\x01", name)
    return "".join(c if c.isalnum() or c in " \x01" or ord(c) > 0xFF else "=" for c in kept)


def renamed(value, old, new):
    """A JSON document with a name replaced in every text, also inside the expressions of a template."""
    if isinstance(value, str):
        return value.replace(old, new.replace("'", "''") if value.startswith("[") else new)
    if isinstance(value, list):
        return [renamed(v, old, new) for v in value]
    if isinstance(value, dict):
        return {renamed(k, old, new): renamed(v, old, new) for k, v in value.items()}
    return value


def in_bicep(text, old, new):
    """A Bicep file with a name replaced. The name has to be part of a string."""
    escaped = new.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    escaped = "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in escaped)
    return text.replace(old, escaped)


def written(text, suffix, old, new):
    """The text of a file with a name replaced."""
    if suffix == ".bicep":
        return in_bicep(text, old, new)
    return json.dumps(renamed(json.loads(text), old, new), indent=1)


def names(report):
    """Names of the input that its report says: labels, resources and hosts."""
    found = collections.Counter()
    for path in report["paths"]:
        host = (path.get("target") or {}).get("host") or ""
        found.update([path["label"], path["resource"].rsplit("/", 1)[-1], host.split(".")[0]])
    found.update(finding["subject"].rsplit("/", 1)[-1] for finding in report["findings"])
    # A short name is part of other words of the file.
    return [name for name, _ in found.most_common() if len(name) > 5 and re.fullmatch(r"[\w.-]+", name)]


def substance(report):
    """What a report says, without names: twins that differ in it are not compared."""
    finding = lambda f: (f["code"], f["severity"], len(f["evidence"]), len(f["affects"]), len(f["confirm"]), fixes(f))
    fixes = lambda f: tuple((len(fix.get("az") or []), len(fix.get("powershell") or []), bool(fix.get("bicep"))) for fix in f["fixes"])
    path = lambda p: (p["verdict"], p["rootCause"], tuple((g["verdict"], len(g["steps"])) for g in p["gates"]))
    return (
        report["verdict"],
        sorted(map(repr, map(finding, report["findings"]))),
        sorted(map(repr, map(path, report["paths"]))),
        len(report["gaps"]),
    )
