// The page: puts the parts together and keeps them in step with the state.

import "./style.css";

import { Answer, Questions, type RawAnswer } from "./answer";
import { lineOf, Refused } from "./asking";
import { askKnown, type Known } from "./facts";
import { el } from "./dom";
import { askRoles, languageList } from "./exercise";
import { Page } from "./page";
import { RoomPage } from "./room";
import { secondScreen } from "./screen";
import type { Saved } from "./share";
import { read } from "./link";
import { initialState } from "./state";
import { TeamPage } from "./team";
import { learn, ownLanguage, speak, t } from "./words";

function open(known: Known, saved: Saved | null): void {
  const { facts } = known;
  const linked = (language: string) => read(location.hash.slice(1), facts, initialState(facts, language));
  const { state, misfits } = saved ? { state: saved.state, misfits: [] } : linked(ownLanguage());
  speak(state.language);
  const page = new Page(known, state, saved !== null);
  document.body.replaceChildren(...page.nodes);
  if (saved) {
    page.listen(() => undefined);
    page.show(new Answer(saved.answer as RawAnswer, facts));
    return;
  }
  const questions = new Questions(
    facts,
    (answer) => page.show(answer),
    (refused) => page.complain(refused),
    (line) => page.tellLine(line),
  );
  page.tellMisfits(misfits);
  page.listen((wanted) => questions.ask(wanted));
  window.addEventListener("hashchange", () => {
    const next = linked(page.language);
    page.take(next.state, next.misfits);
  });
}

/** Tell whoever cannot come in what to do, in large words. */
function turnAway(error: unknown): void {
  const closed = error instanceof Refused && error.status === 401;
  document.title = `partnersim: ${t("title")}`;
  document.body.className = "away";
  document.body.replaceChildren(
    el("header", {}, el("h1", {}, t("title")), el("div", { class: "tools" }, languageList(() => turnAway(error)))),
    el("main", {}, el("p", { role: "alert" }, lineOf(error)), closed ? el("p", { class: "quiet" }, t("where_address")) : null));
}

const saved = document.getElementById("saved");
if (saved) {
  const content = JSON.parse(saved.textContent ?? "") as Saved;
  learn(content.known.facts.labels);
  open(content.known, content);
} else {
  const asked = new URLSearchParams(location.search);
  const screen = asked.get("screen");
  const own = new URLSearchParams(location.hash.slice(1)).get("language");
  speak(asked.get("language") ?? own ?? ownLanguage());
  askKnown().then(async (known) => {
    learn(known.facts.labels);
    if (asked.has("team")) {
      // A link to a scenario holds no code.
      const code = /^[\w-]*$/.exec(location.hash.slice(1))?.[0] ?? "";
      // The code leaves the address bar: who is in needs it no more.
      history.replaceState(null, "", location.search);
      await new TeamPage(await askRoles(known)).run(code);
    } else if (asked.has("room")) await new RoomPage(await askRoles(known)).run();
    else if (screen !== null) secondScreen(known, screen);
    else open(known, null);
  }).catch(turnAway);
}
