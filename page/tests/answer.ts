// Answers: what is held is read once, and A and B stay two.

import assert from "node:assert/strict";

import { Answer, type RawAnswer } from "../src/answer";
import { facts } from "./known";

const arm = (depth: string) => ({ digest: depth, metrics: "", depth, ties: "", links: { pairs: "", shares: "" }, feed: null });
const answer = (a: RawAnswer["a"], b: RawAnswer["b"]) =>
  new Answer({ futures: 20, quarters: facts.quarters, a, b, difference: null, goals: null, whole: false }, facts);

export const cases = {
  "a path that is held is not read again, and never taken for another": () => {
    const [one, other] = [arm(btoa("\u003c".repeat(8))), arm(btoa("x".repeat(8)))];
    const [before, after] = [answer(one, other), answer(one, arm(""))];
    assert.equal(after.a, before.a);
    assert.equal(after.b === before.b, false);
    assert.equal(after.a.depth(0, 0, -1), 1);
    assert.equal(before.b.depth(0, 0, -1), 2);
  },
  "strategies with the same results are still A and B": () => {
    const one = arm("");
    const found = answer(one, one);
    assert.equal(found.a === found.b, false);
    assert.equal(found.same, false);
  },
};
