// Runs the tests of the page's TypeScript in Node, through Vite, as the page itself is built.

import { test } from "node:test";
import { createServer } from "vite";

const server = await createServer({
  server: { middlewareMode: true, ws: false, hmr: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  appType: "custom",
  logLevel: "error",
});
const loaded = [];
for (const name of ["link", "answer", "differences", "growth", "history", "words", "annotations", "refusals"]) {
  loaded.push([name, (await server.ssrLoadModule(`/tests/${name}.ts`)).cases]);
}
await server.close();
for (const [name, cases] of loaded) {
  for (const [title, run] of Object.entries(cases)) test(`${name}: ${title}`, run);
}
