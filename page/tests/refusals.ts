import assert from "node:assert/strict";

import { refusal } from "../src/refusals";
import { speak } from "../src/words";

/** What the program says, in another language; the document is one of a browser. */
function told(language: string, lines: string[]): string[] {
  Object.assign(globalThis, { document: { documentElement: {} } });
  speak(language);
  const all = lines.map(refusal);
  speak("en");
  return all;
}

const LINES = [
  "B: policy.openness = 2: must be a number from 0 to 1",
  "A: policy.offer.envelope = -1.5: must be a number from 0 to 50000 million EUR a year",
  "policy.openess: unknown setting, did you mean 'openness'? (allowed: openness, hubs)",
  "B: policy.hubs[0] = 'Kenia': unknown country 'Kenia', did you mean 'KEN' (Kenya)?",
  "strategy 2: policy=balance: unknown policy, did you mean 'balanced'? (options: adaptive, balanced)",
  "B: policy.priorities: one of deepen, broaden must be above 0",
  "A: geopolitics: 40000 shocks expected in a future, at most 30000 here; lower intensity, intensification or single shock types",
  "B: geopolitics.schedule[0].on = Gulf: eu_budget_cut strikes the EU alone; write on: world",
  "quarter = 43: the horizon has 42 quarters",
  "levers.policy.priorities: one must be above 0",
  "B: policy.x = 1: something new",
];

export const cases = {
  "what the program refuses is said in German, with key, value, range and nearest name"() {
    assert.deepEqual(told("de", LINES), [
      "B: policy.openness = 2: muss eine Zahl von 0 bis 1 sein.",
      "A: policy.offer.envelope = -1.5: muss eine Zahl von 0 bis 50.000 sein (Mio. € im Jahr).",
      "policy.openess: Diese Einstellung gibt es nicht. Meinten Sie openness? Erlaubt: openness, hubs.",
      "B: policy.hubs[0] = 'Kenia': Ein Land Kenia gibt es nicht. Meinten Sie KEN?",
      "Strategie 2: policy=balance: Das gibt es nicht. Meinten Sie balanced? Erlaubt: adaptive, balanced.",
      "B: policy.priorities: Eines von deepen, broaden muss über 0 liegen.",
      "A: geopolitics: 40.000 Schocks wären in einer Zukunft zu erwarten, hier höchstens 30.000. Senken Sie, wie oft Schocks treffen oder wie das zunimmt.",
      "B: geopolitics.schedule[0].on = Gulf: Dieser Schock (Kürzung des EU-Haushalts) trifft nur die EU; als Ort geht nur world.",
      "quarter = 43: Gespielt werden nur 42 Quartale.",
      "Eines der Gewichte muss über 0 liegen.",
      "Nicht möglich. Auf Englisch: B: policy.x = 1: something new",
    ]);
  },
  "and in French and English"() {
    assert.deepEqual(told("fr", [LINES[0]!, LINES[8]!]), [
      "B\u00a0: policy.openness = 2\u00a0: doit être un nombre de 0 à 1.",
      "quarter = 43\u00a0: Seuls 42 trimestres sont joués.",
    ]);
    assert.deepEqual(told("en", [LINES[0]!, LINES[10]!]), ["B: policy.openness = 2: must be a number from 0 to 1.", LINES[10]!]);
  },
};
