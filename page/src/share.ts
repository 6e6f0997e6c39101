// Sharing: a link with the whole state, pictures, a table, and a replay in one file.

import type { Answer } from "./answer";
import { draw, el, save } from "./dom";
import type { Facts, Known } from "./facts";
import { written } from "./link";
import { scenarioText } from "./differences";
import type { State } from "./state";
import { t } from "./words";

const PIXELS = 2;

/** The address that restores a state. */
export function linkOf(state: State): string {
  return `${location.origin}${location.pathname}#${written(state)}`;
}

/** Height of the lines below a saved drawing: its legend and what it shows. */
const FOOT = 32;
const LINE = 13;
const MOST_LINES = 4;
/** Width of one box of the legend with its label. */
const LEGEND_STEP = 82;

/** What is written below a saved drawing. */
export interface Caption {
  text: string;
  /** Colours and labels; none for graphs, which are labelled directly. */
  legend: [string, string][];
}

/** A text in lines of so many letters; what does not fit into a few lines ends with an ellipsis. */
function wrapped(text: string, letters: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1]!;
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= letters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), `${lines[MOST_LINES - 1]} …`] : lines;
}

/** A drawing as a text that stands for itself: styles of the page are written into it. */
function standing(svg: SVGSVGElement, caption: Caption): { text: string; width: number; height: number } {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = svg.querySelectorAll<SVGElement>("text");
  copy.querySelectorAll<SVGElement>("text").forEach((text, place) => {
    const style = getComputedStyle(originals[place]!);
    text.setAttribute("font-family", "DejaVu Sans, Arial, sans-serif");
    text.setAttribute("font-size", style.fontSize);
    text.setAttribute("font-weight", style.fontWeight);
    text.setAttribute("fill", style.fill);
  });
  const { x, y, width, height: own } = svg.viewBox.baseVal;
  const lines = wrapped(caption.text, Math.floor((width - 16) / (0.6 * 10.5)));
  const foot = FOOT + LINE * lines.length;
  const height = own + foot;
  copy.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  // What sticks out below the drawing would run through its caption.
  copy.append(draw("rect", { x, y: y + own, width, height: foot, fill: "#fff" }));
  copy.prepend(draw("title", {}, caption.text), draw("rect", { x, y, width, height, fill: "#fff" }));
  const small = { "font-family": "DejaVu Sans, Arial, sans-serif", "font-size": 10.5, fill: "#55616d" };
  caption.legend.forEach(([colour, label], place) => {
    const left = x + 8 + LEGEND_STEP * place;
    const top = y + own + 6;
    copy.append(
      draw("rect", { x: left, y: top, width: 12, height: 12, fill: colour, stroke: "#9aa4ae" }),
      draw("text", { ...small, x: left + 15, y: top + 10 }, label),
    );
  });
  lines.forEach((line, place) => copy.append(draw("text", { ...small, x: x + 8, y: y + own + 36 + LINE * place }, line)));
  return { text: new XMLSerializer().serializeToString(copy), width, height };
}

export function saveSvg(svg: SVGSVGElement, name: string, caption: Caption): void {
  save(`${name}.svg`, new Blob([standing(svg, caption).text], { type: "image/svg+xml" }));
}

export async function savePng(svg: SVGSVGElement, name: string, caption: Caption): Promise<void> {
  const { text, width, height } = standing(svg, caption);
  const picture = new Image();
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  picture.src = address;
  await picture.decode();
  const canvas = el("canvas", { width: Math.round(width * PIXELS), height: Math.round(height * PIXELS) });
  canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (blob) save(`${name}.png`, blob);
}

/** All metrics of both strategies by quarter, as a table; each row says what was played. */
export function table(facts: Facts, state: State, answer: Answer): string {
  const told = [scenarioText(facts, state, "a"), scenarioText(facts, state, "b")].map((text) => `"${text.replaceAll('"', '""')}"`);
  const lines = ["quarter,metric,a_low,a_mean,a_high,b_low,b_mean,b_high,difference,half_width,a_scenario,b_scenario"];
  answer.quarters.forEach((label, quarter) => {
    for (const metric of Object.keys(facts.metrics)) {
      const three = (path: Answer["a"]) => ([0, 1, 2] as const).map((row) => path.metric(metric, row, quarter));
      const numbers = [...three(answer.a), ...three(answer.b), ...answer.difference(metric, quarter).slice(0, 2)];
      lines.push([label, metric, ...numbers.map((value) => String(Number(value.toPrecision(6)))), ...told].join(","));
    }
  });
  return `${lines.join("\n")}\n`;
}

export interface Saved {
  known: Known;
  state: State;
  answer: unknown;
}

/** The page itself in one file, with what it shows: opens without the program. */
export async function replayFile(known: Known, state: State, answer: Answer): Promise<Blob> {
  const [script, style] = await Promise.all(
    ["page.js", "page.css"].map(async (name) => (await fetch(name)).text()),
  );
  const saved: Saved = { known, state, answer: answer.raw };
  // Within a script no text may look like the end of it.
  const data = JSON.stringify(saved).replace(/</g, "\\u003c");
  const program = script!.replace(/<\/script/gi, "<\\/script");
  const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:";
  const html = `<!doctype html>
<html lang="${state.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>partnersim ${known.facts.version}</title>
<style>${style}</style>
</head>
<body>
<script type="application/json" id="saved">${data}</script>
<script type="module">${program}</script>
</body>
</html>
`;
  return new Blob([html], { type: "text/html" });
}

/** Copy a text; browsers refuse to on addresses that are not encrypted: then it is shown for copying. */
export async function copied(text: string): Promise<Node | string> {
  try {
    await navigator.clipboard.writeText(text);
    return t("copied");
  } catch {
    const field = el("input", { type: "text", readonly: true, value: text, id: "link-to-copy", "aria-label": t("copy_by_hand") });
    setTimeout(() => {
      field.focus();
      field.select();
    });
    return el("span", {}, t("copy_by_hand"), field);
  }
}
