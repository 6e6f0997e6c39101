import assert from "node:assert/strict";

import { quantity, spread } from "../src/growth";
import { facts } from "./known";

const { links, hub_dependence: share } = facts.metrics;

export const cases = {
  "a difference has as many digits as its interval deserves"() {
    assert.equal(spread(links!, 27.3, 1.2), "+27 ± 1");
    assert.equal(spread(links!, -6.41, 0.87), "−6.4 ± 0.9");
    assert.equal(spread(share!, 0.0004, 0.0003), "+0.04 ± 0.03");
    assert.equal(spread(links!, 12.3, 0), "+12 ± 0");
    assert.equal(spread(links!, -9.3, 8.9), "−9.3 ± 8.9");
  },
  "what is too small for its metric is zero, without a sign"() {
    assert.equal(spread(links!, -0.00003, 0.00005), "0");
    assert.equal(spread(links!, -0.00003, 0.006), "0.00 ± 0.01");
    assert.equal(quantity(links!, -0), "0");
    assert.equal(quantity(share!, -0.0004), "0.0 %");
  },
};
