// Everything that a link holds: two strategies, shocks, and what is being looked at.

import { at, type Facts } from "./facts";

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

export interface State {
  world: string;
  a: Arm;
  b: Arm;
  edit: "a" | "b";
  shocks: Shock[];
  quarter: number;
  view: "map" | "network";
  show: "a" | "b" | "both" | "change";
  area: string;
  metric: string;
  country: string;
  language: string;
}

/** Groups of weights of which only the proportions count: all are sent if one changed. */
export const SHARES = ["policy.priorities", "policy.offer.mix", "policy.offer.targeting"];
const WEIGHT = 100;

export function shareGroup(path: string): string | undefined {
  return SHARES.find((group) => path.startsWith(`${group}.`));
}

export function initialState(facts: Facts, language: string): State {
  const arm = (): Arm => ({
    policy: facts.defaults["policy"]!,
    geopolitics: facts.defaults["geopolitics"]!,
    behaviour: facts.defaults["behaviour"]!,
    set: {},
  });
  return {
    world: "named",
    a: arm(),
    b: arm(),
    edit: "b",
    shocks: [],
    quarter: 42,
    view: "map",
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
    world: state.world,
    changes,
  };
}

// The link. Readable: a.policy=..., b.set.policy.openness=..., shock=type~place~quarter~severity~on

/** Write a state as the part of the address behind "#". */
export function written(state: State): string {
  const words = new URLSearchParams();
  words.set("world", state.world);
  for (const which of ["a", "b"] as const) {
    const arm = state[which];
    words.set(`${which}.policy`, arm.policy);
    words.set(`${which}.geopolitics`, arm.geopolitics);
    words.set(`${which}.behaviour`, arm.behaviour);
    for (const [path, value] of Object.entries(arm.set)) {
      words.set(`${which}.set.${path}`, Array.isArray(value) ? value.join(",") : String(value));
    }
  }
  for (const shock of state.shocks) {
    words.append(
      "shock",
      [shock.type, shock.where, shock.quarter, shock.severity, shock.on].join("~"),
    );
  }
  for (const key of VIEW_KEYS) words.set(key, String(state[key]));
  return words.toString();
}

const VIEW_KEYS = [
  "edit", "quarter", "view", "show", "area", "metric", "country", "language",
] as const;

/** Read a state from an address; what is unknown there is left as it is. */
export function read(text: string, facts: Facts, start: State): State {
  const words = new URLSearchParams(text);
  const state = structuredClone(start);
  const world = words.get("world");
  if (world !== null && world in facts.worlds) state.world = world;
  for (const which of ["a", "b"] as const) {
    const arm = state[which];
    const policy = words.get(`${which}.policy`);
    const climate = words.get(`${which}.geopolitics`);
    const behaviour = words.get(`${which}.behaviour`);
    if (policy !== null && policy in facts.policies) arm.policy = policy;
    if (climate !== null && climate in facts.climates) arm.geopolitics = climate;
    if (behaviour !== null && behaviour in facts.behaviours) arm.behaviour = behaviour;
    for (const [key, value] of words) {
      if (!key.startsWith(`${which}.set.`)) continue;
      const path = key.slice(6);
      if (path === "policy.hubs") arm.set[path] = value ? value.split(",") : [];
      else if (value !== "" && Number.isFinite(Number(value))) arm.set[path] = Number(value);
    }
  }
  state.shocks = words
    .getAll("shock")
    .map((line) => line.split("~"))
    .filter((parts) => parts.length === 5 && facts.shocks.some((shock) => shock.name === parts[0]))
    .map(([type, where, quarter, severity, on]) => ({
      type: type!,
      where: where!,
      quarter: quarter!,
      severity: Math.min(1, Math.max(0, Number(severity) || 0)),
      on: on === "ab" ? "ab" : "b",
    }));
  const view = state as unknown as Record<string, string | number>;
  const allowed: Partial<Record<(typeof VIEW_KEYS)[number], readonly string[]>> = {
    edit: ["a", "b"],
    view: ["map", "network"],
    show: ["a", "b", "both", "change"],
    area: ["all", "ties", ...facts.areas],
    metric: Object.keys(facts.metrics),
    country: ["", ...facts.worlds[state.world]!.countries.map(([iso3]) => iso3)],
    language: ["en", "de", "fr"],
  };
  for (const [key, values] of Object.entries(allowed)) {
    const value = words.get(key);
    if (value !== null && values.includes(value)) view[key] = value;
  }
  const quarter = Number(words.get("quarter") ?? state.quarter);
  if (Number.isInteger(quarter) && quarter >= 0 && quarter <= facts.limits.quarters) {
    state.quarter = quarter;
  }
  return state;
}

/** What of a state undo and redo concern: what is simulated, not what is looked at. */
export interface Model {
  world: string;
  a: Arm;
  b: Arm;
  shocks: Shock[];
}

export function modelOf(state: State): Model {
  return structuredClone({ world: state.world, a: state.a, b: state.b, shocks: state.shocks });
}

/** Earlier and undone models. Changes of one slider in one go are one step. */
export class History {
  private past: Model[] = [];
  private future: Model[] = [];
  private lastKey = "";

  note(before: Model, key: string): void {
    if (key !== "" && key === this.lastKey && this.past.length) return;
    this.past.push(before);
    if (this.past.length > 100) this.past.shift();
    this.future = [];
    this.lastKey = key;
  }

  /** The next change of the same slider is a step of its own. */
  close(): void {
    this.lastKey = "";
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  undo(now: Model): Model | undefined {
    const before = this.past.pop();
    if (before) this.future.push(now);
    this.lastKey = "";
    return before;
  }

  redo(now: Model): Model | undefined {
    const after = this.future.pop();
    if (after) this.past.push(now);
    this.lastKey = "";
    return after;
  }

  /** The model before the last change, without going there. */
  get previous(): Model | undefined {
    return this.past[this.past.length - 1];
  }
}
