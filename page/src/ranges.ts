// What every setting of the page may be: the one place that levers, typed values and links ask.

import type { Facts } from "./facts";

export interface Range {
  low: number;
  high: number;
  whole: boolean;
}

/** Groups of weights of which only the proportions count: all are sent if one changed. */
export const SHARES = ["policy.priorities", "policy.offer.mix", "policy.offer.targeting"];
/** Weights count in proportion only; the page shows them from 0 to this. */
export const WEIGHT = 100;

export function shareGroup(path: string): string | undefined {
  return SHARES.find((group) => path.startsWith(`${group}.`));
}

/** Range of the number at a path; undefined where the page knows no such number. */
export function rangeOf(facts: Facts, behaviour: string, path: string): Range | undefined {
  if (!numbers(facts, behaviour).includes(path)) return undefined;
  if (shareGroup(path)) return { low: 0, high: WEIGHT, whole: false };
  if (path.startsWith("policy.regions.")) return facts.levers["policy.regions"];
  if (path.startsWith("behaviour.")) {
    const { low, high } = facts.behaviours[behaviour]!.coefficients[path.split(".")[2]!]!;
    return { low, high, whole: false };
  }
  return facts.levers[path];
}

/** Paths of all numbers that can be set. */
export function numbers(facts: Facts, behaviour: string): string[] {
  return [
    ...Object.keys(facts.levers).filter((path) => path !== "policy.regions"),
    ...facts.openers.map((region) => `policy.regions.${region}`),
    ...Object.keys(facts.behaviours[behaviour]?.coefficients ?? {}).map((name) => `behaviour.coefficients.${name}`),
  ];
}

/** The value nearest to the one given that may be used. */
export function within(range: Range, value: number): number {
  const bounded = Math.min(range.high, Math.max(range.low, value));
  return range.whole ? Math.round(bounded) : bounded;
}
