// The head of the page: both strategies, undo and redo, the menus.

import { button, choice, el, toggles } from "./dom";
import type { Facts } from "./facts";
import { policyName } from "./names";
import type { State } from "./state";
import { LANGUAGES, labelled, named, t } from "./words";

interface Handlers {
  onPolicy: (which: "a" | "b", policy: string) => void;
  onClimate: (climate: string) => void;
  onEdit: (which: "a" | "b") => void;
  onUndo: () => void;
  onRedo: () => void;
  onReplay: () => void;
  onStartOver: () => void;
  onAssumptions: () => void;
  onScoreboard: () => void;
  onPresent: () => void;
  onLanguage: (code: string) => void;
}

function tool(id: string, text: string, act: () => void, title = text): HTMLButtonElement {
  return button(text, act, { id, title, "aria-label": title });
}

function menu(id: string, text: string, content: HTMLElement): HTMLElement {
  return el("details", { class: "menu" }, el("summary", { id }, text), content);
}

export class HeaderView {
  readonly node = el("header");
  private undo = el("button");
  private redo = el("button");
  private replay = el("button");

  constructor(
    private readonly facts: Facts,
    private readonly handlers: Handlers,
    /** A saved replay: nothing can be changed. */
    private readonly fixed: boolean,
  ) {}

  /** Tell whether there is anything to undo and to redo. */
  update(canUndo: boolean, canRedo: boolean): void {
    this.undo.disabled = !canUndo;
    this.redo.disabled = !canRedo;
    this.replay.disabled = !canUndo;
  }

  /** Make everything anew, in the language now chosen. */
  build(state: State, share: HTMLElement, attribution: string): void {
    const { handlers } = this;
    this.undo = tool("undo", "↶", handlers.onUndo, t("undo"));
    this.redo = tool("redo", "↷", handlers.onRedo, t("redo"));
    this.replay = tool("replay", "⟲", handlers.onReplay, t("replay"));
    const edit = toggles(t("edit_hint"), [["a", `${t("edit")} A`], ["b", `${t("edit")} B`]], state.edit, (value) =>
      handlers.onEdit(value === "a" ? "a" : "b"));
    edit.classList.add("edit");
    const language = choice(t("language"), LANGUAGES, state.language, handlers.onLanguage, "language");
    const changing = [
      this.undo, this.redo, this.replay,
      tool("start-over", t("start_over"), handlers.onStartOver),
      tool("open-assumptions", t("assumptions"), handlers.onAssumptions),
      tool("open-scoreboard", t("scoreboard"), handlers.onScoreboard),
    ];
    this.node.replaceChildren(
      el("h1", {}, t("title")),
      el("div", { class: "arms" }, this.policies(state, "a"), this.policies(state, "b"), edit, this.climate(state)),
      el("div", { class: "tools" },
        ...(this.fixed ? [] : changing),
        tool("present", t("present"), handlers.onPresent, labelled(t("present"), t("present_hint"))),
        menu("share", t("share_menu"), share),
        menu("about", t("help"), this.about(attribution)),
        language),
    );
    for (const one of this.menus) {
      one.addEventListener("toggle", () => {
        if (!one.open) return;
        for (const other of this.menus) if (other !== one) other.open = false;
      });
    }
  }

  private get menus(): NodeListOf<HTMLDetailsElement> {
    return this.node.querySelectorAll("details");
  }

  /** Close an open menu; whether there was one. */
  closeMenus(): boolean {
    const open = [...this.menus].filter((one) => one.open);
    for (const one of open) {
      one.open = false;
      (one.firstElementChild as HTMLElement).focus();
    }
    return open.length > 0;
  }

  private policies(state: State, which: "a" | "b"): HTMLElement {
    const arm = state[which];
    const options = Object.keys(this.facts.policies).map((name): [string, string] => [name, policyName(arm, name)]);
    const list = choice(t("preset_of", { arm: which.toUpperCase() }), options, arm.policy, (option) =>
      this.handlers.onPolicy(which, option), `policy-${which}`);
    list.title = named(`?preset.${arm.policy}`, String(this.facts.policies[arm.policy]?.["description"] ?? ""));
    list.disabled = this.fixed;
    return el("span", { class: `arm ${which}` }, el("span", { class: "badge", "aria-hidden": "true" }, which.toUpperCase()), list);
  }

  /** The climate of both; where A and B differ in it, that is said. */
  private climate({ a, b }: State): HTMLElement {
    const names = Object.keys(this.facts.climates).map((name): [string, string] => [name, labelled(t("climate"), t(name))]);
    const alike = a.geopolitics === b.geopolitics;
    if (!alike) names.unshift(["", `${labelled("A", t(a.geopolitics))}, ${labelled("B", t(b.geopolitics))}`]);
    const list = choice(t("climate_of_both"), names, alike ? a.geopolitics : "", (name) => name && this.handlers.onClimate(name), "climate-both");
    list.title = t("climate_of_both");
    list.disabled = this.fixed;
    return list;
  }

  private about(attribution: string): HTMLElement {
    const told = [t("about_text"), t("ladder"), t("keys"), `${attribution}.`];
    return el("div", { class: "menu-items about" }, ...told.map((text) => el("p", {}, text)));
  }
}
