// Questions and answers: one question at a time, the newest wins, work that is stale is dropped.

import { Refused, linesOf, post } from "./asking";
import { armRequest, type State } from "./state";
import type { Facts } from "./facts";
import { t } from "./words";

export interface Feed {
  ties: [number, number, number, number][];
  strikes: [number, number, number, number][];
  switches: [number, number, number][];
}

interface RawArm {
  digest: string;
  metrics: string;
  depth: string;
  ties: string;
  links: { pairs: string; shares: string };
  feed: Feed | null;
}

export interface RawAnswer {
  futures: number;
  quarters: string[];
  a: RawArm;
  b: RawArm | null;
  difference: string | null;
  /** Of A and of B: futures per 100 that reach each goal, and then all of them, by quarter. */
  goals: [number[][], number[][]] | null;
  whole: boolean;
}

/** An answer as it is sent: of a time path that the question said is held, the digest alone. */
type Sent = Omit<RawAnswer, "a" | "b"> & { a: RawArm | string; b: RawArm | string | null };

/** Time paths by what they were read from: what is sent once is read once. A and B may hold the same, yet are two. */
const read = { a: new WeakMap<RawArm, Path>(), b: new WeakMap<RawArm, Path>() };

/** The time path of one strategy. */
export class Path {
  /** Both countries of each pair ever linked, one pair after the other. */
  readonly pairs: Uint16Array;
  readonly feed: Feed | null;
  private readonly metrics: Float32Array;
  private readonly depths: Uint8Array;
  private readonly tied: Uint16Array;
  private readonly shares: Uint8Array;

  constructor(
    raw: RawArm,
    private readonly names: string[],
    readonly quarters: number,
    readonly countries: number,
  ) {
    this.metrics = new Float32Array(bytes(raw.metrics).buffer);
    this.depths = bytes(raw.depth);
    this.tied = new Uint16Array(bytes(raw.ties).buffer);
    this.shares = bytes(raw.links.shares);
    this.pairs = new Uint16Array(bytes(raw.links.pairs).buffer);
    this.feed = raw.feed;
  }

  /** Low end, mean or high end (0, 1, 2) of a metric. */
  metric(name: string, row: 0 | 1 | 2, quarter: number): number {
    return this.metrics[(this.names.indexOf(name) * 3 + row) * this.quarters + quarter] ?? NaN;
  }

  /** Mean depth of a country in an area; over all areas if the area is -1. */
  depth(quarter: number, country: number, area: number): number {
    const first = (quarter * this.countries + country) * 8;
    if (area >= 0) return (this.depths[first + area] ?? 0) / 60;
    let sum = 0;
    for (let place = 0; place < 8; place += 1) sum += this.depths[first + place] ?? 0;
    return sum / 480;
  }

  /** Mean number of instruments in force. */
  ties(quarter: number, country: number): number {
    return (this.tied[quarter * this.countries + country] ?? 0) / 10;
  }

  /** Share of futures in which a pair is linked, 0..1. */
  linked(pair: number, quarter: number): number {
    return (this.shares[pair * this.quarters + quarter] ?? 0) / 100;
  }
}

export class Answer {
  readonly a: Path;
  readonly b: Path;
  readonly same: boolean;
  readonly quarters: string[];
  readonly futures: number;
  readonly whole: boolean;
  private readonly names: string[];
  private readonly differences: Float32Array | null;

  constructor(
    readonly raw: RawAnswer,
    facts: Facts,
  ) {
    this.names = Object.keys(facts.metrics);
    const countries = facts.countries.length;
    this.quarters = raw.quarters;
    this.futures = raw.futures;
    this.whole = raw.whole;
    const pathOf = (which: "a" | "b", arm: RawArm) => {
      const path = read[which].get(arm) ?? new Path(arm, this.names, raw.quarters.length, countries);
      read[which].set(arm, path);
      return path;
    };
    this.a = pathOf("a", raw.a);
    this.same = raw.b === null;
    this.b = raw.b ? pathOf("b", raw.b) : this.a;
    this.differences = raw.difference ? new Float32Array(bytes(raw.difference).buffer) : null;
  }

  /** Mean difference B minus A, half-width of its interval, share of futures with B above A. */
  difference(name: string, quarter: number): [number, number, number] {
    if (!this.differences) return [0, 0, 0];
    const row = (part: number) =>
      this.differences![(this.names.indexOf(name) * 3 + part) * this.quarters.length + quarter]!;
    return [row(0), row(1), row(2)];
  }
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const result = new Uint8Array(binary.length);
  for (let place = 0; place < binary.length; place += 1) result[place] = binary.charCodeAt(place);
  return result;
}

/** Milliseconds before the program is asked again, the first time and later. */
export const pauseAfter = (failed: number): number => (failed ? 1000 : 500);

/** Asks the server about the newest state, and drops what is stale. */
export class Questions {
  private wanted: State | null = null;
  private asking: AbortController | null = null;
  private answered = true;
  private failed = 0;
  /** Both time paths of the last answer with so many futures. */
  private readonly held = new Map<number, RawArm[]>();

  constructor(
    private readonly facts: Facts,
    private readonly onAnswer: (answer: Answer, state: State) => void,
    private readonly onProblem: (refused: Refused) => void,
    /** What is said of the connection; nothing while it holds. */
    private readonly onLine: (line: string) => void,
  ) {}

  /** Ask about a state; a question whose first answer is still to come is let through first. */
  ask(state: State): void {
    this.wanted = structuredClone(state);
    if (this.asking && !this.answered) return;
    this.asking?.abort();
    void this.next();
  }

  private async next(): Promise<void> {
    const state = this.wanted;
    if (!state) return;
    this.wanted = null;
    const asking = new AbortController();
    this.asking = asking;
    this.answered = false;
    try {
      await this.stream(state, asking);
    } catch (error) {
      if (!asking.signal.aborted) {
        if (error instanceof Refused && error.status !== 503) this.onProblem(error);
        else {
          // An outage heals by itself: the newest question is asked again until it is answered.
          this.onLine(t(error instanceof Refused ? "busy_room" : "reconnecting"));
          await new Promise((done) => setTimeout(done, pauseAfter(this.failed)));
          this.failed += 1;
          this.wanted ??= state;
        }
      }
    } finally {
      if (this.asking === asking) {
        this.asking = null;
        this.answered = true;
        if (this.wanted) void this.next();
      }
    }
  }

  private async stream(state: State, asking: AbortController): Promise<void> {
    const [a, b] = [armRequest(this.facts, state, "a"), armRequest(this.facts, state, "b")];
    const held = [...this.held.values()].flat();
    const question = { a, b, futures: this.facts.limits.futures, goals: state.goals, held: held.map(({ digest }) => digest) };
    const whole = (arm: RawArm | string) => (typeof arm === "string" ? held.find(({ digest }) => digest === arm)! : arm);
    const response = await post("api/simulate", question, asking.signal);
    for await (const line of linesOf(response)) {
      const sent = JSON.parse(line) as Sent;
      const raw: RawAnswer = { ...sent, a: whole(sent.a), b: sent.b === null ? null : whole(sent.b) };
      this.held.set(raw.futures, raw.b ? [raw.a, raw.b] : [raw.a]);
      const answer = new Answer(raw, this.facts);
      this.answered = true;
      this.failed = 0;
      this.onLine("");
      this.onAnswer(answer, state);
      if (this.wanted) {
        // Somebody moved on: what is left of this answer is stale.
        asking.abort();
        void this.next();
        return;
      }
    }
  }
}

export interface CountryAnswer {
  stages: [number, string, number][];
  scores: Record<string, number>;
  still: number;
  options: { instrument: number; chance: number; terms: Record<string, number> }[];
  asks: number;
  minds: { change: string; by: number; asks: number; favourite: number }[];
  steps: [number, number, number][];
  /** What is forecast, if a forecast of the strategy is stored: instrument, chance, interval, reason. */
  forecast: { by: string; rows: [number, number, number, number, string][] } | null;
}

/** The smallest package of changes after which a country is as likely as wanted to ask. */
export interface Bargain {
  now: number;
  changes: [string, number][];
  asks: number;
  reached: boolean;
}

/** Search for what it would take until a country asks with a chance. */
export async function askBargain(facts: Facts, state: State, which: "a" | "b", target: number): Promise<Bargain> {
  return (await aboutCountry(facts, state, which, { target })) as Bargain;
}

/** Ask about one country under one strategy at the quarter shown. */
export async function askCountry(facts: Facts, state: State, which: "a" | "b"): Promise<CountryAnswer> {
  return (await aboutCountry(facts, state, which, {})) as CountryAnswer;
}

async function aboutCountry(facts: Facts, state: State, which: "a" | "b", more: object): Promise<unknown> {
  const question = { arm: armRequest(facts, state, which), iso3: state.country, quarter: state.quarter, ...more };
  return (await post("api/country", question)).json();
}
