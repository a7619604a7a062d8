"""Shows that each validator accepts a valid output and rejects a broken one."""

import base64
import copy
import hashlib
import json
import pathlib
import tempfile

import commands
import documents
import hostile
import page

APP = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Web/sites/app"
HOSTILE = "zq7]\n::error::x ##vso[task.debug]%0A;y,z:|`<b>"


def finding(code, severity, message):
    return {"code": code, "severity": severity, "message": message, "subject": APP}


REPORT = {
    "findings": [finding("firewall.closed", "error", f"the vault `{HOSTILE}` is closed"), finding("latent.expires", "warning", "expires soon")],
    "paths": [{"declaredAt": {"file": "infra/a,b.bicep"}}, {"declaredAt": {"file": "a.bicep"}}],
    "gaps": [{"what": "the zone was not read"}],
}


def sarif():
    place = {"physicalLocation": {"artifactLocation": {"uri": "main.bicep"}, "region": {"startLine": 3}}}
    step = {"location": {**place, "message": {"text": "the firewall refuses"}}}
    results = [
        {
            "ruleId": f["code"],
            "ruleIndex": index,
            "level": f["severity"],
            "message": {"text": f["message"].replace("[", "\\[")},
            "locations": [place],
            "partialFingerprints": {"apimDoctor/v1": str(index)},
            "codeFlows": [{"threadFlows": [{"locations": [copy.deepcopy(step)]}]}],
        }
        for index, f in enumerate(REPORT["findings"])
    ]
    driver = {"name": "apim-doctor", "rules": [{"id": f["code"]} for f in REPORT["findings"]]}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def broken_sarif():
    def change(what):
        log = sarif()
        what(log["runs"][0]["results"][0], log["runs"][0])
        return log

    yield "an unknown level", change(lambda r, _: r.update(level="fatal"))
    yield "an unknown member", change(lambda r, _: r.update(colour="red"))
    yield "a region without a start", change(lambda r, _: r["locations"][0]["physicalLocation"].update(region={}))
    yield "a URI with a blank", change(lambda r, _: r["locations"][0]["physicalLocation"]["artifactLocation"].update(uri="my file"))
    yield "a wrong ruleIndex", change(lambda r, _: r.update(ruleIndex=1))
    yield "an unknown rule", change(lambda r, _: r.update(ruleId="no.such"))
    yield "no fingerprint", change(lambda r, _: r.pop("partialFingerprints"))
    yield "one fingerprint twice", change(lambda r, _: r.update(partialFingerprints={"apimDoctor/v1": "1"}))
    yield "an empty location", change(lambda r, _: r.update(locations=[{}]))
    yield "a step without a message", change(lambda r, _: r["codeFlows"][0]["threadFlows"][0]["locations"][0]["location"].pop("message"))
    yield "a missing result", change(lambda r, run: run["results"].pop())
    yield "another message", change(lambda r, _: r.update(message={"text": "something"}))
    yield "a link in a message", change(lambda r, _: r["message"].update(text=r["message"]["text"] + " [x](javascript:x)"))


GOOD_JUNIT = """<testsuites name="apim-doctor" tests="2" failures="1" errors="0"><testsuite name="paths" tests="2" failures="1" errors="0" skipped="1">
<testcase classname="a" name="b" time="0"><failure message="m" type="firewall.closed">the vault `zq7]
::error::x ##vso[task.debug]%0A;y,z:|`&lt;b&gt;` is closed</failure></testcase><testcase classname="a" name="c"><skipped/></testcase></testsuite></testsuites>"""


def broken_junit():
    yield "not well formed", GOOD_JUNIT.replace("&lt;b", "<b")
    yield "a control character", GOOD_JUNIT.replace('name="c"', 'name="c&#27;"')
    yield "an unknown attribute", GOOD_JUNIT.replace('time="0"', 'line="3"')
    yield "a missing attribute", GOOD_JUNIT.replace('<testsuite name="paths" tests="2"', '<testsuite name="paths"')
    yield "a wrong number", GOOD_JUNIT.replace('failures="1" errors="0" skipped', 'failures="2" errors="0" skipped')
    yield "two cases of one name", GOOD_JUNIT.replace('name="c"', 'name="b"')
    yield "no failure", GOOD_JUNIT.replace("<failure", "<skipped").replace("</failure", "</skipped").replace('failures="1"', 'failures="0"').replace('skipped="1"', 'skipped="2"')
    yield "another message", GOOD_JUNIT.replace("is closed", "is open")
    yield "a reordering character", GOOD_JUNIT.replace('message="m"', 'message="\u202em"')


def escaped(text, mapping):
    for code, plain in reversed(mapping):
        text = text.replace(plain, code)
    return text


MESSAGES = [(f["severity"], f["message"], f["code"]) for f in REPORT["findings"]]
GITHUB = "".join(f"::{level} file=a%2Cb.bicep,line=3,title=x::{escaped(text, commands.GITHUB_DATA)}\n" for level, text, code in MESSAGES)
AZURE = "".join(
    f"##vso[task.logissue type={level};sourcepath=a.bicep;linenumber=3;code={code}]{escaped(text, commands.AZURE)}\n" for level, text, code in MESSAGES
)


def broken_github():
    yield "a raw line feed", GITHUB.replace("%0A::error::x", "\n::error::x")
    yield "an unescaped percent sign", GITHUB.replace("%250A", "%0A") + "::error::%0A"
    yield "a command that sets something", GITHUB + "::set-env name=x::y\n"
    yield "a command of the older form", GITHUB + "the name is ##[add-mask]x\n"
    yield "a command after blanks", GITHUB + "   ::notice::x\n"
    yield "a command after an invisible character", GITHUB + "\u200b::add-mask::x\n"
    yield "two colons in a property", GITHUB.replace("a%2Cb", "a::b")
    yield "an unknown file", GITHUB.replace("a%2Cb", "other")
    yield "an added property", GITHUB.replace("a%2Cb", "a,b=c")
    yield "a property twice", GITHUB.replace("line=3", "line=3,line=4")
    yield "a finding left out", GITHUB.split("\n", 1)[1]
    yield "a finding twice", GITHUB + GITHUB
    yield "another level", GITHUB.replace("::warning", "::notice")
    yield "a command of Azure DevOps", GITHUB + "x ##vso[task.debug]x\n"
    yield "an absolute path", GITHUB.replace("file=a", f"file={pathlib.Path.cwd()}/a")
    yield "a carriage return", GITHUB.replace("expires", "\rexpires")


def broken_azure():
    yield "a raw line feed", AZURE.replace("%0A::error::x", "\n::error::x")
    yield "percent signs as on GitHub", AZURE.replace("%AZP25", "%25")
    yield "a command that sets a variable", AZURE + "x ##vso[task.setvariable variable=x]y\n"
    yield "an added property", AZURE.replace("a.bicep", "a;b=c")
    yield "a bracket in a property", AZURE.replace("a.bicep", "a]b")
    yield "a type that does not exist", AZURE.replace("type=warning", "type=notice")
    yield "a finding left out", AZURE.split("\n", 1)[1]
    yield "a formatted line", AZURE + "##[section]x\n"
    yield "a summary elsewhere", AZURE + "##vso[task.uploadsummary]/etc/hostname\n"


GOOD_MARKDOWN = "# Report\n\n| path | verdict |\n|---|---|\n| `a\\|b` | fails |\n\n<details><summary>more</summary>\n\n- see <https://learn.microsoft.com>\n\n</details>\n\n"


def broken_markdown():
    yield "an image", GOOD_MARKDOWN + "![x](https://x.invalid/x.png)"
    yield "a script", GOOD_MARKDOWN + "<script>x</script>"
    yield "a comment", GOOD_MARKDOWN + "<!-- x -->"
    yield "a link that runs", GOOD_MARKDOWN + "[x](javascript:x)"
    yield "an attribute", GOOD_MARKDOWN.replace("<details>", "<details onclick=x>")
    yield "an escape character", GOOD_MARKDOWN + "\x1b[31m"


GOOD_MERMAID = 'flowchart LR\n  A["app #quot;x#quot;"] --> B["vault"]\n'


def broken_mermaid():
    yield "an open bracket", GOOD_MERMAID.replace('"vault"]', '"vault"')
    yield "a quote in a text", GOOD_MERMAID.replace("vault", 'va"ult')
    yield "a node that can be clicked", GOOD_MERMAID + '  click A "https://x.invalid"\n'
    yield "a callback", GOOD_MERMAID + "  click A call x()\n"


def html(body="", script="let a = 1;"):
    source = lambda text: f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
    rules = f"default-src 'none'; style-src {source('p {}')}; script-src {source('let a = 1;')}; base-uri 'none'; form-action 'none'"
    metas = f'<meta http-equiv="Content-Security-Policy" content="{rules}">' + '<meta name="x">' * 5
    said = " ".join([*(f["message"] for f in REPORT["findings"]), *(g["what"] for g in REPORT["gaps"])])
    said = said.replace("<", "&lt;").replace("::", "&#58;&#58;").replace("##", "&#35;&#35;")
    head = f"<!DOCTYPE html><html><head>{metas}<title>x</title><style>p {{}}</style></head>"
    return f"{head}<body><header><h1>x</h1></header><main><p>{said}</p>{body}</main><footer></footer><script>{script}</script></body></html>"


def broken_html():
    yield "an image", html("<img>")
    yield "another script", html("<script>x</script>")
    yield "another style", html("<style>x</style>")
    yield "a changed script", html(script="let a = 2;")
    yield "a handler", html('<p onclick="x">')
    yield "a style attribute", html('<p style="color: red">')
    yield "a link to another page", html('<a href="https://x.invalid">x</a>')
    yield "a frame", html('<iframe srcdoc="x"></iframe>')
    yield "another heading", html("<h1>x</h1>")
    yield "a character that turns the text", html("\u202e")
    yield "a finding that is missing", html().replace("expires soon", "")


def escapes_shown():
    """Hostile Markdown has another shape than its tame twin."""
    for part in ("a|b", "\n# x", "[x](https://x.invalid)", "<b>", " www.example.invalid", "`"):
        line = lambda name: documents.Markdown(f"| path |  |\n|---|---|\n| {name} `c` | d |\n")
        bad, good = line(f"zq7{part}"), line(hostile.tame(f"zq7{part}"))
        yield f"the twin of {part!r}", bad.shape != good.shape or bad.prose.count(f"zq7{part}") != 1


def main(junit, jobs_type):
    passed = failed = 0

    def expect(what, errors, wanted):
        nonlocal passed, failed
        if bool(errors) == wanted:
            passed += 1
        else:
            failed += 1
            print(f"wrong: {what}: {errors or 'no error'}")

    folder = pathlib.Path("/nowhere")
    checks = {
        "junit": (lambda text: documents.check_junit(text.encode(), junit, REPORT), GOOD_JUNIT, broken_junit),
        "github": (lambda text: commands.check_github(text, REPORT), GITHUB, broken_github),
        "azure-devops": (lambda text: commands.check_azure(text, REPORT, folder), AZURE, broken_azure),
        "html": (lambda text: page.Page(text, {**REPORT, "paths": []}).errors, html(), broken_html),
        "markdown": (lambda text: documents.Markdown(text).errors, GOOD_MARKDOWN, broken_markdown),
    }
    for kind, (check, good, broken) in checks.items():
        expect(f"{kind}: a valid one", check(good), False)
        for what, text in broken():
            expect(f"{kind}: {what}", check(text), True)
    for what, differs in escapes_shown():
        expect(f"markdown: {what}", differs, True)
    jobs, logs = jobs_type(), [("a valid one", sarif()), *broken_sarif()]
    diagrams = [("a valid one", GOOD_MERMAID), *broken_mermaid()]
    for what, log in logs:
        jobs.add(None, "sarif", what, text=json.dumps(log))
    for what, text in diagrams:
        jobs.add(None, "mermaid", what, text=text)
    objects = [("a valid one", '{"a": 1}'), ("a wrong type", '{"a": "1"}'), ("not JSON", '{"a": 1'), ("a missing member", "{}")]
    for what, text in objects:
        jobs.add(None, "ndjson", what, text=text)
    with tempfile.TemporaryDirectory() as schemas:
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"a": {"type": "integer", "format": "uint"}}, "required": ["a"]}
        (pathlib.Path(schemas) / "ndjson.json").write_text(json.dumps(schema))
        answers = [answer["errors"] for answer in jobs.answers(schemas)]
    for at, (_, kind, what, _) in enumerate(jobs.owners):
        more = documents.check_sarif(logs[at][1], REPORT) if kind == "sarif" else []
        expect(f"{kind}: {what}", answers[at] + more, what != "a valid one")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
