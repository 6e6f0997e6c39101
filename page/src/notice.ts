// Plain messages above the page: what of a link could not be used, what the program refused.

import { distance } from "fastest-levenshtein";

import { button, el, say } from "./dom";
import type { Misfit } from "./link";
import { plain, t } from "./words";

const MOST_LINES = 40;
const MOST_NAMES = 12;

/** The closest of some names, if it is close; letters that changed places count less. */
function nearest(given: string, names: string[]): string {
  const sorted = (text: string) => [...text].sort().join("");
  const own = given.toLowerCase();
  const away = (name: string) => {
    const folded = name.toLowerCase();
    return distance(own, folded) + distance(sorted(own), sorted(folded)) / 100;
  };
  const [best] = names.map((name) => ({ name, away: away(name) })).sort((one, other) => one.away - other.away);
  return best && best.name && best.away < Math.max(2, best.name.length / 3) + 1 ? best.name : "";
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Settings are too many to be listed: the groups that hold them. */
function groupsOf(settings: string[]): string[] {
  return [...new Set(settings.map((name) => name.replace(/\.[^.]+$/, ".…")))];
}

/** Tell in one line what does not fit, what is allowed, and the nearest valid name. */
export function tellMisfit({ part, field, given, allowed }: Misfit): string {
  const place = field ? `${part} (${t(field)})` : part;
  const what = { part: shortened(place), given: given === "" ? "“”" : shortened(given) };
  if (allowed === "shock") return t("misfit_shock", what);
  if ("most" in allowed) return `${t("misfit_name", what)} ${t("too_many_shocks", { n: allowed.most })}`;
  if ("range" in allowed) {
    const { low, high, whole } = allowed.range;
    return t(whole ? "misfit_whole" : "misfit_number", { ...what, low: plain(low), high: plain(high) });
  }
  const settings = "settings" in allowed;
  const names = settings ? allowed.settings : allowed.names;
  const near = nearest(settings ? part : given, names);
  const meant = near ? ` ${t("misfit_meant", { name: near })}` : "";
  const shown = settings ? groupsOf(names) : names.filter((name) => name !== "");
  const list = shown.length > MOST_NAMES ? `${shown.slice(0, MOST_NAMES).join(", ")} …` : shown.join(", ");
  // Settings are many and look alike: the nearest says more than the first of the list.
  const listed = settings && near ? "" : ` ${t("misfit_allowed", { names: list })}`;
  return t(settings ? "misfit_setting" : "misfit_name", what) + meant + listed;
}

export class Notice {
  private readonly box = el("section", { class: "notice", role: "alert", hidden: true });
  private readonly line = el("p", { class: "line", role: "status" });
  readonly node = el("div", { class: "notice-place" }, this.line, this.box);
  private tell: (() => [string, string[]]) | null = null;

  /** Show a title and lines; `tell` is asked again when the language changes. */
  show(tell: () => [title: string, lines: string[]]): void {
    this.tell = tell;
    this.label();
  }

  /** Say something of the connection above all; nothing while it holds. */
  tellLine(text: string): void {
    say(this.line, text);
  }

  clear(): void {
    this.tell = null;
    this.box.hidden = true;
    this.box.replaceChildren();
  }

  /** Write the texts anew. */
  label(): void {
    if (!this.tell) return;
    const [title, lines] = this.tell();
    const more = lines.length - MOST_LINES;
    const close = button(`✕ ${t("close")}`, () => {
      this.clear();
      document.querySelector<HTMLElement>("main")?.focus();
    }, { class: "close", id: "close-notice" });
    this.box.hidden = false;
    this.box.replaceChildren(
      el("div", { class: "notice-text" },
        el("p", { class: "notice-title" }, title),
        el("ul", {},
          ...lines.slice(0, MOST_LINES).map((line) => el("li", {}, line)),
          more > 0 ? el("li", {}, t("misfit_more", { n: more })) : null)),
      close);
  }
}
