"""Checks that folders inside each target of Sources use each other in one direction only.

A folder uses another where a file names a type or function that exactly one file of the target declares. Prints every
cycle with the names that make it, and exits with 1 where there is one.

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
COMMENT = re.compile(r"//.*")
TEXT = re.compile(r'"(?:\\.|[^"\\\n])*"')
WORD = re.compile(r"\b[A-Za-z_]\w{3,}\b")


def edges_of(target):
    """{folder: {folder: {name, ...}}} for the files in folders of one target."""
    files = {path: path.read_text() for path in sorted(target.rglob("*.swift"))}
    owners = collections.defaultdict(set)
    for path, text in files.items():
        for modifiers, name in DECLARATION.findall(text):
            if "private" not in modifiers:
                owners[name].add(path)
    owner = {name: next(iter(paths)) for name, paths in owners.items() if len(paths) == 1}
    edges = collections.defaultdict(lambda: collections.defaultdict(set))
    for path, text in files.items():
        words = set(WORD.findall(TEXT.sub('""', COMMENT.sub("", text))))
        for name in words & owner.keys():
            here, there = (p.relative_to(target).parts for p in (path, owner[name]))
            if len(here) > 1 and len(there) > 1 and here[0] != there[0]:
                edges[here[0]][there[0]].add(name)
    return edges


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
    found = False
    for target in targets:
        edges = edges_of(target)
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
