"""Rules for the HTML page: nothing in it is loaded or run but its own style and script, whatever names say."""

import base64
import collections
import hashlib
import re

import lxml.html

from texts import holds, unsafe

# What the page consists of. A name must not add others.
ELEMENTS = set(
    "html head meta title style body header main section article footer form fieldset legend label input select option script noscript "
    "h1 h2 h3 p a b strong i q code pre bdi span time ul ol li dl dt dd div details summary button table thead tbody tr th td "
    "svg defs symbol g use path circle rect text tspan desc".split()
)
ONCE = ("style", "script", "h1", "main", "header", "footer", "title")
METAS = 6


class Page:
    """A page: what is wrong with it, what it consists of, and its text."""

    def __init__(self, text, report):
        root = lxml.html.document_fromstring(text)
        self.errors = unsafe(text)
        self.shape = collections.Counter()
        for element in root.iter():
            tag = element.tag if isinstance(element.tag, str) else "comment"
            self.shape[(tag, None)] += 1
            if tag not in ELEMENTS:
                self.errors.append(f"contains the element `{tag}`")
            for name, value in element.attrib.items():
                if name.startswith("on") or name in ("style", "src", "srcdoc", "action", "formaction", "background"):
                    self.errors.append(f"the element `{tag}` has the attribute {name}={value[:80]!r}")
                if name in ("href", "xlink:href") and not value.startswith("#"):
                    self.errors.append(f"refers to {value[:80]!r}")
        # The pictures have titles, too.
        counts = {tag: len(root.xpath(f"//{tag}[not(ancestor::svg)]")) for tag in ONCE}
        self.errors += [f"has {count} elements `{tag}`" for tag, count in counts.items() if count != 1]
        metas = len(root.xpath("//meta"))
        if metas != METAS:
            self.errors.append(f"has {metas} elements `meta`")
        self.errors += policy(root)
        for element in root.xpath("//style | //script"):
            element.drop_tree()
        self.prose = root.text_content()
        said = self.prose.replace("`", "")
        wanted = [f["message"] for f in report["findings"]] + [g["what"] for g in report["gaps"]] + [p["label"] for p in report["paths"]]
        self.errors += [f"does not say {one[:200]!r}" for one in wanted if not holds(said.lower(), one.replace("`", "").lower())]


def policy(root):
    """What is wrong with the Content-Security-Policy."""
    found = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    if len(found) != 1:
        return [f"has {len(found)} policies"]
    rules = dict(re.split(r"\s+", rule.strip(), maxsplit=1) for rule in found[0].split(";"))
    expected = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
    for kind in ("style", "script"):
        source = "".join(root.xpath(f"//{kind}/text()"))
        expected[f"{kind}-src"] = f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
    return [] if rules == expected else [f"has the policy {found[0]!r}"]
