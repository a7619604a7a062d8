"""A preprocessor of mdbook: turns links to files outside `docs` into links to the repository.

mdbook passes `supports RENDERER`, or the book as JSON on standard input, and reads the book from standard output
(https://rust-lang.github.io/mdBook/for_developers/preprocessors.html, read 2026-12-01).
"""

import json
import posixpath
import re
import sys

LINK = re.compile(r"\]\(([^()\s#:]+)(#[^()\s]*)?\)")


def rewrite(text, folder, repository):
    def link(match):
        path = posixpath.normpath(posixpath.join("docs", folder, match[1]))
        outside = not path.startswith("docs/") and not match[1].startswith("/")
        return f"]({repository}/blob/main/{path}{match[2] or ''})" if outside else match[0]

    return LINK.sub(link, text)


def walk(items, repository):
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            folder = posixpath.dirname(chapter["path"] or "")
            chapter["content"] = rewrite(chapter["content"], folder, repository)
            walk(chapter["sub_items"], repository)


def main():
    if sys.argv[1:2] == ["supports"]:
        return 0
    context, book = json.load(sys.stdin)
    walk(book["items"], context["config"]["output"]["html"]["git-repository-url"].rstrip("/"))
    json.dump(book, sys.stdout)
    return 0


sys.exit(main())
