// The timeline: play, pause, step, scrub; shocks are dropped on it and moved along it.

import type { CountryFact } from "./facts";
import { button, el, say, set, thumbAt } from "./dom";
import type { Shock } from "./state";
import { placeName } from "./names";
import { quarter as said, spoken, t } from "./words";

const MILLISECONDS_A_QUARTER = 220;

/** Place of a quarter among labels; 0 where it is none of them. */
export function quarterIndex(label: string, quarters: string[]): number {
  return Math.max(0, quarters.indexOf(label));
}

interface Handlers {
  onQuarter: (quarter: number) => void;
  /** Where shocks can be dropped, moved and removed. */
  onMove?: (shock: number, quarter: number) => void;
  onRemove?: (shock: number) => void;
  onDrop?: (quarter: number) => void;
}

export class Timeline {
  readonly node = el("div", { class: "timeline", role: "group" });
  private readonly playing = button("", () => this.toggle(), { class: "play" });
  private readonly slider = el("input", { type: "range", min: 0, max: 42, step: 1, value: 42, id: "quarter" });
  private readonly label = el("output", { class: "now", for: "quarter" });
  private readonly track = el("div", { class: "track" });
  private readonly marks = el("div", { class: "marks" });
  private readonly years = el("div", { class: "years", "aria-hidden": "true" });
  private readonly steps;
  private quarters: string[] = [];
  private countries: CountryFact[] = [];
  private timer = 0;
  private drawn = "";

  constructor(private readonly handlers: Handlers) {
    const step = (key: string, sign: string, to: () => number) => ({
      key,
      item: button(sign, () => {
        this.pause();
        this.go(to());
      }),
    });
    const now = () => Number(this.slider.value);
    this.steps = [
      step("to_start", "|◀", () => 0),
      step("step_back", "‹", () => now() - 1),
      step("step_on", "›", () => now() + 1),
      step("to_end", "▶|", () => this.quarters.length - 1),
    ];
    this.slider.addEventListener("input", () => {
      this.pause();
      this.go(now());
    });
    this.track.append(this.marks, this.slider, this.years);
    this.track.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.track.classList.add("target");
    });
    this.track.addEventListener("dragleave", () => this.track.classList.remove("target"));
    this.track.addEventListener("drop", (event) => {
      event.preventDefault();
      this.track.classList.remove("target");
      this.handlers.onDrop?.(Math.max(1, this.quarterAt(event.clientX)));
    });
    const [start, back, on, end] = this.steps.map(({ item }) => item);
    this.node.append(start!, back!, this.playing, on!, end!, this.label, this.track);
  }

  private quarterAt(x: number): number {
    const box = this.slider.getBoundingClientRect();
    const last = this.quarters.length - 1;
    return Math.round(Math.min(1, Math.max(0, (x - box.left) / box.width)) * last);
  }

  get isPlaying(): boolean {
    return this.timer !== 0;
  }

  toggle(): void {
    if (this.timer) this.pause();
    else this.play();
  }

  play(): void {
    if (Number(this.slider.value) >= this.quarters.length - 1) this.go(0);
    this.timer = window.setInterval(() => {
      const next = Number(this.slider.value) + 1;
      this.go(next);
      if (next >= this.quarters.length - 1) this.pause();
    }, MILLISECONDS_A_QUARTER);
    this.write();
  }

  pause(): void {
    clearInterval(this.timer);
    this.timer = 0;
    this.write();
  }

  step(by: number): void {
    this.pause();
    this.go(Number(this.slider.value) + by);
  }

  private go(quarter: number): void {
    this.handlers.onQuarter(Math.min(this.quarters.length - 1, Math.max(0, quarter)));
  }

  private write(): void {
    set(this.playing, "aria-label", t(this.timer ? "pause" : "play"));
    say(this.playing, this.timer ? "❚❚" : "▶ " + t("play"));
  }

  /** Show a quarter; cheap, for playing. */
  at(quarter: number): void {
    this.slider.value = String(quarter);
    say(this.label, said(this.quarters[quarter] ?? ""));
    set(this.slider, "aria-valuetext", said(this.quarters[quarter] ?? ""));
  }

  update(
    quarters: string[],
    quarter: number,
    shocks: Shock[],
    countries: CountryFact[],
  ): void {
    const key = JSON.stringify([spoken(), quarters, shocks, countries.length]);
    if (key === this.drawn) {
      this.at(quarter);
      return;
    }
    this.drawn = key;
    this.quarters = quarters;
    this.countries = countries;
    const last = quarters.length - 1;
    set(this.node, "aria-label", t("timeline"));
    set(this.slider, "max", last);
    set(this.slider, "aria-label", t("quarter"));
    for (const { key, item } of this.steps) set(item, "aria-label", t(key));
    this.years.replaceChildren(
      ...quarters.flatMap((label, place) => {
        if (!label.endsWith("Q1")) return [];
        const year = el("span", {}, label.slice(0, 4));
        year.style.left = thumbAt(place / last);
        return [year];
      }),
    );
    this.drawMarks(shocks, last);
    this.write();
    this.at(quarter);
  }

  private drawMarks(shocks: Shock[], last: number): void {
    const focused = [...this.marks.children].indexOf(document.activeElement as Element);
    this.marks.replaceChildren(
      ...shocks.map((shock, place) => {
        const at = quarterIndex(shock.quarter, this.quarters);
        const where = placeName(shock.where, this.countries);
        const label = t("shock_marker", { name: t(shock.type), where, quarter: said(shock.quarter) });
        const mark = el("button", { type: "button", class: "shock-mark", "aria-label": label, title: label }, "⚡");
        mark.style.left = thumbAt(at / last);
        mark.addEventListener("keydown", (event) => {
          const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
          if (by) this.handlers.onMove?.(place, Math.min(last, Math.max(1, at + by)));
          else if (event.key === "Delete" || event.key === "Backspace") this.handlers.onRemove?.(place);
          else return;
          event.preventDefault();
          event.stopPropagation();
        });
        mark.addEventListener("pointerdown", (event) => {
          mark.setPointerCapture(event.pointerId);
          mark.addEventListener("pointermove", (move) => {
            mark.style.left = thumbAt(this.quarterAt(move.clientX) / last);
          });
          mark.addEventListener("pointerup", (up) => {
            const to = Math.max(1, this.quarterAt(up.clientX));
            if (to !== at) this.handlers.onMove?.(place, to);
          }, { once: true });
        });
        return mark;
      }),
    );
    if (focused >= 0) (this.marks.children[focused] as HTMLElement | undefined)?.focus();
  }
}
