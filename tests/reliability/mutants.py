"""What is wrong about scenario files, command lines, tables and manifests: hypothesis draws it."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from typing import Any

import yaml
from hypothesis import strategies as st

from partnersim.cli.settings_list import listed_settings
from partnersim.scenario.config_files import GROUPS, options, read_option

#: Values that hardly any setting may take, some of which other programs obey.
STRANGE = st.sampled_from(
    [
        *(float("nan"), float("inf"), -float("inf"), 1e308, 5e-324, -0.0, -1, 10**30, -(2**63)),
        *(0.1, 7, True, False, None, "", " ", "x", "Ünïcödé", "日本", "\u202e", "2025Q5", "🛰"),
        *("../../etc/passwd", "/dev/null", "1e", "0x", "2025-06-05", "NO", "null", "${x}"),
        *("${oc.env:HOME}", "os.system", "a" * 5000, ["balanced"] * 3, {"_target_": "os.system"}),
    ]
) | st.recursive(
    st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=30,
)
# Each of its own: what is drawn may be changed in its turn.
STRANGE = STRANGE.map(deepcopy)
KEYS = st.sampled_from(
    [
        *("_target_", "_partial_", "defaults", "hydra", "hydra.run.dir", "policy@x", "__class__"),
        *("x", "", " ", "é", "policy.openness", "${x}", "polciy", "a" * 300, "\u200b", "1", "<<"),
    ]
)
#: Pieces of YAML that do harm elsewhere.
PIECES = st.sampled_from(
    [
        *("!!python/object/apply:os.system ['true']\n", "!!python/name:os.system\n", "@\n", "`\n"),
        *("a: &a [*a]\n", "a: &a {b: 1}\nb: *a\n", "policy: {<<: {openness: 1}}\n", "seed: 0o9\n"),
        "a: &x [x,x,x]\nb: &y [*x,*x,*x]\nc: [*y,*y,*y]\n",
        *("policy: {openness: 0.5, openness: 0.6}\n", "policy: a\npolicy: no_offer\n"),
        *(
            "policy: ${oc.env:HOME}\n",
            "policy: {_target_: os.system}\n",
            "policy:\n\topenness: 1\n",
        ),
        *("--- \npolicy: no_offer\n---\npolicy: balanced\n", "policy: {openness: 0.5\n"),
        *("policy: 'no_offer\n", "policy: |\n no\n  offer\n bad: [\n", "? [a, b]\n: 1\n"),
        *("%YAML 9.9\n---\na: 1\n", "# @package _global_\npolicy: no_offer\n", "seed: 190:20:30\n"),
        *("geopolitics: !!binary aGVsbG8=\n", "policy: !<tag:example.org,2025:x> 1\n"),
        *("policy:\n- a\nb: 1\n", "policy: {openness: .nan}\n", "policy: 2025-06-05\n"),
    ]
)
BYTES = st.sampled_from(
    [
        *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf\xef\xbb\xbf", b"\x80", b"\x1b[2J", b"\x07", b"\r"),
        *(b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\xc2\x85", b"\x7f", b"[", b"'", b"\t", b"{{", b": "),
    ]
)
#: Words that say too much, too little, or something else.
WORDS = st.sampled_from(
    [
        *(
            "",
            " ",
            "=",
            "==",
            "=x",
            "x=",
            "x",
            "-",
            "--",
            "---",
            "--hlep",
            "-M",
            "--cfg=job",
            "🛰=1",
        ),
        *("+seed=1", "++policy=no_offer", "~policy", "policy@x=no_offer", "hydra.run.dir=/tmp/x"),
        *(
            "--config-dir=/tmp",
            "seed=range(0,3)",
            "policy=glob(*)",
            "policy.hubs=[KEN,",
            "policy={",
        ),
        *("policy.hubs={a:1}", "policy='", "seed=${x}", "policy._target_=os.system", "seed=1e400"),
        *("seed=9223372036854775808", "seed=1.5", "seed=null", "replicates=0", "threads=4097"),
        *("horizon.end=2025Q2", "horizon.end=soon", "scenario=", "scenario=/", "scenario=\x00"),
        *("scenario=" + "a" * 5000, "policies=[]x", "climates=[calm,clam]", "design.points=5"),
        *("engine.workers=0", "world.switched_off=[X]", "world.added.X={}", "shock_tests=[x]"),
        *("output=", "\udcff", "policy.openness=1" + "0" * 400, "a" * 20000 + "=1"),
        *("policy.openness=[" * 200, "policy.regions.Atlantis=1", "experiment=nothing"),
    ]
)
#: Command lines of the verbs that take a folder, files or options.
LINES = st.sampled_from(
    [
        *("serve --prot", "serve --port=x", "serve --port=65536", "serve --open=1"),
        *("serve --host=203.0.113.7", "serve --port=٣", "completion", "completion bsh", "resume"),
        *(
            "resume seed=1",
            "resume --all",
            "resume a b",
            "resume threads=0",
            "verify",
            "verify --al",
        ),
        *("verify a b", "export", "export --to", "export --to cvs", "export x --to", "report"),
        *("report a b", "report x=1", "score", "score a b c", "score until=x", "score x=1 y=2"),
        *(
            "forecast draws=0",
            "forecast runs=x",
            "forecast policies=[x] --dry-run",
            "rum",
            "rum x=1",
        ),
        *("-m seed=range(0,1000000)", "-m policy=a,b", "--dry-run policy=nothing", "reproduce x y"),
    ]
)


@st.composite
def misspelt(draw: st.DrawFn, words: st.SearchStrategy[str]) -> str:
    """A word with one letter changed, added or left out."""
    word = draw(words)
    place = draw(st.integers(0, max(0, len(word) - 1)))
    return word[:place] + draw(st.sampled_from(["", *"abcxyz_-. éA"])) + word[place + 1 :]


@cache
def _shipped(group: str, option: str) -> str:
    settings = read_option(group, option)
    return json.dumps({key: value for key, value in settings.items() if key != "defaults"})


@st.composite
def valid_trees(draw: st.DrawFn) -> dict[str, Any]:
    """A valid scenario file as a tree: options of the shipped files, written out."""
    tree: dict[str, Any] = {"replicates": 2, "seed": draw(st.integers(0, 9))}
    for group in ("policy", "geopolitics"):
        option = draw(st.sampled_from(options(group)))
        written = {"base": option, **json.loads(_shipped(group, option))}
        tree[group] = draw(st.sampled_from([option, written]))
    added = {"name": "x", "areas": ["trade"], "binding": 2}
    extras: dict[str, Any] = {
        "horizon": {"end": "2026Q4"},
        "world": {"links": "strict", "added": {"EXTRA": added}},
        "design": {"points": 8, "factors": {"policy.openness": {"low": 0.1, "high": 0.9}}},
    }
    for name in draw(st.sets(st.sampled_from(sorted(extras)))):
        tree[name] = extras[name]
    return tree


def places_in(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything below a node of a tree."""
    if not isinstance(node, (dict, list)):
        return []
    found = []
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        found += [(*path, key), *places_in(value, (*path, key))]
    return found


@st.composite
def mutated(draw: st.DrawFn, trees: st.SearchStrategy[Any]) -> Any:
    """A tree with one to three entries replaced, renamed, added or left out."""
    tree = draw(trees)
    for _ in range(draw(st.sampled_from([1, 1, 2, 3]))):
        path = draw(st.sampled_from(places_in(tree) or [("policy",)]))
        holder = tree
        for key in path[:-1]:
            holder = holder[key]
        kind = draw(st.integers(0, 4))
        if kind == 0 or not isinstance(holder, dict):
            holder[path[-1]] = draw(STRANGE)
        elif kind == 1:
            holder[draw(misspelt(st.just(str(path[-1]))))] = holder.pop(path[-1], 1)
        elif kind == 2:
            holder[draw(KEYS)] = draw(STRANGE)
        elif kind == 3:
            holder.pop(path[-1], None)
        else:
            deep = json.loads('{"x":' * 60 + "1" + "}" * 60)
            holder[path[-1]] = draw(st.sampled_from([[holder.get(path[-1])], deep]))
    return tree


@st.composite
def damaged_bytes(draw: st.DrawFn, contents: st.SearchStrategy[bytes]) -> bytes:
    """Bytes with a stretch left out, or something strange put in."""
    content = draw(contents)
    place = draw(st.integers(0, len(content)))
    piece = draw(BYTES | PIECES.map(str.encode) | st.just(b""))
    return content[:place] + piece + content[place + draw(st.integers(0, 30)) :]


#: Scenario files whose settings are wrong, as text.
wrong_settings = mutated(valid_trees()).map(
    lambda tree: yaml.safe_dump(tree, sort_keys=False, allow_unicode=True).encode()
)
#: Scenario files that are hardly YAML.
wrong_texts = (
    damaged_bytes(valid_trees().map(lambda tree: yaml.safe_dump(tree).encode()))
    | PIECES.map(str.encode)
    | st.binary(max_size=400)
    | st.sampled_from(
        [
            b"[" * 3000,
            b"policy: " + b"a" * 1_000_001,
            b"# x\n" * 250_001,
            "seed: 1".encode("utf-16"),
        ]
    )
)
#: Words of a command line for a scenario of which one is wrong.
wrong_words = st.tuples(
    st.sampled_from([[], ["run"], ["policy=balanced"], ["seed=3"]]),
    WORDS
    | st.tuples(st.sampled_from([s.path for s in listed_settings()]), STRANGE).map(
        lambda pair: f"{pair[0]}={pair[1]}"
    )
    | st.tuples(misspelt(st.sampled_from([s.path for s in listed_settings()])), st.just("1")).map(
        "=".join
    )
    | st.sampled_from(GROUPS).flatmap(
        lambda group: misspelt(st.sampled_from(options(group))).map(lambda name: f"{group}={name}")
    ),
).map(lambda pair: [*pair[0], pair[1]])


@st.composite
def wrong_tables(draw: st.DrawFn, text: str) -> bytes:
    """A CSV with columns, cells or bytes gone wrong."""
    if draw(st.booleans()):
        return draw(damaged_bytes(st.just(text.encode())))
    lines = [line.split(",") for line in text.splitlines()]
    line = draw(st.sampled_from(lines))
    place = draw(st.integers(0, len(line) - 1))
    cells = ("", "x", "-1", "nan", "1e999", "KNE", "2025-13-01", "01.09.2025", "annonced", "2026Q5")
    cells += ("=1+1", "🛰", "\x00", '"', "a,b", "٢٠٢٥", "a" * 500)
    line[place : place + draw(st.integers(0, 1))] = draw(
        st.lists(st.sampled_from(cells), max_size=2)
    )
    return "".join(",".join(cells) + "\n" for cells in lines).encode()
