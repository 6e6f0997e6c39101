// Everything on the page and how it answers to what a visitor does.

import type { Answer } from "./answer";
import { AnnotationsView, nextChapter } from "./annotations";
import { linesFor, type Refused } from "./asking";
import { AssumptionsView } from "./assumptions";
import { chooseOption, setLever, type Group } from "./changes";
import { CountryView } from "./country";
import { DifferencesView, scenarioText } from "./differences";
import { button, choice, el, say, set, toggles } from "./dom";
import { Exports } from "./exports";
import { GoalsView } from "./goals";
import type { Known } from "./facts";
import { FeedView } from "./feed";
import { GrowthView } from "./growth";
import { HeaderView } from "./header";
import { difference, HeadlineView, isClear } from "./headline";
import { History } from "./history";
import { LeversView } from "./levers";
import { withoutRefused, written, type Misfit } from "./link";
import { countryList, metricList } from "./names";
import { Notice, tellMisfit } from "./notice";
import { Prediction } from "./prediction";
import { refusal } from "./refusals";
import { Replay } from "./replay";
import { ScoreboardView } from "./scoreboard";
import { Sender } from "./screen";
import { ShocksView } from "./shocks";
import { StageView } from "./stage";
import { initialState, isShown, modelOf, type Model, type State } from "./state";
import { quarterIndex, Timeline } from "./timeline";
import { labelled, named, quarter as said, speak, t } from "./words";

const REMEMBER_MILLISECONDS = 200;

export class Page {
  readonly nodes: HTMLElement[];
  private readonly history = new History();
  private readonly header: HeaderView;
  private readonly exports: Exports;
  private readonly main = el("main", { class: "page", tabindex: -1 });
  /** What stands on paper only: both strategies in full, and the moment shown. */
  private readonly printed = el("div", { class: "printed" });
  private readonly footer = el("footer");
  private readonly status = el("div", { class: "status", role: "status" });
  private readonly notice = new Notice();
  private readonly flat = el("details", { class: "flat", hidden: true });
  private readonly stage: StageView;
  private readonly growth: GrowthView;
  private readonly headlines: HeadlineView;
  private readonly differences: DifferencesView;
  private readonly goals: GoalsView;
  private readonly annotations: AnnotationsView;
  private readonly prediction: Prediction;
  private readonly scoreboard: ScoreboardView;
  private readonly feed: FeedView;
  private readonly timeline: Timeline;
  private readonly levers: LeversView;
  private readonly shocks: ShocksView;
  private readonly country: CountryView;
  private readonly assumptions: AssumptionsView;
  private readonly sender: Sender | null;
  private answer: Answer | null = null;
  private asks: (state: State) => void = () => undefined;
  private modelKey = "";
  /** Whether the state comes from a link that has not been answered yet. */
  private fromLink = true;
  /** What of that link could not be used: by its own form, and in the words of the program. */
  private misfits: Misfit[] = [];
  private leftOut: string[] = [];
  /** Whether the program refused what is set now. */
  private refused = false;
  private lost = false;
  /** What the status says instead of the number of futures, while the last change is replayed. */
  private telling = "";
  private viewKey = "";
  private frame = 0;
  private writing = 0;
  private built = "";
  private readonly replay = new Replay(
    (model) => this.restore(model),
    (key) => {
      this.telling = key && t(key);
      this.tellStatus();
    },
  );

  constructor(
    private readonly known: Known,
    private state: State,
    /** A saved replay: nothing can be changed. */
    private readonly fixed: boolean,
  ) {
    const { facts } = known;
    this.sender = fixed ? null : new Sender();
    this.stage = new StageView(known, (iso3) => this.choose(iso3));
    this.growth = new GrowthView((quarter) => this.go(quarter), () => this.drawMoment());
    this.headlines = new HeadlineView(facts, (metric) => this.look({ metric }));
    this.differences = new DifferencesView(facts, (revert) => this.change("", revert));
    this.feed = new FeedView(facts, (iso3) => this.choose(iso3));
    this.timeline = new Timeline({
      onQuarter: (quarter) => this.go(quarter),
      onMove: (place, quarter) => this.moveShock(place, quarter),
      onRemove: (place) => this.removeShock(place),
      onDrop: (quarter) => this.shocks.dropAt(this.answer?.quarters[quarter] ?? ""),
    });
    this.shocks = new ShocksView(facts, {
      onDrop: (shock) => this.change("", (state) => state.shocks.push(shock)),
      onChange: (place, shock) => this.change("", (state) => (state.shocks[place] = shock)),
      onRemove: (place) => this.removeShock(place),
    });
    this.goals = new GoalsView(facts, { onGoals: (goals) => this.look({ goals }) });
    this.annotations = new AnnotationsView(facts.limits.annotations, {
      onWrite: (annotations) => this.look({ annotations }),
      onGo: (quarter) => this.go(quarter),
    });
    this.prediction = new Prediction(facts, this.growth, () => this.draw());
    this.scoreboard = new ScoreboardView(facts, {
      onSave: (name) => this.look({ saved: [...this.state.saved, { name, arm: structuredClone(this.state.b) }] }),
      onTake: (arm) => this.change("", (state) => (state.b = structuredClone(arm))),
      onRemove: (place) => this.look({ saved: this.state.saved.filter((_, other) => other !== place) }),
      onClose: () => this.toggle(this.scoreboard, false),
    });
    this.levers = new LeversView(
      facts,
      {
        onLever: (path, value, done) => this.lever(path, value, done, [this.state.edit]),
        onHubs: (hubs) =>
          this.change("", (state) => {
            state[state.edit].set["policy.hubs"] = hubs;
          }),
        onOption: (group, option) => this.option(group, option),
      },
      this.shocks.node,
      el("div", { class: "goal-form" }, this.goals.form, this.annotations.form),
    );
    this.country = new CountryView(
      facts,
      () => this.closeCountry(),
      (iso3) => this.choose(iso3),
    );
    this.assumptions = new AssumptionsView(
      facts,
      (path, value, done) => this.lever(path, value, done, ["a", "b"]),
      () => this.toggle(this.assumptions, false),
    );
    this.exports = new Exports(known, this.stage, this.growth, () => ({ state: this.state, answer: this.answer }));
    // Drawers stand over the map, never over numbers, graph and levers.
    new ResizeObserver(() => this.placeDrawers()).observe(this.stage.node);
    this.header = new HeaderView(facts, {
      onPolicy: (which, policy) => this.option("policy", policy, which),
      onClimate: (climate) =>
        this.change("", (state) => {
          for (const which of ["a", "b"] as const) chooseOption(state, "geopolitics", climate, which);
        }),
      onEdit: (which) => this.look({ edit: which }),
      onUndo: () => this.undo(),
      onRedo: () => this.redo(),
      onReplay: () => this.again(),
      onStartOver: () => this.startOver(),
      onScoreboard: () => this.toggle(this.scoreboard, !this.scoreboard.isOpen),
      onPresent: () => this.present(!document.documentElement.classList.contains("presenting")),
      onAssumptions: () => this.toggle(this.assumptions, !this.assumptions.isOpen),
      onLanguage: (language) => this.look({ language }),
    }, fixed);
    const skip = el("a", { href: "#levers", class: "skip" }, t("skip"));
    skip.addEventListener("click", (event) => {
      event.preventDefault();
      this.levers.node.querySelector<HTMLElement>("[role=tab][aria-selected=true]")?.focus();
    });
    this.nodes = [skip, this.header.node, this.notice.node, this.main, this.country.node, this.assumptions.node, this.scoreboard.node, this.footer];
    document.addEventListener("keydown", (event) => this.key(event));
    this.build();
  }

  get language(): string {
    return this.state.language;
  }

  /** Tell whom to ask for answers, and ask for the first. */
  listen(asks: (state: State) => void): void {
    this.asks = asks;
    this.render();
  }

  /** Take over a state, as from a link, and tell what of the link could not be used. */
  take(state: State, misfits: Misfit[]): void {
    this.replay.end();
    this.history.close();
    if (written(state) !== written(this.state)) this.history.note(modelOf(this.state), "");
    this.state = state;
    this.fromLink = true;
    this.render();
    this.tellMisfits(misfits);
  }

  /** Tell what of a link could not be used. */
  tellMisfits(misfits: Misfit[], refused: string[] = []): void {
    this.misfits = misfits;
    this.leftOut = refused;
    if (!misfits.length && !refused.length) this.notice.clear();
    else this.notice.show(() => [t("link_misfits"), [...misfits.map(tellMisfit), ...refused.map(refusal)]]);
  }

  /** Show an answer. */
  show(answer: Answer): void {
    this.answer = answer;
    this.fromLink = false;
    if (this.refused) this.notice.clear();
    this.refused = false;
    this.draw();
    if (answer.whole) this.settled();
    performance.mark(answer.whole ? "answer-whole" : "answer-first");
  }

  /** Say what is wrong with the connection; nothing while it holds. */
  tellLine(line: string): void {
    this.lost = line !== "";
    this.notice.tellLine(line);
    this.tellStatus();
  }

  private settled(): void {
    this.remember();
    set(this.main, "aria-busy", "false");
    this.tellStatus();
  }

  /** Tell what the program could not use; of a link, all the rest is used nevertheless. */
  complain(refused: Refused): void {
    const told = refused.problems;
    if (this.fromLink && refused.status === 422) {
      this.state = withoutRefused(this.state, told, initialState(this.known.facts, this.language));
      this.tellMisfits(this.misfits, [...new Set([...this.leftOut, ...told])]);
      this.render();
      return;
    }
    this.refused = true;
    this.notice.show(() => [t("refused"), linesFor(refused)]);
    this.tellStatus();
    this.settled();
  }

  // What a visitor does

  private change(key: string, act: (state: State) => void): void {
    if (this.fixed) return;
    this.replay.end();
    const before = modelOf(this.state);
    act(this.state);
    if (JSON.stringify(before) === JSON.stringify(modelOf(this.state))) return;
    this.history.note(before, key);
    this.prediction.changed();
    this.render();
  }

  private lever(path: string, value: number | null, done: boolean, arms: ("a" | "b")[]): void {
    this.change(`${path} ${arms.join()}`, (state) => setLever(this.known.facts, state, path, value, arms));
    if (done) this.history.close();
  }

  private option(group: Group, option: string, which = this.state.edit): void {
    this.change("", (state) => chooseOption(state, group, option, which));
  }

  private moveShock(place: number, quarter: number): void {
    const label = this.answer?.quarters[quarter];
    if (label) this.change("", (state) => (state.shocks[place]!.quarter = label));
  }

  private removeShock(place: number): void {
    this.change("", (state) => state.shocks.splice(place, 1));
  }

  private look(view: Partial<State>): void {
    Object.assign(this.state, view);
    this.render();
  }

  private choose(iso3: string): void {
    this.closeDrawers();
    this.look({ country: iso3 });
  }

  private closeCountry(): void {
    this.look({ country: "" });
    this.main.querySelector<HTMLElement>("#choose-country")?.focus();
  }

  private placeDrawers(): void {
    const { top, right } = this.stage.node.closest(".card")!.getBoundingClientRect();
    // Presenters see no levers.
    const levers = this.main.querySelector(".controls")!.getBoundingClientRect().top || innerHeight;
    const { style } = document.documentElement;
    style.setProperty("--drawer-top", `${top}px`);
    style.setProperty("--drawer-width", `${right}px`);
    style.setProperty("--drawer-bottom", `${innerHeight - levers}px`);
  }

  /** Open a drawer, which closes the others; or close it, and be back where it was opened. */
  private toggle(drawer: AssumptionsView | ScoreboardView, open: boolean): void {
    const was = drawer.isOpen;
    if (open) this.closeDrawers();
    drawer.toggle(open);
    drawer.update(this.state, this.fixed);
    if (was && !open) this.header.node.querySelector<HTMLElement>(`#open-${drawer.node.id}`)?.focus();
  }

  private closeDrawers(): void {
    for (const drawer of [this.assumptions, this.scoreboard]) drawer.toggle(false);
    if (this.state.country) this.look({ country: "" });
  }

  /** Large type and nothing but what a room looks at; a clicker steps through time. */
  private present(on: boolean): void {
    document.documentElement.classList.toggle("presenting", on);
    set(this.header.node.querySelector("#present")!, "aria-pressed", String(on));
    if (on) void document.documentElement.requestFullscreen?.().catch(() => undefined);
    else if (document.fullscreenElement) void document.exitFullscreen();
    this.main.focus();
  }

  /** What clickers do: the next slide is the next chapter, or a year on where nothing was written. */
  private turn(by: 1 | -1): void {
    const { answer, state } = this;
    const chapters = state.annotations.map(({ quarter }) => answer?.quarters.indexOf(quarter) ?? 0);
    const to = nextChapter(chapters, state.quarter, by, (answer?.quarters.length ?? 1) - 1);
    this.timeline.step(chapters.length ? to - state.quarter : 4 * by);
  }

  private go(quarter: number): void {
    if (quarter === this.state.quarter) return;
    this.state.quarter = quarter;
    this.timeline.at(quarter);
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      this.drawMoment();
      if (!this.timeline.isPlaying) this.rememberSoon();
    });
  }

  private restore(model: Model | undefined): void {
    if (!model) return;
    Object.assign(this.state, structuredClone(model));
    const places = this.known.facts.countries;
    if (!places.some(([iso3]) => iso3 === this.state.country)) this.state.country = "";
    this.render();
  }

  private undo(): void {
    this.replay.end();
    this.restore(this.history.undo(modelOf(this.state)));
  }

  private redo(): void {
    this.replay.end();
    this.restore(this.history.redo(modelOf(this.state)));
  }

  /** Show the last change once more. */
  private again(): void {
    this.replay.end();
    const before = this.history.previous;
    if (before) this.replay.start(before, modelOf(this.state));
  }

  private startOver(): void {
    this.change("", (state) => Object.assign(state, modelOf(initialState(this.known.facts, state.language))));
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const writing = target instanceof HTMLInputElement && target.type !== "checkbox" && target.type !== "range";
    if ((event.ctrlKey || event.metaKey) && !writing && !this.fixed) {
      if (event.key === "z" && !event.shiftKey) this.undo();
      else if (event.key === "y" || (event.key.toLowerCase() === "z" && event.shiftKey)) this.redo();
      else return;
      event.preventDefault();
      return;
    }
    if (event.key === "Escape") {
      if (this.header.closeMenus()) return;
      if (this.assumptions.isOpen) this.toggle(this.assumptions, false);
      else if (this.scoreboard.isOpen) this.toggle(this.scoreboard, false);
      else if (this.state.country) this.closeCountry();
      else if (document.documentElement.classList.contains("presenting")) this.present(false);
      else this.notice.clear();
      return;
    }
    const free = target === document.body || target.tagName === "MAIN" || target.closest("aside") === target;
    if (!free) return;
    if (event.key === "PageDown") this.turn(1);
    else if (event.key === "PageUp") this.turn(-1);
    else if (event.key === " ") this.timeline.toggle();
    else if (event.key === "ArrowLeft") this.timeline.step(-1);
    else if (event.key === "ArrowRight") this.timeline.step(1);
    else return;
    event.preventDefault();
  }

  // What is drawn

  /** Write the state into the address; browsers refuse to do so many times a second. */
  private remember(): void {
    clearTimeout(this.writing);
    if (!this.fixed) history.replaceState(null, "", `#${written(this.state)}`);
  }

  private rememberSoon(): void {
    clearTimeout(this.writing);
    this.writing = window.setTimeout(() => this.remember(), REMEMBER_MILLISECONDS);
  }

  /** Bring everything in step with the state; ask if what is simulated changed. */
  private render(): void {
    const { state } = this;
    this.build();
    const key = JSON.stringify([modelOf(state), state.goals]);
    if (key !== this.modelKey && !this.fixed) {
      this.modelKey = key;
      set(this.main, "aria-busy", "true");
      this.asks(state);
      this.rememberSoon();
    } else this.remember();
    this.differences.update(state, this.fixed);
    this.levers.update(state, this.fixed);
    this.assumptions.update(state, this.fixed);
    this.scoreboard.update(state);
    this.goals.update(this.answer, state, state.quarter, this.fixed);
    // What is simulated is drawn when it is answered; what is looked at, at once.
    const view = JSON.stringify({ ...state, a: null, b: null });
    if (view !== this.viewKey) this.draw();
    this.viewKey = view;
  }

  private get countries(): number {
    return this.known.facts.countries.length;
  }

  private draw(): void {
    const { answer, state } = this;
    if (!answer || answer.a.countries !== this.countries) return;
    state.quarter = Math.min(state.quarter, answer.quarters.length - 1);
    this.timeline.update(answer.quarters, state.quarter, state.shocks, this.known.facts.countries);
    this.shocks.update(state, answer.quarters, this.fixed);
    const goals = state.goals.filter(({ metric }) => metric === state.metric).map(({ value }) => value);
    const shocks = state.shocks.map(({ quarter }) => quarterIndex(quarter, answer.quarters));
    const chapters = state.annotations.map(({ quarter }) => quarterIndex(quarter, answer.quarters));
    this.growth.update(answer, state.metric, this.known.facts.metrics[state.metric]!, state.quarter, { shocks, goals, chapters });
    this.tellStatus();
    this.drawMoment();
  }

  /** Tell how far the answer is, or what is being replayed. */
  private tellStatus(): void {
    const { answer } = this;
    const futures = t("futures", { n: answer?.futures ?? 0 });
    const waits = this.lost || this.main.getAttribute("aria-busy") === "true";
    const far = this.refused || this.lost ? t("not_computed") : !answer || (waits && answer.whole) ? t("busy") : answer?.whole ? futures : `${futures} … ${t("computing")}`;
    say(this.status, this.telling || far);
    this.status.classList.toggle("telling", this.telling !== "");
  }

  /** Draw what depends on the quarter. */
  private drawMoment(): void {
    const { answer, state } = this;
    if (!answer) return;
    this.growth.at(state.quarter);
    this.prediction.update(answer, state);
    const hides = this.prediction.hides && !answer.same;
    this.main.classList.toggle("predicting", hides);
    this.goals.update(answer, state, state.quarter, this.fixed);
    this.annotations.update(state.annotations, state.quarter, answer.quarters, this.fixed);
    const looked: State = hides ? { ...state, show: "a" } : state;
    this.stage.update(answer, looked);
    this.headlines.update(answer, state.quarter, state.metric, hides);
    this.tellPaper(answer);
    const note = this.main.querySelector(".band-note");
    const told = difference(answer, state.metric, state.quarter, this.known.facts);
    const sentence = t("by_quarter", { quarter: said(answer.quarters[state.quarter] ?? ""), told });
    const first = hides ? t("predict_hint") : answer.same ? t("start_hint") : sentence;
    this.tellFlat(answer);
    if (note) say(note, `${first} ${t("band", { n: answer.futures })}`);
    if (!hides) this.feed.update(answer, state);
    if (!this.fixed) this.country.update(looked, answer.quarters, this.modelKey);
    this.sender?.send(answer, looked, hides, this.growth.drawn);
  }

  private tellPaper(answer: Answer): void {
    const { facts } = this.known;
    const arms = (["a", "b"] as const).map((which) => [el("b", {}, which.toUpperCase()), `: ${scenarioText(facts, this.state, which)}`]);
    const moment = el("p", {}, el("b", {}, said(answer.quarters[this.state.quarter]!)));
    this.printed.replaceChildren(moment, ...arms.map((parts) => el("p", {}, ...parts)));
  }

  /** Where A and B differ but not in what is shown: say so, and what they do differ in. */
  private tellFlat(answer: Answer): void {
    const { facts } = this.known;
    const { metric, quarter } = this.state;
    const moved = (name: string) => isClear(answer, name, quarter, facts.metrics[name]!);
    this.flat.hidden = this.prediction.hides || answer.same || !answer.whole || moved(metric);
    if (this.flat.hidden) return;
    const key = JSON.stringify([metric, quarter, this.modelKey, this.state.language]);
    if (key === this.flat.dataset["key"]) return;
    this.flat.dataset["key"] = key;
    // The largest first, measured by its own uncertainty.
    const strength = (name: string) => {
      const [mean, half] = answer.difference(name, quarter);
      return Math.abs(mean) / (half || 1e-9);
    };
    const names = Object.keys(facts.metrics).filter(moved).sort((one, other) => strength(other) - strength(one)).slice(0, 5);
    this.flat.replaceChildren(
      el("summary", { id: "why-flat" }, t("why_flat")),
      el("p", {}, t(names.length ? "flat_moves" : "flat_moves_nothing", { metric: t(`metric.${metric}`) })),
      el("ul", {}, ...names.map((name) => {
        const told = labelled(t(`metric.${name}`), difference(answer, name, quarter, facts));
        return el("li", {}, button(told, () => this.look({ metric: name }), { class: "plain" }));
      })));
  }

  /** Make anew what holds texts, where the language or what is chosen changed. */
  private build(): void {
    const { state } = this;
    const key = JSON.stringify([state.language, state.edit, state.view, state.show, state.area, state.metric, state.a.policy, state.b.policy, state.a.geopolitics, state.b.geopolitics, Object.keys(state.a.set).some((path) => path.startsWith("policy.")), Object.keys(state.b.set).some((path) => path.startsWith("policy.")), state.partners]);
    if (key !== this.built) this.buildTexts();
    this.built = key;
    this.header.update(this.history.canUndo, this.history.canRedo);
  }

  private buildTexts(): void {
    const { state, known } = this;
    const focused = document.activeElement?.id;
    speak(state.language);
    this.notice.label();
    document.title = `partnersim: ${t("title")}`;
    const attribution = named("attribution", known.map.attribution);
    this.header.build(state, this.exports.menu(this.fixed), attribution);
    this.buildMain();
    this.footer.replaceChildren(
      el("p", {}, `partnersim ${known.facts.version}. ${t("disclaimer")}`, el("span", { class: "attribution" }, ` ${attribution}.`)),
    );
    if (focused) document.getElementById(focused)?.focus();
  }

  private buildMain(): void {
    const { state, known } = this;
    const view = toggles(t("view"), [["map", t("map")], ["network", t("network")]], state.view, (value) =>
      this.look({ view: value as State["view"] }));
    const show = toggles(t("show"), [["a", "A"], ["b", "B"], ["both", t("both")], ["change", t("change")]], state.show, (value) =>
      this.look({ show: value as State["show"] }));
    const areas: [string, string][] = [
      ["all", t("all_areas")], ["ties", t("instruments_in_force")],
      ...known.facts.areas.map((area): [string, string] => [area, t("depth_in", { area: t(area) })]),
    ];
    const partners = toggles(t("partners"), [["all", t("partners_all")], ["named", t("partners_named")]], state.partners, (value) =>
      this.look({ partners: value as State["partners"] }));
    const colour = choice(t("colour_by"), areas, state.area, (area) => this.look({ area }), "colour-by");
    const countries = countryList(known.facts.countries.filter((country) => isShown(country, state)));
    const country = choice(t("choose_country"), [["", `${t("choose_country")} …`], ...countries], "", (iso3) => {
      if (iso3) this.choose(iso3);
      country.value = "";
    }, "choose-country");
    country.disabled = this.fixed;
    const metric = choice(t("metric"), metricList(known.facts), state.metric, (name) => this.look({ metric: name }), "metric");
    this.feed.label();
    this.main.replaceChildren(
      el("section", { class: "numbers", "aria-label": t("headlines") }, this.printed, this.differences.node, this.goals.node, this.annotations.node, this.headlines.node),
      el("section", { class: "card world", "aria-label": t(state.view) },
        el("div", { class: "bar" }, view, show, partners, colour, country), this.stage.node),
      el("section", { class: "card graph", "aria-label": t("growth") },
        el("div", { class: "bar" }, el("h2", {}, t("growth")), metric, this.fixed ? null : this.prediction.toggle), this.prediction.node, this.prediction.told, this.growth.svg,
        el("p", { class: "band-note quiet" }, ""), this.flat),
      el("section", { class: "card time", "aria-label": t("timeline") }, this.timeline.node, this.status),
      el("div", { class: `card controls ${state.edit}` },
        this.fixed ? el("p", { class: "quiet" }, t("replay_note")) : null, this.levers.node),
      el("section", { class: "card events", "aria-label": t("events") }, el("h2", {}, t("events")), this.feed.node),
    );
  }
}
