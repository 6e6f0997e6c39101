// What the server tells once: names, ranges, defaults, the map.

import { ask } from "./asking";

export interface LeverFact {
  meaning: string;
  unit: string;
  low: number;
  high: number;
  whole: boolean;
}

export interface MetricFact {
  unit: string;
  decimals: number;
  better: string;
}

export interface Coefficient {
  value: number;
  unit: string;
  low: number;
  high: number;
  origin: string;
  meaning: string;
  source: string;
}

export interface ShockFact {
  name: string;
  description: string;
  scope: string;
}

export type Tree = { [key: string]: Tree | number | string | boolean | null | Tree[] };

/** Code, English name, region, whether the document names it. */
export type CountryFact = [string, string, string, boolean];

export interface Facts {
  version: string;
  defaults: Record<string, string>;
  limits: { futures: number; scheduled: number; goals: number; saved: number; annotations: number; scoreboard: number };
  areas: string[];
  directions: string[];
  modules: string[];
  targeting: string[];
  stages: string[];
  terms: string[];
  metrics: Record<string, MetricFact>;
  /** What metrics, shock effects, coefficients, terms and principles are called, in the languages of the page. */
  labels: Record<string, [en: string, de: string, fr: string]>;
  /** Metrics that are always shown. */
  headlines: string[];
  countries: CountryFact[];
  regions: string[];
  /** Those in which somebody may open an instrument. */
  openers: string[];
  instruments: [string, string, number][];
  levers: Record<string, LeverFact>;
  policies: Record<string, Tree>;
  climates: Record<string, Tree>;
  behaviours: Record<string, { description: string; coefficients: Record<string, Coefficient> }>;
  shocks: ShockFact[];
  /** Labels of the quarters, the first that of today. */
  quarters: string[];
}

export interface WorldMap {
  width: number;
  height: number;
  attribution: string;
  disclaimer: string;
  countries: Record<string, string>;
  eu: Record<string, string>;
  other: Record<string, string>;
  dots: Record<string, [number, number]>;
  points: Record<string, [number, number]>;
}

export interface Known {
  facts: Facts;
  map: WorldMap;
}

/** Ask the server for both. */
export async function askKnown(): Promise<Known> {
  const [facts, map] = await Promise.all(["api/facts", "api/map"].map(async (address) => (await ask(address)).json()));
  return { facts: facts as Facts, map: map as WorldMap };
}

/** What stands at a dotted path of a tree. */
export function at(tree: unknown, path: string): unknown {
  let here: unknown = tree;
  for (const key of path.split(".")) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}
