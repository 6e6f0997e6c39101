// What has happened in an exercise: values, who decided what, who guessed best, the debrief.

import { el, scrolling } from "./dom";
import { linesOf } from "./decision";
import type { DebriefAnswer, Differences, Exercise, View } from "./exercise";
import { goalBar, goalName } from "./goals";
import { quantity, spread } from "./growth";
import { isSmall } from "./headline";
import { instrumentName, placeName } from "./names";
import { labelled, quarter as said, t } from "./words";

/** Headline metrics: two years ago, now, and what the agents alone would have made of it. */
export function values(known: Exercise, view: View): HTMLElement {
  const { facts } = known;
  const names = [...new Set([...facts.headlines, view.metric])];
  const rows = names.filter((name) => view.metrics?.[name]).map((name) => {
    const fact = facts.metrics[name]!;
    const [before, now, alone] = view.metrics[name]!;
    return el("tr", {}, el("th", { scope: "row" }, t(`metric.${name}`)),
      el("td", {}, view.round > 1 ? quantity(fact, before) : "–"), el("td", { class: "value-b" }, quantity(fact, now)),
      el("td", { class: "value-a" }, view.round > 1 ? quantity(fact, alone) : "–"));
  });
  return el("table", { class: "values" },
    el("caption", {}, t("world_now", { quarter: said(view.quarter) })),
    el("thead", {}, el("tr", {}, el("td", {}), ...["two_years_ago", "in_room", "agents_alone"].map((key) => el("th", { scope: "col" }, t(key))))),
    el("tbody", {}, ...rows));
}

/** The goals of the room: how far each is reached now, by the room and by the agents alone. */
export function goals(known: Exercise, view: View): HTMLElement | null {
  const { facts } = known;
  if (!view.goals.length) return null;
  const items = view.goals.map((goal) => {
    const { metric, sense, value } = goal;
    const [, now, alone] = view.metrics[metric]!;
    const bar = (which: "a" | "b", there: number) => {
      const met = sense === "more" ? there >= value : there <= value;
      const share = sense === "more" ? there / value : value / there;
      return goalBar(which, met ? 100 : 100 * share, `${which.toUpperCase()} ${quantity(facts.metrics[metric]!, there)}${met ? " ✓" : ""}`);
    };
    return el("li", {}, el("span", { class: "goal-name" }, goalName(facts, goal)), bar("b", now), view.round > 1 ? bar("a", alone) : null);
  });
  return el("section", {}, el("h3", {}, t("goals_of_room")), el("ul", { class: "goals" }, ...items));
}

/** What the facilitator wrote at moments of the story. */
export function chapters(known: Exercise, view: View): HTMLElement | null {
  const items = view.annotations.map(({ quarter, text }) => el("li", {}, labelled(said(known.facts.quarters[quarter]!), text)));
  return items.length ? el("ol", { class: "annotations" }, ...items) : null;
}

/** In how many of 100 futures the goals are reached at the end. */
function goalShares(known: Exercise, { goals, reached }: View): HTMLElement | null {
  if (!reached) return null;
  const names = [...goals.map((goal) => goalName(known.facts, goal)), ...(goals.length > 1 ? [t("goals_together")] : [])];
  const cells = (place: number) => reached.map((shares) => el("td", {}, `${shares[place]} %`));
  return el("table", { class: "values" }, el("caption", {}, t("goals_reached")),
    el("thead", {}, el("tr", {}, el("td", {}), ...["agents_alone", "in_room"].map((key) => el("th", { scope: "col" }, t(key))))),
    el("tbody", {}, ...names.map((name, place) => el("tr", {}, el("th", { scope: "row" }, name), ...cells(place)))));
}

/** Levers before a round, from where they stand now. */
function leversBefore(known: Exercise, view: View, round: number): Record<string, number> {
  const levers: Record<string, number> = {};
  for (const { levers: own } of known.roles) for (const path of Object.keys(own)) levers[path] = view.first[path]!;
  for (const each of view.played.slice(0, round)) {
    for (const decision of Object.values(each.decisions)) Object.assign(levers, decision.levers);
  }
  return levers;
}

/** Who did what, round by round, the last one first. */
export function log(known: Exercise, view: View): HTMLElement {
  const rounds = view.played.map((each, place) => {
    const before = leversBefore(known, view, place);
    const teams = known.roles.flatMap(({ role }) => {
      const decision = each.decisions[role];
      if (!decision) return [];
      const lines = linesOf(known, decision, before);
      const by = each.by[role] === "facilitator" ? ` (${t("by_facilitator")})` : "";
      return [el("li", {}, el("strong", {}, t(`role.${role}`) + by), labelled("", ""), lines.length ? lines.join("; ") : t("nothing_decided"))];
    });
    const idle = known.roles.filter(({ role }) => !each.decisions[role]).map(({ role }) => t(`role.${role}`));
    return el("section", { class: "round" }, el("h3", {}, t("round_n", { n: place + 1 })),
      el("ul", {}, ...teams, idle.length ? el("li", { class: "quiet" }, t("left_to_agents", { names: idle.join(", ") })) : null));
  });
  return el("div", { class: "log" }, ...(rounds.length ? rounds.reverse() : [el("p", { class: "quiet" }, t("nothing_played"))]));
}

/** All guesses of the last round and who was nearest; nothing where nobody guessed. */
export function guesses(known: Exercise, view: View): HTMLElement | null {
  const last = view.played[view.played.length - 1];
  const now = view.metrics?.[view.metric]?.[1];
  if (!last || now === undefined) return null;
  const fact = known.facts.metrics[view.metric]!;
  const all = Object.entries(last.decisions)
    .flatMap(([role, { guess }]) => (guess === null ? [] : [{ role, guess, off: Math.abs(guess - now) }]))
    .sort((one, other) => one.off - other.off);
  if (!all.length) return null;
  return el("section", { class: "guesses" },
    el("h3", {}, t("guesses", { metric: t(`metric.${view.metric}`), now: quantity(fact, now) })),
    el("ol", {}, ...all.map(({ role, guess }, place) =>
      el("li", {}, labelled(t(`role.${role}`), quantity(fact, guess)), place === 0 ? ` ★ ${t("nearest")}` : ""))));
}

/** What the room changed, in many futures: in all, by team, by country. */
export function debrief(known: Exercise, view: View, answer: DebriefAnswer): HTMLElement {
  const { facts } = known;
  const names = facts.headlines;
  const gap = (found: Differences, name: string) => {
    const [one, other, mean, half] = found[name]!;
    const fact = facts.metrics[name]!;
    return el("td", { class: Math.abs(mean) > half && !isSmall(fact, mean, one, other) ? "clear" : "" }, spread(fact, mean, half));
  };
  const head = el("thead", {}, el("tr", {}, el("td", {}), ...names.map((name) => el("th", { scope: "col" }, t(`metric.${name}`)))));
  const row = (label: string, cells: HTMLElement[]) => el("tr", {}, el("th", { scope: "row" }, label), ...cells);
  const known_ = Object.keys(answer.metrics).length > 0;
  const plain = (place: 0 | 1) => names.map((name) => el("td", {}, quantity(facts.metrics[name]!, answer.metrics[name]![place])));
  const countries = Object.entries(answer.countries).flatMap(([role, [alone, room]]) => {
    const there = new Map<string, [number, number]>();
    const note = (rows: [number, number, number][], side: 0 | 1) => {
      for (const [country, instrument, percent] of rows) {
        const key = labelled(placeName(facts.countries[country]![0], facts.countries), instrumentName(facts, instrument));
        const pair = there.get(key) ?? [0, 0];
        pair[side] = percent;
        there.set(key, pair);
      }
    };
    note(alone, 0);
    note(room, 1);
    const lines = [...there].sort((one, other) => Math.abs(other[1][1] - other[1][0]) - Math.abs(one[1][1] - one[1][0])).slice(0, 6);
    return lines.length === 0 ? [] : el("section", {}, el("h3", {}, t(`role.${role}`)),
      el("ul", {}, ...lines.map(([key, [a, b]]) => el("li", {}, labelled(key, t("room_against_alone", { room: b, alone: a }))))));
  });
  return el("div", { class: "debrief" },
    el("h2", {}, t("debrief")),
    answer.done < answer.of ? el("p", { role: "status" }, t("debrief_waits", { done: answer.done, of: answer.of })) : null,
    el("p", { class: "quiet" }, t("debrief_hint", { n: answer.futures })),
    known_
      ? scrolling(t("debrief"), el("table", { class: "values" }, head, el("tbody", {},
        row(t("agents_alone"), plain(0)), row(t("in_room"), plain(1)),
        row(t("room_minus_alone"), names.map((name) => gap(answer.metrics, name))),
        ...Object.entries(answer.roles).map(([role, found]) => row(t("because_of", { name: t(`role.${role}`) }), names.map((name) => gap(found, name)))))))
      : null,
    goalShares(known, view),
    countries.length ? el("h2", {}, t("countries_against_rules")) : null,
    el("div", { class: "in-columns" }, ...countries));
}
