// The event feed: what happens around the quarter shown, in how many of the futures.

import type { Answer } from "./answer";
import { button, el } from "./dom";
import { at, type Facts, type Tree } from "./facts";
import { quarterIndex } from "./timeline";
import type { State } from "./state";
import { countryName, instrumentName, placeName } from "./names";
import { labelled, quarter as said, regionName, spoken, t } from "./words";

const SHOWN = 60;
/** Events in fewer futures than this are not told, unless A and B differ much. */
const LIKELY = 25;
const VERY_LIKELY = 70;

interface Row {
  quarter: number;
  text: string;
  a: number;
  b: number;
  kind: "tie" | "strike" | "dropped" | "switch";
  iso3: string;
}

/** Of strikes that recur year after year, only the first is news. */
function firsts(rows: Row[]): Row[] {
  const seen = new Set<string>();
  return rows
    .sort((one, other) => one.quarter - other.quarter || other.b - one.b)
    .filter(({ kind, text }) => kind !== "strike" || (!seen.has(text) && seen.add(text)));
}

export class FeedView {
  readonly node = el("div", { class: "feed" });
  private readonly list = el("ol");
  private readonly only = el("input", { type: "checkbox", id: "only-different" });
  private last: (() => void) | null = null;
  private drawn = "";

  constructor(
    private readonly facts: Facts,
    private readonly onCountry: (iso3: string) => void,
  ) {
    this.only.addEventListener("change", () => this.last?.());
  }

  /** Write the labels anew, in the language now chosen. */
  label(): void {
    const label = el("label", { for: "only-different" }, t("only_different"));
    this.node.replaceChildren(el("div", { class: "feed-head" }, this.only, label), this.list);
  }

  update(answer: Answer, state: State): void {
    this.last = () => this.update(answer, state);
    if (!answer.a.feed || !answer.b.feed) {
      // The rows of the last whole answer stay until the next one.
      if (!this.list.childElementCount) this.list.append(el("li", { class: "quiet" }, t("feed_waits")));
      return;
    }
    const rows = this.rows(answer, state);
    const before = rows.filter((row) => row.quarter <= state.quarter);
    // What the visitor dropped is never crowded out by what came after it.
    const shown = before.filter(({ kind }, place) => kind === "dropped" || place >= before.length - SHOWN).reverse();
    const key = JSON.stringify([spoken(), answer.same, shown]);
    if (key === this.drawn) return;
    this.drawn = key;
    this.list.replaceChildren(
      ...(shown.length ? shown.map((row) => this.line(row, answer)) : [el("li", { class: "quiet" }, t("no_events"))]),
    );
  }

  private rows(answer: Answer, state: State): Row[] {
    const world = this.facts;
    const found = new Map<string, Row>();
    for (const which of ["a", "b"] as const) {
      const feed = answer[which].feed!;
      for (const [quarter, country, instrument, percent] of feed.ties) {
        const key = `tie ${country} ${instrument}`;
        const row: Row = found.get(key) ?? {
          quarter, a: 0, b: 0, kind: "tie",
          iso3: world.countries[country]![0],
          text: labelled(countryName(world.countries[country]![0], world.countries[country]![1]), instrumentName(this.facts, instrument)),
        };
        row[which] = percent;
        if (which === "b") row.quarter = quarter;
        found.set(key, row);
      }
      const own = (at(this.facts.policies[state[which].policy], "switches") ?? []) as Tree[];
      for (const [quarter, number, percent] of feed.switches) {
        const name = String(own[number]?.["name"] ?? number).replace(/_/g, " ");
        const row: Row = found.get(`switch ${name}`) ?? {
          quarter, a: 0, b: 0, kind: "switch", iso3: "", text: `⇄ ${t("course", { name })}`,
        };
        row[which] = percent;
        found.set(`switch ${name}`, row);
      }
      for (const [quarter, shock, region, percent] of feed.strikes) {
        const key = `strike ${quarter} ${shock} ${region}`;
        const place = region >= 0 ? regionName(world.regions[region]!) : t("whole_world");
        const name = this.facts.shocks[shock]?.name ?? "";
        const row: Row = found.get(key) ?? {
          quarter, a: 0, b: 0, kind: "strike", iso3: "", text: `⚡ ${t(name)}, ${place}`,
        };
        row[which] = percent;
        found.set(key, row);
      }
    }
    let rows = [...found.values()].filter(
      (row) => row.kind === "switch" || Math.max(row.a, row.b) >= (row.kind === "strike" ? VERY_LIKELY : LIKELY),
    );
    rows = firsts(rows);
    if (this.only.checked) rows = rows.filter((row) => Math.abs(row.a - row.b) >= 5);
    for (const shock of state.shocks) {
      rows.push({
        quarter: quarterIndex(shock.quarter, answer.quarters), a: shock.on === "ab" ? 100 : 0, b: 100,
        kind: "dropped", iso3: "", text: `⚡ ${t(shock.type)}, ${placeName(shock.where, world.countries)} (${t("dropped_shock")})`,
      });
    }
    return rows.sort((one, other) => one.quarter - other.quarter || other.b - one.b);
  }

  private line(row: Row, answer: Answer): HTMLElement {
    const number = (percent: number) => (percent ? String(percent) : t("few"));
    const told = answer.same || row.a === row.b
      ? t("event_in", { n: number(row.b) })
      : t("event_against", { a: number(row.a), b: number(row.b) });
    const text = row.iso3 ? button(row.text, () => this.onCountry(row.iso3), { class: "plain" }) : el("span", {}, row.text);
    return el(
      "li",
      { class: row.kind },
      el("span", { class: "when" }, said(answer.quarters[row.quarter] ?? "")),
      text,
      el("span", { class: "odds" }, told),
    );
  }
}
