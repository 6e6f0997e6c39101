// Undo and redo: of what is simulated, not of what is looked at.

import type { Model } from "./state";

const MOST_STEPS = 100;

/** Earlier and undone models. Changes of one slider in one go are one step. */
export class History {
  private past: Model[] = [];
  private future: Model[] = [];
  private lastKey = "";

  note(before: Model, key: string): void {
    if (key !== "" && key === this.lastKey && this.past.length) return;
    this.past.push(before);
    if (this.past.length > MOST_STEPS) this.past.shift();
    this.future = [];
    this.lastKey = key;
  }

  /** The next change of the same slider is a step of its own. */
  close(): void {
    this.lastKey = "";
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  undo(now: Model): Model | undefined {
    const before = this.past.pop();
    if (before) this.future.push(now);
    this.lastKey = "";
    return before;
  }

  redo(now: Model): Model | undefined {
    const after = this.future.pop();
    if (after) this.past.push(now);
    this.lastKey = "";
    return after;
  }

  /** The model before the last change, without going there. */
  get previous(): Model | undefined {
    return this.past[this.past.length - 1];
  }
}
