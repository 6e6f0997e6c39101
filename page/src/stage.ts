// The stage: one or two maps or networks, and their legend.

import type { Answer } from "./answer";
import { legendOf } from "./colours";
import { draw, el, set } from "./dom";
import type { Known } from "./facts";
import { MANY_TIES, MapView, type Mode, type Shown } from "./map";
import { NetworkView } from "./network";
import { isShown, type State } from "./state";
import { labelled, t } from "./words";

export class StageView {
  readonly node = el("div", { class: "stage" });
  private readonly legend = el("div", { class: "legend" });
  private readonly pictures = el("div", { class: "pictures" });
  private readonly maps;
  private readonly networks;

  constructor(
    private readonly known: Known,
    onChoose: (iso3: string) => void,
  ) {
    this.maps = { a: new MapView(known.map, onChoose), b: new MapView(known.map, onChoose) };
    this.networks = { a: new NetworkView(onChoose), b: new NetworkView(onChoose) };
    this.node.append(this.pictures, this.legend);
  }

  /** The drawings shown, with the name of each: a, b or change. */
  get drawings(): [SVGSVGElement, string][] {
    return [...this.pictures.querySelectorAll("figure")].map((figure) => [
      figure.querySelector("svg")!,
      figure.dataset["mode"]!,
    ]);
  }

  update(answer: Answer, state: State): void {
    const area = state.area === "ties" ? -2 : this.known.facts.areas.indexOf(state.area);
    const shown: Shown = {
      answer,
      quarter: Math.min(state.quarter, answer.quarters.length - 1),
      area,
      countries: this.known.facts.countries,
      visible: this.known.facts.countries.map((country) => isShown(country, state)),
      selected: state.country,
    };
    const views = state.view === "map" ? this.maps : this.networks;
    const both = state.show === "both";
    const wanted: [SVGSVGElement, "a" | "b", Mode][] = both
      ? [[views.a.svg, "a", "a"], [views.b.svg, "b", "b"]]
      : [[views.b.svg, "b", state.show as Mode]];
    const key = `${state.view} ${both} ${state.show}`;
    if (this.pictures.dataset["key"] !== key) {
      this.pictures.dataset["key"] = key;
      this.pictures.replaceChildren(
        ...wanted.map(([svg, , mode]) =>
          el("figure", { class: `picture ${mode}`, "data-mode": mode },
            el("figcaption", {}, mode === "change" ? "B − A" : mode.toUpperCase()), svg)),
      );
    }
    for (const [, which, mode] of wanted) views[which].update(shown, mode);
    this.node.classList.toggle("of-network", state.view === "network");
    this.node.classList.toggle("of-map", state.view === "map");
    this.drawLegend(state);
  }

  /** Colours and labels of what is shown. */
  legendOf(state: State): [string, string][] {
    return legendOf(state.show === "change", state.area === "ties" ? MANY_TIES / 4 : 1);
  }

  /** What the colours mean. */
  legendTitle(state: State): string {
    if (state.area === "ties") return t("instruments_in_force");
    const told = t(state.show === "change" ? "change_of_depth" : "mean_depth");
    return state.area === "all" ? told : labelled(t(state.area), told);
  }

  private drawLegend(state: State): void {
    const key = `${state.language} ${state.show === "change"} ${state.area} ${state.view}`;
    if (this.legend.dataset["key"] === key) return;
    this.legend.dataset["key"] = key;
    const boxes = this.legendOf(state).map(([colour, label]) => {
      const box = draw("svg", { viewBox: "0 0 10 10", class: "swatch", "aria-hidden": "true" },
        draw("rect", { width: 10, height: 10, fill: colour, stroke: "#9aa4ae", "stroke-width": 0.5 }));
      return el("span", { class: "legend-box" }, box, label || " ");
    });
    const title = el("span", { class: "legend-title" }, this.legendTitle(state));
    this.legend.replaceChildren(
      el("span", { class: "legend-boxes" }, title, ...boxes),
      el("span", { class: "legend-note" }, t((state.view === "map" ? "arcs" : "spokes") + (state.show === "change" ? "_change" : ""))));
    set(this.legend, "role", "note");
  }
}
