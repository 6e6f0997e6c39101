import assert from "node:assert/strict";

import { nextChapter } from "../src/annotations";

export const cases = {
  "one chapter follows the other, from the start of the story to its end"() {
    const chapters = [4, 4, 9];
    assert.deepEqual([0, 4, 9].map((quarter) => nextChapter(chapters, quarter, 1, 40)), [4, 9, 40]);
    assert.deepEqual([40, 9, 4].map((quarter) => nextChapter(chapters, quarter, -1, 40)), [9, 4, 0]);
  },
};
