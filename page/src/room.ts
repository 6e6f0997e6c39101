// The shared screen of a team exercise, with the facilitator's controls below it.

import { encode } from "uqr";

import { AnnotationsView, type Annotation } from "./annotations";
import { Answer, type RawAnswer } from "./answer";
import { lineOf, linesOf, post } from "./asking";
import { DecisionForm, QUARTERS } from "./decision";
import { button, choice, draw, drawerHead, el, say, set, toggles } from "./dom";
import { act, follow, get, languageList, type Decision, type Exercise, type View } from "./exercise";
import { GoalsView } from "./goals";
import { GrowthView } from "./growth";
import { countryName, instrumentName, metricList } from "./names";
import { StageView } from "./stage";
import { initialState, type Goal, type State } from "./state";
import { debrief, goals, guesses, log, values } from "./story";
import { Timeline } from "./timeline";
import { labelled, quarter as said, spoken, t } from "./words";

const MOST_LINES = 14;
const MOST_NAMES = 4;
const MILLISECONDS_OF_REST = 250;
/** Futures of the agents alone by which goals are measured. */
const FUTURES = 20;

/** A QR code of an address. */
function qrCode(address: string): SVGSVGElement {
  const { data, size } = encode(address, { border: 2 });
  let path = "";
  data.forEach((row, y) => row.forEach((dark, x) => (path += dark ? `M${x} ${y}h1v1h-1z` : "")));
  return draw("svg", { viewBox: `0 0 ${size} ${size}`, class: "qr", role: "img", "aria-label": t("qr_hint") },
    draw("rect", { width: size, height: size, fill: "#fff" }), draw("path", { d: path, fill: "#000" }));
}

export class RoomPage {
  private readonly line = el("p", { class: "line", role: "status" });
  private readonly head = el("header", { class: "room-head" });
  private readonly main = el("main", { class: "room" });
  private readonly bar = el("footer", { class: "room-bar" });
  private readonly told = el("span", { class: "lever-told", role: "alert" });
  private readonly stage: StageView;
  private readonly growth = new GrowthView((quarter) => this.go(quarter));
  private readonly timeline = new Timeline({ onQuarter: (quarter) => this.go(quarter) });
  private readonly state: State;
  private answer: Answer | null = null;
  private answered = "";
  private view: View | null = null;
  private drawn = "";
  private standIn = "";
  private readonly drawer = el("aside", { class: "drawer", hidden: true, tabindex: -1 });
  private formed = "";
  private readonly goals: GoalsView;
  private readonly annotations: AnnotationsView;
  private readonly storyDrawer = el("aside", { class: "drawer", hidden: true, tabindex: -1 });
  /** What the agents alone reach by the end of all rounds: goals are measured by it. */
  private ahead: Answer | null = null;
  private aheadOf = "";
  private timer = 0;

  constructor(private readonly known: Exercise) {
    this.state = { ...initialState(known.facts, spoken()), quarter: 0 };
    this.stage = new StageView(known, () => undefined);
    this.goals = new GoalsView(known.facts, { onGoals: (goals) => this.tellStory({ goals }) });
    this.annotations = new AnnotationsView(known.facts.limits.annotations, {
      onWrite: (annotations) => this.tellStory({ annotations }),
      onGo: (quarter) => this.go(quarter),
    });
    document.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") document.querySelector<HTMLElement>(".drawer:not([hidden]) .close")?.click();
    });
    document.body.className = "shared";
    document.body.replaceChildren(this.head, this.line, this.main, this.bar, this.drawer, this.storyDrawer);
  }

  async run(): Promise<void> {
    await follow((view) => void this.show(view), (line) => say(this.line, line));
    // Who is not its facilitator (any more) is asked for the code.
    location.replace(`?team&language=${spoken()}`);
  }

  private async show(view: View): Promise<void> {
    this.view = view;
    const key = JSON.stringify([view.played, view.climate]);
    if (key !== this.answered) {
      try {
        const raw = (await get("/answer")) as RawAnswer;
        const first = this.answered === "";
        this.answered = key;
        this.answer = new Answer(raw, this.known.facts);
        const last = view.round === 1 ? 0 : this.answer.quarters.length - 1;
        this.state.quarter = first || view.round === 1 ? last : Math.max(0, last - QUARTERS);
        this.draw();
        // The room sees the world move.
        if (!first && view.round > 1) this.timeline.play();
        return;
      } catch (error) {
        say(this.line, lineOf(error, "reconnecting"));
      }
    }
    this.draw();
  }

  private go(quarter: number): void {
    this.state.quarter = Math.min(quarter, this.lastQuarter);
    this.timeline.at(this.state.quarter);
    if (!this.answer) return;
    this.growth.at(this.state.quarter);
    this.showStory();
    this.stage.update(this.answer, this.state);
  }

  private get lastQuarter(): number {
    return this.view?.round === 1 ? 0 : (this.answer?.quarters.length ?? 1) - 1;
  }

  private draw(): void {
    const view = this.view!;
    const key = JSON.stringify([{ ...view, version: 0, log: 0, drafts: 0 }, spoken(), this.answered, this.state.show, this.standIn]);
    if (key !== this.drawn) {
      this.drawn = key;
      const focused = document.activeElement?.id;
      this.build(view);
      if (focused) document.getElementById(focused)?.focus();
    }
    if (!this.answer) return;
    this.state.metric = view.metric;
    this.timeline.update(this.answer.quarters, this.state.quarter, [], this.known.facts.countries);
    this.growth.update(this.answer, view.metric, this.known.facts.metrics[view.metric]!, this.state.quarter, {
      goals: view.goals.filter(({ metric }) => metric === view.metric).map(({ value }) => value),
      chapters: view.annotations.map(({ quarter }) => quarter).filter((quarter) => quarter < this.answer!.quarters.length),
    });
    this.showStory();
    this.stage.update(this.answer, this.state);
  }

  private build(view: View): void {
    document.title = `partnersim: ${t("team_exercise")}`;
    this.buildHead(view);
    const show = toggles(t("show"), [["b", t("in_room")], ["a", t("agents_alone")], ["change", t("room_minus_alone")]], this.state.show, (value) => {
      this.state.show = value as State["show"];
      this.draw();
    });
    const alike = this.answer?.same ?? true;
    this.main.replaceChildren(
      ...(view.over && view.debrief ? [el("section", { class: "card wide" }, debrief(this.known, view, view.debrief))] : []),
      el("section", { class: "card teams", "aria-label": t("teams") }, this.teams(view)),
      el("section", { class: "card world", "aria-label": t("map") }, alike ? null : el("div", { class: "bar" }, show), this.stage.node),
      // Before the first round there is nothing to tell but what is to come.
      el("section", { class: "card graph", "aria-label": t("growth") },
        el("div", { class: "bar" }, el("h2", {}, t(`metric.${view.metric}`)), el("span", { class: "quiet" }, t("a_and_b_here"))),
        view.round === 1 ? el("p", { class: "quiet" }, t("nothing_played")) : this.growth.svg),
      el("section", { class: "card tally" }, goals(this.known, view), values(this.known, view), guesses(this.known, view)),
      el("section", { class: "card time", "aria-label": t("timeline") }, this.timeline.node),
      el("section", { class: "card chapters", "aria-label": t("annotations") }, this.annotations.node),
      el("section", { class: "card events" }, el("h2", {}, t("who_did_what")), el("div", { class: "in-columns" }, this.news(), log(this.known, view))));
    this.buildBar(view);
    this.showForm(view);
  }

  private buildHead(view: View): void {
    const address = `${view.join}#${view.code}`;
    const local = /\/\/(127\.|localhost|\[::1\])/.test(view.join ?? "");
    const state = view.busy ? "is_played" : view.over ? "is_over" : view.paused ? "is_paused" : "";
    this.head.replaceChildren(
      el("div", { class: "room-title" }, el("h1", {}, t("team_exercise")),
        el("p", {}, view.round > view.rounds ? t("all_played") : t("round_span", { n: view.round, from: said(view.quarter), to: said(view.until) }), state ? ` — ${t(state)}` : "")),
      el("div", { class: "room-code" },
        el("p", {}, t("join_at"), " ", el("strong", { class: "address" }, (view.join ?? "").replace("?team", ""))),
        el("p", {}, t("code"), " ", el("strong", { class: "code", id: "room-code" }, view.code ?? "")),
        local ? el("p", { class: "quiet" }, t("phones_cannot")) : null),
      qrCode(address), languageList(() => this.draw()));
  }

  private teams(view: View): HTMLElement {
    return el("ul", { class: "team-list" }, ...view.teams.map(({ role, phones, here, locked }) => {
      const mark = locked ? "✔" : here ? "●" : phones ? "○" : "–";
      const ended = view.over || view.round > view.rounds;
      const state = locked === "facilitator" ? "locked_by_facilitator" : locked ? "locked" : here ? "deciding" : phones ? "away" : "nobody";
      return el("li", { "data-role": role, "data-state": state }, el("span", { "aria-hidden": "true" }, mark), ` ${t(`role.${role}`)} `, el("span", { class: "quiet" }, ended ? "" : t(`team_${state}`)));
    }));
  }

  /** Entries into force of the last round that would not have been without the room, and the like. */
  private news(): HTMLElement | null {
    const { answer } = this;
    if (!answer || answer.same) return null;
    const { facts } = this.known;
    const from = Math.max(0, answer.quarters.length - 1 - QUARTERS);
    const key = ([, country, instrument]: number[]) => `${country} ${instrument}`;
    const alone = new Set(answer.a.feed!.ties.map(key));
    const room = new Set(answer.b.feed!.ties.map(key));
    // What a bloc signs for all its members is one line.
    const tell = (rows: [number, number, number, number][], there: Set<string>, sign: string) => {
      const groups = new Map<number, { quarter: number; names: string[] }>();
      for (const row of rows.filter((one) => one[0] > from && !there.has(key(one)))) {
        const [quarter, country, instrument] = row;
        const group = groups.get(instrument) ?? { quarter, names: [] };
        group.names.push(countryName(facts.countries[country]![0], facts.countries[country]![1]));
        groups.set(instrument, group);
      }
      return [...groups].map(([instrument, { quarter, names }]) => {
        const some = names.slice(0, MOST_NAMES).join(", ");
        const more = names.length > MOST_NAMES ? ` ${t("and_more", { n: names.length - MOST_NAMES })}` : "";
        return { quarter, text: labelled(`${sign} ${said(answer.quarters[quarter]!)} ${instrumentName(facts, instrument)}`, some + more) };
      });
    };
    const lines = [...tell(answer.b.feed!.ties, alone, "+"), ...tell(answer.a.feed!.ties, room, "−")].sort((one, other) => one.quarter - other.quarter);
    return el("section", {}, el("h3", {}, t("because_of_you")),
      el("ul", { class: "news" }, ...lines.slice(0, MOST_LINES).map(({ text }) => el("li", {}, text)),
        lines.length > MOST_LINES ? el("li", { class: "quiet" }, t("misfit_more", { n: lines.length - MOST_LINES })) : null,
        lines.length ? null : el("li", { class: "quiet" }, t("nothing_because_of_you"))));
  }

  // The facilitator

  private readonly steer = (what: string, value = "") => {
    say(this.told, "");
    act("steer", { act: what, value }).catch((error: unknown) => say(this.told, lineOf(error, "reconnecting")));
  };

  /** Set goals or annotations of the room; what is not given stays. */
  private tellStory(change: { goals?: Goal[]; annotations?: Annotation[] }): void {
    const { goals, annotations } = { goals: this.view!.goals, annotations: this.annotated, ...change };
    const { quarters } = this.known.facts;
    const story = { goals, annotations: annotations.map(({ quarter, text }) => ({ quarter: quarters.indexOf(quarter), text })) };
    // Shown at once: what is told next must not take it back.
    this.view = { ...this.view!, ...story };
    this.draw();
    say(this.told, "");
    act("story", story).catch((error: unknown) => say(this.told, lineOf(error, "reconnecting")));
  }

  private get annotated(): Annotation[] {
    return this.view!.annotations.map(({ quarter, text }) => ({ quarter: this.known.facts.quarters[quarter]!, text }));
  }

  /** The story, and the forms for goals and annotations. */
  private showStory(): void {
    const { answer, state, view } = this;
    if (!answer || !view) return;
    state.goals = view.goals;
    state.language = spoken();
    this.annotations.update(this.annotated, state.quarter, answer.quarters, false);
    if (this.storyDrawer.hidden) return;
    if (this.storyDrawer.lang !== spoken()) this.fillStory();
    this.goals.update(this.ahead, state, QUARTERS * view.rounds, false);
    void this.lookAhead();
  }

  private openStory(): void {
    this.storyDrawer.hidden = false;
    this.showStory();
    this.storyDrawer.focus();
  }

  private fillStory(): void {
    this.storyDrawer.lang = spoken();
    set(this.storyDrawer, "aria-label", t("tab_goals"));
    const close = () => {
      this.storyDrawer.hidden = true;
      this.bar.querySelector<HTMLElement>("#open-story")?.focus();
    };
    this.storyDrawer.replaceChildren(
      drawerHead(t("tab_goals"), "close-story", close),
      this.goals.form, el("p", { class: "quiet" }, t("a_and_b_here")), this.goals.node, el("h3", {}, t("annotations")), this.annotations.form);
  }

  private async lookAhead(): Promise<void> {
    const { known } = this;
    const { climate, goals, rounds } = this.view!;
    const key = JSON.stringify([climate, goals]);
    if (key === this.aheadOf) return;
    this.aheadOf = key;
    const arm = { geopolitics: climate, changes: { horizon: { end: known.facts.quarters[QUARTERS * rounds] } } };
    try {
      const response = await post("api/simulate", { a: arm, b: arm, futures: FUTURES, goals });
      for await (const line of linesOf(response)) {
        this.ahead = new Answer(JSON.parse(line) as RawAnswer, known.facts);
      }
      this.showStory();
    } catch {
      this.aheadOf = "";
      say(this.told, t("reconnecting"));
    }
  }

  /** The controls, made once in a language: no click and no open list is lost when something changes. */
  private makeBar(): void {
    const { steer, known } = this;
    const roles = known.roles.map(({ role }): [string, string] => [role, t(`role.${role}`)]);
    const release = choice(t("release"), [["", `${t("release")} …`], ...roles], "", (role) => {
      if (role) steer("release", role);
      release.value = "";
    }, "release");
    this.bar.replaceChildren(
      button("", () => steer("play", String(this.view!.round)), { id: "play-round", class: "play" }),
      button("", () => steer(this.view!.paused ? "resume" : "pause"), { id: "pause" }),
      button(t("undo_round"), () => steer("undo", String(this.view!.played.length)), { id: "undo-round" }),
      button("", () => steer(this.view!.over ? "go_on" : "finish"), { id: "finish" }),
      choice(t("play_for"), [["", `${t("play_for")} …`], ...roles], "", (role) => {
        this.standIn = role;
        this.draw();
      }, "stand-in"),
      release,
      button(t("tab_goals"), () => this.openStory(), { id: "open-story" }),
      choice(t("climate"), Object.keys(known.facts.climates).map((name) => [name, t(name)]), "", (name) => steer("climate", name), "room-climate"),
      choice(t("metric"), metricList(known.facts), "", (name) => steer("metric", name), "room-metric"),
      this.told);
  }

  private buildBar(view: View): void {
    if (this.bar.lang !== spoken()) {
      this.bar.lang = spoken();
      this.makeBar();
    }
    const find = <Kind extends HTMLElement>(id: string) => this.bar.querySelector<Kind>(`#${id}`)!;
    const show = (id: string, text: string, enabled: boolean) => {
      const item = find<HTMLButtonElement>(id);
      say(item, text);
      item.disabled = !enabled;
    };
    const ready = view.teams.filter(({ locked }) => locked).length;
    const played = view.played.length > 0;
    show("play-round", t("play_round", { n: ready, of: view.teams.length }), !view.over && view.round <= view.rounds && view.busy === "");
    show("pause", t(view.paused ? "resume" : "pause_room"), true);
    show("undo-round", t("undo_round"), played);
    show("finish", t(view.over ? "go_on" : "debrief"), played);
    find<HTMLSelectElement>("stand-in").value = this.standIn;
    find<HTMLSelectElement>("room-climate").value = view.climate;
    find<HTMLSelectElement>("room-climate").disabled = played;
    find<HTMLSelectElement>("room-metric").value = view.metric;
  }

  /** The form of a team that the facilitator plays for: made once, so that nothing typed is lost. */
  private showForm(view: View): void {
    const role = this.known.roles.find((one) => one.role === this.standIn);
    const key = role && !view.over && view.round <= view.rounds ? `${role.role} ${view.round} ${spoken()}` : "";
    if (key === this.formed) return;
    this.formed = key;
    clearTimeout(this.timer);
    this.drawer.hidden = key === "";
    this.drawer.replaceChildren();
    if (!role || key === "") {
      this.standIn = "";
      return;
    }
    let decision: Decision | null = view.drafts?.[role.role] ?? null;
    const wrong = el("p", { class: "lever-told", role: "alert" });
    const close = () => {
      this.standIn = "";
      this.showForm(this.view!);
      this.buildBar(this.view!);
      this.bar.querySelector<HTMLElement>("#stand-in")?.focus();
    };
    const send = (lock: boolean) => {
      // What waits to be sent would unlock what is locked now.
      clearTimeout(this.timer);
      act("decide", { role: role.role, decision: decision ?? {}, lock }).then(
        () => {
          say(wrong, "");
          if (lock) close();
        },
        (error: unknown) => say(wrong, lineOf(error, "reconnecting")),
      );
    };
    const form = new DecisionForm(this.known, role, (changed) => {
      decision = changed;
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => send(false), MILLISECONDS_OF_REST);
    });
    form.show(view, decision);
    set(this.drawer, "aria-label", t("play_for"));
    this.drawer.append(
      drawerHead(t(`role.${role.role}`), "close-form", close),
      form.node, wrong, button(t("lock_in"), () => send(true), { class: "play", id: "stand-in-lock" }));
    this.drawer.focus();
  }
}
