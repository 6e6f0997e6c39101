// The network in hub layout: the EU in the middle, partners around it by region.

import { A_COLOUR, B_COLOUR, EU_COLOUR, INK, UNKNOWN } from "./colours";
import { draw, say, set } from "./dom";
import { colourOf, likelyLinks, pathOf, tell, type Mode, type Shown } from "./map";
import { countryName } from "./names";
import { spoken, t } from "./words";

/** Room for labels beside, above and below the ring, in heights of a letter. */
const ROOM = { beside: 9.2, above: 6.3 };
/** The same where there is only room for codes of countries. */
const TIGHT = { beside: 3.8, above: 3.4 };
/** Narrower than this, in heights of a letter, names would overlap. */
const NARROW = 42;
/** Neighbours closer than this, in heights of a letter, have no labels. */
const LEGIBLE = 0.4;
/** Gap between regions, in countries. */
const GAP = 0.8;

interface Seat {
  x: number;
  y: number;
  angle: number;
  /** Direction away from the ring there. */
  outward: number;
}

const PIECES = 720;

/** Angles of an ellipse by share of its outline, so that neighbours are equally far apart. */
function evenly(a: number, b: number): (share: number) => number {
  const angles = [...Array(PIECES + 1).keys()].map((n) => (2 * Math.PI * n) / PIECES - Math.PI / 2);
  const lengths = [0];
  for (let n = 1; n <= PIECES; n += 1) {
    const x = a * (Math.cos(angles[n]!) - Math.cos(angles[n - 1]!));
    const y = b * (Math.sin(angles[n]!) - Math.sin(angles[n - 1]!));
    lengths.push(lengths[n - 1]! + Math.hypot(x, y));
  }
  return (share) => {
    const wanted = share * lengths[PIECES]!;
    const next = lengths.findIndex((length) => length > wanted);
    if (next < 1) return angles[next < 0 ? PIECES : 0]!;
    const within = (wanted - lengths[next - 1]!) / (lengths[next]! - lengths[next - 1]!);
    return angles[next - 1]! + within * (angles[next]! - angles[next - 1]!);
  };
}

export class NetworkView {
  readonly svg: SVGSVGElement;
  private readonly spokes = draw("g", { "stroke-linecap": "round" });
  private readonly chords = draw("g", { fill: "none", "stroke-linecap": "round" });
  private readonly nodes = draw("g");
  private readonly labels = draw("g", { fill: INK });
  private readonly hub = draw("circle", { r: 22, fill: EU_COLOUR });
  private readonly name = draw("text", {
    "text-anchor": "middle", fill: "#fff", "font-size": 15, "font-weight": 700,
  });
  private seats: Seat[] = [];
  /** Places of the partners shown. */
  private drawn: number[] = [];
  private seated = "";
  private middle: [number, number] = [400, 250];
  private scale = 1;
  private last: [Shown, Mode] | null = null;

  constructor(private readonly onChoose: (iso3: string) => void) {
    this.svg = draw(
      "svg",
      { viewBox: "0 0 800 500", role: "img", class: "network" },
      this.spokes,
      this.chords,
      this.hub,
      this.name,
      this.nodes,
      this.labels,
    );
    this.nodes.addEventListener("click", (event) => {
      const iso3 = (event.target as Element).getAttribute("data-iso3");
      if (iso3) this.onChoose(iso3);
    });
    // Seats are in pixels, so that labels stay readable in whatever room there is.
    new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      if (width < 50 || height < 50) return;
      set(this.svg, "viewBox", `0 0 ${Math.round(width)} ${Math.round(height)}`);
      this.seated = "";
      if (this.last) this.update(...this.last);
    }).observe(this.svg);
  }

  update(shown: Shown, mode: Mode): void {
    this.last = [shown, mode];
    this.seat(shown);
    const middle = this.middle;
    const path = pathOf(shown.answer, mode);
    this.drawn.forEach((place, child) => {
      const iso3 = shown.countries[place]![0];
      const ties = path.ties(shown.quarter, place);
      const before = shown.answer.a.ties(shown.quarter, place);
      const change = ties - before;
      const spoke = this.spokes.children[child]!;
      const node = this.nodes.children[child]!;
      const size = mode === "change" ? Math.abs(change) * 2 : ties * 0.28;
      const more = mode === "change" && change > 0;
      set(spoke, "stroke", mode === "change" ? (more ? B_COLOUR : A_COLOUR) : "#8C97A3");
      set(spoke, "stroke-width", Math.min(9, size).toFixed(2));
      set(spoke, "stroke-dasharray", mode === "change" && change < 0 ? "6 4" : "none");
      set(spoke, "stroke-opacity", size < 0.1 ? 0 : 0.55);
      set(node, "fill", colourOf(shown, mode, place));
      set(node, "r", (this.scale * (4 + 2.2 * Math.sqrt(ties))).toFixed(1));
      set(node, "stroke", iso3 === shown.selected ? INK : "#5b6672");
      set(node, "stroke-width", iso3 === shown.selected ? 3 : 1);
      node.firstElementChild!.textContent = tell(shown, mode, place);
    });
    const links = likelyLinks(shown, mode);
    this.chords.replaceChildren(
      ...links.map((link) => {
        const one = this.seats[link.i]!;
        const other = this.seats[link.j]!;
        const weight = mode === "change" ? Math.abs(link.change) : link.share;
        // Near neighbours are joined by a flat curve, not by a hairpin through the middle.
        const apart = Math.hypot(one.x - other.x, one.y - other.y) / (2 * Math.min(...middle));
        const pull = 0.9 - 0.5 * Math.min(1, apart);
        const x = middle[0] + ((one.x + other.x) / 2 - middle[0]) * pull;
        const y = middle[1] + ((one.y + other.y) / 2 - middle[1]) * pull;
        const less = mode === "a" || (mode === "change" && link.change < 0);
        return draw("path", {
          d: `M${one.x},${one.y}Q${x.toFixed(1)},${y.toFixed(1)} ${other.x},${other.y}`,
          stroke: less ? A_COLOUR : B_COLOUR,
          "stroke-width": (0.5 + 2.6 * weight).toFixed(2),
          "stroke-opacity": (0.2 + 0.6 * weight).toFixed(2),
          "stroke-dasharray": mode === "change" && link.change < 0 ? "5 4" : null,
        });
      }),
    );
    say(this.name, t("eu"));
    set(this.svg, "aria-label", `${t("network")}: ${t("spokes")}. ${links.length} ${t("links_to")}`);
  }

  /** Give every country a seat, those of a region beside each other. */
  private seat(shown: Shown): void {
    const key = `${spoken()} ${shown.visible.join()}`;
    if (key === this.seated) return;
    this.seated = key;
    const { width, height } = this.svg.viewBox.baseVal;
    const middle: [number, number] = [width / 2, height / 2];
    this.middle = middle;
    const letter = parseFloat(getComputedStyle(this.svg).fontSize);
    this.drawn = shown.countries.map((_, place) => place).filter((place) => shown.visible[place]);
    const many = this.drawn.length > 60;
    const codes = many || width < NARROW * letter;
    const room = codes ? TIGHT : ROOM;
    const radii = [
      Math.max(60, middle[0] - room.beside * letter),
      Math.max(60, middle[1] - room.above * letter),
    ] as const;
    this.scale = Math.min(1.3, Math.min(...radii) / 170) * (many ? 0.6 : 1);
    set(this.hub, "r", Math.round(22 * Math.min(1.4, Math.max(0.7, this.scale))));
    for (const [part, x, y] of [[this.hub, "cx", "cy"], [this.name, "x", "y"]] as const) {
      set(part, x, middle[0]);
      set(part, y, middle[1] + (part === this.name ? 5 : 0));
    }
    const order = this.drawn
      .map((place) => ({ name: shown.countries[place]![1], region: shown.countries[place]![2], place }))
      .sort((a, b) => a.region.localeCompare(b.region) || a.name.localeCompare(b.name));
    const regions = new Set(order.map(({ region }) => region)).size;
    const along = evenly(...radii);
    const step = 1 / (order.length + regions * GAP);
    this.seats = [];
    let share = 0;
    let region = "";
    for (const { region: own, place } of order) {
      if (own !== region) share += step * GAP;
      region = own;
      const angle = along(share);
      this.seats[place] = {
        x: Math.round(middle[0] + radii[0] * Math.cos(angle)),
        y: Math.round(middle[1] + radii[1] * Math.sin(angle)),
        angle,
        outward: Math.atan2(Math.sin(angle) / radii[1], Math.cos(angle) / radii[0]),
      };
      share += step;
    }
    this.spokes.replaceChildren(
      ...this.drawn.map((place) => this.seats[place]!).map(({ x, y }) => draw("line", { x1: middle[0], y1: middle[1], x2: x, y2: y })),
    );
    this.nodes.replaceChildren(
      ...this.drawn.map((place) =>
        draw("circle", {
          cx: this.seats[place]!.x, cy: this.seats[place]!.y, r: 6, fill: UNKNOWN,
          class: "partner", "data-iso3": shown.countries[place]![0],
        }, draw("title")),
      ),
    );
    const [first, next] = order.map(({ place }) => this.seats[place]!);
    // Labels that lay on top of each other would only hide what is there.
    const legible = !first || !next || Math.hypot(next.x - first.x, next.y - first.y) > LEGIBLE * letter;
    this.labels.replaceChildren(
      ...(legible ? this.drawn : []).map((place) => {
        const [iso3, english] = shown.countries[place]!;
        const name = countryName(iso3, english);
        const { x, y, angle, outward: normal } = this.seats[place]!;
        const at = codes ? normal : angle;
        const right = Math.cos(at) >= 0;
        const tilted = Math.abs(Math.cos(at)) < 0.8 ? (Math.sin(at) > 0 === right ? 30 : -30) : 0;
        const outward = ((at * 180) / Math.PI + (right ? 0 : 180)) % 360;
        const steep = Math.round(codes ? outward : tilted);
        const away = 6 + 9 * this.scale;
        const tx = x + away * Math.cos(at);
        const ty = y + away * Math.sin(at) + 4;
        return draw("text", {
          x: tx.toFixed(1), y: ty.toFixed(1),
          "text-anchor": right ? "start" : "end",
          "font-size": codes ? "0.68em" : null,
          transform: steep ? `rotate(${steep} ${tx.toFixed(1)} ${ty.toFixed(1)})` : null,
        }, codes || name.length > 19 ? iso3 : name);
      }),
    );
  }
}
