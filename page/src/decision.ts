// The form in which a role decides: its levers, its shocks, the turns of its countries, a guess.

import { button, choice, el, say, toggles } from "./dom";
import type { Decision, Exercise, RoleFact, Strike, View } from "./exercise";
import { scaleOf, unitOf } from "./growth";
import { countryList, instrumentName, placeName } from "./names";
import { labelled, number, plain, quarter as said, regionName, seen, t } from "./words";

/** Quarters of a round. */
export const QUARTERS = 8;
/** Instruments shown at first; the rest after a click. */
const FEW = 12;

export function emptyDecision(): Decision {
  return { levers: {}, shocks: [], proposes: [], declines: [], guess: null, note: "" };
}

type Stance = "propose" | "rules" | "decline";

export class DecisionForm {
  /** Disabled while nothing can be decided. */
  readonly fields = el("fieldset");
  readonly node = el("form", { class: "decision" }, this.fields);
  private decision = emptyDecision();
  private all = false;

  constructor(
    private readonly known: Exercise,
    private readonly role: RoleFact,
    private readonly onChange: (decision: Decision) => void,
  ) {
    this.node.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Show what has been decided so far, where the session stands. */
  show(view: View, decision: Decision | null): void {
    this.decision = structuredClone(decision ?? emptyDecision());
    const { role } = this;
    this.fields.replaceChildren(
      ...(Object.keys(role.levers).length ? [this.levers(view)] : []),
      ...(role.countries.length ? [this.turns(view)] : []),
      ...(Object.keys(role.shocks).length ? [this.shocks(view)] : []),
      this.guess(view), this.note());
  }

  private changed(): void {
    this.onChange(structuredClone(this.decision));
  }

  private levers(view: View): HTMLElement {
    const rows = Object.entries(this.role.levers).map(([path, { low, high, price }]) => {
      const stands = view.levers[path]!;
      const now = () => this.decision.levers[path] ?? stands;
      const id = `decide-${path}`;
      const step = high <= 1 ? 0.05 : high <= 100 ? 1 : high <= 1500 ? 10 : 50;
      const slider = el("input", { type: "range", id, min: low, max: high, step, value: now(), "data-path": path });
      const value = el("output", { for: id });
      const { unit } = this.known.facts.levers[path]!;
      const write = () => say(value, `${now() === stands ? "" : `${plain(stands)} → `}${plain(now())}${unit ? ` ${t(unit)}` : ""}`);
      slider.addEventListener("input", () => {
        const given = Number(slider.value);
        if (Math.abs(given - stands) < step / 2) delete this.decision.levers[path];
        else this.decision.levers[path] = given;
        write();
        this.changed();
      });
      write();
      return el("div", { class: "decide-lever" },
        el("label", { for: id }, t(path)), value, slider,
        el("p", { class: "quiet" }, t(`?${path}`), " ", t("price_of_lever", { n: plain(price) })));
    });
    return el("section", {}, el("h2", {}, t("your_levers")), ...rows);
  }

  private turns(view: View): HTMLElement {
    const { role, known } = this;
    const rows = view.standing[role.role] ?? [];
    const chosen = new Set([...this.decision.proposes, ...this.decision.declines]);
    const open = rows.filter(([name, , chance]) => chance >= 0 || chosen.has(name)).sort((one, other) => other[2] - one[2]);
    const held = rows.filter(([, stage]) => !["none", "planned"].includes(stage));
    const names = namesOf(known);
    const shown = this.all ? open : open.filter(([name], place) => place < FEW || chosen.has(name));
    const list = shown.map(([name, , chance]) => {
      const stance: Stance = this.decision.proposes.includes(name) ? "propose" : this.decision.declines.includes(name) ? "decline" : "rules";
      const label = names.get(name) ?? name;
      const pick = toggles(label, [["propose", t("propose")], ["rules", t("as_rules")], ["decline", t("decline")]], stance, (to) => {
        this.decision.proposes = this.decision.proposes.filter((one) => one !== name);
        this.decision.declines = this.decision.declines.filter((one) => one !== name);
        if (to === "propose") this.decision.proposes.push(name);
        if (to === "decline") this.decision.declines.push(name);
        pick.show(to);
        this.changed();
      });
      return el("li", { "data-instrument": name },
        el("span", { class: "turn-name" }, label),
        el("span", { class: "quiet" }, t("rules_would", { n: number(100 * Math.max(0, chance), chance < 0.095 ? 1 : 0) })), pick);
    });
    const more = button(t("show_all", { n: open.length }), () => {
      this.all = true;
      this.show(view, this.decision);
    });
    const countries = role.countries.map((iso3) => placeName(iso3, known.facts.countries)).join(", ");
    return el("section", {},
      el("h2", {}, t("your_turns", { names: countries })),
      el("p", { class: "quiet" }, t("turns_hint", { n: plain(role.country_price) })),
      el("ul", { class: "turns" }, ...list),
      shown.length < open.length ? more : null,
      held.length
        ? el("details", {}, el("summary", {}, t("you_hold", { n: held.length })),
          el("ul", {}, ...held.map(([name, stage]) => el("li", {}, labelled(names.get(name) ?? name, t(stage))))))
        : null);
  }

  private shocks(view: View): HTMLElement {
    const { role, known } = this;
    const scopes = new Map(known.facts.shocks.map(({ name, scope }) => [name, scope]));
    const list = el("ul", { class: "strikes" });
    const [first] = Object.keys(role.shocks) as [string];
    const type = choice(t("shock_type"), Object.entries(role.shocks).map(([name, price]) => [name, `${t(name)} (${t("points_full", { n: plain(price) })})`]), first, () => places());
    const where = choice(t("shock_where"), [], "", () => undefined);
    const quarters = this.quarters(view);
    const when = choice(t("quarter"), quarters.map((label, place) => [String(place + 1), label]), "1", () => undefined);
    const strength = el("input", { type: "range", min: 0.1, max: 1, step: 0.1, value: 0.5, id: "strike-severity" });
    const places = () => {
      const world = scopes.get(type.value) === "world";
      const options: [string, string][] = world
        ? [["world", t("whole_world")]]
        : [...countryList(known.facts.countries).filter(([iso3]) => !role.countries.includes(iso3)),
          ...known.facts.regions.map((name): [string, string] => [name, labelled(t("region"), `${regionName(name)} (×3)`)])];
      where.replaceChildren(...options.map(([key, text]) => el("option", { value: key }, text)));
    };
    places();
    const write = () =>
      list.replaceChildren(...this.decision.shocks.map((strike, place) => el("li", {},
        this.tellStrike(strike, quarters),
        button("✕", () => {
          this.decision.shocks.splice(place, 1);
          write();
          this.changed();
        }, { "aria-label": t("remove", { name: t(strike.shock) }) }))));
    write();
    const add = button(t("add_shock"), () => {
      this.decision.shocks.push({ shock: type.value, where: where.value, quarter: Number(when.value), severity: Number(strength.value) });
      write();
      this.changed();
    }, { id: "add-strike", class: "strong" });
    return el("section", {}, el("h2", {}, t("your_shocks")), el("p", { class: "quiet" }, t("shocks_hint")), list,
      el("div", { class: "strike-form" }, type, where, when, el("label", { for: "strike-severity" }, t("shock_strength")), strength, add));
  }

  private tellStrike({ shock, where, quarter, severity }: Strike, quarters: string[]): string {
    return `⚡ ${t(shock)}, ${placeName(where, this.known.facts.countries)}, ${quarters[quarter - 1] ?? ""}, ${plain(severity)}`;
  }

  /** The quarters of the round, as people say them. */
  private quarters(view: View): string[] {
    const all = this.known.facts.quarters;
    const first = all.indexOf(view.quarter) + 1;
    return all.slice(first, first + QUARTERS).map(said);
  }

  private guess(view: View): HTMLElement {
    const fact = this.known.facts.metrics[view.metric]!;
    const scale = scaleOf(fact);
    const field = el("input", { type: "number", id: "guess", step: "any", value: this.decision.guess === null ? "" : plainNumber(this.decision.guess * scale) });
    field.addEventListener("input", () => {
      this.decision.guess = field.value === "" || !Number.isFinite(field.valueAsNumber) ? null : field.valueAsNumber / scale;
      this.changed();
    });
    const now = number((view.metrics[view.metric]?.[1] ?? NaN) * scale, fact.decimals);
    const unit = unitOf(fact);
    return el("section", {}, el("h2", {}, t("your_guess")),
      el("label", { for: "guess" }, t("guess_of", { metric: t(`metric.${view.metric}`), now: now + unit, when: said(view.until) })), field, unit);
  }

  private note(): HTMLElement {
    const field = el("input", { type: "text", id: "note", maxlength: 200, value: this.decision.note });
    field.addEventListener("input", () => {
      this.decision.note = seen(field.value);
      this.changed();
    });
    return el("section", {}, el("label", { for: "note" }, t("your_note")), field);
  }
}

/** What instruments are called, by their codes. */
function namesOf({ facts }: Exercise): Map<string, string> {
  return new Map(facts.instruments.map(([code], place) => [code, instrumentName(facts, place)]));
}

/** As browsers want numbers in a field. */
function plainNumber(value: number): string {
  return String(Math.round(value * 1e6) / 1e6);
}

/** What was decided, one line for each thing. */
export function linesOf(known: Exercise, decision: Decision, before: Record<string, number>): string[] {
  const names = namesOf(known);
  const list = (codes: string[]) => codes.map((code) => names.get(code) ?? code).join(", ");
  return [
    ...Object.entries(decision.levers).map(([path, value]) => labelled(t(path), `${plain(before[path] ?? NaN)} → ${plain(value)}`)),
    ...decision.shocks.map(({ shock, where, severity }) => `⚡ ${t(shock)}, ${placeName(where, known.facts.countries)}, ${plain(severity)}`),
    ...(decision.proposes.length ? [labelled(t("proposed"), list(decision.proposes))] : []),
    ...(decision.declines.length ? [labelled(t("declined"), list(decision.declines))] : []),
    ...(decision.note ? [t("quoted", { text: decision.note })] : []),
  ];
}

