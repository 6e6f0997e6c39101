// The scoreboard: strategies saved by name, in every climate, and by how much each is behind the best.

import { lineOf, linesOf, post } from "./asking";
import { button, drawerHead, el, scrolling } from "./dom";
import type { Facts } from "./facts";
import { quantity } from "./growth";
import { armRequest, type Arm, type State } from "./state";
import { quarter as said, seen, t } from "./words";

interface Row {
  climate: string;
  means: number[];
  regret: number[];
}

interface Handlers {
  onSave: (name: string) => void;
  onTake: (arm: Arm) => void;
  onRemove: (place: number) => void;
  onClose: () => void;
}

export class ScoreboardView {
  readonly node = el("aside", { class: "drawer scoreboard", hidden: true, tabindex: -1, id: "scoreboard" });
  private asked = "";
  private rows: Row[] = [];
  private problem = "";
  private asking: AbortController | null = null;

  constructor(
    private readonly facts: Facts,
    private readonly handlers: Handlers,
  ) {}

  get isOpen(): boolean {
    return !this.node.hidden;
  }

  toggle(open: boolean): void {
    this.node.hidden = !open;
    if (open) this.node.focus();
    else this.asking?.abort();
  }

  update(state: State): void {
    if (this.node.hidden) return;
    const key = JSON.stringify([state.saved, state.metric, state.quarter]);
    if (key !== this.asked) {
      this.asked = key;
      this.rows = [];
      this.problem = "";
      if (state.saved.length) void this.ask(structuredClone(state), key);
    }
    this.draw(state);
  }

  private async ask(state: State, key: string): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    try {
      const arms = state.saved.map(({ arm }) => armRequest(this.facts, { ...state, b: arm, shocks: [] }, "b"));
      const response = await post("api/scoreboard", { arms, metric: state.metric, quarter: state.quarter }, asking.signal);
      for await (const line of linesOf(response)) {
        if (key !== this.asked) return;
        this.rows.push(JSON.parse(line) as Row);
        this.draw(state);
      }
    } catch (error) {
      if (asking.signal.aborted) return;
      this.problem = lineOf(error);
      this.draw(state);
    }
  }

  private draw(state: State): void {
    const focused = document.activeElement?.id ?? "";
    const typed = this.node.querySelector<HTMLInputElement>("#save-name")?.value ?? "";
    const name = el("input", { type: "text", id: "save-name", maxlength: 40, value: typed });
    const form = el("form", { class: "goal-row" }, el("label", { for: "save-name" }, t("save_as")), name,
      el("button", { type: "submit", class: "play", id: "save-strategy", disabled: state.saved.length >= this.facts.limits.saved }, t("save")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = seen(name.value).trim() || t("strategy_n", { n: state.saved.length + 1 });
      name.value = "";
      this.handlers.onSave(given);
    });
    const when = said(this.facts.quarters[state.quarter] ?? "");
    this.node.setAttribute("aria-label", t("scoreboard"));
    this.node.replaceChildren(
      drawerHead(t("scoreboard"), "close-scoreboard", this.handlers.onClose),
      el("p", {}, t("scoreboard_hint", { metric: t(`metric.${state.metric}`), when, n: this.facts.limits.scoreboard })), form,
      this.problem ? el("p", { role: "alert", class: "lever-told" }, this.problem) : "",
      state.saved.length ? this.table(state) : el("p", { class: "quiet" }, t("nothing_saved")));
    if (focused) this.node.querySelector<HTMLElement>(`#${focused}`)?.focus();
  }

  private table(state: State): HTMLElement {
    const fact = this.facts.metrics[state.metric]!;
    const climates = Object.keys(this.facts.climates);
    const found = new Map(this.rows.map((row) => [row.climate, row]));
    const worst = state.saved.map((_, place) => Math.max(...this.rows.map(({ regret }) => regret[place]!)));
    const all = this.rows.length === climates.length;
    const least = Math.min(...worst);
    const rows = state.saved.map(({ name, arm }, place) => {
      const take = button(name, () => this.handlers.onTake(arm), { class: "plain", title: t("take_saved") });
      const remove = button("✕", () => this.handlers.onRemove(place), { "aria-label": t("remove", { name }) });
      const cells = climates.map((climate) => {
        const row = found.get(climate);
        return el("td", {}, row ? quantity(fact, row.means[place]!) : "…",
          row ? el("span", { class: "quiet" }, ` (${quantity(fact, -row.regret[place]!)})`) : null);
      });
      return el("tr", {}, el("th", { scope: "row" }, take), ...cells,
        el("td", { class: all && worst[place] === least ? "clear" : "" }, all ? quantity(fact, worst[place]!) : "…"), el("td", {}, remove));
    });
    return scrolling(t("scoreboard"), el("table", { class: "values" },
      el("thead", {}, el("tr", {}, el("td", {}), ...climates.map((name) => el("th", { scope: "col" }, t(name))), el("th", { scope: "col" }, t("worst_regret")), el("td", {}))),
      el("tbody", {}, ...rows)));
  }
}
