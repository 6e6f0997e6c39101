import assert from "node:assert/strict";

import { differencesOf, scenarioText } from "../src/differences";
import { facts, start } from "./known";

export const cases = {
  "nothing differs where both are set alike"() {
    const state = start();
    state.a.set["policy.openness"] = state.b.set["policy.openness"] = 0.9;
    state.shocks = [{ type: "trade_war", where: "world", quarter: "2025Q4", severity: 0.5, on: "ab" }];
    assert.deepEqual(differencesOf(facts, state), []);
  },
  "each difference can be taken back alone"() {
    const state = start();
    state.b.geopolitics = "coercion";
    state.b.set["policy.openness"] = 0.9;
    state.b.set["policy.hubs"] = ["KEN"];
    state.shocks = [{ type: "trade_war", where: "world", quarter: "2025Q4", severity: 0.5, on: "b" }];
    for (let left = 4; left > 0; left -= 1) {
      const found = differencesOf(facts, state);
      assert.equal(found.length, left);
      found[0]!.revert(state);
    }
    assert.deepEqual(differencesOf(facts, state), []);
  },
  "a strategy is told whole: policy, climate, levers, shocks"() {
    const state = start();
    state.b.set["policy.negotiators"] = 300;
    state.shocks = [{ type: "trade_war", where: "KEN", quarter: "2025Q4", severity: 0.5, on: "b" }];
    assert.equal(scenarioText(facts, state, "a"), "Balanced; Climate: Calm; Estimated");
    assert.equal(scenarioText(facts, state, "b"), "Balanced; Climate: Calm; Estimated; Negotiators 300; ⚡ Trade war, Kenya, 2025 Q4, 0.5");
  },
};
