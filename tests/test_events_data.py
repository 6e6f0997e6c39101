"""Data of an estimation: what tables may hold, and every problem told at once."""

from __future__ import annotations

import datetime
import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from partnersim import InputError
from partnersim.events import (
    Alter,
    AttributeIncrements,
    AttributeReplacements,
    Degree,
    Difference,
    Ego,
    EventData,
    FourCycles,
    MeanOverPartners,
    NetworkIncrements,
    NetworkReplacements,
    PresenceChanges,
    Product,
    Same,
    SharedPartners,
    Tie,
    fit,
    log_likelihood,
)

ACTORS = pd.DataFrame({"label": ["FRA", "DEU", "ITA", "ESP"], "gdp": [4.0, 5.0, 3.0, 2.0]})
NO_TIES = pd.DataFrame(columns=["sender", "receiver", "value"])


def increments(*rows: tuple) -> NetworkIncrements:
    columns = ["time", "sender", "receiver", "value"]
    return NetworkIncrements("treaties", pd.DataFrame(rows, columns=columns))


def of_labels(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["time", "label", "value"])


def made(*changes: Any, actors: pd.DataFrame = ACTORS, ties: pd.DataFrame = NO_TIES) -> EventData:
    return EventData(actors, {"treaties": ties}, changes)


def problems(*changes: Any, **options: Any) -> tuple[str, ...]:
    with pytest.raises(InputError) as told:
        made(*changes, **options)
    return told.value.problems


def test_dates_may_be_written_or_be_objects() -> None:
    model = "treaties", [Tie("treaties", window=10)], [1.0]
    rows = [("1960-01-05", "FRA", "DEU", 1), ("1960-01-15", "DEU", "FRA", 1)]
    written = made(increments(*rows))
    expected = log_likelihood(written, *model).event_log_likelihood
    assert expected[1] > expected[0]
    for read in (pd.Timestamp, datetime.date.fromisoformat, np.datetime64):
        data = made(increments(*((read(row[0]), *row[1:]) for row in rows)))
        np.testing.assert_array_equal(log_likelihood(data, *model).event_log_likelihood, expected)
    numbers = made(increments((5, "FRA", "DEU", 1), (15, "DEU", "FRA", 1)))
    np.testing.assert_array_equal(log_likelihood(numbers, *model).event_log_likelihood, expected)
    with_hours = made(
        increments(("1960-01-05T12:00", "FRA", "DEU", 1), ("1960-01-15T13:00", "DEU", "FRA", 1))
    )
    late = log_likelihood(with_hours, *model).event_log_likelihood
    assert late[1] == pytest.approx(late[0])


def test_ties_are_undirected_and_may_be_a_written_matrix() -> None:
    one = pd.DataFrame({"sender": ["FRA"], "receiver": ["DEU"], "value": [3]})
    both = pd.DataFrame(
        [("FRA", "DEU", 3), ("DEU", "FRA", 3), ("FRA", "FRA", 0), ("ITA", "ESP", math.nan)],
        columns=["sender", "receiver", "value"],
    )
    weights = made(ties=one).networks["treaties"]
    np.testing.assert_array_equal(made(ties=both).networks["treaties"], weights)
    assert weights[0, 1] == weights[1, 0] == weights.sum() / 2 == 3


def test_columns_that_are_not_needed_are_left_alone() -> None:
    table = increments((1, "FRA", "DEU", 1)).table.assign(title="On fish", year=1960)
    assert len(made(NetworkIncrements("treaties", table)).changes) == 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([None] * 4, "has no value for any actor"),
        (["a", None, "b", "c"], "holds text, which is missing in row 2 of actors"),
        (["a", 1, 2, 3], "holds neither numbers alone nor text alone"),
        ([pd.Timestamp("1960-01-01")] * 4, "holds neither numbers alone nor text alone"),
    ],
)
def test_columns_that_can_be_no_attribute_hurt_only_if_wanted(values: list, reason: str) -> None:
    actors = ACTORS.assign(note=values)
    event = increments((1, "FRA", "DEU", 1))
    data = made(event, actors=actors)
    assert float(log_likelihood(data, "treaties", [Alter("gdp")], [0.0])) < 0
    problem = f"attribute 'note' {reason}"
    with pytest.raises(InputError, match=re.escape(problem)):
        log_likelihood(data, "treaties", [Same("note")], [0.0])
    moves = AttributeReplacements("note", of_labels((1, "FRA", 1)))
    assert problem in problems(moves, actors=actors)[0]


@pytest.mark.parametrize("changes", [None, increments((1, "FRA", "DEU", 1)), 3])
def test_changes_are_a_list(changes: Any) -> None:
    with pytest.raises(InputError, match="changes: must be a list"):
        EventData(ACTORS, {"treaties": NO_TIES}, changes)


def test_texts_are_compared_only() -> None:
    actors = ACTORS.assign(region=["north", "north", "south", "south"])
    moves = AttributeReplacements("region", of_labels((1, "FRA", "south"), (1, "DEU", "east")))
    data = made(moves, increments((2, "FRA", "ITA", 1)), actors=actors)
    near = math.exp(float(log_likelihood(data, "treaties", [Same("region")], [9.0])))
    assert near == pytest.approx(1 / 3, abs=1e-3)
    with pytest.raises(InputError, match=r"Alter\(region\): attribute 'region' holds text"):
        log_likelihood(data, "treaties", [Alter("region")], [0.0])


def test_attributes_rise_by_increments() -> None:
    data = made(
        AttributeIncrements(
            "gdp", of_labels((1, "FRA", 1.0), (1, "FRA", 2.0), (2, "DEU", math.nan))
        ),
        increments((3, "FRA", "DEU", 1)),
    )
    replaced = made(
        AttributeReplacements("gdp", of_labels((1, "FRA", 7.0), (2, "DEU", 4.0))),
        increments((3, "FRA", "DEU", 1)),
    )
    model = "treaties", [Alter("gdp"), Difference("gdp")], [0.3, -0.2]
    assert float(log_likelihood(data, *model)) == float(log_likelihood(replaced, *model))


def test_the_data_show_what_they_are() -> None:
    data = made(increments((1, "FRA", "DEU", 1)))
    assert repr(data) == (
        "EventData(4 actors, 4 present at the start; networks treaties; attributes gdp; 1 changes)"
    )


def test_all_problems_of_all_tables_are_told_at_once() -> None:
    told = problems(
        increments((2, "FRA", "DEV", 1), (1, "FRA", "FRA", 1), ("soon", "ITA", "ESP", 1.5)),
        NetworkReplacements("treaty", increments((1, "FRA", "DEU", -1)).table),
        AttributeReplacements("GDP", of_labels((1, "DEU", "rich"))),
        PresenceChanges(of_labels((1, "FRA", 2), (1, "FRA", 1))),
        "nonsense",
        ties=pd.DataFrame(
            [("FRA", "DEU", 1), ("DEU", "FRA", 2), ("FRA", "DEU", 1), ("ITA", "ESP", -1)],
            columns=["sender", "receiver", "value"],
        ),
        actors=ACTORS.assign(gdp=[math.inf, 1, 2, 3]),
    )
    for place, problem in (
        ("actors, row 1", "gdp inf given, must be a number"),
        ("networks['treaties'], row 2", "value 2, but row 1 says 1 for the same pair"),
        ("networks['treaties'], row 3", "sender and receiver of row 1 again"),
        ("networks['treaties'], row 4", "value -1 given, must be a whole number, 0 or more"),
        ("changes[0] NetworkIncrements('treaties'), row 1", "unknown receiver 'DEV', did you mean"),
        ("changes[0] NetworkIncrements('treaties'), row 2", "tie of 'FRA' to itself"),
        ("changes[0] NetworkIncrements('treaties'), row 3", "time 'soon' given, must be a number"),
        ("changes[0] NetworkIncrements('treaties'), row 3", "value 1.5 given, must be a whole"),
        ("changes[1] NetworkReplacements('treaty')", "unknown network 'treaty', did you mean 'tr"),
        ("changes[1] NetworkReplacements('treaty'), row 1", "value -1 given, must be a whole"),
        ("changes[2] AttributeReplacements('GDP')", "unknown attribute 'GDP', did you mean 'gdp'"),
        ("changes[2] AttributeReplacements('GDP'), row 1", "value 'rich' given, must be a number"),
        ("changes[3] PresenceChanges, row 1", "value 2 given, must be True, False, 1 or 0"),
        ("changes[4]", "str given, must be one of NetworkIncrements, NetworkReplacements"),
    ):
        assert any(line.startswith(f"{place}: {problem}") for line in told), (place, problem, told)


@pytest.mark.parametrize(
    ("actors", "problem"),
    [
        (pd.DataFrame({"name": ["a", "b"]}), "actors: column 'label' is missing"),
        (pd.DataFrame({"label": ["a", "a"]}), "actors, row 2: label 'a' of row 1 again"),
        (pd.DataFrame({"label;gdp": ["a;1"]}), "actors: columns are separated by semicolons"),
        (pd.DataFrame({"label": ["a", None]}), "actors, row 2: label is missing (pandas reads"),
        (pd.DataFrame({"label": ["a"]}), "actors: 1 actors given, must be 2 or more"),
        (pd.DataFrame({"label": ["a", ["b"]]}), "actors, row 2: label ['b'] given, must be text"),
        (
            pd.DataFrame({"label": ["a", "b"], "present": [1, None]}),
            "actors, row 2: present is missing, must be True, False, 1 or 0",
        ),
        ([1, 2], "actors: must be a DataFrame, not list"),
    ],
)
def test_wrong_actors(actors: Any, problem: str) -> None:
    with pytest.raises(InputError, match=re.escape(problem)) as told:
        EventData(actors, {}, [])
    assert len(told.value.problems) == 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            increments((2, "FRA", "DEU", 1), (1, "ITA", "ESP", 1)),
            "row 2: time 1 after 2; rows must",
        ),
        (increments((1, "FRA", None, 1)), "row 1: receiver is missing"),
        (increments((1, "FRA", "DEU", None)), "row 1: value is missing, must be a whole number"),
        (
            increments((1, "FRA", "DEU", 1), (1, "DEU", "FRA", 1)),
            "every tie stands here in both directions; give each increment once",
        ),
        (
            AttributeReplacements("gdp", of_labels((1, "FRA", 1)).drop(columns="value")),
            "column 'value' is missing; columns are time, label",
        ),
        (PresenceChanges(of_labels((1, "FRA", None))), "row 1: value is missing, must be True"),
        (PresenceChanges(None), "must be a DataFrame, not NoneType"),
    ],
)
def test_wrong_changes(change: Any, problem: str) -> None:
    told = problems(change)
    assert len(told) == 1
    assert problem in told[0]


def test_changes_of_one_instant_happen_in_the_order_given() -> None:
    """A border that is drawn and taken away on one day, an actor that leaves and comes back."""
    table = increments((1, "FRA", "DEU", 1), (1, "DEU", "FRA", 0)).table
    data = EventData(
        ACTORS,
        {"treaties": NO_TIES, "border": NO_TIES},
        [
            NetworkReplacements("border", table),
            AttributeReplacements("gdp", of_labels((1, "FRA", 9), (1, "FRA", 4))),
            PresenceChanges(of_labels((1, "FRA", 0), (1, "FRA", 1))),
            increments((2, "FRA", "DEU", 1)),
        ],
    )
    plain = made(increments((2, "FRA", "DEU", 1)))
    expected = log_likelihood(plain, "treaties", [Alter("gdp")], [0.3])
    found = log_likelihood(data, "treaties", [Alter("gdp"), Tie("border")], [0.3, 5.0])
    assert float(found) == pytest.approx(float(expected))


def test_what_looks_odd_is_said_in_one_line_each() -> None:
    rows = [
        (19600131, "FRA", "DEU", 1),
        (19600131, "FRA", "DEU", 1),
        (19600201, "DEU", "ITA", 1),
        (19600201, "ITA", "DEU", 1),
        (19600301, "ITA", "ESP", 1),
    ]
    moves = AttributeReplacements("gdp", of_labels((19600131, "FRA", None)))
    with pytest.warns(UserWarning, match="repeats an earlier row"):
        data = made(increments(*rows), moves, actors=ACTORS.assign(gdp=[4.0, None, None, 2.0]))
    place = "changes[0] NetworkIncrements('treaties'), row"
    assert data.notes == (
        "actors, row 2: gdp is missing; it takes the mean of those known, 3 (2 such rows)",
        f"{place} 1: time 19600131 is read as the date 1960-01-31, and so are all of the column",
        f"{place} 2: repeats an earlier row; each counts",
        f"{place} 4: repeats an earlier row in the other direction; each counts",
        "changes[1] AttributeReplacements('gdp'), row 1: time 19600131 is read as the date "
        "1960-01-31, and so are all of the column",
        "changes[1] AttributeReplacements('gdp'), row 1: value is missing; it takes the mean of "
        "the others at that time",
    )
    assert str(data.table_of(data.changes[:1])["time"][0].date()) == "1960-01-31"


def test_a_date_that_does_not_exist_is_refused_and_months_are_noted() -> None:
    days = (20200228, 20200229, 20200230)
    with pytest.raises(InputError, match="row 3: time 20200230 given, must be a number or a date"):
        made(increments(*((day, "FRA", "DEU", 1) for day in days)))
    with pytest.warns(UserWarning, match="202001 is read as a plain number; write months as"):
        made(increments((202001, "FRA", "DEU", 1), (202003, "FRA", "ITA", 1)))


def test_numbers_that_are_no_dates_stay_numbers() -> None:
    for times in ((19600131, 19601399), (1960, 1961), (19600131.5, 19600201.0)):
        data = made(increments(*((time, "FRA", "DEU", 1) for time in times)))
        assert data.notes == ()
        assert [change.time for change in data.changes] == list(times)


def test_kinds_of_time_are_not_mixed() -> None:
    told = problems(
        increments((1, "FRA", "DEU", 1)),
        PresenceChanges(of_labels(("1960-01-01", "FRA", 1))),
    )
    assert told == (
        "changes[1] PresenceChanges: time holds dates, but tables before it hold numbers; all "
        "times must be of one kind",
    )


def test_a_table_that_is_wrong_all_over_does_not_fill_the_screen() -> None:
    some = [(1, "FRA", "DEU", 1), *((1, "FRA", f"X{row}", 1) for row in range(400))]
    told = problems(increments(*some))
    assert len(told) == 13
    assert told[-1].endswith("and 388 more problems of this table")


def test_a_column_that_is_wrong_as_a_whole_is_one_line_each() -> None:
    told = problems(increments(*((f"day {row}", "FRA", f"X{row}", "one") for row in range(9))))
    place, rest = (
        "changes[0] NetworkIncrements('treaties'), row 1",
        "none of the 9 rows can be used",
    )
    assert sorted(told) == [
        f"{place}: time 'day 0' given, must be a number or a date such as 1960-01-31; and so on, "
        f"{rest}",
        f"{place}: unknown receiver 'X0'; and so on, {rest}",
        f"{place}: value 'one' given, must be a whole number; and so on, {rest}",
    ]


def test_a_blank_beside_a_label_is_pointed_out() -> None:
    (told,) = problems(increments((1, " FRA", "DEU", 1)))
    assert told.endswith("row 1: sender ' FRA' has a blank before or behind it, must be 'FRA'")


def test_taking_away_more_than_is_there_is_a_warning() -> None:
    with pytest.warns(UserWarning, match=r"1 increments take away more .* 'FRA' and 'DEU' at 1;"):
        data = made(increments((1, "FRA", "DEU", -1), (2, "FRA", "DEU", 1), (3, "FRA", "DEU", 1)))
    logs = log_likelihood(data, "treaties", [Tie("treaties")], [1.0]).event_log_likelihood
    np.testing.assert_allclose(np.exp(logs), 1 / 6)


# Models that do not fit the data

DATA = made(increments((1, "FRA", "DEU", 1), (2, "ITA", "DEU", 1)))


@pytest.mark.parametrize(
    ("dependent", "effects", "problem"),
    [
        ("treatys", [Tie("treaties")], "dependent: unknown network 'treatys', did you mean"),
        ("treaties", [Tie("border")], "effects[0]: Tie(border): unknown network 'border'"),
        ("treaties", [Alter("gdb")], "effects[0]: Alter(gdb): unknown attribute 'gdb', did you"),
        (
            "treaties",
            [Tie("treaties"), Tie("treaties")],
            "effects[1]: Tie(treaties) is there twice",
        ),
        ("treaties", ["Tie"], "effects[0]: 'Tie' given, must be an effect such as Tie('network')"),
        ("treaties", [Tie], "must be an effect such as Tie('network')"),
        ("treaties", "Tie", "effects: must be a list of effects"),
        ("treaties", [], "effects: give at least one effect"),
        ("treaties", [Ego("gdp")], "effects[0]: Ego(gdp) is for rate models"),
        (
            "treaties",
            [Difference("gdp", transform=np.log)],
            "Difference(gdp, transform=log): the statistic of 'FRA'",
        ),
        (
            "treaties",
            [Degree("treaties", transform=np.sum)],
            "transform returns shape () for shape (4,)",
        ),
    ],
)
def test_models_that_do_not_fit(dependent: str, effects: Any, problem: str) -> None:
    actors = ACTORS.assign(gdp=[4.0, 4.0, 3.0, 2.0])
    data = made(increments((1, "FRA", "DEU", 1), (2, "ITA", "DEU", 1)), actors=actors)
    with pytest.raises(InputError, match=re.escape(problem)) as told:
        fit(data, dependent, effects)
    assert len(told.value.problems) == 1


def test_a_network_without_events_cannot_be_explained() -> None:
    with pytest.raises(InputError, match="'treaties' has no increments of \\+1 to explain"):
        fit(made(increments((1, "FRA", "DEU", 2))), "treaties", [Alter("gdp")])


def test_events_of_absent_actors_are_told() -> None:
    data = made(
        PresenceChanges(of_labels(("1960-01-01", "DEU", 0), ("1960-03-01", "DEU", 1))),
        increments(("1960-02-01", "FRA", "DEU", 1), ("1960-03-01", "FRA", "DEU", 1)),
    )
    with pytest.raises(InputError) as told:
        fit(data, "treaties", [Alter("gdp")])
    assert told.value.problems == (
        "dependent events of 'treaties': 'DEU' is absent at 1960-02-01, but has a tie to 'FRA' "
        "then",
    )


@pytest.mark.parametrize("b", [[1.0], [1.0, 2.0, 3.0], [math.nan, 1.0], "ab", [[1.0, 2.0]]])
def test_wrong_coefficients(b: Any) -> None:
    with pytest.raises(InputError, match="b: must be 2 finite numbers, one per effect"):
        log_likelihood(DATA, "treaties", [Tie("treaties"), Alter("gdp")], b)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: Tie("a", window=0), "Tie: window 0 given, must be a number above 0"),
        (lambda: Degree("a", window="1 year"), "Degree: window '1 year' given"),
        (lambda: Tie("a", transform=np.log1p), "Tie: transform is for weights; add weighted=True"),
        (lambda: Degree("a", weighted=1), "Degree: weighted 1 given, must be True or False"),
        (lambda: FourCycles("a", transform=2), "FourCycles: transform 2 given, must be a function"),
        (lambda: Alter("a", ignore_repetitions=None), "Alter: ignore_repetitions None given"),
        (lambda: Product(Tie("a"), "Tie"), "Product: second 'Tie' given, must be an effect"),
        (
            lambda: Product(Tie("a", ignore_repetitions=True), Tie("b")),
            "Product: Tie(a, ignore_repetitions): give ignore_repetitions to the product",
        ),
    ],
)
def test_wrong_options(make: Any, problem: str) -> None:
    with pytest.raises(InputError, match=re.escape(problem)):
        make()


def test_effects_have_names_that_tell_their_options() -> None:
    assert [
        effect.name
        for effect in (
            Tie("a"),
            Degree("a", weighted=True, transform=np.log1p, window=365, ignore_repetitions=True),
            SharedPartners("a", "b"),
            MeanOverPartners("a", "x", window=2),
            Product(Ego("x"), Tie("a", window=3), ignore_repetitions=True),
        )
    ] == [
        "Tie(a)",
        "Degree(a, ignore_repetitions, weighted, transform=log1p, window=365)",
        "SharedPartners(a, b)",
        "MeanOverPartners(a, x, window=2)",
        "Product(Ego(x), Tie(a, window=3), ignore_repetitions)",
    ]
