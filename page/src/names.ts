// Names of countries, places and policies in the language chosen. The data know countries in English,
// the browser in its own tables in all other languages. Nothing is fetched for it.

import { type CountryFact, type Facts } from "./facts";
import codes from "i18n-iso-countries/codes.json";
import type { Arm } from "./state";
import { known, named, regionName, spoken, t } from "./words";

/** Codes of two letters, as browsers want them, by codes of three; Kosovo's is nobody's standard. */
const TWO_LETTERS = new Map<string, string>([
  ...(codes as string[][]).map(([two, three]): [string, string] => [three!, two!]),
  ["XKX", "XK"],
]);

let names: Intl.DisplayNames | null = null;
let language = "";

/** The name of a country: in English as in the data, else as the browser knows it. */
export function countryName(iso3: string, english: string): string {
  if (spoken() === "en") return english;
  if (language !== spoken()) {
    language = spoken();
    names = new Intl.DisplayNames([language], { type: "region", fallback: "none" });
  }
  const two = TWO_LETTERS.get(iso3);
  return (two && names?.of(two)) || english;
}

/** Countries with their names in the language chosen, in its alphabet: for lists to choose from. */
export function countryList(countries: CountryFact[]): [string, string][] {
  return countries
    .map(([iso3, english]): [string, string] => [iso3, countryName(iso3, english)])
    .sort((one, other) => one[1].localeCompare(other[1], spoken()));
}

/** A place that a shock strikes: the world, a region, or a country by its code. */
export function placeName(where: string, countries: CountryFact[]): string {
  if (where === "world") return t("whole_world");
  const english = countries.find(([iso3]) => iso3 === where)?.[1];
  return english === undefined ? regionName(where) : countryName(where, english);
}

/** The metrics that the page shows: for lists to choose from. */
export function metricList({ metrics }: Facts): [string, string][] {
  return Object.keys(metrics).map((name) => [name, t(`metric.${name}`)]);
}

/** An instrument by its place in the catalogue. */
export function instrumentName({ instruments }: Facts, place: number): string {
  const [code, english] = instruments[place] ?? ["", ""];
  return named(`instrument.${code}`, english);
}

/** A coefficient by its name in the data. */
export function coefficientName(name: string): string {
  return t(`coefficient.${name}`);
}

/** A setting by its path. */
export function settingName({ areas }: Facts, path: string): string {
  const last = path.split(".").pop()!;
  if (path.startsWith("policy.regions.")) return regionName(path.slice(15));
  if (path.startsWith("behaviour.")) return coefficientName(last);
  if (path === "policy.hubs") return t("tab_hubs");
  return known(path) ? t(path) : areas.includes(last) || known(last) ? t(last) : last.replace(/_/g, " ");
}

/** What a policy is called: the one of a strategy says whether something in it was changed by hand. */
export function policyName({ policy, set }: Arm, name: string): string {
  const changed = name === policy && Object.keys(set).some((path) => path.startsWith("policy."));
  return (known(name) ? t(name) : name) + (changed ? ` (${t("changed")})` : "");
}
