"""Checks that folders inside each target of Sources use each other in one direction only.

A folder uses another where a file names a type or function that exactly one file of the target declares, or calls a
method that only one file declares, in an extension of a type of another folder. Files beside the folders count as a folder of their own.
Prints every cycle with the names that make it, and exits with 1 where there is one.

    python3 tools/check_folders.py [ROOT] [--edges TARGET]
"""

import argparse
import collections
import pathlib
import re
import sys

DECLARATION = re.compile(
    r"^(?:@\w+(?:\([^)]*\))?\s+)*((?:(?:public|package|internal|private|fileprivate|final|indirect|static)\s+)*)"
    r"(?:struct|enum|class|protocol|actor|typealias|func)\s+(\w+)",
    re.MULTILINE,
)
FUNCTION = re.compile(r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*((?:[a-z]+\s+)*)func\s+(\w+)", re.MULTILINE)
# Their names serve for methods of the standard library too.
COMMON = {"append", "contains", "decode", "encode", "first", "index", "insert", "joined"}
CASE = re.compile(r"^\s*(?:indirect\s+)?case\s+(\w+)\(", re.MULTILINE)
# A block at the left margin that adds to a type.
EXTENSION = re.compile(r"^(?:[a-z]+\s+)*extension\s+(\w+)[^\n]*\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?<!func )\b([A-Za-z_]\w{3,})(?=\()")
COMMENT = re.compile(r"//.*")
TEXT = re.compile(r'"(?:\\.|[^"\\\n])*"')
WORD = re.compile(r"\b[A-Za-z_]\w{3,}\b")


def edges_of(target, cases):
    """{folder: {folder: {name, ...}}} of one target; `cases` are names that may stand for cases of enumerations."""
    files = {path: path.read_text() for path in sorted(target.rglob("*.swift"))}
    owner = owners({path: DECLARATION.findall(text) for path, text in files.items()})
    functions = owners({path: FUNCTION.findall(text) for path, text in files.items()})
    method = {
        name: path
        for path, text in files.items()
        for extended, body in EXTENSION.findall(text)
        if extended not in owner or folder(target, owner[extended]) != folder(target, path)
        for modifiers, name in FUNCTION.findall(body)
        if functions.get(name) == path and name not in cases | COMMON
    }
    edges = collections.defaultdict(lambda: collections.defaultdict(set))
    for path, text in files.items():
        code = TEXT.sub('""', COMMENT.sub("", text))
        uses = [(name, owner[name]) for name in set(WORD.findall(code)) & owner.keys()]
        uses += [(name, method[name]) for name in set(CALL.findall(code)) & method.keys()]
        for name, declared in uses:
            here, there = (folder(target, p) for p in (path, declared))
            if here != there:
                edges[here][there].add(name)
    return edges


def owners(declarations):
    """{name: file} of names that one file alone declares, from {file: [(modifiers, name), ...]}."""
    found = collections.defaultdict(set)
    for path, names in declarations.items():
        for modifiers, name in names:
            if "private" not in modifiers:
                found[name].add(path)
    return {name: next(iter(paths)) for name, paths in found.items() if len(paths) == 1}


def folder(target, path):
    parts = path.relative_to(target).parts
    return parts[0] if len(parts) > 1 else "."


def cycles(edges):
    """The strongly connected components of more than one folder, by reachability: there are few folders."""
    folders = set(edges) | {b for uses in edges.values() for b in uses}
    reached = {}
    for folder in folders:
        seen, todo = set(), [folder]
        while todo:
            for there in edges.get(todo.pop(), ()):
                if there not in seen:
                    seen.add(there)
                    todo.append(there)
        reached[folder] = seen
    components = {
        frozenset({b for b in folders if b in reached[a] and a in reached[b]}) for a in folders if a in reached[a]
    }
    return [sorted(component) for component in components if len(component) > 1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", default=pathlib.Path(__file__).resolve().parent.parent, type=pathlib.Path)
    parser.add_argument("--edges", metavar="TARGET", help="print all uses between folders of one target")
    options = parser.parse_args()
    targets = sorted(path for path in (options.root / "Sources").iterdir() if path.is_dir())
    if not targets:
        sys.exit(f"{options.root}: no targets in Sources")
    cases = {name for path in (options.root / "Sources").rglob("*.swift") for name in CASE.findall(path.read_text())}
    found = False
    for target in targets:
        edges = edges_of(target, cases)
        components = cycles(edges)
        found = found or bool(components)
        for component in components:
            print(f"{target.name}: folders that use each other in a circle: {', '.join(component)}")
        for a in sorted(edges):
            for b in sorted(edges[a]):
                if options.edges == target.name or any(a in c and b in c for c in components):
                    print(f"  {target.name}/{a} -> {b}: {', '.join(sorted(edges[a][b]))}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
