// What phones and the shared screen of a team exercise have in common: what they know, how they ask.

import { pauseAfter } from "./answer";
import { Refused, ask, post } from "./asking";
import { choice } from "./dom";
import type { Known } from "./facts";
import type { Goal } from "./state";
import { LANGUAGES, learn, speak, spoken, t } from "./words";

type Row = [en: string, de: string, fr: string];

export interface RoleFact {
  role: string;
  budget: number;
  label: Row;
  task: Row;
  levers: Record<string, { low: number; high: number; price: number }>;
  countries: string[];
  country_price: number;
  shocks: Record<string, number>;
}

export interface Strike {
  shock: string;
  where: string;
  quarter: number;
  severity: number;
}

export interface Decision {
  levers: Record<string, number>;
  shocks: Strike[];
  proposes: string[];
  declines: string[];
  guess: number | null;
  note: string;
}

export interface TeamState {
  role: string;
  phones: number;
  here: number;
  locked: "team" | "facilitator" | null;
}

export interface RoundPlayed {
  decisions: Record<string, Decision>;
  by: Record<string, "team" | "facilitator">;
}

/** By metric: of the agents alone, of the room, mean difference, half-width, share above. */
export type Differences = Record<string, [number, number, number, number, number]>;

export interface DebriefAnswer {
  futures: number;
  done: number;
  of: number;
  metrics: Differences;
  roles: Record<string, Differences>;
  countries: Record<string, [alone: [number, number, number][], room: [number, number, number][]]>;
}

export interface View {
  version: number;
  facilitator: boolean;
  code: string | null;
  join: string | null;
  climate: string;
  metric: string;
  round: number;
  rounds: number;
  quarter: string;
  until: string;
  paused: boolean;
  over: boolean;
  busy: string;
  role: string;
  teams: TeamState[];
  levers: Record<string, number>;
  /** Where the levers stood before the first round. */
  first: Record<string, number>;
  draft: Decision | null;
  drafts: Record<string, Decision | null> | null;
  /** By role with countries: instrument, stage, chance that the rules ask for it (-1: may not). */
  standing: Record<string, [string, string, number][]>;
  /** By metric: at the start of the last round, now, now of the agents alone. */
  metrics: Record<string, [number, number, number]>;
  played: RoundPlayed[];
  log: { time: string; who: string; act: string; round: number }[] | null;
  debrief: DebriefAnswer | null;
  goals: Goal[];
  /** Of the agents alone and of the room: futures per 100 that reach each goal, and then all of them. */
  reached: [number[], number[]] | null;
  annotations: { quarter: number; text: string }[];
}

export interface Exercise extends Known {
  roles: RoleFact[];
}

const SECONDS_OF_WAITING = 30;

/** Do something in the session. */
export async function act(what: string, content: object): Promise<unknown> {
  return (await post(`api/exercise/${what}`, content)).json();
}

export async function get(what: string): Promise<unknown> {
  return (await ask(`api/exercise${what}`, { signal: AbortSignal.timeout(1000 * SECONDS_OF_WAITING) })).json();
}

/** Ask for the roles, and take in what they are called. */
export async function askRoles(known: Known): Promise<Exercise> {
  const { roles } = (await get("/facts")) as { roles: RoleFact[] };
  for (const { role, label, task } of roles) learn({ [`role.${role}`]: label, [`task.${role}`]: task });
  return { ...known, roles };
}

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * Follow a session for ever: news are shown when they come; an outage is told, and heals by itself.
 * Returns when this browser is not in the session (any more).
 */
export async function follow(onView: (view: View) => void, onLine: (line: string) => void): Promise<void> {
  let version = -1;
  let failed = 0;
  for (;;) {
    try {
      const view = (await get(`?since=${version}`)) as View;
      failed = 0;
      version = view.version;
      onLine("");
      onView(view);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return;
      onLine(t("reconnecting"));
      await pause(pauseAfter(failed));
      failed += 1;
      version = -1;
    }
  }
}

/** The list of languages; the one chosen stands in the address, so that it stays when the page is loaded again. */
export function languageList(onChoose: () => void): HTMLSelectElement {
  return choice(t("language"), LANGUAGES, spoken(), (code) => {
    speak(code);
    const asked = new URLSearchParams(location.search);
    asked.set("language", code);
    history.replaceState(null, "", `?${asked}${location.hash}`);
    onChoose();
  }, "language");
}
