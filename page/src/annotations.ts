// Annotations: what was written at moments of the story. They are its chapters: one follows the other.

import { button, el, say, set } from "./dom";
import { labelled, quarter as said, seen, t } from "./words";

/** Letters of an annotation. */
export const LONGEST_TEXT = 120;

export interface Annotation {
  /** Label of the quarter. */
  quarter: string;
  text: string;
}

interface Handlers {
  onWrite: (annotations: Annotation[]) => void;
  onGo: (quarter: number) => void;
}

/** The quarter of the next chapter, or of the one before; the ends of the story where there is none. */
export function nextChapter(chapters: number[], quarter: number, by: 1 | -1, last: number): number {
  return by > 0 ? (chapters.find((one) => one > quarter) ?? last) : (chapters.filter((one) => one < quarter).pop() ?? 0);
}

export class AnnotationsView {
  /** The story, where it is always in sight. */
  readonly node = el("ol", { class: "annotations", hidden: true });
  /** Where it is written. */
  readonly form = el("form", { class: "goal-row" });
  private readonly label = el("label", { for: "annotation" });
  private readonly field = el("input", { type: "text", id: "annotation", maxlength: LONGEST_TEXT });
  private readonly add = el("button", { type: "submit", class: "play", id: "add-annotation" });
  private annotations: Annotation[] = [];
  private quarter = "";
  private drawn = "";

  constructor(
    private readonly most: number,
    private readonly handlers: Handlers,
  ) {
    this.form.append(this.label, this.field, this.add);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = seen(this.field.value).trim();
      if (!text || this.annotations.length >= this.most) return;
      this.field.value = "";
      const all = [...this.annotations, { quarter: this.quarter, text }];
      this.handlers.onWrite(all.sort((one, other) => one.quarter.localeCompare(other.quarter)));
    });
  }

  /** Show the annotations, and mark the chapter shown: the last one until now. */
  update(annotations: Annotation[], quarter: number, quarters: string[], fixed: boolean): void {
    this.annotations = annotations;
    this.quarter = quarters[quarter] ?? "";
    say(this.label, t("annotation"));
    say(this.add, t("write_at", { quarter: said(this.quarter) }));
    this.add.disabled = this.field.disabled = fixed || annotations.length >= this.most;
    this.node.hidden = annotations.length === 0;
    set(this.node, "aria-label", t("annotations"));
    const key = JSON.stringify([annotations, quarters.length, t("annotations"), fixed]);
    if (key !== this.drawn) this.draw(quarters, fixed);
    this.drawn = key;
    const chapter = annotations.filter((one) => one.quarter <= this.quarter).length - 1;
    [...this.node.children].forEach((item, place) => set(item, "aria-current", String(place === chapter)));
  }

  private draw(quarters: string[], fixed: boolean): void {
    this.node.replaceChildren(...this.annotations.map((one, place) => {
      const go = button(labelled(said(one.quarter), one.text), () => this.handlers.onGo(quarters.indexOf(one.quarter)), { class: "plain" });
      const remove = () => this.handlers.onWrite(this.annotations.filter((_, other) => other !== place));
      return el("li", {}, go, fixed ? null : button("✕", remove, { "aria-label": t("remove", { name: one.text }) }));
    }));
  }
}
