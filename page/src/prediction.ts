// Predict first: B stays hidden after a change until the room has said what it expects.

import type { Answer } from "./answer";
import { button, el, say, set } from "./dom";
import type { Facts } from "./facts";
import { quantity, scaleOf, type GrowthView } from "./growth";
import { modelOf, type State } from "./state";
import { quarter as said, t } from "./words";

export class Prediction {
  readonly toggle = button("", () => {
    this.wanted = !this.wanted;
    if (!this.wanted) this.end();
    this.write();
    this.onChange();
  }, { id: "predict-first", "aria-pressed": "false" });
  readonly node = el("form", { class: "prediction", hidden: true });
  private readonly field = el("input", { type: "number", step: "any", id: "prediction" });
  private readonly label = el("label", { for: "prediction" });
  private readonly reveal = el("button", { type: "submit", class: "play", id: "reveal" });
  private readonly result = el("p", { class: "prediction-result", role: "status" });
  /** Whether B is hidden now. */
  hides = false;
  private wanted = false;
  /** What was asked: of which metric and quarter, under which strategies. */
  private asked = { metric: "", quarter: 0, model: "" };

  constructor(
    private readonly facts: Facts,
    private readonly growth: GrowthView,
    private readonly onChange: () => void,
  ) {
    this.node.append(this.label, this.field, this.reveal);
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.end();
      this.onChange();
    });
  }

  /** Where the result stands after the reveal. */
  get told(): HTMLElement {
    return this.result;
  }

  /** Something was changed: forget what was expected, and hide B if the room predicts first. */
  changed(): void {
    this.hides = this.wanted;
    this.field.value = "";
    this.growth.predict(this.hides);
    this.write();
  }

  private end(): void {
    if (!this.hides) return;
    this.hides = false;
    this.growth.reveal();
    this.write();
  }

  private write(): void {
    set(this.toggle, "aria-pressed", String(this.wanted));
    this.node.hidden = !this.hides;
  }

  /** Write the texts, and after the reveal how near the guess was, as long as what is shown is what was asked. */
  update(answer: Answer, state: State): void {
    const { metric, quarter } = state;
    const model = JSON.stringify(modelOf(state));
    say(this.toggle, t("predict_first"));
    say(this.reveal, t("reveal"));
    const fact = this.facts.metrics[metric]!;
    const name = { metric: t(`metric.${metric}`), when: said(answer.quarters[quarter] ?? "") };
    say(this.label, t("predict_what", name));
    if (this.hides) {
      this.asked = { metric, quarter, model };
      // With nothing to compare there is nothing to predict.
      this.node.hidden = answer.same;
    }
    const { asked } = this;
    const given = this.field.value === "" ? this.growth.sketched(quarter) : this.field.valueAsNumber / scaleOf(fact);
    const tells = !this.hides && answer.whole && asked.metric === metric && asked.quarter === quarter && asked.model === model;
    const real = answer.b.metric(metric, 1, quarter);
    say(this.result, tells && given !== null
      ? t("predicted", { guess: quantity(fact, given), real: quantity(fact, real), off: quantity(fact, Math.abs(given - real)) }) : "");
  }
}
