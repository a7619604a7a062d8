#!/usr/bin/env python3
"""Converts Azure Resource Manager's JSON of the built-in roles to the table that apim-doctor reads.

Usage: make-builtin-roles.py builtin-roles.json builtin_roles.tsv
"""

import json
import sys

HEADER = """\
# Azure's built-in roles. Made by .ci/make-builtin-roles.py; do not edit.
# Source: https://github.com/iann0036/iam-dataset (MIT), azure/built-in-roles-raw.json,
#   commit 2073fa52ac008a45477aa0b1b4580cd99135bf60 (2026-08-22); facts of
#   https://learn.microsoft.com/azure/role-based-access-control/built-in-roles (read 2026-11-21).
# One line a role, by id: id, name, then five columns for each permission object:
#   actions, notActions, dataActions, notDataActions (each sorted, between blanks), condition.
"""
LISTS = ("actions", "notActions", "dataActions", "notDataActions")


def columns(permission):
    """Yields the five columns of one permission object."""
    for name in LISTS:
        # Two of Azure's own patterns end in a space, and some are duplicates.
        patterns = sorted({pattern.strip() for pattern in permission.get(name) or []})
        assert not any(set(" \t\n") & set(pattern) for pattern in patterns), patterns
        yield " ".join(patterns)
    condition = (permission.get("condition") or "").strip()
    assert not set("\t\n") & set(condition), condition
    yield condition


def line(role):
    """Returns the table line of one role."""
    properties = role["properties"]
    fields = [role["name"].lower(), properties["roleName"].strip()]
    for permission in properties["permissions"]:
        fields.extend(columns(permission))
    return "\t".join(fields) + "\n"


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        roles = json.load(file)
    # ASCII only: the program slices the table at arbitrary bytes.
    with open(target, "w", encoding="ascii", newline="\n") as file:
        file.write(HEADER)
        file.writelines(sorted(map(line, roles)))


main()
