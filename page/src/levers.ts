// The panel of levers: groups in tabs, the main ones first.

import type { Group } from "./changes";
import { button, choice, el, set } from "./dom";
import type { Facts } from "./facts";
import { Lever } from "./lever";
import { countryList } from "./names";
import { SHARES, rangeOf, shareGroup } from "./ranges";
import { defaultOf, hubsOf, valueOf, type State } from "./state";
import { known, regionName, t } from "./words";

const MAIN = [
  "policy.offer.envelope",
  "policy.negotiators",
  "policy.openness",
  "geopolitics.intensity",
  "policy.priorities.deepen",
  "policy.priorities.broaden",
  "policy.priorities.connect",
  "policy.priorities.strengthen",
];
const MONEY = ["private", "development_finance", "export_credit", "carry_over"];
const THRESHOLDS = ["reservation_partner", "reservation_eu"];
const WORLD = ["geopolitics.intensity", "geopolitics.intensification", "geopolitics.rival_drift"];

/** How far sliders go where all that may be typed would make them too coarse. */
const REACH: Record<string, [number, number, number]> = {
  "policy.offer.envelope": [0, 5000, 50],
  "policy.negotiators": [0, 1500, 10],
  "geopolitics.intensity": [0, 3, 0.05],
  "geopolitics.intensification": [-0.2, 0.3, 0.01],
  "geopolitics.rival_drift": [-0.05, 0.05, 0.001],
  "policy.offer.private": [0, 3, 0.05],
  "policy.offer.development_finance": [0, 3, 0.05],
  "policy.offer.export_credit": [0, 3, 0.05],
};

export interface LeverHandlers {
  onLever: (path: string, value: number | null, done: boolean) => void;
  onHubs: (hubs: string[]) => void;
  onOption: (group: Group, option: string) => void;
}

export class LeversView {
  readonly node = el("section", { class: "levers", id: "levers" });
  private readonly tabs = el("div", { class: "tabs", role: "tablist" });
  private readonly panels = el("div", { class: "panels" });
  private levers: Lever[] = [];
  private hubs: HTMLInputElement[] = [];
  private chosen = "main";
  private built = "";

  constructor(
    private readonly facts: Facts,
    private readonly handlers: LeverHandlers,
    private readonly shocks: HTMLElement,
    private readonly goals: HTMLElement,
  ) {
    this.node.append(this.tabs, this.panels);
    this.tabs.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const all = [...this.tabs.children] as HTMLElement[];
      const next = all[(all.findIndex((tab) => tab === document.activeElement) + by + all.length) % all.length]!;
      next.focus();
      next.click();
      event.preventDefault();
      event.stopPropagation();
    });
  }

  /** Make all levers anew where the language changed. */
  private build(state: State): void {
    const key = state.language;
    if (key === this.built) return;
    this.built = key;
    this.levers = [];
    set(this.node, "aria-label", t("levers"));
    set(this.tabs, "aria-label", t("levers"));
    const { facts } = this;
    const list = (paths: string[]) => el("div", { class: "lever-grid" }, ...paths.map((path) => this.lever(path)));
    const groups: [string, HTMLElement][] = [
      ["main", list(MAIN)],
      ["modules", list([
        ...facts.modules.map((name) => `policy.offer.mix.${name}`),
        ...MONEY.map((name) => `policy.offer.${name}`),
      ])],
      ["targeting", list([
        ...facts.targeting.map((name) => `policy.offer.targeting.${name}`),
        ...THRESHOLDS.map((name) => `policy.offer.${name}`),
      ])],
      ["areas", list(facts.areas.map((name) => `policy.areas.${name}`))],
      ["regions", list(this.facts.openers.map((name) => `policy.regions.${name}`))],
      ["hubs", this.hubsPanel()],
      ["world", this.worldPanel()],
      ["shocks", this.shocks],
      ["goals", this.goals],
    ];
    this.tabs.replaceChildren();
    this.panels.replaceChildren();
    for (const [name, content] of groups) {
      this.tabs.append(button(t(`tab_${name}`), () => this.open(name), { role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}` }));
      this.panels.append(
        el("div", { class: "panel", role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, tabindex: 0 }, content),
      );
    }
    this.open(this.chosen);
  }

  /** Open the tab of a group. */
  open(name: string): void {
    this.chosen = name;
    for (const tab of this.tabs.children) {
      const mine = tab.id === `tab-${name}`;
      set(tab, "aria-selected", String(mine));
      set(tab, "tabindex", mine ? 0 : -1);
    }
    for (const panel of this.panels.children) {
      (panel as HTMLElement).hidden = panel.id !== `panel-${name}`;
    }
  }

  private lever(path: string): Lever["node"] {
    const last = path.split(".").pop()!;
    const region = path.startsWith("policy.regions.");
    const area = path.startsWith("policy.areas.");
    const fact = this.facts.levers[path];
    const share = shareGroup(path) !== undefined;
    const range = rangeOf(this.facts, "", path)!;
    const [from, to, step] = REACH[path] ?? [range.low, range.high, share ? 1 : range.high <= 1 ? 0.01 : 0.05];
    const name = region ? regionName(path.slice(15)) : known(path) ? t(path) : t(last);
    const meaning = region
      ? t("region_priority")
      : area
        ? t("area_priority")
        : known(`?${path}`)
          ? t(`?${path}`)
          : (fact?.meaning ?? "");
    const lever = new Lever(
      {
        path, name, meaning, unit: share ? "weight" : (fact?.unit ?? ""),
        range, reach: [from, to], step,
      },
      this.handlers.onLever,
    );
    this.levers.push(lever);
    return lever.node;
  }

  private hubsPanel(): HTMLElement {
    this.hubs = [];
    const boxes = countryList(this.facts.countries).map(([iso3, name]) => {
      const box = el("input", { type: "checkbox", value: iso3, id: `hub-${iso3}` });
      box.addEventListener("change", () =>
        this.handlers.onHubs(this.hubs.filter((hub) => hub.checked).map((hub) => hub.value).sort()),
      );
      this.hubs.push(box);
      return el("span", { class: "hub" }, box, el("label", { for: `hub-${iso3}` }, name));
    });
    return el("fieldset", { class: "hubs" }, el("legend", {}, t("hubs_hint")), ...boxes);
  }

  private worldPanel(): HTMLElement {
    const { facts, handlers } = this;
    const pick = (
      group: "geopolitics" | "behaviour",
      label: string,
      options: [string, string][],
    ) => {
      const list = choice(t(label), options, "", (option) => handlers.onOption(group, option));
      list.dataset["option"] = group;
      return el("div", { class: "lever" },
        el("div", { class: "lever-head" }, el("span", { class: "lever-name" }, t(label))),
        list,
        el("p", { class: "lever-about" }, t(`${label}_hint`)));
    };
    return el("div", { class: "lever-grid" },
      pick("geopolitics", "climate", Object.keys(facts.climates).map((name) => [name, t(name)])),
      pick("behaviour", "behaviour", Object.keys(facts.behaviours).map((name) => [name, t(name)])),
      ...WORLD.map((path) => this.lever(path)));
  }

  update(state: State, fixed: boolean): void {
    this.build(state);
    const arm = state[state.edit];
    set(this.node, "data-edit", state.edit);
    const totals = new Map<string, number>();
    for (const group of SHARES) {
      const paths = this.levers.map(({ settings }) => settings.path).filter((path) => shareGroup(path) === group);
      totals.set(group, paths.reduce((sum, path) => sum + valueOf(this.facts, arm, path), 0));
    }
    for (const lever of this.levers) {
      const { path } = lever.settings;
      const value = valueOf(this.facts, arm, path);
      const total = totals.get(shareGroup(path) ?? "");
      const share = total ? t("share_now", { n: Math.round((100 * value) / total) }) : "";
      lever.update(value, defaultOf(this.facts, arm, path), share, fixed);
    }
    const hubs = hubsOf(this.facts, arm);
    for (const box of this.hubs) {
      box.checked = hubs.includes(box.value);
      box.disabled = fixed;
    }
    for (const list of this.panels.querySelectorAll<HTMLSelectElement>("select[data-option]")) {
      const group = list.dataset["option"] as "geopolitics" | "behaviour";
      list.value = arm[group];
      list.disabled = fixed;
    }
  }
}
