// The link. Readable: a.policy=..., b.set.policy.openness=..., shock=type~place~quarter~severity~on

import { LONGEST_TEXT } from "./annotations";
import type { Facts } from "./facts";
import { numbers, rangeOf, type Range } from "./ranges";
import { VIEWS, type Arm, type Goal, type Shock, type State } from "./state";
import { LANGUAGES, seen } from "./words";

/** Something in a link that cannot be used: where, what stood there, and what may stand there. */
export interface Misfit {
  part: string;
  /** Name of the text for the field within the part. */
  field?: string;
  given: string;
  allowed: { range: Range } | { names: string[] } | { settings: string[] } | "shock" | { most: number };
}

const VIEW_KEYS = [
  "edit", "quarter", "view", "partners", "show", "area", "metric", "country", "language",
] as const;
const OPTIONS = ["policy", "geopolitics", "behaviour"] as const;

/** What makes a strategy, word by word. */
function wordsOf(arm: Arm): [string, string][] {
  return [
    ...OPTIONS.map((option): [string, string] => [option, arm[option]]),
    // A list is written with commas.
    ...Object.entries(arm.set).map(([path, value]): [string, string] => [`set.${path}`, String(value)]),
  ];
}

/** Write a state as the part of the address behind "#". */
export function written(state: State): string {
  const words = new URLSearchParams();
  for (const which of ["a", "b"] as const) {
    for (const [key, value] of wordsOf(state[which])) words.set(`${which}.${key}`, value);
  }
  for (const { type, where, quarter, severity, on } of state.shocks) words.append("shock", [type, where, quarter, severity, on].join("~"));
  for (const { metric, sense, value } of state.goals) words.append("goal", [metric, sense, value].join("~"));
  for (const { quarter, text } of state.annotations) words.append("note", `${quarter}~${text}`);
  for (const { name, arm } of state.saved) words.append("saved", `${name}~${new URLSearchParams(wordsOf(arm))}`);
  for (const key of VIEW_KEYS) words.set(key, String(state[key]));
  return words.toString();
}

/** A number as people write it in a link; nothing but a finite one will do. */
function numberOf(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}

/** Reads a link part by part; what cannot be used is noted and left at its default. */
class Reader {
  readonly misfits: Misfit[] = [];

  constructor(
    private readonly facts: Facts,
    private readonly state: State,
    private readonly start: State,
  ) {}

  private note(place: string, given: string, allowed: Misfit["allowed"]): void {
    const [part, field] = place.split("~") as [string, string?];
    this.misfits.push({ part, ...(field ? { field } : {}), given, allowed });
  }

  /** Tell whether a list is full, which is noted. */
  private full(part: string, line: string, list: unknown[], most: number): boolean {
    if (list.length >= most) this.note(part, line, { most });
    return list.length >= most;
  }

  /** Take one of some names. */
  name(part: string, given: string, names: string[], use: (name: string) => void): void {
    if (names.includes(given)) use(given);
    else this.note(part, given, { names });
  }

  number(part: string, given: string, range: Range, use: (value: number) => void): void {
    const value = numberOf(given);
    const fits = value >= range.low && value <= range.high && (!range.whole || Number.isInteger(value));
    if (fits) use(value);
    else this.note(part, given, { range });
  }

  setting(key: string, path: string, given: string, arm: Arm): void {
    if (path === "policy.hubs") {
      const hubs: string[] = [];
      for (const code of given === "" ? [] : given.split(",")) this.name(key, code, this.codes, (iso3) => hubs.push(iso3));
      arm.set[path] = [...new Set(hubs)].sort();
      return;
    }
    const range = rangeOf(this.facts, arm.behaviour, path);
    if (range) this.number(key, given, range, (value) => (arm.set[path] = value));
    else this.unknown(key, given, ["policy.hubs", ...numbers(this.facts, arm.behaviour)].map((name) => `${key.slice(0, 6)}${name}`));
  }

  unknown(key: string, given: string, settings: string[]): void {
    this.note(key, given, { settings });
  }

  shock(line: string): void {
    const parts = line.split("~");
    if (parts.length !== 5) {
      this.note("shock", line, "shock");
      return;
    }
    if (this.full("shock", line, this.state.shocks, this.facts.limits.scheduled / 2)) return;
    const before = this.misfits.length;
    const found: Partial<Shock> = {};
    const [type, where, quarter, severity, on] = parts as [string, string, string, string, string];
    this.name("shock~shock_type", type, this.facts.shocks.map(({ name }) => name), (name) => (found.type = name));
    this.name("shock~shock_where", where, ["world", ...this.facts.regions, ...this.codes], (name) => (found.where = name));
    this.name("shock~quarter", quarter, this.facts.quarters.slice(1), (name) => (found.quarter = name));
    this.number("shock~shock_strength", severity, { low: 0, high: 1, whole: false }, (value) => (found.severity = value));
    this.name("shock~shock_on", on, ["b", "ab"], (name) => (found.on = name === "ab" ? "ab" : "b"));
    if (this.misfits.length === before) this.state.shocks.push(found as Shock);
  }

  goal(line: string): void {
    const [metric, sense, value] = line.split("~") as [string, string?, string?];
    if (this.full("goal", line, this.state.goals, this.facts.limits.goals)) return;
    const before = this.misfits.length;
    this.name("goal~metric", metric, Object.keys(this.facts.metrics), () => undefined);
    this.name("goal~goal_sense", sense ?? "", ["more", "less"], () => undefined);
    this.number("goal~goal_value", value ?? "", { low: -1e12, high: 1e12, whole: false }, () => undefined);
    if (this.misfits.length === before) this.state.goals.push({ metric, sense: sense as Goal["sense"], value: Number(value) });
  }

  annotation(line: string): void {
    if (this.full("note", line, this.state.annotations, this.facts.limits.annotations)) return;
    const [quarter] = line.split("~", 1) as [string];
    const text = line.slice(quarter.length + 1, quarter.length + 1 + LONGEST_TEXT).trim();
    this.name("note~quarter", quarter, this.facts.quarters, () => {
      if (text) this.state.annotations.push({ quarter, text });
    });
  }

  /** Take a strategy kept for the scoreboard; in it, what cannot be used is left out like elsewhere. */
  saved(line: string): void {
    // In the words of the strategy "~" is written otherwise; in its name it may stand.
    const end = line.lastIndexOf("~");
    const [name, words] = [line.slice(0, Math.max(0, end)), line.slice(end + 1)];
    if (this.full("saved", line, this.state.saved, this.facts.limits.saved)) return;
    const arm: Arm = { ...structuredClone(this.start.a), set: {} };
    const own = [...new URLSearchParams(words)];
    for (const option of OPTIONS) {
      const given = own.find(([key]) => key === option)?.[1];
      if (given !== undefined) this.name("saved", given, Object.keys(this.options[option]), (value) => (arm[option] = value));
    }
    for (const [key, value] of own) if (key.startsWith("set.")) this.setting(key, key.slice(4), value, arm);
    this.state.saved.push({ name: name.slice(0, 40), arm });
  }

  get options(): Record<(typeof OPTIONS)[number], object> {
    const { policies, climates, behaviours } = this.facts;
    return { policy: policies, geopolitics: climates, behaviour: behaviours };
  }

  get codes(): string[] {
    return this.facts.countries.map(([iso3]) => iso3);
  }

  view(key: (typeof VIEW_KEYS)[number], given: string): void {
    const { facts, state } = this;
    if (key === "quarter") {
      this.number(key, given, { low: 0, high: facts.quarters.length - 1, whole: true }, (value) => (state.quarter = value));
      return;
    }
    const allowed: Record<Exclude<typeof key, "quarter">, readonly string[]> = {
      ...VIEWS,
      area: ["all", "ties", ...facts.areas],
      metric: Object.keys(facts.metrics),
      country: ["", ...this.codes],
      language: LANGUAGES.map(([code]) => code),
    };
    this.name(key, given, [...allowed[key]], (name) => ((state as unknown as Record<string, string>)[key] = name));
  }
}

/** Read a state from an address, and what there cannot be used. */
export function read(text: string, facts: Facts, start: State): { state: State; misfits: Misfit[] } {
  const words = [...new URLSearchParams(text)].map(([key, value]) => [seen(key), seen(value)] as const);
  const state: State = { ...structuredClone(start), shocks: [], goals: [], annotations: [], saved: [] };
  const reader = new Reader(facts, state, start);
  const { options } = reader;
  const known = ["shock", "goal", "note", "saved", ...VIEW_KEYS, ...["a", "b"].flatMap((which) => OPTIONS.map((option) => `${which}.${option}`))];
  // Options first, then what is set within them.
  for (const [key, value] of words) {
    const [which, option] = key.split(".", 2) as ["a" | "b", (typeof OPTIONS)[number]];
    if (known.includes(key) && key.includes(".")) {
      reader.name(key, value, Object.keys(options[option]), (name) => (state[which][option] = name));
    }
  }
  for (const [key, value] of words) {
    if (key === "shock") reader.shock(value);
    else if (key === "goal") reader.goal(value);
    else if (key === "note") reader.annotation(value);
    else if (key === "saved") reader.saved(value);
    else if ((VIEW_KEYS as readonly string[]).includes(key)) reader.view(key as (typeof VIEW_KEYS)[number], value);
    else if (/^[ab]\.set\./.test(key)) reader.setting(key, key.slice(6), value, state[key[0] as "a" | "b"]);
    else if (!known.includes(key)) reader.unknown(key, value, known);
  }
  state.annotations.sort((one, other) => one.quarter.localeCompare(other.quarter));
  return { state, misfits: reader.misfits };
}

/**
 * Leave out of a state what the program refused, line by line ("B: policy.openness = 2: ..."), so
 * that it can be asked again. Something is always left out; at last both strategies are `start`'s.
 */
export function withoutRefused(state: State, lines: string[], start: State): State {
  const mended = structuredClone(state);
  let dropped = 0;
  for (const line of lines) {
    const [, letter, path] = /^([AB]): ([\w.]+)/.exec(line) ?? [];
    if (!letter || !path) continue;
    const arm = mended[letter === "A" ? "a" : "b"];
    for (const key of Object.keys(arm.set)) {
      if (key === path || key.startsWith(`${path}.`) || path.startsWith(`${key}.`)) {
        delete arm.set[key];
        dropped += 1;
      }
    }
  }
  return dropped ? mended : { ...mended, a: start.a, b: start.b, shocks: [] };
}
