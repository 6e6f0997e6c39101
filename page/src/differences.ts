// Everything that A and B differ in, always in sight: one chip for each, which also takes it back.

import { button, el } from "./dom";
import type { Facts } from "./facts";
import { placeName, policyName, settingName } from "./names";
import { hubsOf, valueOf, type State } from "./state";
import { labelled, plain, quarter as said, t } from "./words";

export interface Difference {
  text: string;
  /** Make B as A in this. */
  revert: (state: State) => void;
}

const OPTIONS = ["policy", "geopolitics", "behaviour"] as const;

/** What A and B differ in, as said in the language chosen. */
export function differencesOf(facts: Facts, { a, b, shocks }: State): Difference[] {
  const found: Difference[] = [];
  for (const option of OPTIONS) {
    if (a[option] === b[option]) continue;
    const label = t({ policy: "preset", geopolitics: "climate", behaviour: "behaviour" }[option]);
    const name = (arm: typeof a) => (option === "policy" ? policyName({ ...arm, set: {} }, arm.policy) : t(arm[option]));
    found.push({
      text: labelled(label, `${name(a)} → ${name(b)}`),
      revert: (state) => (state.b[option] = state.a[option]),
    });
  }
  for (const path of [...new Set([...Object.keys(a.set), ...Object.keys(b.set)])].sort()) {
    const hubs = path === "policy.hubs";
    const one = hubs ? hubsOf(facts, a).join(", ") || "–" : plain(valueOf(facts, a, path));
    const other = hubs ? hubsOf(facts, b).join(", ") || "–" : plain(valueOf(facts, b, path));
    if (one === other) continue;
    found.push({
      text: labelled(settingName(facts, path), `${one} → ${other}`),
      revert: (state) => {
        const value = hubs ? hubsOf(facts, state.a) : valueOf(facts, state.a, path);
        state.b.set[path] = value;
        if (!(path in state.a.set) && OPTIONS.every((option) => state.a[option] === state.b[option])) delete state.b.set[path];
      },
    });
  }
  for (const shock of shocks.filter(({ on }) => on === "b")) {
    found.push({
      text: `⚡ ${t(shock.type)}, ${placeName(shock.where, facts.countries)}, ${said(shock.quarter)}, ${plain(shock.severity)}`,
      revert: (state) => (state.shocks = state.shocks.filter((one) => JSON.stringify(one) !== JSON.stringify(shock))),
    });
  }
  return found;
}

/** Everything that makes a strategy what it is: policy, climate, what was set by hand, shocks. */
export function scenarioText(facts: Facts, state: State, which: "a" | "b"): string {
  const arm = state[which];
  const set = Object.entries(arm.set).map(([path, value]) => `${settingName(facts, path)} ${Array.isArray(value) ? value.join(" ") : plain(value)}`);
  const shocks = state.shocks
    .filter(({ on }) => on.includes(which))
    .map(({ type, where, quarter, severity }) => `⚡ ${t(type)}, ${placeName(where, facts.countries)}, ${said(quarter)}, ${plain(severity)}`);
  const climate = labelled(t("climate"), t(arm.geopolitics));
  return [policyName({ ...arm, set: {} }, arm.policy), climate, t(arm.behaviour), ...set, ...shocks].join("; ");
}

export class DifferencesView {
  readonly node = el("ul", { class: "differences" });

  constructor(
    private readonly facts: Facts,
    private readonly onRevert: (revert: (state: State) => void) => void,
  ) {}

  update(state: State, fixed: boolean): void {
    const found = differencesOf(this.facts, state);
    this.node.setAttribute("aria-label", t("differ_in"));
    const chips = found.map(({ text, revert }) => {
      const told = t("take_back", { name: text });
      return el("li", {}, text, fixed ? null : button("✕", () => this.onRevert(revert), { "aria-label": told, title: told }));
    });
    this.node.replaceChildren(el("li", { class: "differ-in" }, found.length ? t("differ_in") : t("differ_in_nothing")), ...chips);
  }
}
