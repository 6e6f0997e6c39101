import assert from "node:assert/strict";

import { LANGUAGES, known, learn, named, plain, quarter, t } from "../src/words";

export const cases = {
  "every file is a language, English first"() {
    assert.deepEqual(LANGUAGES, [["en", "English"], ["de", "Deutsch"], ["fr", "Français"]]);
  },
  "places are filled in, and what is unknown is said by its name"() {
    assert.equal(t("futures", { n: 200 }), "200 futures");
    assert.equal(t("no_such_text"), "no such text");
    assert.equal(known("no_such_text"), false);
    learn({ "metric.joy": ["Joy", "Freude", "Joie"] });
    assert.equal(t("metric.joy"), "Joy");
    assert.equal(named("instrument.FTA", "Free trade"), "Free trade");
  },
  "numbers and quarters are written as people write them"() {
    assert.equal(plain(-0.25), "−0.25");
    assert.equal(plain(-0.00001), "0");
    assert.equal(quarter("2027Q2"), "2027 Q2");
  },
};
