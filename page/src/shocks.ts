// Shocks on demand: pick type, place, strength and quarter, drop it on the timeline.

import { button, choice, el, say, set } from "./dom";
import type { Facts } from "./facts";
import type { Shock, State } from "./state";
import { countryList, placeName } from "./names";
import { named, number, quarter as said, regionName, t } from "./words";

interface Handlers {
  onDrop: (shock: Shock) => void;
  onChange: (place: number, shock: Shock) => void;
  onRemove: (place: number) => void;
}

export class ShocksView {
  readonly node = el("div", { class: "shocks" });
  private readonly list = el("ul", { class: "shock-list" });
  private readonly told = el("p", { class: "lever-about", role: "status" });
  private composed: Shock = { type: "cable_cut", where: "world", quarter: "2028Q1", severity: 0.7, on: "b" };
  private built = "";
  private drawn = "";
  private quarters: HTMLSelectElement | null = null;
  private full = false;

  constructor(
    private readonly facts: Facts,
    private readonly handlers: Handlers,
  ) {}

  /** Drop what is composed at a quarter, where the chip was let go. */
  dropAt(label: string): void {
    this.composed.quarter = label;
    if (this.quarters) this.quarters.value = label;
    this.drop();
  }

  private drop(): void {
    if (this.full) say(this.told, t("too_many_shocks", { n: this.most }));
    else this.handlers.onDrop({ ...this.composed });
  }

  private get most(): number {
    return this.facts.limits.scheduled / 2;
  }

  private places(): HTMLSelectElement {
    const world = this.facts;
    const present = new Set(world.countries.map(([, , region]) => region));
    const option = ([value, text]: [string, string]) => el("option", { value }, text);
    const list = el("select", { id: "shock-where" },
      option(["world", t("whole_world")]),
      el("optgroup", { label: t("regions") },
        ...world.regions.filter((region) => present.has(region)).map((region) => option([region, regionName(region)]))),
      el("optgroup", { label: t("countries") },
        ...countryList(world.countries).map(option)));
    list.value = this.composed.where;
    if (!list.value) list.value = this.composed.where = "world";
    list.addEventListener("change", () => (this.composed.where = list.value));
    return list;
  }

  private build(state: State, labels: string[]): void {
    const key = `${state.language} ${labels.length}`;
    if (key === this.built) return;
    this.built = key;
    const explain = () => {
      const fact = this.facts.shocks.find(({ name }) => name === this.composed.type);
      say(this.told, fact ? named(`?shock.${fact.name}`, fact.description) : "");
    };
    const type = choice(t("shock_type"), this.facts.shocks.map(({ name }) => [name, t(name)]), this.composed.type, (value) => {
      this.composed.type = value;
      explain();
    });
    explain();
    this.quarters = choice(t("quarter"), labels.slice(1).map((label) => [label, said(label)]), this.composed.quarter, (value) => {
      this.composed.quarter = value;
    });
    const strength = el("input", { type: "range", min: 0, max: 1, step: 0.05, value: this.composed.severity, id: "shock-strength" });
    const shown = el("output", { for: "shock-strength" }, number(this.composed.severity, 2));
    strength.addEventListener("input", () => {
      this.composed.severity = Number(strength.value);
      say(shown, number(this.composed.severity, 2));
    });
    const on = choice(t("shock_on"), [["b", t("on_b")], ["ab", t("on_both")]], this.composed.on, (value) => {
      this.composed.on = value === "ab" ? "ab" : "b";
    });
    const drop = button(`⚡ ${t("drop")}`, () => this.drop(), { class: "strong", id: "drop-shock" });
    const chip = el("span", { class: "chip", draggable: "true", "aria-hidden": "true" }, `⚡ ${t("drag")}`);
    chip.addEventListener("dragstart", (event) => event.dataTransfer?.setData("text/plain", this.composed.type));
    const field = (label: string, id: string, list: HTMLElement) => {
      list.id = id;
      list.removeAttribute("aria-label");
      return el("div", { class: "field" }, el("label", { for: id }, t(label)), list);
    };
    this.node.replaceChildren(
      el("div", { class: "shock-form" },
        field("shock_type", "shock-type", type),
        field("shock_where", "shock-where", this.places()),
        el("div", { class: "field" },
          el("span", { class: "field-head" }, el("label", { for: "shock-strength" }, t("shock_strength")), shown), strength),
        field("quarter", "shock-quarter", this.quarters),
        field("shock_on", "shock-on", on),
        el("div", { class: "field-drop" }, drop, chip, this.told)),
      this.list);
  }

  update(state: State, labels: string[], fixed: boolean): void {
    const key = JSON.stringify([state.language, state.shocks, labels.length, fixed]);
    if (key === this.drawn) return;
    this.drawn = key;
    this.build(state, labels);
    this.full = fixed || state.shocks.length >= this.most;
    for (const input of this.node.querySelectorAll<HTMLInputElement>(".shock-form select, .shock-form input, .shock-form button")) {
      input.disabled = fixed;
    }
    if (!state.shocks.length) {
      this.list.replaceChildren(el("li", { class: "quiet" }, t("no_shocks")));
      return;
    }
    const world = this.facts;
    const focused = document.activeElement?.getAttribute("data-shock");
    this.list.replaceChildren(
      ...state.shocks.map((shock, place) => {
        const where = placeName(shock.where, world.countries);
        const strength = el("input", {
          type: "range", min: 0, max: 1, step: 0.05, value: shock.severity, disabled: fixed,
          "aria-label": `${t("shock_strength")}, ${t(shock.type)}`, "data-shock": place,
        });
        strength.addEventListener("change", () => this.handlers.onChange(place, { ...shock, severity: Number(strength.value) }));
        const remove = button("✕", () => this.handlers.onRemove(place), { class: "reset", "aria-label": t("remove", { name: t(shock.type) }), disabled: fixed });
        return el("li", {},
          el("span", {}, `⚡ ${said(shock.quarter)} ${t(shock.type)}, ${where} (${shock.on === "ab" ? t("on_both") : t("on_b")})`),
          strength, remove);
      }),
    );
    if (focused !== null && focused !== undefined) {
      this.list.querySelector<HTMLElement>(`[data-shock="${focused}"]`)?.focus();
    }
    set(this.node, "data-count", state.shocks.length);
  }
}
