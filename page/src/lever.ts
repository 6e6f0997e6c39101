// One lever: name, explanation, slider with its default marked, typed value, unit, reset.

import { button, el, say, set, thumbAt } from "./dom";
import { within, type Range } from "./ranges";
import { plain, t } from "./words";

export interface LeverSettings {
  path: string;
  name: string;
  meaning: string;
  unit: string;
  /** What may be typed. */
  range: Range;
  /** How far the slider goes. */
  reach: [number, number];
  step: number;
}

let count = 0;

export class Lever {
  readonly node: HTMLElement;
  private readonly slider: HTMLInputElement;
  private readonly typed: HTMLInputElement;
  private readonly mark = el("span", { class: "default-mark", "aria-hidden": "true" });
  private readonly reset: HTMLButtonElement;
  private readonly note = el("span", { class: "lever-share" });
  /** Tells when something else is used than what was typed. */
  private readonly told = el("p", { class: "lever-told", role: "status" });
  private usual = 0;
  private value = 0;
  private shown = "";
  private typing = false;

  constructor(
    readonly settings: LeverSettings,
    private readonly onChange: (path: string, value: number | null, done: boolean) => void,
  ) {
    const { path, name, meaning, unit, range, reach, step } = settings;
    const id = `lever-${(count += 1)}`;
    const about = el("p", { id: `${id}-about`, class: "lever-about", hidden: true }, this.aboutText());
    this.slider = el("input", {
      type: "range", id, min: reach[0], max: reach[1], step, "data-path": path,
      "aria-describedby": `${id}-about`,
    });
    this.typed = el("input", {
      type: "number", min: range.low, max: range.high, step: "any", "aria-label": t("exact", { name }),
      "data-typed": path,
    });
    const explain = button("?", () => {
      about.hidden = !about.hidden;
      set(explain, "aria-expanded", String(!about.hidden));
    }, {
      class: "explain", "aria-label": t("explain", { name }), title: meaning,
      "aria-expanded": "false", "aria-controls": `${id}-about`,
    });
    this.reset = button("↺", () => {
      this.onChange(path, null, true);
      this.slider.focus();
    }, { class: "reset" });
    this.slider.addEventListener("input", () => this.onChange(path, Number(this.slider.value), false));
    this.slider.addEventListener("change", () => this.onChange(path, Number(this.slider.value), true));
    this.typed.addEventListener("input", () => (this.typing = true));
    this.typed.addEventListener("change", () => this.take());
    this.typed.addEventListener("blur", () => {
      this.typing = false;
      this.write();
    });
    this.node = el(
      "div",
      { class: "lever", "data-lever": path },
      el("div", { class: "lever-head" }, el("span", { class: "lever-title" }, el("label", { for: id }, name), " ", unit && unit !== "weight" ? el("span", { class: "unit" }, t(unit)) : null), this.note, this.reset, explain),
      el("div", { class: "lever-row" },
        el("span", { class: "slider" }, this.slider, this.mark),
        this.typed),
      this.told,
      about,
    );
  }

  /** Use what was typed, or what comes nearest to it, and say so. */
  private take(): void {
    this.typing = false;
    const { path, range } = this.settings;
    const { valueAsNumber: given, validity } = this.typed;
    if (Number.isNaN(given)) {
      say(this.told, validity.badInput ? t("typed_none", { used: plain(this.usual) }) : "");
      this.value = this.usual;
      this.onChange(path, null, true);
    } else {
      const used = within(range, given);
      const values = { given: plain(given), low: plain(range.low), high: plain(range.high), used: plain(used) };
      const outside = given < range.low || given > range.high;
      say(this.told, outside ? t("typed_used", values) : used === given ? "" : t("typed_whole", values));
      this.value = used;
      this.onChange(path, used, true);
    }
    this.write();
  }

  /** Show in the field what is used, but never while somebody types. */
  private write(): void {
    const shown = String(Math.round(this.value * 1e4) / 1e4);
    if (!this.typing && (this.typed.value !== shown || this.typed.validity.badInput)) this.typed.value = shown;
  }

  private aboutText(): string {
    const { meaning, range, unit } = this.settings;
    const told = t("from_to", { low: plain(range.low), high: plain(range.high) });
    return `${meaning} ${told}${unit ? ` ${t(unit)}` : ""}.`;
  }

  update(value: number, usual: number, share: string, fixed: boolean): void {
    const { reach, name } = this.settings;
    const shown = `${value} ${usual} ${share} ${fixed}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.usual = usual;
    // What was said about a typed value ends with the next change, whoever makes it.
    if (value !== this.value) say(this.told, "");
    this.value = value;
    if (document.activeElement !== this.slider || Number(this.slider.value) !== value) {
      this.slider.value = String(value);
    }
    this.write();
    const place = (this.usual - reach[0]) / (reach[1] - reach[0]);
    this.mark.style.left = thumbAt(place);
    this.mark.title = t("default_is", { value: String(usual) });
    const changed = Math.abs(value - usual) > 1e-9;
    this.reset.disabled = !changed || fixed;
    const label = t("reset_this", { name, value: String(Math.round(usual * 1e4) / 1e4) });
    set(this.reset, "aria-label", label);
    set(this.reset, "title", label);
    this.node.classList.toggle("changed", changed);
    say(this.note, share);
    this.slider.disabled = fixed;
    this.typed.disabled = fixed;
  }
}
