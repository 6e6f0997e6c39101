// The last change once more: what was before it for a moment, then what is now.

import type { Model } from "./state";

const MILLISECONDS = 1400;

export class Replay {
  private now: Model | null = null;
  private timer = 0;

  constructor(
    private readonly restore: (model: Model) => void,
    /** Told what is being shown: the name of a text, or "" when it is over. */
    private readonly tell: (key: string) => void,
  ) {}

  start(before: Model, now: Model): void {
    this.now = now;
    this.show("before_change", before, () => this.show("after_change", now, () => this.end()));
  }

  private show(key: string, model: Model, then: () => void): void {
    this.restore(model);
    this.tell(key);
    this.timer = window.setTimeout(then, MILLISECONDS);
  }

  /** Be back at what is now: what a visitor does next must not be lost. */
  end(): void {
    const { now } = this;
    if (!now) return;
    clearTimeout(this.timer);
    this.now = null;
    this.restore(now);
    this.tell("");
  }
}
