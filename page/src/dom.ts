// Small helpers to make elements. Text is always set as text: nothing from a scenario is ever HTML.

import { t } from "./words";

type Child = Node | string | null;
type Attributes = Record<string, string | number | boolean | null | undefined>;

const SVG = "http://www.w3.org/2000/svg";

function fill(element: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null) element.append(child);
}

/** Make an HTML element. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/** Make an SVG element. */
export function draw<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS(SVG, tag);
  fill(element, attributes, children);
  return element;
}

/** Set attributes that changed; touching the others would cost a repaint. */
export function set(element: Element, name: string, value: string | number): void {
  const text = String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Set a text if it changed. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Where the thumb of a slider stands: half a thumb stays free at both ends. */
export function thumbAt(share: number): string {
  const within = Math.min(1, Math.max(0, share));
  return `calc(${(100 * within).toFixed(2)}% + ${((0.5 - within) * 16).toFixed(1)}px)`;
}

/** Make a button. */
export function button(text: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const item = el("button", { type: "button", ...attributes }, text);
  item.addEventListener("click", act);
  return item;
}

/** Make the head of a drawer: its title, and what closes it. */
export function drawerHead(title: string, id: string, close: () => void, ...between: Node[]): HTMLElement {
  return el("div", { class: "drawer-head" }, el("h2", {}, title), ...between,
    button("✕", close, { id, class: "close", "aria-label": t("close") }));
}

/** Make a drop-down list of values with labels. */
export function choice(
  label: string,
  options: [string, string][],
  value: string,
  onChange: (value: string) => void,
  id: string | null = null,
): HTMLSelectElement {
  const list = el("select", { "aria-label": label, id });
  for (const [key, text] of options) list.append(el("option", { value: key }, text));
  list.value = value;
  list.addEventListener("change", () => onChange(list.value));
  return list;
}

/** Make a row of toggle buttons of which one is pressed. */
export function toggles(
  label: string,
  options: [string, string][],
  value: string,
  onChange: (value: string) => void,
): HTMLElement & { show: (value: string) => void } {
  const group = el("div", { class: "toggles", role: "group", "aria-label": label });
  const buttons = options.map(([key, text]) => button(text, () => onChange(key), { "data-key": key }));
  group.append(...buttons);
  const show = (now: string) => {
    for (const item of buttons) set(item, "aria-pressed", String(item.dataset["key"] === now));
  };
  show(value);
  return Object.assign(group, { show });
}

/** Something wide, which moves sideways where there is no room for it. */
export function scrolling(label: string, content: HTMLElement): HTMLElement {
  return el("div", { class: "scrolling", role: "region", tabindex: 0, "aria-label": label }, content);
}

/** Offer a file for saving. */
export function save(name: string, content: Blob): void {
  const link = el("a", { href: URL.createObjectURL(content), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
