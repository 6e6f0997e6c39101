// One country: what it has with the EU, what it weighs and why, what would change its mind.

import { askBargain, askCountry, type CountryAnswer } from "./answer";
import { lineOf } from "./asking";
import { button, choice, draw, drawerHead, el, say, set } from "./dom";
import type { Facts } from "./facts";
import { countryList, instrumentName, placeName } from "./names";
import type { State } from "./state";
import { known, labelled, number, quarter as said, t, translated } from "./words";

/** Utilities between these lie within the bars. */
const REACH = 7.5;
const LOOKED_INTO = 24;

export class CountryView {
  readonly node = el("aside", { class: "drawer country", hidden: true, tabindex: -1, id: "country" });
  private asked = "";
  private timer = 0;

  constructor(
    private readonly facts: Facts,
    private readonly onClose: () => void,
    private readonly onCountry: (iso3: string) => void,
  ) {}

  update(state: State, quarters: string[], key: string): void {
    this.node.hidden = state.country === "";
    if (this.node.hidden) {
      this.asked = "";
      return;
    }
    const which = state.show === "a" ? "a" : "b";
    const wanted = `${key} ${state.country} ${state.quarter} ${which} ${state.language}`;
    if (wanted === this.asked) return;
    const opened = this.asked === "";
    this.asked = wanted;
    if (opened) {
      this.frame(state, which, quarters, el("p", {}, t("busy")));
      this.node.focus();
    }
    clearTimeout(this.timer);
    // While somebody plays or drags, only where they come to rest is asked about.
    this.timer = window.setTimeout(() => void this.fetch(state, which, quarters, wanted), opened ? 0 : 250);
  }

  private async fetch(state: State, which: "a" | "b", quarters: string[], wanted: string): Promise<void> {
    let content: HTMLElement;
    try {
      content = this.content(await askCountry(this.facts, state, which), quarters, state, which);
    } catch (error) {
      content = el("p", { role: "alert" }, lineOf(error));
    }
    if (wanted === this.asked) this.frame(state, which, quarters, content);
  }

  private frame(state: State, which: "a" | "b", quarters: string[], content: HTMLElement): void {
    const countries = this.facts.countries;
    const name = placeName(state.country, countries);
    const held = this.node.contains(document.activeElement) ? document.activeElement?.id : "";
    const list = choice(t("choose_country"), countryList(countries), state.country, this.onCountry, "country-list");
    set(this.node, "aria-label", name);
    const scroll = this.node.scrollTop;
    this.node.replaceChildren(
      drawerHead(name, "close-country", this.onClose, list),
      el("p", { class: "quiet" }, t("country_under", { arm: which.toUpperCase(), quarter: said(quarters[state.quarter] ?? "") })),
      content,
    );
    this.node.scrollTop = scroll;
    if (held) document.getElementById(held)?.focus();
  }

  /** What would it take? The smallest package that reaches a chosen chance. */
  private bargain(state: State, which: "a" | "b"): HTMLElement {
    const told = el("p", { role: "status", class: "bargain-result" });
    const target = choice(t("bargain_target"), ["10", "25", "50", "75", "90"].map((n) => [n, `${n} %`]), "50", () => undefined, "bargain-target");
    const asked = structuredClone(state);
    const search = button(t("bargain"), () => {
      say(told, t("busy"));
      askBargain(this.facts, asked, which, Number(target.value) / 100).then(
        ({ now, changes, asks, reached }) => {
          const names = changes.map(([name, by]) => nudgeName(name, by));
          const counted = [...new Set(names)].map((name) => {
            const times = names.filter((other) => other === name).length;
            return times > 1 ? `${times} × ${name}` : name;
          });
          const n = number(100 * asks, 0);
          say(told, changes.length === 0 && reached ? t("bargain_nothing", { n })
            : t(reached ? "bargain_found" : "bargain_not_found", { n, now: number(100 * now, 1), what: counted.join(" + ") || "–" }));
        },
        (error: unknown) => say(told, lineOf(error)),
      );
    }, { id: "bargain" });
    return el("div", {}, el("h3", {}, t("bargain")), el("p", { class: "quiet" }, t("bargain_hint")),
      el("div", { class: "goal-row" }, target, search), told);
  }

  private content(answer: CountryAnswer, quarters: string[], state: State, which: "a" | "b"): HTMLElement {
    const instrument = (place: number) => instrumentName(this.facts, place);
    const percent = (share: number) => number(100 * share, share < 0.1 && share > 0 ? 1 : 0);
    return el("div", {},
      el("h3", {}, t("weighs")),
      el("p", { class: "quiet" }, t("weighs_hint", { n: LOOKED_INTO })),
      el("p", { class: "quiet" }, t("turn_hint", {
        n: percent(answer.scores["activity"] ?? 0),
        load: number(answer.scores["load"] ?? 0, 1),
        capacity: number(answer.scores["capacity"] ?? 0, 0),
      })),
      ...answer.options.map(({ instrument: place, chance, terms }) =>
        el("details", { class: "option", open: place === answer.options[0]?.instrument },
          el("summary", {}, el("b", {}, `${percent(chance)} %`), ` ${instrument(place)}`),
          this.bars(terms, instrument(place)))),
      el("p", {}, t("holding_still", { n: percent(answer.still) })),
      el("h3", {}, t("minds")),
      el("p", { class: "quiet" }, t("minds_hint")),
      el("table", { class: "minds" },
        el("tbody", {},
          el("tr", { class: "now" }, el("th", { scope: "row" }, t("asks_chance", { n: "" }).replace(/[:：]?\s*%$/, "")), el("td", {}, `${percent(answer.asks)} %`)),
          ...answer.minds
            .slice()
            .sort((one, other) => Math.abs(other.asks - answer.asks) - Math.abs(one.asks - answer.asks))
            .map((mind) => el("tr", {},
              el("th", { scope: "row" }, nudgeName(mind.change, mind.by), el("span", { class: "quiet" }, ` (${instrument(mind.favourite)})`)),
              el("td", {}, `${percent(mind.asks)} %`, el("span", { class: "shift" }, ` ${number(100 * (mind.asks - answer.asks), 1, true)}`)))))),
      this.bargain(state, which),
      el("h3", {}, t("forecast")),
      ...this.forecast(answer, state, which),
      el("h3", {}, t("steps")),
      el("p", { class: "quiet" }, t("steps_hint")),
      answer.steps.length
        ? el("ul", { class: "steps" }, ...answer.steps.map(([place, quarter, share]) =>
            el("li", {}, `${said(quarters[quarter] ?? "")} ${instrument(place)}, ${t("event_in", { n: share })}`)))
        : el("p", {}, t("none_likely")),
      el("h3", {}, t("holds")),
      el("ul", { class: "stages" }, ...answer.stages.map(([place, stage, share]) =>
        el("li", {}, el("span", { class: `stage ${stage}` }, t(stage)), ` ${instrument(place)}`,
          share < 0.995 ? el("span", { class: "quiet" }, ` ${t("event_in", { n: Math.round(100 * share) })}`) : null))),
    );
  }

  /** The numbers of the stored forecast, as `partnersim forecast` shows them. */
  private forecast({ forecast }: CountryAnswer, state: State, which: "a" | "b"): HTMLElement[] {
    const { policy, geopolitics } = state[which];
    const command = `partnersim forecast policy=${policy} geopolitics=${geopolitics} partner=${state.country}`;
    if (!forecast) return [el("p", { class: "quiet" }, t("forecast_none", { command }))];
    const percent = (share: number) => number(100 * share, share >= 0.1 ? 0 : share >= 0.01 ? 1 : 2);
    return [
      el("p", { class: "quiet" }, t("forecast_hint", { quarter: said(forecast.by), command: `${command} by=${forecast.by}` })),
      el("ol", { class: "steps" }, ...forecast.rows.map(([place, chance, low, high, reason]) =>
        el("li", {}, el("b", {}, `${percent(chance)} %`), ` (${t("forecast_ends", { low: percent(low), high: percent(high) })}) `,
          instrumentName(this.facts, place), el("span", { class: "quiet" }, ` ${why(reason)}`)))),
    ];
  }

  /** The terms of a utility as bars, the largest first. */
  private bars(terms: Record<string, number>, name: string): SVGElement {
    const rows = Object.entries(terms)
      .filter(([, value]) => Math.abs(value) >= 0.005)
      .sort((one, other) => Math.abs(other[1]) - Math.abs(one[1]));
    const sum = rows.reduce((total, [, value]) => total + value, 0);
    const middle = 322;
    const scale = 108 / REACH;
    const height = 20 * rows.length + 4;
    const told = rows.map(([term, value]) => `${t(`term.${term}`)} ${number(value, 2, true)}`).join(", ");
    return draw("svg", { viewBox: `0 0 480 ${height}`, class: "bars", role: "img", "aria-label": labelled(name, told) },
      draw("line", { x1: middle, x2: middle, y1: 0, y2: height, stroke: "#6B7680" }),
      ...rows.flatMap(([term, value], row) => {
        const length = Math.min(Math.abs(value) * scale, 112);
        return [
          draw("rect", {
            x: value < 0 ? middle - length : middle, y: 20 * row + 3, width: length, height: 14,
            fill: value < 0 ? "#0072B2" : "#E69F00",
          }),
          draw("text", { x: 4, y: 20 * row + 15, "font-size": 13 }, known(`term.${term}`) ? t(`term.${term}`) : term),
          draw("text", { x: 476, y: 20 * row + 15, "font-size": 12, "text-anchor": "end" }, number(value, 2, true)),
        ];
      }),
      draw("title", {}, `${number(sum, 2, true)}`));
  }
}

/** A reason of a forecast in the language chosen: each of its parts is a text of the page. */
function why(reason: string): string {
  return reason.split("; ").map((part) => translated("why", part)).join("; ");
}

/** What is different in a nudge: a text of its own, or a shock effect or metric and by how much. */
function nudgeName(change: string, by: number): string {
  const own = `mind.${change}`;
  if (known(own)) return t(own);
  const label = known(`effect.${change}`) ? `effect.${change}` : `metric.${change}`;
  return `${t(label)} ${number(by, 1, true)}`;
}
