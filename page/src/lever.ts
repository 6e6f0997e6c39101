// One lever: name, explanation, slider with its default marked, typed value, unit, reset.

import { el, say, set, thumbAt } from "./dom";
import { number, t } from "./words";

export interface LeverSettings {
  path: string;
  name: string;
  meaning: string;
  unit: string;
  /** What may be typed. */
  low: number;
  high: number;
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
  private usual = 0;

  constructor(
    readonly settings: LeverSettings,
    private readonly onChange: (path: string, value: number | null, done: boolean) => void,
  ) {
    const { path, name, meaning, unit, low, high, reach, step } = settings;
    const id = `lever-${(count += 1)}`;
    const about = el("p", { id: `${id}-about`, class: "lever-about", hidden: true }, this.aboutText());
    this.slider = el("input", {
      type: "range", id, min: reach[0], max: reach[1], step, "data-path": path,
      "aria-describedby": `${id}-about`,
    });
    this.typed = el("input", {
      type: "number", min: low, max: high, step: "any", "aria-label": t("exact", { name }),
      "data-typed": path,
    });
    const explain = el("button", {
      type: "button", class: "explain", "aria-label": t("explain", { name }), title: meaning,
      "aria-expanded": "false", "aria-controls": `${id}-about`,
    }, "?");
    explain.addEventListener("click", () => {
      about.hidden = !about.hidden;
      set(explain, "aria-expanded", String(!about.hidden));
    });
    this.reset = el("button", { type: "button", class: "reset" }, "↺");
    this.reset.addEventListener("click", () => {
      this.onChange(path, null, true);
      this.slider.focus();
    });
    this.slider.addEventListener("input", () => this.onChange(path, Number(this.slider.value), false));
    this.slider.addEventListener("change", () => this.onChange(path, Number(this.slider.value), true));
    this.typed.addEventListener("change", () => {
      const value = Number(this.typed.value);
      if (this.typed.value === "" || !Number.isFinite(value)) this.onChange(path, null, true);
      else this.onChange(path, Math.min(high, Math.max(low, value)), true);
    });
    this.node = el(
      "div",
      { class: "lever", "data-lever": path },
      el("div", { class: "lever-head" }, el("label", { for: id }, name), this.note, explain, this.reset),
      el("div", { class: "lever-row" },
        el("span", { class: "slider" }, this.slider, this.mark),
        this.typed,
        el("span", { class: "unit" }, unit ? t(unit) : "")),
      about,
    );
  }

  private aboutText(): string {
    const { meaning, low, high, unit } = this.settings;
    const range = t("from_to", { low: number(low, 0), high: number(high, high < 10 ? 1 : 0) });
    return `${meaning} ${range}${unit ? ` ${t(unit)}` : ""}.`;
  }

  update(value: number, usual: number, share: string, fixed: boolean): void {
    const { reach, name } = this.settings;
    this.usual = usual;
    if (document.activeElement !== this.slider || Number(this.slider.value) !== value) {
      this.slider.value = String(value);
    }
    const written = String(Math.round(value * 1e4) / 1e4);
    if (document.activeElement !== this.typed && this.typed.value !== written) {
      this.typed.value = written;
    }
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
