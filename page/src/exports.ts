// What the menu of sharing does with what is shown now.

import type { Answer } from "./answer";
import { save } from "./dom";
import type { Known } from "./facts";
import type { GrowthView } from "./growth";
import { scenarioText } from "./differences";
import { linkOf, replayFile, savePng, saveSvg, shareMenu, table, type Caption } from "./share";
import type { StageView } from "./stage";
import type { State } from "./state";
import { quarter as said, t } from "./words";

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
    return shareMenu(
      {
        link: () => linkOf(this.now().state),
        png: () => this.pictures((svg, file, caption) => void savePng(svg, file, caption)),
        svg: () => this.pictures(saveSvg),
        csv: () => {
          const { answer, state } = this.now();
          if (answer) save("partnersim.csv", new Blob([table(this.known.facts, state, answer)], { type: "text/csv" }));
        },
        replay: () => {
          const { state, answer } = this.now();
          if (answer) void replayFile(this.known, state, answer).then((file) => save("partnersim_replay.html", file));
        },
        print: () => window.print(),
        screen: (what) => void window.open(`?screen=${what}`, "_blank", "popup,width=1280,height=720"),
      },
      fixed,
    );
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
