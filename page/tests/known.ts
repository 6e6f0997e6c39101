// A small world for the tests: two policies, two climates, three countries.

import type { Facts } from "../src/facts";
import { initialState, type State } from "../src/state";

const lever = (low: number, high: number) => ({ meaning: "", unit: "", low, high, whole: false });
const policy = (connect: number) => ({
  priorities: { deepen: 0.5, broaden: 0.1, connect, strengthen: 0.1 },
  openness: 0.5, negotiators: 600, hubs: [], regions: {}, offer: { envelope: 1500, mix: {}, targeting: {} },
});

export const facts = {
  version: "0",
  defaults: { policy: "balanced", geopolitics: "calm", behaviour: "estimated" },
  limits: { futures: 200, quarters: 80, scheduled: 4, goals: 2, saved: 2, annotations: 2, scoreboard: 40 },
  areas: ["trade"], directions: [], modules: [], targeting: [], stages: [], terms: [],
  metrics: { instruments: { unit: "", decimals: 0, better: "more" }, links: { unit: "", decimals: 0, better: "more" }, hub_dependence: { unit: "%", decimals: 1, better: "less" } },
  labels: {}, headlines: ["links"],
  countries: [["KEN", "Kenya", "Sub-Saharan Africa", true], ["IND", "India", "Indo-Pacific", true], ["CHN", "China", "Indo-Pacific", false]],
  regions: ["Sub-Saharan Africa", "Indo-Pacific"],
  openers: ["Sub-Saharan Africa", "Indo-Pacific"],
  instruments: [["FTA", "Free trade agreement", 4]],
  levers: {
    "policy.openness": lever(0, 1), "policy.negotiators": { ...lever(0, 2000), whole: true },
    "policy.priorities.connect": lever(0, 1000), "policy.regions": lever(0, 3),
  },
  policies: { balanced: policy(0.3), connect_first: policy(0.6) },
  climates: { calm: { schedule: [] }, coercion: { schedule: [] } },
  behaviours: { estimated: { description: "", coefficients: {} } },
  shocks: [{ name: "trade_war", description: "", scope: "world", rate: 1, mode: 0.5, half_life: 4 }],
  quarters: ["2025Q2", "2025Q3", "2025Q4"],
} as unknown as Facts;

export const start = (): State => initialState(facts, "en");
