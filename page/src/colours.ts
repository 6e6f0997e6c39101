// Okabe and Ito (2008) and cividis, as in the figures of the package. Colour is never the only cue.

import { plain } from "./words";

export const A_COLOUR = "#0072B2";
export const B_COLOUR = "#B84A00"; // vermilion, darkened until text in it is readable on white
export const EU_COLOUR = "#003399";
export const UNKNOWN = "#E3E6EA";
export const INK = "#1B2733";

/** Edges of the classes in which depth (0..4) is shown. */
export const DEPTH_EDGES = [0, 0.25, 0.5, 1, 1.5, 2, 3, 4];
const DEPTH_COLOURS = [
  "#fffad7", "#ebe3b9", "#c5bfa5", "#979693", "#666b7a", "#304471", "#00224e",
];

/** Classes of a change of depth, and their colours: blue less, brown more. */
export const CHANGE_EDGES = [-0.5, -0.2, -0.05, 0.05, 0.2, 0.5];
const CHANGE_COLOURS = [
  "#08519c", "#5a9bd4", "#b9d7ee", "#f4f4f2", "#f5cfa3", "#e08a3c", "#9a4a00",
];

function classOf(value: number, edges: number[]): number {
  let place = 0;
  while (place < edges.length && value >= edges[place]!) place += 1;
  return place;
}

/** Colour of a depth, 0..4. */
export function depthColour(depth: number): string {
  return DEPTH_COLOURS[Math.min(DEPTH_COLOURS.length, classOf(depth, DEPTH_EDGES)) - 1] ?? UNKNOWN;
}

/** Colour of a difference of depths. */
export function changeColour(change: number): string {
  return CHANGE_COLOURS[classOf(change, CHANGE_EDGES)] ?? UNKNOWN;
}

/** Boxes of a legend: colour and label; edges are multiplied by a scale. */
export function legendOf(change: boolean, scale: number): [string, string][] {
  const label = (edge: number) => plain(Math.round(edge * scale * 100) / 100);
  if (change) {
    return CHANGE_COLOURS.map((colour, place) => {
      const low = CHANGE_EDGES[place - 1];
      const high = CHANGE_EDGES[place];
      if (low === undefined) return [colour, `< ${label(high!)}`];
      if (high === undefined) return [colour, `> +${label(low)}`];
      return [colour, place === 3 ? "± 0" : ""];
    });
  }
  return DEPTH_COLOURS.map((colour, place) => {
    // Depth ends at 4; what is counted may go on.
    const open = scale !== 1 && place === DEPTH_COLOURS.length - 1;
    const low = label(DEPTH_EDGES[place]!);
    return [colour, open ? `≥ ${low}` : `${low} – ${label(DEPTH_EDGES[place + 1]!)}`];
  });
}
