// Headline numbers: both strategies at the quarter shown, and their paired difference.

import type { Answer } from "./answer";
import { button, el, say, set } from "./dom";
import type { Facts, MetricFact } from "./facts";
import { quantity, spread } from "./growth";
import { t } from "./words";

export class HeadlineView {
  readonly node = el("div", { class: "headlines", role: "group" });
  private readonly tiles;

  constructor(
    private readonly facts: Facts,
    onMetric: (metric: string) => void,
  ) {
    this.tiles = facts.headlines.map((metric) => {
      const title = el("span", { class: "tile-title" });
      const values = el("span", { class: "tile-values" });
      const a = el("span", { class: "value-a" });
      const b = el("span", { class: "value-b" });
      const gap = el("span", { class: "tile-gap" });
      values.append(a, b);
      const tile = button("", () => onMetric(metric), { class: "tile" });
      tile.append(title, values, gap);
      return { metric, tile, title, a, b, gap };
    });
    this.node.append(...this.tiles.map(({ tile }) => tile));
  }

  update(answer: Answer, quarter: number, chosen: string, hidesB: boolean): void {
    set(this.node, "aria-label", t("headlines"));
    for (const { metric, tile, title, a, b, gap } of this.tiles) {
      const fact = this.facts.metrics[metric]!;
      say(title, t(`metric.${metric}`));
      say(a, answer.same ? "" : `A ${quantity(fact, answer.a.metric(metric, 1, quarter))}`);
      say(b, `${answer.same ? "" : "B "}${quantity(fact, answer.b.metric(metric, 1, quarter))}`);
      const [mean, , above] = answer.difference(metric, quarter);
      const told = difference(answer, metric, quarter, this.facts);
      say(gap, told);
      const clear = isClear(answer, metric, quarter, fact);
      const good = fact.better === "more" ? mean > 0 : fact.better === "less" ? mean < 0 : null;
      set(gap, "data-verdict", !clear || good === null ? "even" : good ? "good" : "bad");
      set(tile, "aria-pressed", String(metric === chosen));
      set(tile, "title", answer.same || hidesB ? "" : t("paired", { share: Math.round(100 * above) }));
    }
  }
}

/** A difference below this share of the level is negligible; of shares, below so many of one. */
const NEGLIGIBLE = 0.01;
const NEGLIGIBLE_SHARE = 0.002;

/** Whether a mean difference is small beside what there is, however certain. */
export function isSmall(fact: MetricFact, mean: number, ...levels: number[]): boolean {
  return Math.abs(mean) < (fact.unit === "%" ? NEGLIGIBLE_SHARE : NEGLIGIBLE * Math.max(...levels.map(Math.abs)));
}

function isNegligible(answer: Answer, metric: string, quarter: number, fact: MetricFact): boolean {
  const [mean] = answer.difference(metric, quarter);
  return isSmall(fact, mean, answer.a.metric(metric, 1, quarter), answer.b.metric(metric, 1, quarter));
}

/** Whether A and B differ, beyond doubt and by enough to speak of. */
export function isClear(answer: Answer, metric: string, quarter: number, fact: MetricFact): boolean {
  if (answer.same) return false;
  const [mean, half] = answer.difference(metric, quarter);
  return Math.abs(mean) > half && !isNegligible(answer, metric, quarter, fact);
}

/** The paired difference in words: "B has 6 ± 2 more than A". */
export function difference(answer: Answer, metric: string, quarter: number, facts: Facts): string {
  if (answer.same) return t("b_is_same");
  const fact = facts.metrics[metric]!;
  const [mean, half] = answer.difference(metric, quarter);
  if (mean === 0 && half === 0) return t("b_is_same");
  const unit = fact.unit === "%" ? ` ${t("points")}` : "";
  const signed = { n: spread(fact, mean, half) + unit };
  if (Math.abs(mean) <= half) return t("b_no_difference", signed);
  if (isNegligible(answer, metric, quarter, fact)) return t("b_negligible", signed);
  const n = spread(fact, Math.abs(mean), half, false) + unit;
  if (fact.unit === "" && fact.decimals === 0) return t(mean > 0 ? "b_has_more" : "b_has_less", { n });
  return t(mean > 0 ? "b_is_higher" : "b_is_lower", { n });
}
