// What the program refuses, in the language chosen.

import { keysOf, labelled, plain, spoken, t, translated } from "./words";

/** What may end a line: the nearest name, and all that are allowed. */
const END = String.raw`(?:, did you mean '(?<meant>[^']+)'(?: \([^)]*\))?\?)?(?: \((?:allowed|options|regions): (?<allowed>.*)\))?$`;

/** The names of these texts are what the program says, with {places} for what differs; where it is said stands before. */
const FORMS = keysOf("problem").map((key): [string, RegExp] => {
  const literal = key.slice("problem.".length).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return [key, new RegExp(`^(?:(?<at>.+): )?${literal.replace(/\\\{(\w+)\\\}/g, "(?<$1>.+?)")}${END}`)];
});

function filled(name: string, value: string): string {
  if (name === "unit") return t(value);
  if (name === "shock") return t(value.replace(/ /g, "_"));
  if (name === "role") return t(`role.${value}`);
  return /^-?\d+(\.\d+)?$/.test(value) ? plain(Number(value)) : value;
}

/** Where something is wrong: strategy, key and what was given. */
function placed(at: string, told: string): string {
  const parts = at.split(": ").map((part) => part.replace(/^strategy (\d+)$/, (_, n: string) => t("strategy_n", { n })));
  return parts.reduceRight((rest, part) => labelled(part, rest), told);
}

/** A line in the language chosen; one without a text of its own is told to be in English. */
export function refusal(line: string): string {
  const whole = translated("refused", line);
  if (whole !== line) return whole;
  for (const [key, form] of FORMS) {
    const found = form.exec(line)?.groups;
    if (!found) continue;
    const { at, meant, allowed, ...values } = found;
    const places = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, filled(name, value)]));
    const more = [meant && t("misfit_meant", { name: meant }), allowed && t("misfit_allowed", { names: allowed })];
    const told = [t(key, places), ...more].filter(Boolean).join(" ");
    return at ? placed(at, told) : told;
  }
  return spoken() === "en" ? line : t("in_english", { line });
}
