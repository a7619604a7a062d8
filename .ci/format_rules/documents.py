"""Rules for SARIF, JUnit and Markdown that no schema states."""

import collections
import functools
import json
import re

import cmarkgfm
import lxml.etree
import lxml.html
from cmarkgfm.cmark import Options

from texts import holds, unsafe

LEVELS = {"error": "error", "warning": "warning", "info": "note"}
# Elements of a Markdown report. A name must not add others.
ELEMENTS = set(
    "h1 h2 h3 h4 h5 h6 p ul ol li pre code table thead tbody tr th td strong em a blockquote hr br details summary sub sup kbd".split()
)
# A link inside a plain SARIF message: `[text](target)`, unless the bracket is escaped.
SARIF_LINK = re.compile(r"(?<!\\)\[(?:[^\]\\]|\\.)*\]\([^)]*\)")


def strings(value, name):
    """Every text in a JSON value whose key is `name`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == name and isinstance(inner, str):
                yield inner
            yield from strings(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, name)


def has_place(location):
    file = location.get("physicalLocation", {}).get("artifactLocation", {})
    logical = location.get("logicalLocations", [])
    return bool(file.get("uri") or "index" in file) or any(l.get("fullyQualifiedName") or l.get("name") for l in logical)


def check_sarif(log, report):
    errors, results = [], []
    for run in log["runs"]:
        rules = run["tool"]["driver"].get("rules", [])
        ids = [rule["id"] for rule in rules]
        if len(ids) != len(set(ids)):
            errors.append("two rules have one id")
        prints = collections.Counter()
        for result in run.get("results", []):
            results.append(result)
            rule, index = result.get("ruleId"), result.get("ruleIndex", -1)
            if rule not in ids:
                errors.append(f"no rule `{rule}`")
            elif not 0 <= index < len(ids) or ids[index] != rule:
                errors.append(f"ruleIndex {index} does not name the rule `{rule}`")
            if not result.get("locations"):
                errors.append(f"a result of `{rule}` has no location")
            for location in result.get("locations", []) + result.get("relatedLocations", []):
                if not has_place(location):
                    errors.append(f"a location of `{rule}` names neither a file nor a resource")
            if not result.get("partialFingerprints"):
                errors.append(f"a result of `{rule}` has no partialFingerprints")
            prints.update(set(result.get("partialFingerprints", {}).items()))
            flows = [flow for code in result.get("codeFlows", []) for flow in code["threadFlows"]]
            for step in (step for flow in flows for step in flow["locations"]):
                location = step.get("location", {})
                if not location.get("message", {}).get("text") or not has_place(location):
                    errors.append(f"a step of a code flow of `{rule}` has no message or no place")
            if result.get("codeFlows") == []:
                errors.append(f"a result of `{rule}` has an empty list of code flows")
        errors += [f"two results share the fingerprint {pair}" for pair, times in prints.items() if times > 1]
    left = list(results)
    for finding in sorted(report["findings"], key=lambda f: -len(f["message"])):
        same = [r for r in left if agrees(r, finding)]
        if same:
            left.remove(same[0])
        else:
            errors.append(f"no result for the finding {finding['code']}: {finding['message'][:200]!r}")
    # What could not be examined may be a result of its own kind.
    errors += [f"a result for no finding: {r['message']}" for r in left if r.get("kind", "fail") not in ("open", "review", "informational")]
    for text in strings(log, "text"):
        for link in SARIF_LINK.findall(text):
            if not re.search(r"\]\((https://|\d+\))", link):
                errors.append(f"a message contains a link that the program did not write: {link[:160]!r}")
    return errors


def agrees(result, finding):
    same = result.get("ruleId") == finding["code"] and holds(result["message"].get("text", ""), finding["message"])
    return same and result.get("level", "warning") == LEVELS[finding["severity"]]


def check_junit(data, schema, report):
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = lxml.etree.fromstring(data, parser)
    except lxml.etree.XMLSyntaxError as error:
        return [f"is not XML: {error}"]
    errors = [f"line {e.line}: {e.message}" for e in schema.error_log] if not schema.validate(root) else []
    # XML of a report needs no reference to anything outside.
    if root.getroottree().docinfo.doctype:
        errors.append("has a document type")
    errors += unsafe(data.decode("utf-8", "replace"))
    for suite in root.iter("testsuites", "testsuite"):
        for name, element in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            counted = sum(1 for case in suite.iter("testcase") if element == "testcase" or case.find(element) is not None)
            if suite.get(name) is not None and suite.get(name) != str(counted):
                errors.append(f"{suite.tag} `{suite.get('name')}` says {name}={suite.get(name)}, and has {counted}")
    cases = collections.Counter((case.get("classname"), case.get("name")) for case in root.iter("testcase"))
    errors += [f"two test cases have one name: {name}" for name, times in cases.items() if times > 1]
    failed = any(case.find("failure") is not None or case.find("error") is not None for case in root.iter("testcase"))
    errors_found = [f for f in report["findings"] if f["severity"] == "error" and not f.get("suppressed")]
    if errors_found and not failed:
        errors.append("no test case fails although the report has an error")
    text = "\n".join([*root.itertext(), *(value for e in root.iter() for value in e.attrib.values())])
    errors += [f"does not say {f['message'][:200]!r}" for f in errors_found if not holds(text, f["message"])]
    return errors


def rendered(markdown):
    """The HTML of a Markdown text as GitHub's own parser makes it, before GitHub filters it."""
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG
    html = cmarkgfm.markdown_to_html_with_extensions(markdown, options, ["table", "autolink", "strikethrough", "tasklist"])
    return lxml.html.fragment_fromstring(html.replace("\x00", "\ufffd"), create_parent="main")


class Markdown:
    """A Markdown text: what it consists of, and its texts and diagrams."""

    def __init__(self, text):
        root = rendered(text)
        self.errors = unsafe(text)
        self.shape = collections.Counter()
        self.diagrams = []
        prose = []
        for element in root.iterdescendants():
            tag = element.tag if isinstance(element.tag, str) else "comment"
            target = element.get("href") if tag == "a" else None
            self.shape[(tag, target)] += 1
            if tag not in ELEMENTS:
                self.errors.append(f"contains the element `{tag}`: {lxml.html.tostring(element)[:160]!r}")
            if tag == "a" and not re.match(r"https://|#|[\w./-]+$", target or ""):
                self.errors.append(f"contains a link to {target!r}")
            extra = set(element.attrib) - {"href", "align", "lang", "open"}
            if extra:
                self.errors.append(f"the element `{tag}` has the attributes {sorted(extra)}")
            if tag == "pre" and (element.get("lang") or "").split()[:1] == ["mermaid"]:
                self.diagrams.append(element.text_content())
        for block in root.xpath("//pre"):
            block.drop_tree()
        self.prose = root.text_content()


@functools.lru_cache(maxsize=1024)
def markdown(text):
    """A Markdown text. Every SARIF log repeats those of the rules."""
    return Markdown(text)


def messages(log):
    """The Markdown in a SARIF log."""
    return [markdown(text) for text in strings(log, "markdown")]


def parsed(data):
    """The lines of an ndjson output."""
    return [json.loads(line) for line in data.decode("utf-8").split("\n") if line]
