// The second screen: one large graph in another window, linked to the page with the controls.

import { Answer, type RawAnswer } from "./answer";
import { el } from "./dom";
import type { Known } from "./facts";
import { GrowthView } from "./growth";
import { difference } from "./headline";
import { StageView } from "./stage";
import type { State } from "./state";
import { labelled, quarter as said, speak, t } from "./words";

const CHANNEL = "partnersim";

interface Message {
  answer: RawAnswer;
  state: State;
  /** Whether the room still predicts B. */
  hidesB: boolean;
  /** What the room sketched: a value by quarter. */
  sketch: [number, number][];
}

/** Sends what the page shows to second screens in this browser, once one said hello. */
export class Sender {
  private readonly channel = new BroadcastChannel(CHANNEL);
  private last: Message | null = null;
  private heard = false;

  constructor() {
    this.channel.addEventListener("message", (event) => {
      if (event.data !== "hello") return;
      this.heard = true;
      if (this.last) this.channel.postMessage(this.last);
    });
    this.channel.postMessage("anybody");
  }

  send(answer: Answer, state: State, hidesB: boolean, sketch: [number, number][]): void {
    this.last = { answer: answer.raw, state, hidesB, sketch };
    if (this.heard) this.channel.postMessage(this.last);
  }
}

/** Fill this window with the one graph that the address asks for: "growth" or the map or network. */
export function secondScreen(known: Known, what: string): void {
  const waiting = el("p", { class: "screen-waits", role: "status" }, t("screen_waits"));
  const title = el("h1", { class: "screen-title" });
  const stage = new StageView(known, () => undefined);
  const growth = new GrowthView(() => undefined);
  const main = el("main", { class: "screen" }, title, waiting);
  document.body.replaceChildren(main);
  document.body.className = "second";
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", (event: MessageEvent<Message | "hello" | "anybody">) => {
    if (event.data === "anybody") channel.postMessage("hello");
    if (typeof event.data === "string") return;
    const { answer: raw, state, hidesB, sketch } = event.data;
    speak(state.language);
    const answer = new Answer(raw, known.facts);
    waiting.remove();
    const shocks = state.shocks.map((shock) => answer.quarters.indexOf(shock.quarter)).filter((q) => q > 0);
    if (what === "growth") {
      if (!growth.svg.isConnected) main.append(growth.svg);
      growth.predict(hidesB);
      growth.update(answer, state.metric, known.facts.metrics[state.metric]!, state.quarter, { shocks }, sketch);
      const [metric, when] = [t(`metric.${state.metric}`), said(answer.quarters[state.quarter] ?? "")];
      title.textContent = hidesB
        ? t("predict_what", { metric, when })
        : labelled(`${metric} — ${when}`, difference(answer, state.metric, state.quarter, known.facts));
    } else {
      if (!stage.node.isConnected) main.append(stage.node);
      stage.update(answer, state);
      title.textContent = `${t(state.view)} — ${said(answer.quarters[state.quarter] ?? "")}`;
    }
  });
  channel.postMessage("hello");
}
