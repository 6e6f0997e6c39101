// Goals: what is to be reached, by bars the share of futures that reach it, for A and for B.

import type { Answer } from "./answer";
import { button, choice, el, say, set } from "./dom";
import type { Facts } from "./facts";
import { quantity, scaleOf } from "./growth";
import { metricList } from "./names";
import type { Goal, State } from "./state";
import { t } from "./words";

/** Goals relative to what A reaches at the end: metric, and by how much. */
const PRESETS: Record<string, [metric: string, sense: Goal["sense"], factor: number][]> = {
  grow: [["instruments", "more", 1.1], ["partner_value", "more", 1.1]],
  independent: [["links", "more", 1.1], ["hub_dependence", "less", 0.9]],
  fair: [["value_ldc_share", "more", 1.1], ["value_gini", "less", 0.97]],
};

interface Handlers {
  onGoals: (goals: Goal[]) => void;
}

/** A value with two or three digits, as people set goals. */
function round(value: number): number {
  return Number(value.toPrecision(Math.abs(value) >= 100 ? 3 : 2));
}

/** What a goal asks for, in words. */
export function goalName(facts: Facts, { metric, sense, value }: Goal): string {
  return `${t(`metric.${metric}`)} ${sense === "more" ? "≥" : "≤"} ${quantity(facts.metrics[metric]!, value)}`;
}

/** A bar of so many of 100, and what it says in words. */
export function goalBar(which: "a" | "b", percent: number, text: string): HTMLElement {
  const bar = el("span", { class: `goal-bar ${which}` }, el("span", { class: "goal-fill" }));
  (bar.firstElementChild as HTMLElement).style.width = `${Math.min(100, Math.max(0, percent))}%`;
  return el("span", { class: "goal-arm" }, bar, el("span", { class: `value-${which}` }, text));
}

export class GoalsView {
  /** The bars, where they are always in sight. */
  readonly node = el("ul", { class: "goals", hidden: true });
  /** Where goals are set. */
  readonly form = el("div", { class: "goal-form" });
  private built = "";
  private answer: Answer | null = null;
  private goals: Goal[] = [];
  private readonly told = el("p", { class: "lever-told", role: "status" });

  constructor(
    private readonly facts: Facts,
    private readonly handlers: Handlers,
  ) {}

  update(answer: Answer | null, state: State, quarter: number, fixed: boolean): void {
    this.answer = answer;
    this.goals = state.goals;
    this.build(state, fixed);
    // They are measured by what A reaches.
    for (const item of this.form.querySelectorAll<HTMLButtonElement>("[data-goals]")) item.disabled = fixed || !answer;
    this.node.hidden = state.goals.length === 0;
    if (!answer || this.node.hidden) return;
    set(this.node, "aria-label", t("goals"));
    const names = [...state.goals.map((goal) => goalName(this.facts, goal)), ...(state.goals.length > 1 ? [t("goals_together")] : [])];
    const [a, b] = answer.raw.goals ?? [[], []];
    this.node.replaceChildren(...names.map((name, place) => {
      const shares: ["a" | "b", number | undefined][] = [["a", a![place]?.[quarter]], ["b", b![place]?.[quarter]]];
      const bars = (answer.same ? shares.slice(1) : shares).map(([which, share]) => {
        const letter = answer.same ? "" : `${which.toUpperCase()} `;
        return goalBar(which, share ?? 0, `${letter}${share ?? "–"} %`);
      });
      const remove = () => this.handlers.onGoals(this.goals.filter((_, other) => other !== place));
      return el("li", { title: t("goals_hint") }, el("span", { class: "goal-name" }, name), ...bars,
        fixed || place >= state.goals.length ? null : button("✕", remove, { "aria-label": t("remove", { name }) }));
    }));
  }

  /** The form, made anew where the language changed. */
  private build(state: State, fixed: boolean): void {
    const key = `${state.language} ${fixed}`;
    if (key === this.built) return;
    this.built = key;
    const { facts } = this;
    const metric = choice(t("metric"), metricList(facts), facts.headlines[0]!, () => suggest(), "goal-metric");
    const sense = choice(t("goal_sense"), [["more", t("at_least")], ["less", t("at_most")]], "more", () => undefined, "goal-sense");
    const value = el("input", { type: "number", id: "goal-value", step: "any", "aria-label": t("goal_value") });
    const scale = () => scaleOf(facts.metrics[metric.value]!);
    const suggest = () => {
      sense.value = facts.metrics[metric.value]!.better === "less" ? "less" : "more";
      const end = this.answer?.a.metric(metric.value, 1, this.answer.quarters.length - 1);
      value.value = end === undefined ? "" : String(round(end * scale()));
    };
    const add = button(t("add_goal"), () => {
      if (!value.value) suggest();
      const given = value.valueAsNumber / scale();
      if (Number.isFinite(given)) this.put([...this.goals, { metric: metric.value, sense: sense.value as Goal["sense"], value: given }]);
    }, { id: "add-goal", class: "play" });
    const presets = Object.entries(PRESETS).map(([name, rows]) => button(t(`goals_${name}`), () => {
      const { answer } = this;
      if (!answer) return;
      const last = answer.quarters.length - 1;
      this.put(rows.filter(([metric]) => facts.metrics[metric]).map(([metric, sense, factor]) =>
        ({ metric, sense, value: round(factor * answer.a.metric(metric, 1, last)) })));
    }, { "data-goals": name, title: t("goal_preset_hint") }));
    this.form.replaceChildren(
      el("p", { class: "lever-about" }, t("goals_hint")),
      el("div", { class: "goal-row" }, metric, sense, value, add),
      el("div", { class: "goal-row" }, el("span", { class: "quiet" }, t("goal_presets")), ...presets),
      this.told);
    for (const item of this.form.querySelectorAll<HTMLButtonElement | HTMLSelectElement>("button, select, input")) item.disabled = fixed;
  }

  private put(goals: Goal[]): void {
    const most = this.facts.limits.goals;
    say(this.told, goals.length > most ? t("too_many_goals", { n: most }) : "");
    if (goals.length <= most) this.handlers.onGoals(goals);
  }
}
