"""Command lines gone wrong."""

from __future__ import annotations

import random

from campaign.yaml_mutants import STRANGE_KEYS, misspelt, strange
from partnersim.cli.settings_list import listed_settings
from partnersim.scenario.config_files import GROUPS, options

#: Words that say too much, too little, or something else.
WORDS = (
    *("", " ", "=", "==", "=x", "x=", "x", "-", "--", "---", "-h1", "--hlep", "-M", "--cfg=job"),
    *("+seed=1", "++policy=no_offer", "~policy", "policy@x=no_offer", "hydra.run.dir=/tmp/x"),
    *("--config-dir=/tmp", "seed=1,2", "seed=range(0,3)", "policy=glob(*)", "seed=choice(1,2)"),
    *("policy.hubs=[KEN,", "policy.hubs={a:1}", "policy={", "policy='", 'policy="', "seed=${x}"),
    *("seed=${oc.env:HOME}", "policy._target_=os.system", "seed=1e400", "seed=nan", "seed=inf"),
    *("seed=9223372036854775808", "seed=-1", "seed=1.5", "seed=true", "seed=", "seed=null"),
    *("replicates=0", "replicates=1000001", "threads=0", "threads=4097", "figures=maybe"),
    *("horizon.end=2025Q2", "horizon.end=2061Q1", "horizon.end=soon", "horizon.start=1999Q1"),
    *(
        "scenario=",
        "scenario=/",
        "scenario=nowhere.yaml",
        "scenario=\x00",
        "scenario=" + "a" * 5000,
    ),
    *("reference=nobody", "policies=[]x", "policies=nobody", "climates=[calm,clam]", "policies=1"),
    *("design.points=5", "design=3", "engine=warp", "engine.name=warp", "engine.workers=0"),
    *("world=mars", "world.which=mars", "world.switched_off=[X]", "world.added.X={}", "shocks=1"),
    *("experiment=nothing", "shock_tests=[x]", "output=", "policy.offer.mix.skills=-1", "\udcff"),
    *("policy.openness=" + "9" * 5000, "policy.openness=1" + "0" * 400, "a" * 20000 + "=1"),
    *("policy.openness=[" * 200, "policy.regions.Atlantis=1", "policy.regions.gulf=x", "🛰=1"),
)
#: Verbs that begin with words of a scenario.
VERBS = ("", "", "", "run", "forecast")


def base_words(draw: random.Random) -> list[str]:
    """Return a valid command line."""
    words = [
        f"policy={draw.choice(options('policy'))}",
        f"geopolitics={draw.choice(options('geopolitics'))}",
    ]
    words += draw.sample(("seed=3", "horizon.end=2027Q4", "policy.openness=0.3", "world=named"), 2)
    return draw.sample(words, draw.randint(0, len(words)))


def mutated_words(draw: random.Random) -> list[str]:
    """Return a command line with a word gone wrong."""
    words = base_words(draw)
    kind = draw.randrange(5)
    if kind == 0:
        words.insert(draw.randint(0, len(words)), draw.choice(WORDS))
    elif kind == 1:
        setting = draw.choice(listed_settings()).path
        words.append(f"{setting}={strange(draw)}")
    elif kind == 2:
        setting = draw.choice(listed_settings()).path
        words.append(f"{misspelt(draw, setting)}={draw.choice((1, 'x', 0.5))}")
    elif kind == 3:
        group = draw.choice(GROUPS)
        words.append(f"{group}={misspelt(draw, draw.choice(options(group)))}")
    else:
        words.append(f"{draw.choice(STRANGE_KEYS)}={strange(draw)}")
    verb = draw.choice(VERBS)
    return [verb, *words] if verb else words


#: Words for the verbs that take no scenario.
_OTHERS = (
    (
        "serve",
        ("--prot", "--port=x", "--port=-1", "--port=65536", "--host", "--host=", "x", "--open=1"),
    ),
    ("serve", ("--host=no such host", "--host=203.0.113.7", "--port=٣", "--port", "seed=1")),
    ("completion", ("", "bsh", "x", "--shell", "fish fish")),
    ("resume", ("", "seed=1", "--all", "engine=warp", "a b", "threads=0")),
    ("verify", ("", "seed=1", "--al", "a b", "threads=x", "figures=false")),
    ("export", ("", "--to", "--to cvs", "--to=", "x", "x --to", "x --to csv y", "--to csv")),
    ("report", ("", "a b", "--all", "x=1", "-x")),
    ("score", ("", "a", "a b c", "until=x", "a b until=2026Q9", "x=1 y=2")),
    ("forecast", ("draws=0", "draws=1.5", "runs=x", "popularity=101", "replicates=2", "draws=")),
    ("forecast", ("experiment=main", "policies=[x]", "--dry-run", "-m seed=1,2", "runs=10001")),
    ("rum", ("", "x=1")),
    ("-m", ("policy=glob(x*)", "seed=range(0,1000000)", "seed=interval(0,1)", "policy=a,b")),
    ("--dry-run", ("", "policy=no_offer", "experiment=main")),
)


def other_words(draw: random.Random) -> list[str]:
    """Return a command line of a verb that takes a folder, files or options."""
    verb, choices = draw.choice(_OTHERS)
    words = [verb, *draw.choice(choices).split(" ")]
    if draw.random() < 0.3:
        words.insert(draw.randint(1, len(words)), draw.choice(WORDS))
    return [word for word in words if word]
