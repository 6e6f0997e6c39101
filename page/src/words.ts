// The texts of the page: one file for each language in `languages`, named by its code. To add a
// language, add a file; what is missing in it is shown in English.

type Texts = Record<string, string>;

const FILES = import.meta.glob<Texts>("./languages/*.json", { eager: true, import: "default" });
const TEXTS = new Map(
  Object.entries(FILES).map(([path, texts]): [string, Texts] => [path.slice(-7, -5), texts]),
);
const ENGLISH = TEXTS.get("en")!;

/** Codes and own names of the languages, English first. */
export const LANGUAGES: [string, string][] = ["en", ...[...TEXTS.keys()].filter((code) => code !== "en").sort()].map(
  (code) => [code, TEXTS.get(code)!["language_name"]!],
);

/** Texts that the program has, in the languages of its tables. */
type Row = [en: string, de: string, fr: string];
const ROWS = ["en", "de", "fr"];
const LEARNED: Record<string, Row> = {};

let language = "en";

/** Choose the language of everything that is said from now on. */
export function speak(code: string): void {
  language = TEXTS.has(code) ? code : "en";
  document.documentElement.lang = language;
}

/** Code of the language chosen. */
export function spoken(): string {
  return language;
}

/** The first of the languages that the browser asks for which the page speaks. */
export function ownLanguage(): string {
  return navigator.languages.map((code) => code.slice(0, 2)).find((code) => TEXTS.has(code)) ?? "en";
}

/** Take in texts that the program has. */
export function learn(texts: Record<string, Row>): void {
  Object.assign(LEARNED, texts);
}

/** Whether there is a text of this name. */
export function known(key: string): boolean {
  return key in ENGLISH || key in LEARNED;
}

/** Names of all texts of a kind, which stands before a dot. */
export function keysOf(kind: string): string[] {
  return Object.keys(ENGLISH).filter((key) => key.startsWith(`${kind}.`));
}

/** A text in the language chosen, its {places} filled in. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const row = LEARNED[key];
  const text =
    TEXTS.get(language)![key] ?? row?.[ROWS.indexOf(language)] ?? ENGLISH[key] ?? row?.[0] ?? key.replace(/_/g, " ");
  return bound(text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? "")));
}

/** French sets a space before some marks, at which no line may break. */
function bound(text: string): string {
  return language === "fr" ? text.replace(/ (?=[:;?!»])/g, "\u00a0") : text;
}

/** A name and what is said of it. */
export function labelled(name: string, told: string): string {
  return bound(`${name}${language === "fr" ? " " : ""}: ${told}`);
}

/** A line of the program in the language chosen, if there is a text for it; its first number is a place there. */
export function translated(kind: string, line: string): string {
  const own = line.replace(/^[\w.]+: /, "");
  const n = /\d+(\.\d+)?/.exec(own)?.[0] ?? "";
  const key = `${kind}.${n ? own.replace(n, "{n}") : own}`;
  return known(key) ? t(key, { n: number(Number(n), n.split(".")[1]?.length ?? 0) }) : line;
}

/** What the data know in English, in the language chosen where it has a text of its own for it. */
export function named(key: string, english: string): string {
  return TEXTS.get(language)![key] ?? (language !== "en" && key in LEARNED ? t(key) : english);
}

/** A region in the language chosen. */
export function regionName(region: string): string {
  return known(`region.${region}`) ? t(`region.${region}`) : region;
}

/** What somebody typed or pasted, as one line of letters that can be seen; the program has the same rule. */
export function seen(text: string): string {
  return text.replace(/\s/gu, " ").replace(/\p{C}/gu, "");
}

/** What writes numbers, by language and form: browsers take long to make one. */
const WRITERS = new Map<string, Intl.NumberFormat>();

/** A number as written in the language chosen. */
export function number(value: number, decimals: number, sign = false): string {
  if (!Number.isFinite(value)) return "–";
  const key = `${language} ${decimals} ${sign}`;
  const writer = WRITERS.get(key) ?? new Intl.NumberFormat(language, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    // What is rounded to zero has no sign.
    signDisplay: sign ? "exceptZero" : "negative",
  });
  WRITERS.set(key, writer);
  return writer.format(value).replace("-", "−");
}

/** A number with as many digits as it has. */
export function plain(value: number): string {
  const digits = String(Math.round(value * 1e4) / 1e4).split(".")[1]?.length ?? 0;
  return number(value, digits);
}

/** A quarter such as 2027Q2 as people say it. */
export function quarter(label: string): string {
  return `${label.slice(0, 4)} Q${label.slice(5)}`;
}
