"""Scenario files gone wrong: trees with wrong settings, and texts that are hardly YAML."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from functools import cache
from typing import Any

import yaml

from partnersim.scenario.config_files import options, read_option

#: Values that hardly any setting may take.
STRANGE: tuple[Any, ...] = (
    *(float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 5e-324, -0.0, -1, 10**30),
    *(-(2**63), 2**64, 0.1, 7, True, False, None, "", " ", "x", "Ünïcödé", "日本", "\u202e"),
    *("../../etc/passwd", "/dev/null", "rm -rf /", "1e", "0x", "2025Q5", "2025-06-05", "🛰"),
    *([], [[]], {}, {"x": 1}, [1, [2, [3]]], "a" * 5000, "\x85", "NO", "null", "${x}"),
    *("${oc.env:HOME}", "${now:%Y}", "os.system", ["balanced"] * 3, {"_target_": "os.system"}),
)
#: Keys that no setting has, some of which other programs obey.
STRANGE_KEYS = (
    *("_target_", "_partial_", "defaults", "hydra", "hydra.run.dir", "policy@x", "__class__"),
    *("x", "", " ", "é", "policy.openness", "${x}", "polciy", "a" * 300, "\u200b", "1", "<<"),
)
#: Pieces of YAML that do harm elsewhere.
PIECES = (
    "!!python/object/apply:os.system ['true']\n",
    "!!python/name:os.system\n",
    "a: &a [*a]\n",
    "a: &a {b: 1}\nb: *a\n",
    "a: &x [x,x,x]\nb: &y [*x,*x,*x]\nc: [*y,*y,*y]\n",
    "policy: {<<: {openness: 1}}\n",
    "policy: {openness: 0.5, openness: 0.6}\n",
    "policy: deepen_first\npolicy: no_offer\n",
    "policy: ${oc.env:HOME}\n",
    "policy: {_target_: os.system}\n",
    "policy:\n\topenness: 1\n",
    "--- \npolicy: no_offer\n---\npolicy: balanced\n",
    "policy: {openness: 0.5\n",
    "policy: 'no_offer\n",
    "policy: |\n no\n  offer\n bad: [\n",
    "? [a, b]\n: 1\n",
    "%YAML 9.9\n---\na: 1\n",
    "# @package _global_\npolicy: no_offer\n",
    "geopolitics: !!binary aGVsbG8=\n",
    "policy: !<tag:example.org,2025:x> 1\n",
    "policy:\n- a\nb: 1\n",
    "@\n",
    "`\n",
    "policy: {openness: .nan}\n",
    "policy: {openness: 1_0.5e}\n",
    "seed: 0o9\n",
    "seed: 190:20:30\n",
    "policy: 2025-06-05\n",
)
STRANGE_BYTES = (b"\x00", b"\xff\xfe", b"\xef\xbb\xbf\xef\xbb\xbf", b"\x80", b"\x1b[2J", b"\x07")
STRANGE_BYTES += (b"\xed\xa0\x80", b"\r", b"\xe2\x80\xa8", b"\xc2\x85", b"\x7f")


def strange(draw: random.Random) -> Any:
    """Return a value that hardly any setting may take; whoever gets it may change it."""
    return deepcopy(draw.choice(STRANGE))


@cache
def _text(group: str, option: str) -> str:
    return json.dumps(read_option(group, option))


def _shipped(group: str, option: str) -> dict[str, Any]:
    """Return a copy of a shipped file that may be changed."""
    settings: dict[str, Any] = json.loads(_text(group, option))
    return settings


def base_tree(draw: random.Random) -> dict[str, Any]:
    """Return a valid scenario file as a tree: options of the shipped files, written out."""
    tree: dict[str, Any] = {}
    for group in ("policy", "geopolitics"):
        if draw.random() < 0.7:
            option = draw.choice(options(group))
            own = {k: v for k, v in _shipped(group, option).items() if k != "defaults"}
            tree[group] = draw.choice((option, {"base": option, **own}))
    if draw.random() < 0.4:
        tree["horizon"] = {"end": draw.choice(("2026Q4", "2030Q1"))}
    if draw.random() < 0.3:
        tree["world"] = {"which": "named", "added": {"EXTRA": {"name": "x", "areas": ["trade"]}}}
        tree["world"]["added"]["EXTRA"]["binding"] = 2
    if draw.random() < 0.3:
        shocks = _shipped("shocks", "catalogue")
        name = draw.choice(sorted(key for key in shocks if key != "defaults"))
        tree["shocks"] = {name: shocks[name]}
    if draw.random() < 0.3:
        tree["design"] = {"points": 8, "factors": {"policy.openness": {"low": 0.1, "high": 0.9}}}
        tree["experiment"] = "robustness"
    tree["replicates"], tree["seed"] = 2, draw.randint(0, 9)
    return tree


def mutated_tree(draw: random.Random) -> str:
    """Return a scenario file with one to three settings gone wrong."""
    tree = base_tree(draw)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        _mutate(draw, tree)
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=draw.random() < 0.5)


def places_in(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything below a node of a tree."""
    if not isinstance(node, (dict, list)):
        return []
    found = []
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        found.append((*path, key))
        found += places_in(value, (*path, key))
    return found


def _mutate(draw: random.Random, tree: dict[str, Any]) -> None:
    places = places_in(tree)
    path = draw.choice(places) if places else ("policy",)
    holder: Any = tree
    for key in path[:-1]:
        holder = holder[key]
    key = path[-1]
    kind = draw.randrange(6)
    if kind <= 1:
        holder[key] = strange(draw)
    elif kind == 2 and isinstance(holder, dict):
        holder[misspelt(draw, str(key))] = holder.pop(key, 1)
    elif kind == 3 and isinstance(holder, dict):
        holder[draw.choice(STRANGE_KEYS)] = strange(draw)
    elif kind == 4:
        deep: Any = 1
        for _ in range(draw.choice((1, 2, 15, 25, 60))):
            deep = draw.choice(({"x": deep}, [deep]))
        holder[key] = deep
    elif isinstance(holder.get(key) if isinstance(holder, dict) else None, (int, float)):
        holder[key] = holder[key] * draw.choice((-1, 1e3, -1e9, 1e15)) - 1
    else:
        holder[key] = [holder[key]] if isinstance(holder, dict) else {"x": 1}


def misspelt(draw: random.Random, word: str) -> str:
    """Return a word with one letter changed, added or left out."""
    letters = list(word) or ["x"]
    place = draw.randrange(len(letters))
    change = draw.randrange(4)
    if change == 0:
        letters[place] = draw.choice("abcxyz_-. éA")
    elif change == 1:
        letters.insert(place, draw.choice("abcxyz_-. éA"))
    elif change == 2 and len(letters) > 1:
        del letters[place]
    else:
        return word.upper() if word.upper() != word else word + "s"
    return "".join(letters)


def mutated_text(draw: random.Random) -> bytes:
    """Return the bytes of a scenario file that were damaged as text."""
    text = yaml.safe_dump(base_tree(draw), sort_keys=False)
    kind = draw.randrange(8)
    place = draw.randrange(len(text))
    if kind == 0:
        return (text[:place] + draw.choice("[]{}:,&*!|>%@`\"'#?-\t\n ") + text[place:]).encode()
    if kind == 1:
        return (text[:place] + text[place + draw.randint(1, 30) :]).encode()
    if kind == 2:
        lines = text.splitlines(keepends=True)
        lines.insert(draw.randrange(len(lines) + 1), draw.choice(PIECES))
        return "".join(lines).encode()
    if kind == 3:
        return text[:place].encode() + draw.choice(STRANGE_BYTES) + text[place:].encode()
    if kind == 4:
        return text.encode(draw.choice(("utf-16", "utf-32", "utf-16-le", "cp500")))
    if kind == 5:
        return bytes(draw.randrange(256) for _ in range(draw.randint(0, 400)))
    if kind == 6:
        return (_long(draw) if draw.random() < 0.1 else "[" * draw.choice((30, 3000))).encode()
    return draw.choice(PIECES).encode()


def _long(draw: random.Random) -> str:
    size = draw.choice((100_000, 1_000_001))
    return draw.choice((f"policy: {'a' * size}\n", f"{'k' * size}: 1\n", "# x\n" * (size // 50)))
