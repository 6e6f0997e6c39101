// The page: puts the parts together and keeps them in step with the state.

import "./style.css";

import { Answer, Questions, type RawAnswer } from "./answer";
import { ask, type Known } from "./facts";
import { el } from "./dom";
import { Page } from "./page";
import { secondScreen } from "./screen";
import type { Saved } from "./share";
import { read } from "./link";
import { initialState } from "./state";
import { learn, speak, t } from "./words";

/** The language of the visitor's browser, if the page speaks it. */
function ownLanguage(): string {
  const code = navigator.language.slice(0, 2);
  return ["en", "de", "fr"].includes(code) ? code : "en";
}

function open(known: Known, saved: Saved | null): void {
  const { facts } = known;
  const linked = (language: string) => read(location.hash.slice(1), facts, initialState(facts, language));
  const { state, misfits } = saved ? { state: saved.state, misfits: [] } : linked(ownLanguage());
  speak(state.language);
  const page = new Page(known, state, saved !== null);
  document.body.replaceChildren(...page.nodes);
  if (saved) {
    const countries = facts.countries.length;
    page.listen(() => undefined);
    page.show(new Answer(saved.answer as RawAnswer, Object.keys(facts.metrics), countries));
    return;
  }
  const questions = new Questions(
    facts,
    (answer) => page.show(answer),
    (problems, unusable) => page.complain(problems, unusable),
  );
  page.tellMisfits(misfits);
  page.listen((wanted) => questions.ask(wanted));
  window.addEventListener("hashchange", () => {
    const next = linked(page.language);
    page.take(next.state, next.misfits);
  });
}

const saved = document.getElementById("saved");
if (saved) {
  const content = JSON.parse(saved.textContent ?? "") as Saved;
  learn(content.known.facts.labels);
  open(content.known, content);
} else {
  const screen = new URLSearchParams(location.search).get("screen");
  ask().then(
    (known) => {
      learn(known.facts.labels);
      if (screen !== null) {
        speak(ownLanguage());
        secondScreen(known, screen);
      } else open(known, null);
    },
    (error: unknown) => document.body.append(el("p", { role: "alert" }, t("lost"), ` ${String(error)}`)),
  );
}
