import assert from "node:assert/strict";

import { read, withoutRefused, written } from "../src/link";
import type { State } from "../src/state";
import { facts, start } from "./known";

function full(): State {
  const state = start();
  state.b = { policy: "connect_first", geopolitics: "coercion", behaviour: "estimated", set: { "policy.openness": 0.25, "policy.hubs": ["IND", "KEN"], "policy.regions.Indo-Pacific": 2 } };
  state.shocks = [{ type: "trade_war", where: "Indo-Pacific", quarter: "2025Q4", severity: 0.5, on: "ab" }];
  state.goals = [{ metric: "hub_dependence", sense: "less", value: 0.85 }];
  state.annotations = [{ quarter: "2025Q3", text: "A ~ & = #" }];
  state.saved = [{ name: "A ~ & = #", arm: structuredClone(state.b) }];
  return state;
}

export const cases = {
  "a link restores everything"() {
    const { state, misfits } = read(written(full()), facts, start());
    assert.deepEqual(misfits, []);
    assert.deepEqual(state, full());
  },
  "what cannot be used is named, the rest is used"() {
    const link = "b.policy=balnced&b.set.policy.openness=7&b.set.policy.negotiators=300&goal=joy~more~1&goal=links~up~x&note=2031Q5~x&note=2025Q3~&nonsense=1&shock=a~b";
    const { state, misfits } = read(link, facts, start());
    assert.deepEqual(misfits.map(({ part }) => part), ["b.policy", "b.set.policy.openness", "goal", "goal", "goal", "note", "nonsense", "shock"]);
    assert.deepEqual(state.b.set, { "policy.negotiators": 300 });
    assert.deepEqual([state.goals, state.annotations, state.shocks], [[], [], []]);
  },
  "what nobody can see is left out"() {
    const link = new URLSearchParams({ note: "2025Q3~a\u202Eb\nc\u200B\u0085\u2066", saved: "\u2067n\u0000~", "\u202Ex": "\u202Ey" });
    const { state, misfits } = read(link.toString(), facts, start());
    assert.deepEqual(state.annotations, [{ quarter: "2025Q3", text: "ab c" }]);
    assert.deepEqual([state.saved[0]!.name, misfits[0]!.part, misfits[0]!.given], ["n", "x", "y"]);
  },
  "no more is taken than the page can hold"() {
    const goals = Array(3).fill("goal=links~more~40").join("&");
    const { state, misfits } = read(`${goals}&saved=a~policy=balanced&saved=b~&saved=c~`, facts, start());
    assert.equal(state.goals.length, 2);
    assert.deepEqual(state.saved.map(({ name }) => name), ["a", "b"]);
    assert.deepEqual(misfits.map(({ part }) => part), ["goal", "saved"]);
  },
  "what the program refused is left out, at last everything"() {
    const state = full();
    const once = withoutRefused(state, ["B: policy.openness = 0.25: must be something else"], start());
    assert.deepEqual(Object.keys(once.b.set), ["policy.hubs", "policy.regions.Indo-Pacific"]);
    const all = withoutRefused(once, ["something without a place"], start());
    assert.deepEqual([all.a, all.b, all.shocks], [start().a, start().b, []]);
  },
};
