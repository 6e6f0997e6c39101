// What a lever or a choice changes in a state.

import type { Facts } from "./facts";
import { defaultOf, type State } from "./state";

export type Group = "policy" | "geopolitics" | "behaviour";

/** Set a number in some strategies; null, and the default itself, take it back to the default. */
export function setLever(facts: Facts, state: State, path: string, value: number | null, arms: ("a" | "b")[]): void {
  for (const which of arms) {
    const arm = state[which];
    if (value === null || Math.abs(value - defaultOf(facts, arm, path)) < 1e-9) delete arm.set[path];
    else arm.set[path] = value;
  }
}

/** Choose an option; what was set by hand in its group ends with it. Behaviour is that of both. */
export function chooseOption(state: State, group: Group, option: string, which: "a" | "b"): void {
  const arms = group === "behaviour" ? [state.a, state.b] : [state[which]];
  for (const arm of arms) {
    arm[group] = option;
    for (const path of Object.keys(arm.set)) {
      if (path.startsWith(`${group}.`)) delete arm.set[path];
    }
  }
}
