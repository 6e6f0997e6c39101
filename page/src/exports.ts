// What the menu of sharing does with what is shown now.

import type { Answer } from "./answer";
import { button, el, save } from "./dom";
import type { Known } from "./facts";
import type { GrowthView } from "./growth";
import { scenarioText } from "./differences";
import { copied, linkOf, replayFile, savePng, saveSvg, table, type Caption } from "./share";
import type { StageView } from "./stage";
import type { State } from "./state";
import { known as hasWord, quarter as said, t } from "./words";

interface Shown {
  state: State;
  answer: Answer | null;
}

export class Exports {
  constructor(
    private readonly known: Known,
    private readonly stage: StageView,
    private readonly growth: GrowthView,
    private readonly now: () => Shown,
  ) {}

  /** The menu, in the language now chosen. */
  menu(fixed: boolean): HTMLElement {
    const told = el("span", { role: "status", class: "quiet" });
    const item = (key: string, act: () => void) => button(t(key), act, { id: key, title: hasWord(`${key}_hint`) ? t(`${key}_hint`) : null });
    const always = [
      item("share_png", () => this.pictures((svg, file, caption) => void savePng(svg, file, caption))),
      item("share_svg", () => this.pictures(saveSvg)),
      item("share_csv", () => {
        const { answer, state } = this.now();
        if (answer) save("partnersim.csv", new Blob([table(this.known.facts, state, answer)], { type: "text/csv" }));
      }),
      item("share_print", () => window.print()),
    ];
    if (fixed) return el("div", { class: "menu-items" }, ...always);
    const screen = (what: string) => item(`screen_${what}`, () => void window.open(`?screen=${what}`, "_blank", "popup,width=1280,height=720"));
    return el("div", { class: "menu-items" },
      item("share_link", () => void copied(linkOf(this.now().state)).then((note) => told.replaceChildren(note))),
      ...always,
      item("share_replay", () => {
        const { state, answer } = this.now();
        if (answer) void replayFile(this.known, state, answer).then((file) => save("partnersim_replay.html", file));
      }),
      screen("growth"), screen("stage"), told);
  }

  /** Save every drawing that is shown. */
  private pictures(act: (svg: SVGSVGElement, name: string, caption: Caption) => void): void {
    const { state, answer } = this.now();
    const quarter = answer?.quarters[state.quarter] ?? "";
    for (const [svg, mode] of this.stage.drawings) {
      const which = mode === "change" ? "B − A" : mode.toUpperCase();
      const text = `${which}: ${this.stage.legendTitle(state)}. ${this.caption()}`;
      act(svg, `partnersim_${state.view}_${mode}_${quarter}`, { text, legend: this.stage.legendOf(state) });
    }
    const text = `${t(`metric.${state.metric}`)}. ${this.caption()}`;
    act(this.growth.svg, `partnersim_${state.metric}_${quarter}`, { text, legend: [] });
  }

  /** What a saved drawing shows: both strategies with climate and shocks, the quarter, how many futures. */
  private caption(): string {
    const { state, answer } = this.now();
    const arms = (["a", "b"] as const).map((which) => `${which.toUpperCase()}: ${scenarioText(this.known.facts, state, which)}`);
    const quarter = said(answer?.quarters[state.quarter] ?? "");
    return `partnersim ${this.known.facts.version}: ${arms.join(". ")}. ${quarter}, ${t("futures", { n: answer?.futures ?? 0 })}`;
  }
}
