// A team's phone: join with the code, take a role, decide, lock in, see what came of it.

import { choice, el, say } from "./dom";
import { DecisionForm, emptyDecision } from "./decision";
import { button, follow, lineOf, post, type Decision, type Exercise, type RoleFact, type View } from "./exercise";
import { chapters, debrief, goals, guesses, log, values } from "./story";
import { LANGUAGES, plain, quarter as said, speak, spoken, t } from "./words";

const MILLISECONDS_OF_REST = 250;
const MILLISECONDS_OF_TYPING = 1500;

export class TeamPage {
  private readonly line = el("p", { class: "line", role: "status" });
  private readonly head = el("header", { class: "team-head" });
  private readonly main = el("main", { class: "team" });
  private readonly points = el("span", { class: "points" });
  private readonly told = el("p", { class: "lever-told", role: "alert" });
  private readonly lock = el("button", { type: "button", id: "lock", class: "play" });
  private readonly bar = el("footer", { class: "team-bar", hidden: true }, this.told, this.points, this.lock);
  private form: DecisionForm | null = null;
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
    this.lock.addEventListener("click", () => void this.send(!this.locked));
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
      await post("join", { code });
      say(this.line, "");
      return true;
    } catch (error) {
      say(this.line, lineOf(error));
      return false;
    }
  }

  private askCode(): Promise<void> {
    this.bar.hidden = true;
    this.drawn = "";
    this.view = null;
    this.headline();
    const field = el("input", { type: "text", id: "code", autocomplete: "off", autocapitalize: "characters", maxlength: 12 });
    const enter = el("button", { type: "submit", class: "play" }, t("join"));
    const form = el("form", { class: "join" }, el("label", { for: "code" }, t("type_code")), field, enter);
    this.main.replaceChildren(form);
    field.focus();
    return new Promise((done) => {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        void this.join(field.value).then((joined) => joined && done());
      });
    });
  }

  private get role(): RoleFact | undefined {
    return this.known.roles.find(({ role }) => role === this.view?.role);
  }

  private get locked(): boolean {
    return Boolean(this.view?.teams.find(({ role }) => role === this.view?.role)?.locked);
  }

  private headline(): void {
    const language = choice(t("language"), LANGUAGES, spoken(), (code) => {
      speak(code);
      this.drawn = "";
      this.headline();
      if (this.view) this.show(this.view);
    });
    language.id = "language";
    const role = this.role;
    document.title = `partnersim: ${t("team_exercise")}`;
    this.head.replaceChildren(
      el("h1", {}, role ? t(`role.${role.role}`) : t("team_exercise")),
      this.view ? el("span", {}, t("round_of", { n: Math.min(this.view.round, this.view.rounds), of: this.view.rounds })) : "", language);
  }

  private show(view: View): void {
    const before = this.view;
    this.view = view;
    this.headline();
    const role = this.role;
    this.bar.hidden = !role || view.over || view.round > view.rounds;
    const key = JSON.stringify([view.round, view.role, view.over, view.paused, view.busy, this.locked, view.debrief, view.goals, view.annotations, spoken(), view.climate, view.metric, role ? "" : view.teams]);
    const draft = JSON.stringify(view.draft);
    // News of what this phone sent before must not overwrite what is being typed.
    const typing = this.timer !== 0 || Date.now() - this.edited < MILLISECONDS_OF_TYPING;
    if (key === this.drawn && (draft === this.drafted || typing)) return;
    const anew = key !== this.drawn;
    this.drawn = key;
    this.drafted = draft;
    this.decision = view.draft;
    say(this.told, "");
    if (!role) this.chooseRole(view);
    else if (anew || before?.role !== view.role) this.play(view, role);
    else this.form?.show(view, view.draft, this.fixed(view));
    this.write(role);
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
          button(t(`role.${role}`), () => void post("role", { role }).catch((error: unknown) => say(this.line, lineOf(error))), { "data-role": role, class: "role" }),
          el("p", { class: "quiet" }, t(`task.${role}`), " ", el("span", { "data-phones": role }))));
      this.main.replaceChildren(el("h2", {}, t("choose_role")), el("ul", { class: "roles", lang: spoken() }, ...roles));
    }
    for (const { role, phones } of view.teams) {
      say(this.main.querySelector(`[data-phones="${role}"]`)!, phones ? t("phones", { n: phones }) : "");
    }
  }

  private play(view: View, role: RoleFact): void {
    const span = t("round_span", { n: view.round, from: said(view.quarter), to: said(view.until) });
    const state = view.busy ? t("is_played") : view.paused ? t("is_paused") : this.locked ? t("is_locked") : "";
    const revealed = view.played.length
      ? el("section", { class: "card" }, el("h2", {}, t("what_happened")), goals(this.known, view), chapters(this.known, view), values(this.known, view), guesses(this.known, view),
        el("details", {}, el("summary", {}, t("who_did_what")), log(this.known, view)))
      : el("section", { class: "card" }, goals(this.known, view), values(this.known, view));
    if (view.over || view.round > view.rounds) {
      this.form = null;
      this.main.replaceChildren(
        el("p", { class: "state" }, t(view.over ? "is_over" : "all_played")), revealed,
        view.debrief ? el("section", { class: "card" }, debrief(this.known, view, view.debrief)) : "");
      return;
    }
    this.form = new DecisionForm(this.known, role, (decision) => this.edit(decision));
    this.form.show(view, view.draft, this.fixed(view));
    this.main.replaceChildren(
      el("p", { class: "task" }, t(`task.${role.role}`)),
      state ? el("p", { class: "state", role: "status" }, state) : "",
      revealed,
      el("section", { class: "card" }, el("h2", {}, span), this.form.node),
      button(t("leave_role"), () => void post("role", { role: "" }), { class: "plain" }));
    void this.priced(view);
  }

  /** Ask what the draft costs, where one is there that this phone has not sent itself. */
  private async priced(view: View): Promise<void> {
    if (view.draft && !this.fixed(view) && !this.locked) await this.send(false);
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
    try {
      const sent = JSON.stringify(decision);
      this.drafted = sent;
      const { price } = (await post("decide", { decision, lock })) as { price: number };
      say(this.told, "");
      say(this.points, t("points_used", { n: plain(Math.round(10 * price) / 10), of: this.role?.budget ?? 0 }));
    } catch (error) {
      say(this.told, lineOf(error));
    }
  }
}
