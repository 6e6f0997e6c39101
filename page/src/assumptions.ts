// The drawer of assumptions: every coefficient with its origin and range, adjustable for A and B.

import { drawerHead, el } from "./dom";
import type { Facts } from "./facts";
import { Lever } from "./lever";
import { coefficientName } from "./names";
import { defaultOf, valueOf, type State } from "./state";
import { named, t } from "./words";

export class AssumptionsView {
  readonly node = el("aside", { class: "drawer assumptions", hidden: true, tabindex: -1, id: "assumptions" });
  private levers: Lever[] = [];
  private built = "";

  constructor(
    private readonly facts: Facts,
    private readonly onLever: (path: string, value: number | null, done: boolean) => void,
    private readonly onClose: () => void,
  ) {}

  get isOpen(): boolean {
    return !this.node.hidden;
  }

  toggle(open: boolean): void {
    this.node.hidden = !open;
    if (open) this.node.focus();
  }

  private build(state: State): void {
    const key = `${state.language} ${state.b.behaviour}`;
    if (key === this.built) return;
    this.built = key;
    this.levers = [];
    const find = el("input", { type: "search", id: "find-coefficient" });
    const rows = Object.entries(this.facts.behaviours[state.b.behaviour]!.coefficients).map(([name, fact]) => {
      const lever = new Lever(
        {
          path: `behaviour.coefficients.${name}`,
          name: coefficientName(name),
          meaning: `${named(`?coefficient.${name}`, fact.meaning)} (${t(`origin_${fact.origin}`)}${fact.source ? `: ${fact.source}` : ""})`,
          unit: fact.unit, range: { low: fact.low, high: fact.high, whole: false }, reach: [fact.low, fact.high],
          step: Number(((fact.high - fact.low) / 200).toPrecision(2)),
        },
        this.onLever,
      );
      lever.node.querySelector(".lever-head")!.prepend(
        el("span", { class: `origin ${fact.origin}` }, t(`origin_${fact.origin}`)));
      lever.node.dataset["find"] =
        `${coefficientName(name)} ${named(`?coefficient.${name}`, fact.meaning)} ${name.replace(/_/g, " ")}`.toLowerCase();
      this.levers.push(lever);
      return lever.node;
    });
    find.addEventListener("input", () => {
      for (const row of rows) row.hidden = !row.dataset["find"]!.includes(find.value.toLowerCase());
    });
    this.node.setAttribute("aria-label", t("assumptions"));
    this.node.replaceChildren(el("div", {},
      drawerHead(t("assumptions"), "close-assumptions", this.onClose),
      el("p", {}, t("assumptions_hint"), " ", t("both_arms")),
      el("div", { class: "field" }, el("label", { for: "find-coefficient" }, t("find")), find),
      ...rows,
    ));
  }

  update(state: State, fixed: boolean): void {
    if (this.node.hidden) return;
    this.build(state);
    for (const lever of this.levers) {
      const { path } = lever.settings;
      lever.update(valueOf(this.facts, state.b, path), defaultOf(this.facts, state.b, path), "", fixed);
    }
  }
}
