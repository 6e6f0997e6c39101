// The world map: partners by depth or number of instruments, links as arcs.

import type { Answer, Path } from "./answer";
import { A_COLOUR, B_COLOUR, EU_COLOUR, INK, UNKNOWN, changeColour, depthColour } from "./colours";
import { draw, say, set } from "./dom";
import type { CountryFact, WorldMap } from "./facts";
import { countryName } from "./names";
import { number, t } from "./words";

export interface Shown {
  answer: Answer;
  quarter: number;
  /** -1: mean over all areas; -2: number of instruments. */
  area: number;
  countries: CountryFact[];
  /** Whether each country is shown. */
  visible: boolean[];
  selected: string;
}

export type Mode = "a" | "b" | "change";

/** Instruments in force that are drawn as dark as depth 4. */
export const MANY_TIES = 24;
const MOST_ARCS = 160;
/** Empty corners of the projection and the far south are cut off, map units. */
const CROP = { x: 12, y: 6, foot: 30 };
/** Links in fewer futures than this share are left out. */
const LIKELY = 0.2;

export function pathOf(answer: Answer, mode: Mode): Path {
  return mode === "a" ? answer.a : answer.b;
}

/** What a country is coloured by, on the scale of depth. */
export function measure(path: Path, shown: Shown, country: number): number {
  if (shown.area === -2) return (4 * path.ties(shown.quarter, country)) / MANY_TIES;
  return path.depth(shown.quarter, country, shown.area);
}

export function colourOf(shown: Shown, mode: Mode, country: number): string {
  if (mode !== "change") return depthColour(measure(pathOf(shown.answer, mode), shown, country));
  return changeColour(
    measure(shown.answer.b, shown, country) - measure(shown.answer.a, shown, country),
  );
}

/** Tell about a country in one line. */
export function tell(shown: Shown, mode: Mode, country: number): string {
  const [iso3, english] = shown.countries[country]!;
  const name = countryName(iso3, english);
  const one = (path: Path) =>
    `${t("depth")} ${number(path.depth(shown.quarter, country, Math.max(-1, shown.area)), 1)}, ` +
    `${number(path.ties(shown.quarter, country), 1)} ${t("instruments_in_force")}`;
  if (mode === "change") return `${name} — A: ${one(shown.answer.a)} — B: ${one(shown.answer.b)}`;
  return `${name} — ${one(pathOf(shown.answer, mode))}`;
}

/** Links to draw: both countries, how likely, and how much likelier under B. */
export function likelyLinks(
  shown: Shown,
  mode: Mode,
): { i: number; j: number; share: number; change: number }[] {
  const found = new Map<number, { i: number; j: number; a: number; b: number }>();
  for (const which of ["a", "b"] as const) {
    const path = shown.answer[which];
    for (let place = 0; 2 * place < path.pairs.length; place += 1) {
      const [i, j] = [path.pairs[2 * place]!, path.pairs[2 * place + 1]!];
      if (!shown.visible[i] || !shown.visible[j]) continue;
      const key = i * path.countries + j;
      const link = found.get(key) ?? { i, j, a: 0, b: 0 };
      link[which] = path.linked(place, shown.quarter);
      found.set(key, link);
    }
  }
  return [...found.values()]
    .map(({ i, j, a, b }) => ({
      i,
      j,
      share: mode === "a" ? a : mode === "b" ? b : Math.max(a, b),
      change: mode === "change" ? b - a : 0,
    }))
    .filter(({ share, change }) => (mode === "change" ? Math.abs(change) > 0.05 : share >= LIKELY))
    .sort((one, other) => other.share - one.share)
    .slice(0, MOST_ARCS);
}

let count = 0;

export class MapView {
  readonly svg: SVGSVGElement;
  private readonly shapes = new Map<string, SVGElement>();
  private readonly rings: SVGGElement;
  private readonly arcs: SVGGElement;
  private readonly tag: SVGGElement;
  private readonly eu = draw("text", {
    x: 497, y: 80, "text-anchor": "middle", fill: EU_COLOUR, stroke: "#fff", "stroke-width": 3,
    "paint-order": "stroke", "font-size": 13, "font-weight": 800, "pointer-events": "none",
  });
  private shown: Shown | null = null;
  private mode: Mode = "b";

  constructor(
    private readonly map: WorldMap,
    onChoose: (iso3: string) => void,
  ) {
    const land = draw("g", { stroke: "#fff", "stroke-width": 0.4 });
    for (const [iso3, d] of Object.entries(map.other)) {
      land.append(draw("path", { d, fill: "#EEF0F2", "data-other": iso3 }));
    }
    const hatch = `eu-hatch-${(count += 1)}`;
    const union = draw("g", { stroke: EU_COLOUR, "stroke-width": 0.3, fill: `url(#${hatch})` });
    for (const d of Object.values(map.eu)) union.append(draw("path", { d }));
    for (const [iso3, d] of Object.entries(map.countries)) {
      const shape = draw("path", { d, fill: UNKNOWN, "data-iso3": iso3 });
      this.shapes.set(iso3, shape);
      land.append(shape);
    }
    for (const [iso3, [cx, cy]] of Object.entries(map.dots)) {
      if (!(iso3 in map.points)) continue;
      const dot = draw("circle", {
        cx, cy, r: 3.2, fill: UNKNOWN, stroke: "#5b6672", "stroke-width": 0.7, "data-iso3": iso3,
      });
      this.shapes.set(iso3, dot);
      land.append(dot);
    }
    this.arcs = draw("g", { fill: "none", "stroke-linecap": "round", "pointer-events": "none" });
    this.rings = draw("g", { fill: "none", stroke: INK, "pointer-events": "none" });
    this.tag = draw("g", { "pointer-events": "none", visibility: "hidden" });
    this.svg = draw(
      "svg",
      {
        viewBox: `${CROP.x} ${CROP.y} ${map.width - 2 * CROP.x} ${map.height - CROP.y - CROP.foot}`,
        role: "img",
        preserveAspectRatio: "xMidYMid meet",
        class: "map",
      },
      draw("defs", {},
        draw("pattern", { id: hatch, width: 2.4, height: 2.4, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
          draw("rect", { width: 2.4, height: 2.4, fill: "#DCE5F7" }),
          draw("rect", { width: 1.1, height: 2.4, fill: EU_COLOUR }))),
      land,
      union,
      this.arcs,
      this.rings,
      this.eu,
      this.tag,
    );
    land.addEventListener("click", (event) => {
      const iso3 = (event.target as Element).getAttribute("data-iso3");
      if (iso3 && this.shown?.countries.some(([code], place) => code === iso3 && this.shown!.visible[place])) onChoose(iso3);
    });
    land.addEventListener("pointermove", (event) => this.point(event.target as Element));
    land.addEventListener("pointerleave", () => set(this.tag, "visibility", "hidden"));
  }

  update(shown: Shown, mode: Mode): void {
    this.shown = shown;
    this.mode = mode;
    const known = new Set<string>();
    shown.countries.forEach(([iso3], place) => {
      const shape = this.shapes.get(iso3);
      if (!shape || !shown.visible[place]) return;
      known.add(iso3);
      set(shape, "fill", colourOf(shown, mode, place));
      set(shape, "class", "partner");
    });
    for (const [iso3, shape] of this.shapes) {
      if (known.has(iso3)) continue;
      set(shape, "fill", UNKNOWN);
      set(shape, "class", "");
    }
    this.drawArcs(shown, mode);
    say(this.eu, t("eu"));
    const point = this.map.points[shown.selected];
    this.rings.replaceChildren(
      ...(point ? [draw("circle", { cx: point[0], cy: point[1], r: 9, "stroke-width": 2 })] : []),
    );
    set(
      this.svg,
      "aria-label",
      `${t("map")}: ${mode === "change" ? t("change_of_depth") : t("mean_depth")}. ` +
        this.deepest(shown, mode),
    );
  }

  private deepest(shown: Shown, mode: Mode): string {
    const places = shown.countries.map((_, place) => place).filter((place) => shown.visible[place]);
    const size = (place: number) =>
      mode === "change"
        ? Math.abs(measure(shown.answer.b, shown, place) - measure(shown.answer.a, shown, place))
        : measure(pathOf(shown.answer, mode), shown, place);
    return places
      .sort((one, other) => size(other) - size(one))
      .slice(0, 5)
      .map((place) => tell(shown, mode, place))
      .join("; ");
  }

  private drawArcs(shown: Shown, mode: Mode): void {
    const colour = mode === "a" ? A_COLOUR : B_COLOUR;
    const links = likelyLinks(shown, mode);
    while (this.arcs.childElementCount > links.length) this.arcs.lastElementChild!.remove();
    links.forEach((link, place) => {
      let arc = this.arcs.children[place];
      if (!arc) {
        arc = draw("path");
        this.arcs.append(arc);
      }
      const one = this.map.points[shown.countries[link.i]![0]];
      const other = this.map.points[shown.countries[link.j]![0]];
      if (!one || !other) return;
      const lift = Math.min(60, 0.22 * Math.hypot(other[0] - one[0], other[1] - one[1]));
      const x = (one[0] + other[0]) / 2;
      const y = (one[1] + other[1]) / 2 - lift;
      set(arc, "d", `M${one[0]},${one[1]}Q${x.toFixed(1)},${y.toFixed(1)} ${other[0]},${other[1]}`);
      const weight = mode === "change" ? Math.abs(link.change) : link.share;
      set(arc, "stroke", mode === "change" ? (link.change > 0 ? B_COLOUR : A_COLOUR) : colour);
      set(arc, "stroke-width", (0.4 + 1.8 * weight).toFixed(2));
      set(arc, "stroke-opacity", (0.25 + 0.6 * weight).toFixed(2));
      set(arc, "stroke-dasharray", mode === "change" && link.change < 0 ? "3 2" : "none");
    });
  }

  /** Show what a country under the pointer has. */
  private point(target: Element): void {
    const iso3 = target.getAttribute("data-iso3");
    const place = this.shown?.countries.findIndex(([code]) => code === iso3) ?? -1;
    const point = iso3 ? this.map.points[iso3] : undefined;
    if (!this.shown || place < 0 || !point) {
      set(this.tag, "visibility", "hidden");
      return;
    }
    const lines = tell(this.shown, this.mode, place).split(" — ");
    const width = 8 + 6.4 * Math.max(...lines.map((line) => line.length));
    const height = 8 + 14 * lines.length;
    const x = Math.min(Math.max(4, point[0] - width / 2), this.map.width - width - 4);
    const y = point[1] > height + 20 ? point[1] - height - 10 : point[1] + 12;
    this.tag.replaceChildren(
      draw("rect", { x, y, width, height, rx: 4, fill: INK, "fill-opacity": 0.93 }),
      ...lines.map((line, row) =>
        draw("text", {
          x: x + 6, y: y + 15 + 14 * row, fill: "#fff", "font-size": 12,
          "font-weight": row === 0 ? 700 : 400,
        }, line),
      ),
    );
    set(this.tag, "visibility", "visible");
  }
}
