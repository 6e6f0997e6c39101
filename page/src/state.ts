// Everything that a link holds: two strategies, shocks, and what is being looked at.

import type { Annotation } from "./annotations";
import { at, type CountryFact, type Facts } from "./facts";
import { WEIGHT, shareGroup } from "./ranges";

export interface Arm {
  policy: string;
  geopolitics: string;
  behaviour: string;
  /** Settings that differ from the options, by dotted path. */
  set: Record<string, number | string[]>;
}

export interface Shock {
  type: string;
  where: string;
  quarter: string;
  severity: number;
  /** Whom it strikes: strategy B only, or both. */
  on: "b" | "ab";
}

/** A metric that is to reach a value: at least (more) or at most (less). */
export interface Goal {
  metric: string;
  sense: "more" | "less";
  value: number;
}

/** A strategy kept by name for the scoreboard. */
export interface SavedArm {
  name: string;
  arm: Arm;
}

export interface State {
  a: Arm;
  b: Arm;
  edit: "a" | "b";
  shocks: Shock[];
  goals: Goal[];
  annotations: Annotation[];
  saved: SavedArm[];
  quarter: number;
  view: "map" | "network";
  /** Which partners are shown; all are simulated. */
  partners: "all" | "named";
  show: "a" | "b" | "both" | "change";
  area: string;
  metric: string;
  country: string;
  language: string;
}

/** Whether a partner is shown. */
export function isShown([, , , named]: CountryFact, state: State): boolean {
  return state.partners === "all" || named;
}

/** What may be looked at in which way. */
export const VIEWS = {
  edit: ["a", "b"],
  view: ["map", "network"],
  partners: ["all", "named"],
  show: ["a", "b", "both", "change"],
} as const;

export function initialState(facts: Facts, language: string): State {
  const arm = (): Arm => ({
    policy: facts.defaults["policy"]!,
    geopolitics: facts.defaults["geopolitics"]!,
    behaviour: facts.defaults["behaviour"]!,
    set: {},
  });
  return {
    a: arm(),
    b: arm(),
    edit: "b",
    shocks: [],
    goals: [],
    annotations: [],
    saved: [],
    quarter: facts.quarters.length - 1,
    view: "map",
    partners: "all",
    show: "b",
    area: "all",
    metric: "instruments",
    country: "",
    language,
  };
}

/** The options' own value of a setting, on the scale of its slider. */
export function defaultOf(facts: Facts, arm: Arm, path: string): number {
  const [group] = path.split(".");
  if (group === "behaviour") {
    return facts.behaviours[arm.behaviour]?.coefficients[path.split(".")[2]!]?.value ?? 0;
  }
  const tree = group === "policy" ? facts.policies[arm.policy] : facts.climates[arm.geopolitics];
  const inside = path.slice(group!.length + 1);
  const value = at(tree, inside.startsWith("regions.") ? "regions" : inside);
  if (inside.startsWith("regions.")) {
    return Number((value as Record<string, number> | undefined)?.[inside.slice(8)] ?? 1);
  }
  const number = Number(value ?? 0);
  return shareGroup(path) ? Math.round(number * WEIGHT) : number;
}

export function valueOf(facts: Facts, arm: Arm, path: string): number {
  const value = arm.set[path];
  return typeof value === "number" ? value : defaultOf(facts, arm, path);
}

export function hubsOf(facts: Facts, arm: Arm): string[] {
  const value = arm.set["policy.hubs"];
  return Array.isArray(value) ? value : ((at(facts.policies[arm.policy], "hubs") as string[]) ?? []);
}

/** Settings nested as the server wants them. */
function nested(facts: Facts, arm: Arm): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  const put = (keys: string[], value: unknown) => {
    let here = tree;
    for (const key of keys.slice(0, -1)) here = (here[key] ??= {}) as Record<string, unknown>;
    here[keys[keys.length - 1]!] = value;
  };
  const groups = new Set<string>();
  for (const [path, value] of Object.entries(arm.set)) {
    const group = shareGroup(path);
    if (group) groups.add(group);
    else if (path.startsWith("policy.regions.")) put(["policy", "regions", path.slice(15)], value);
    else if (path.startsWith("behaviour.")) put([...path.split("."), "value"], value);
    else put(path.split("."), value);
  }
  for (const group of groups) {
    const names = Object.keys(at(facts.policies[arm.policy], group.slice(7)) as object);
    for (const name of names) {
      put([...group.split("."), name], valueOf(facts, arm, `${group}.${name}`));
    }
  }
  return tree;
}

export function armRequest(facts: Facts, state: State, which: "a" | "b"): Record<string, unknown> {
  const arm = state[which];
  const changes = nested(facts, arm);
  const own = (at(facts.climates[arm.geopolitics], "schedule") as unknown[]) ?? [];
  const dropped = state.shocks
    .filter((shock) => shock.on.includes(which))
    .map((shock) => ({
      shock: shock.type,
      where: [shock.where],
      quarter: shock.quarter,
      severity: shock.severity,
    }));
  if (dropped.length) {
    changes["geopolitics"] = {
      ...((changes["geopolitics"] as object) ?? {}),
      schedule: [...own, ...dropped],
    };
  }
  return {
    policy: arm.policy,
    geopolitics: arm.geopolitics,
    behaviour: arm.behaviour,
    changes,
  };
}

/** What of a state undo and redo concern: what is simulated, not what is looked at. */
export interface Model {
  a: Arm;
  b: Arm;
  shocks: Shock[];
}

export function modelOf(state: State): Model {
  return structuredClone({ a: state.a, b: state.b, shocks: state.shocks });
}
