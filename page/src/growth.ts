// How a metric grows: means and bands of both strategies, direct labels, the quarter shown.

import type { Answer } from "./answer";
import { A_COLOUR, B_COLOUR, INK } from "./colours";
import { draw, set } from "./dom";
import type { MetricFact } from "./facts";
import { number, t } from "./words";

/** In heights of a letter. */
const MARGINS = { left: 3.3, right: 5.5, top: 0.9, bottom: 1.7 };

/** Of a label in bold type. */
const WIDTH_OF_LETTER = 0.68;

/** What is marked: quarters of shocks and of chapters, values of goals. */
interface Marks {
  shocks?: number[];
  goals?: number[];
  chapters?: number[];
}

/** What a value is multiplied by to be shown: shares are, in percent. */
export function scaleOf(fact: MetricFact): number {
  return fact.unit === "%" ? 100 : 1;
}

/** The unit of a metric as it follows a value. */
export function unitOf({ unit }: MetricFact): string {
  return unit === "%" ? " %" : unit ? ` ${t(unit)}` : "";
}

/** A value of a metric with its unit; shares in percent. */
export function quantity(fact: MetricFact, value: number, sign = false): string {
  return number(scaleOf(fact) * value, fact.decimals, sign) + unitOf(fact);
}

/**
 * A mean difference and the half-width of its interval, both with as many digits as the half-width has a first
 * one: 27 ± 1, 6.4 ± 0.9, 0.04 ± 0.03; but not with more than say something of the metric.
 */
export function spread(fact: MetricFact, mean: number, half: number, sign = true): string {
  const scale = scaleOf(fact);
  const first = half > 0 ? -Math.floor(Math.log10(half * scale)) : 0;
  let digits = Math.max(0, Math.min(first, Math.max(2, fact.decimals + 1)));
  const width = number(half * scale, digits);
  const alike = number(Math.abs(mean) * scale, digits) === width;
  if (alike && width === number(0, digits)) return "0";
  // On which side of zero the interval ends must be seen.
  if (alike) digits += 1;
  return `${number(mean * scale, digits, sign)} ± ${number(half * scale, digits)}`;
}

function ticks(low: number, high: number): number[] {
  const span = high - low || 1;
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough)!;
  const result = [];
  for (let n = Math.floor(low / step); n * step <= high + step * 0.999; n += 1) result.push(n * step);
  return result;
}

export class GrowthView {
  readonly svg = draw("svg", { role: "img", class: "growth" });
  private readonly marker = draw("line", { stroke: INK, "stroke-width": 1.2 });
  private x: (quarter: number) => number = () => 0;
  private size: [number, number] = [560, 300];
  private letter = 14;
  private margin = { left: 46, right: 78, top: 12, bottom: 24 };
  private last: { answer: Answer; metric: string; fact: MetricFact; marked: Marks } | null = null;
  private quarter = 0;
  private axis = { marks: [0, 1], of: "" };
  /** While the room predicts, B is hidden and its line may be sketched: a value by quarter. */
  private hidesB = false;
  private sketch = new Map<number, number>();
  private valueAt: (y: number) => number = () => 0;

  constructor(
    private readonly onQuarter: (quarter: number) => void,
    /** Called when a stroke of a sketch is drawn. */
    onSketch: () => void = () => undefined,
  ) {
    new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      if (width < 50 || height < 50) return;
      this.size = [width, height];
      this.letter = parseFloat(getComputedStyle(this.svg).fontSize);
      for (const side of ["left", "right", "top", "bottom"] as const) {
        this.margin[side] = Math.round(MARGINS[side] * this.letter);
      }
      if (this.last) this.redraw();
    }).observe(this.svg);
    const scrub = (event: PointerEvent) => {
      if (!this.last || event.buttons === 0) return;
      const box = this.svg.getBoundingClientRect();
      const share =
        (event.clientX - box.left - this.margin.left) / (box.width - this.margin.left - this.margin.right);
      const quarters = this.last.answer.quarters.length - 1;
      const quarter = Math.round(Math.min(1, Math.max(0, share)) * quarters);
      if (!this.hidesB || this.last.answer.same) {
        this.onQuarter(quarter);
        return;
      }
      const height = ((event.clientY - box.top) / box.height) * this.size[1];
      const bottom = this.size[1] - this.margin.bottom;
      this.sketch.set(quarter, this.valueAt(Math.min(bottom, Math.max(this.margin.top, height))));
      this.redraw();
    };
    this.svg.addEventListener("pointerdown", scrub);
    this.svg.addEventListener("pointermove", scrub);
    // A stroke may end outside of the graph.
    for (const end of ["pointerup", "pointercancel"]) {
      addEventListener(end, () => {
        if (this.hidesB && this.sketch.size) onSketch();
      });
    }
  }

  update(answer: Answer, metric: string, fact: MetricFact, quarter: number, marked: Marks = {}, sketch?: [number, number][]): void {
    if (metric !== this.last?.metric) this.sketch.clear();
    if (sketch) this.sketch = new Map(sketch);
    this.last = { answer, metric, fact, marked };
    this.quarter = quarter;
    this.redraw();
  }

  /** Begin anew with nothing sketched: B is hidden and its line may be sketched, or both are shown. */
  predict(hides: boolean): void {
    this.hidesB = hides;
    this.sketch.clear();
    if (this.last && hides) this.redraw();
  }

  /** Show B beside what was sketched. */
  reveal(): void {
    this.hidesB = false;
    if (this.last) this.redraw();
  }

  /** All that was sketched: quarters and values. */
  get drawn(): [number, number][] {
    return [...this.sketch];
  }

  /** What was sketched at a quarter, if anything near it was. */
  sketched(quarter: number): number | null {
    const [nearest] = [...this.sketch].sort((one, other) => Math.abs(one[0] - quarter) - Math.abs(other[0] - quarter));
    return nearest ? nearest[1] : null;
  }

  /** Move the marker only. */
  at(quarter: number): void {
    this.quarter = quarter;
    set(this.marker, "x1", this.x(quarter));
    set(this.marker, "x2", this.x(quarter));
  }

  /** The axis: until an answer is whole that of the last one, if it holds what is drawn, lest it jumps. */
  private marksFor(low: number, high: number): number[] {
    const { answer, metric } = this.last!;
    const { marks, of } = this.axis;
    const holds = of === metric && low >= marks[0]! && high <= marks[marks.length - 1]!;
    if (answer.whole || !holds) this.axis = { marks: ticks(low, high), of: metric };
    return this.axis.marks;
  }

  private redraw(): void {
    const { answer, metric, fact, marked } = this.last!;
    const { shocks = [], goals = [], chapters = [] } = marked;
    const [width, height] = this.size;
    const last = answer.quarters.length - 1;
    const every = [...Array(last + 1).keys()];
    const hidesB = this.hidesB && !answer.same;
    const paths = answer.same ? [answer.b] : hidesB ? [answer.a] : [answer.a, answer.b];
    const labels = paths.map((path) => {
      const name = answer.same ? "A = B" : path === answer.b ? "B" : "A";
      return `${name} ${quantity(fact, path.metric(metric, 1, last)).replace(` ${t(fact.unit)}`, "")}`;
    });
    const longest = Math.max(...labels.map((label) => label.length));
    this.margin.right = Math.round(Math.max(MARGINS.right, WIDTH_OF_LETTER * longest + 0.6) * this.letter);
    const all = paths.flatMap((path) => every.flatMap((q) => [path.metric(metric, 0, q), path.metric(metric, 2, q)]));
    all.push(...goals);
    // Room for a sketch above and below what A does; what is sketched does not move the axis.
    if (hidesB) all.push(0.5 * Math.min(...all), 1.5 * Math.max(...all));
    else all.push(...this.sketch.values());
    const marks = this.marksFor(Math.min(...all), Math.max(...all));
    const low = marks[0]!;
    const high = marks[marks.length - 1]!;
    this.x = (q) => this.margin.left + (q / last) * (width - this.margin.left - this.margin.right);
    const y = (value: number) =>
      height - this.margin.bottom - ((value - low) / (high - low || 1)) * (height - this.margin.top - this.margin.bottom);
    this.valueAt = (place) =>
      low + ((height - this.margin.bottom - place) / (height - this.margin.top - this.margin.bottom)) * (high - low || 1);
    const points = (path: (typeof paths)[0], row: 0 | 1 | 2) =>
      every.map((q) => `${this.x(q).toFixed(1)},${y(path.metric(metric, row, q)).toFixed(1)}`);

    const children: Node[] = [];
    const decimals = fact.unit === "%" ? (high - low < 0.05 ? 1 : 0) : high - low < 5 ? (high - low < 0.5 ? 2 : 1) : 0;
    for (const mark of marks) {
      children.push(
        draw("line", { x1: this.margin.left, x2: width - this.margin.right, y1: y(mark), y2: y(mark), stroke: "#E3E6EA" }),
        draw("text", { x: this.margin.left - 6, y: y(mark) + 0.28 * this.letter, "text-anchor": "end", class: "tick" },
          fact.unit === "%" ? `${number(100 * mark, decimals)} %` : number(mark, decimals)),
      );
    }
    const each = last < 20 ? 1 : width < 420 ? 4 : 2;
    answer.quarters.forEach((label, q) => {
      if (label.endsWith("Q1") && (Number(label.slice(0, 4)) - 2026) % each === 0) {
        children.push(
          draw("text", { x: this.x(q), y: height - 7, "text-anchor": "middle", class: "tick" }, label.slice(0, 4)),
        );
      }
    });
    for (const q of shocks) {
      children.push(
        draw("path", { d: `M${this.x(q)},${this.margin.top}v${height - this.margin.top - this.margin.bottom}`, stroke: "#A33", "stroke-dasharray": "2 3" }),
        draw("text", { x: this.x(q), y: this.margin.top + 3, "text-anchor": "middle", fill: "#A33", "font-size": "0.9em" }, "⚡"),
      );
    }
    for (const goal of goals) {
      children.push(draw("path", {
        d: `M${this.margin.left},${y(goal).toFixed(1)}H${width - this.margin.right}`, stroke: "#00724f", "stroke-width": 2, "stroke-dasharray": "2 4", class: "goal-line",
      }));
    }
    if (this.sketch.size) {
      const line = [...this.sketch].sort((one, other) => one[0] - other[0]).map(([q, value]) => `${this.x(q).toFixed(1)},${y(value).toFixed(1)}`);
      children.push(draw("path", { d: `M${line.join("L")}${line.length === 1 ? "h0.1" : ""}`, fill: "none", stroke: "#7a3fa0", "stroke-width": 3, "stroke-linecap": "round", class: "sketch" }));
    }
    for (const path of paths) {
      const b = path === answer.b;
      const colour = b ? B_COLOUR : A_COLOUR;
      children.push(
        draw("path", {
          d: `M${points(path, 2).join("L")}L${points(path, 0).reverse().join("L")}Z`,
          fill: colour, "fill-opacity": 0.16,
        }),
      );
    }
    for (const path of paths) {
      const b = path === answer.b;
      children.push(
        draw("path", {
          d: `M${points(path, 1).join("L")}`, fill: "none", stroke: b ? B_COLOUR : A_COLOUR,
          "stroke-width": ((b ? 0.21 : 0.18) * this.letter).toFixed(1), "stroke-dasharray": b ? null : "7 4",
        }),
      );
    }
    const ends = paths.map((path) => y(path.metric(metric, 1, last)));
    // Labels of lines that end close together are moved apart by the height of a line.
    const apart = 1.15 * this.letter;
    if (ends.length === 2 && Math.abs(ends[0]! - ends[1]!) < apart) {
      const middle = (ends[0]! + ends[1]!) / 2;
      const lower = ends[0]! < ends[1]! ? 1 : 0;
      ends[lower] = middle + apart / 2;
      ends[1 - lower] = middle - apart / 2;
    }
    paths.forEach((path, place) => {
      const b = path === answer.b;
      children.push(
        draw("text", {
          x: this.x(last) + 6, y: ends[place]! + 0.3 * this.letter, fill: b ? B_COLOUR : A_COLOUR, class: "end-label",
        }, labels[place]!),
      );
    });
    const radius = 0.65 * this.letter;
    chapters.forEach((q, place) => {
      // Beside the labels of the axis.
      const x = Math.max(this.x(q), this.margin.left + radius);
      const bottom = height - this.margin.bottom;
      children.push(
        draw("circle", { cx: x, cy: bottom - 0.6 * this.letter, r: radius, fill: INK }),
        draw("text", { x, y: bottom - 0.28 * this.letter, "text-anchor": "middle", fill: "#fff", "font-size": "0.9em", class: "chapter" }, String(place + 1)),
      );
    });
    set(this.marker, "y1", this.margin.top);
    set(this.marker, "y2", height - this.margin.bottom);
    children.push(this.marker);
    this.svg.replaceChildren(...children);
    set(this.svg, "viewBox", `0 0 ${width} ${height}`);
    set(
      this.svg,
      "aria-label",
      `${t(`metric.${metric}`)}, ${answer.quarters[last]!.slice(0, 4)}: ` +
        paths.map((path) => `${path === answer.b ? "B" : "A"} ${quantity(fact, path.metric(metric, 1, last))}`).join(", "),
    );
    this.at(this.quarter);
  }
}
