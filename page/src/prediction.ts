// Predict first: B stays hidden after a change until the room has said what it expects.

import type { Answer } from "./answer";
import { el, say, set } from "./dom";
import type { Facts } from "./facts";
import { quantity, type GrowthView } from "./growth";
import { quarter as said, t } from "./words";

export class Prediction {
  readonly toggle = el("button", { type: "button", id: "predict-first", "aria-pressed": "false" });
  readonly node = el("form", { class: "prediction", hidden: true });
  private readonly field = el("input", { type: "number", step: "any", id: "prediction" });
  private readonly label = el("label", { for: "prediction" });
  private readonly reveal = el("button", { type: "submit", class: "play", id: "reveal" });
  private readonly result = el("p", { class: "prediction-result", role: "status" });
  /** Whether B is hidden now. */
  hides = false;
  private wanted = false;
  private shown: { metric: string; quarter: number } | null = null;

  constructor(
    private readonly facts: Facts,
    private readonly growth: GrowthView,
    private readonly onChange: () => void,
  ) {
    this.node.append(this.label, this.field, this.reveal);
    this.toggle.addEventListener("click", () => {
      this.wanted = !this.wanted;
      if (!this.wanted) this.end();
      this.write();
      this.onChange();
    });
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

  /** Something was changed: hide B, if the room predicts first. */
  changed(): void {
    if (!this.wanted) return;
    this.hides = true;
    this.field.value = "";
    say(this.result, "");
    this.growth.predict(true);
    this.write();
  }

  private end(): void {
    if (!this.hides) return;
    this.hides = false;
    this.growth.predict(false);
    this.write();
  }

  private write(): void {
    set(this.toggle, "aria-pressed", String(this.wanted));
    this.node.hidden = !this.hides;
  }

  /** Write the texts, and after the reveal how near the guess was. */
  update(answer: Answer, metric: string, quarter: number): void {
    say(this.toggle, t("predict_first"));
    say(this.reveal, t("reveal"));
    const fact = this.facts.metrics[metric]!;
    const scale = fact.unit === "%" ? 100 : 1;
    const name = { metric: t(`metric.${metric}`), when: said(answer.quarters[quarter] ?? "") };
    say(this.label, t("predict_what", name));
    if (this.hides) {
      this.shown = { metric, quarter };
      // With nothing to compare there is nothing to predict.
      this.node.hidden = answer.same;
      return;
    }
    if (!this.shown) return;
    const sketched = this.growth.sketched(this.shown.quarter);
    const given = this.field.value === "" ? sketched : this.field.valueAsNumber / scale;
    if (this.shown.metric !== metric || given === null || !answer.whole) return;
    const real = answer.b.metric(metric, 1, this.shown.quarter);
    say(this.result, t("predicted", { guess: quantity(fact, given), real: quantity(fact, real), off: quantity(fact, Math.abs(given - real)) }));
    this.shown = null;
  }
}
