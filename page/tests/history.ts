import assert from "node:assert/strict";

import { History } from "../src/history";
import { modelOf } from "../src/state";
import { start } from "./known";

const model = (openness: number) => {
  const state = start();
  state.b.set["policy.openness"] = openness;
  return modelOf(state);
};

export const cases = {
  "one slider moved in one go is one step"() {
    const history = new History();
    history.note(model(0.1), "openness");
    history.note(model(0.2), "openness");
    history.close();
    history.note(model(0.3), "openness");
    assert.deepEqual(history.undo(model(0.4)), model(0.3));
    assert.deepEqual(history.undo(model(0.3)), model(0.1));
    assert.equal(history.canUndo, false);
    assert.deepEqual(history.redo(model(0.1)), model(0.3));
  },
  "a change after undoing leaves nothing to redo"() {
    const history = new History();
    history.note(model(0.1), "");
    history.undo(model(0.2));
    history.note(model(0.1), "");
    assert.equal(history.canRedo, false);
  },
};
