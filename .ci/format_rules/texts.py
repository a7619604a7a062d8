"""How two texts are compared when an output may show a name in a safe form."""

import functools
import re
import unicodedata

# Categories of characters that an output may drop or replace: control, format, surrogate, unassigned (XML
# cannot contain all of them) and separators.
UNSAFE = {"Cc", "Cf", "Cn", "Cs", "Zl", "Zp", "Zs"}
# Characters that reorder the text around them.
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# An output may cut a text that is longer.
LONG = 900


class Dropped(dict):
    """Characters that are dropped, for `str.translate`. Each character is looked up once."""

    def __init__(self, categories, more=""):
        super().__init__()
        self.categories, self.more = categories, more

    def __missing__(self, code):
        char = chr(code)
        self[code] = None if char in self.more or unicodedata.category(char) in self.categories else code
        return self[code]


LOOSE = Dropped(UNSAFE, "?\ufffd\\")
INVISIBLE = Dropped({"Cc", "Cf"})


@functools.lru_cache(4096)
def loose(text):
    """Drops what an output may drop or replace by `?`, a blank, U+FFFD or a backslash in front."""
    return text.translate(LOOSE)


def visible(line):
    """A line without characters that .NET ignores when it compares texts by culture, as both runners do."""
    return line.translate(INVISIBLE)


def holds(text, part):
    """Whether a text says a part, with unsafe characters left aside. The beginning of a long part suffices."""
    wanted = loose(part)
    return (wanted[:300] if len(wanted) > LONG else wanted) in loose(text)


def unsafe(text):
    """The control and reordering characters of a text that people see."""
    found = {c for c in set(text) if c in BIDI or (unicodedata.category(c) == "Cc" and c not in "\n\t")}
    return [f"contains the character U+{ord(c):04X}" for c in sorted(found)]


def lines(text):
    """Lines as .NET's `ReadLine` returns them, which both runners use."""
    return re.split(r"\r\n|\r|\n", text)
