// A team's phone: join with the code, take a role, decide, lock in, see what came of it.

import { lineOf } from "./asking";
import { button, el, say } from "./dom";
import { DecisionForm, emptyDecision } from "./decision";
import { act, follow, languageList, type Decision, type Exercise, type RoleFact, type View } from "./exercise";
import { chapters, debrief, goals, guesses, log, values } from "./story";
import { plain, quarter as said, spoken, t } from "./words";

const MILLISECONDS_OF_REST = 250;
const MILLISECONDS_OF_TYPING = 1500;

export class TeamPage {
  private readonly line = el("p", { class: "line", role: "status" });
  private readonly head = el("header", { class: "team-head" });
  private readonly main = el("main", { class: "team" });
  private readonly points = el("span", { class: "points" });
  private readonly told = el("p", { class: "lever-told", role: "alert" });
  private readonly lock = button("", () => void this.send(!this.locked), { id: "lock", class: "play" });
  private readonly bar = el("footer", { class: "team-bar", hidden: true }, this.told, this.points, this.lock);
  private readonly state = el("p", { class: "state", role: "status", hidden: true });
  private readonly beside = el("section", { class: "card" });
  private form: DecisionForm | null = null;
  private formed = "";
  private entered: () => void = () => undefined;
  private view: View | null = null;
  /** What this phone last sent or took over, so that it does not overwrite what is being typed. */
  private drafted = "";
  private drawn = "";
  private timer = 0;
  private edited = 0;
  private decision: Decision | null = null;

  constructor(private readonly known: Exercise) {
    document.body.className = "phone";
    document.body.replaceChildren(this.head, this.line, this.main, this.bar);
    this.headline();
  }

  /** Follow the session; ask for the code whenever this phone is not in it. */
  async run(code: string): Promise<void> {
    let given = code;
    for (;;) {
      if (given) await this.join(given);
      given = "";
      await follow((view) => this.show(view), (line) => say(this.line, line));
      await this.askCode();
    }
  }

  private async join(code: string): Promise<boolean> {
    try {
      await act("join", { code });
      say(this.line, "");
      return true;
    } catch (error) {
      say(this.line, lineOf(error, "reconnecting"));
      return false;
    }
  }

  /** Ask for the code until it is right. */
  private askCode(): Promise<void> {
    this.bar.hidden = true;
    this.drawn = "";
    this.view = null;
    this.headline();
    return new Promise((done) => {
      this.entered = done;
      this.codeForm();
    });
  }

  private codeForm(): void {
    const field = el("input", { type: "text", id: "code", autocomplete: "off", autocapitalize: "characters", maxlength: 12 });
    const enter = el("button", { type: "submit", class: "play" }, t("join"));
    const form = el("form", { class: "join" }, el("label", { for: "code" }, t("type_code")), field, enter, el("p", { class: "quiet" }, t("screen_of_room")));
    this.main.replaceChildren(form);
    field.focus();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.join(field.value).then((joined) => joined && this.entered());
    });
  }

  private get role(): RoleFact | undefined {
    return this.known.roles.find(({ role }) => role === this.view?.role);
  }

  private get locked(): boolean {
    return Boolean(this.view?.teams.find(({ role }) => role === this.view?.role)?.locked);
  }

  private headline(): void {
    const language = languageList(() => {
      this.drawn = "";
      this.headline();
      if (this.view) this.show(this.view);
      else this.codeForm();
    });
    const role = this.role;
    document.title = `partnersim: ${t("team_exercise")}`;
    this.head.replaceChildren(
      el("h1", {}, role ? t(`role.${role.role}`) : t("team_exercise")),
      this.view ? el("span", {}, t("round_of", { n: Math.min(this.view.round, this.view.rounds), of: this.view.rounds })) : "", language);
  }

  private show(view: View): void {
    this.view = view;
    this.headline();
    const role = this.role;
    const ended = view.over || view.round > view.rounds;
    this.bar.hidden = !role || ended;
    const draft = JSON.stringify(view.draft);
    // News of what this phone sent before must not overwrite what is being typed.
    const typing = this.timer !== 0 || Date.now() - this.edited < MILLISECONDS_OF_TYPING;
    // What the form is made of; all else may change beside it, and nothing typed is lost.
    const form = role && !ended ? JSON.stringify([view.round, view.role, view.climate, view.metric, spoken()]) : "";
    const anew = form !== this.formed;
    const differs = draft !== this.drafted;
    const news = anew || (differs && (this.locked || !typing));
    if (differs && !news) this.showLater(view);
    const key = JSON.stringify([form, view.over, view.paused, view.busy, this.locked, view.debrief, view.goals, view.annotations, spoken(), role ? "" : view.teams]);
    if (key === this.drawn && !news) return;
    this.drawn = key;
    this.formed = form;
    if (news) {
      this.drafted = draft;
      this.decision = view.draft;
      say(this.told, "");
    }
    if (!role) this.chooseRole(view);
    else if (ended) this.showEnd(view);
    else {
      if (anew) this.makeForm(role);
      if (news) this.form!.show(view, view.draft);
      const { fields } = this.form!;
      const freed = fields.disabled && !this.fixed(view);
      fields.disabled = this.fixed(view);
      this.showBeside(view);
      if (anew || freed) void this.priced(view);
    }
    this.write(role);
  }

  /** Show what came while somebody typed once nobody does; who typed on will hear of the answer to that. */
  private showLater(view: View): void {
    const { edited } = this;
    window.setTimeout(() => {
      if (this.view === view && this.edited === edited) this.show(view);
    }, MILLISECONDS_OF_TYPING);
  }

  private fixed(view: View): boolean {
    return this.locked || view.paused || view.busy !== "";
  }

  private write(role: RoleFact | undefined): void {
    const view = this.view!;
    const free = !view.paused && view.busy === "";
    this.lock.disabled = !free;
    say(this.lock, t(this.locked ? "change_again" : "lock_in"));
    if (!this.decision) say(this.points, t("points_used", { n: 0, of: role?.budget ?? 0 }));
  }

  /** The list of roles; made once, so that no tap is lost while others choose. */
  private chooseRole(view: View): void {
    if (!this.main.querySelector(`.roles[lang="${spoken()}"]`)) {
      const roles = this.known.roles.map(({ role }) =>
        el("li", {},
          button(t(`role.${role}`), () => void act("role", { role }).catch((error: unknown) => say(this.line, lineOf(error, "reconnecting"))), { "data-role": role, class: "role" }),
          el("p", { class: "quiet" }, t(`task.${role}`), " ", el("span", { "data-phones": role }))));
      this.main.replaceChildren(el("h2", {}, t("choose_role")), el("ul", { class: "roles", lang: spoken() }, ...roles));
    }
    for (const { role, phones } of view.teams) {
      say(this.main.querySelector(`[data-phones="${role}"]`)!, phones ? t("phones", { n: phones }) : "");
    }
  }

  /** What has come of the rounds played. */
  private revealed(view: View): Node[] {
    const { known } = this;
    const now = [goals(known, view), ...(view.played.length ? [chapters(known, view)] : []), values(known, view)];
    const before = view.played.length
      ? [guesses(known, view), el("details", {}, el("summary", {}, t("who_did_what")), log(known, view))] : [];
    const title = view.played.length ? [el("h2", {}, t("what_happened"))] : [];
    return [...title, ...now, ...before].filter((node) => node !== null);
  }

  private showEnd(view: View): void {
    this.main.replaceChildren(
      el("p", { class: "state" }, t(view.over ? "is_over" : "all_played")),
      el("section", { class: "card" }, ...this.revealed(view)),
      view.debrief ? el("section", { class: "card" }, debrief(this.known, view, view.debrief)) : "");
  }

  private makeForm(role: RoleFact): void {
    const { quarter, until, round } = this.view!;
    const span = t("round_span", { n: round, from: said(quarter), to: said(until) });
    this.form = new DecisionForm(this.known, role, (decision) => this.edit(decision));
    this.main.replaceChildren(
      el("p", { class: "task" }, t(`task.${role.role}`)), this.state, this.beside,
      el("section", { class: "card" }, el("h2", {}, span), this.form.node),
      button(t("leave_role"), () => void act("role", { role: "" }), { class: "plain" }));
  }

  private showBeside(view: View): void {
    say(this.state, view.busy ? t("is_played") : view.paused ? t("is_paused") : this.locked ? t("is_locked") : "");
    this.state.hidden = this.state.textContent === "";
    this.beside.replaceChildren(...this.revealed(view));
  }

  /** Ask what the form holds costs, where that has not been asked or was refused while nothing could be decided. */
  private async priced(view: View): Promise<void> {
    if (this.decision && !this.fixed(view)) await this.send(false);
  }

  private edit(decision: Decision): void {
    this.decision = decision;
    this.edited = Date.now();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      void this.send(false);
    }, MILLISECONDS_OF_REST);
  }

  private async send(lock: boolean): Promise<void> {
    clearTimeout(this.timer);
    this.timer = 0;
    const decision = this.decision ?? emptyDecision();
    const before = this.drafted;
    try {
      this.drafted = JSON.stringify(decision);
      const { price } = (await act("decide", { decision, lock })) as { price: number };
      say(this.told, "");
      say(this.points, t("points_used", { n: plain(Math.round(10 * price) / 10), of: this.role?.budget ?? 0 }));
    } catch (error) {
      // What is refused stays in the form.
      this.drafted = before;
      say(this.told, lineOf(error, "reconnecting"));
    }
  }
}
