import { readdirSync, readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

const HERE = new URL("./", import.meta.url);

function described(folder: URL): { version: string; dependencies: Record<string, string> } {
  return JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
}

// What is bundled of others carries its licence along, also into a page that is saved as one file.
function notices(): string {
  const texts = Object.keys(described(HERE).dependencies).map((name) => {
    const folder = new URL(`node_modules/${name}/`, HERE);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
    if (file === undefined) throw new Error(`${name} comes without the text of its licence`);
    const text = readFileSync(new URL(file, folder), "utf8").trim().replaceAll("*/", "* /");
    return `${name} ${described(folder).version}\n\n${text}`;
  });
  return `/*!\nThis page holds parts of these packages:\n\n${texts.join("\n\n")}\n*/\n`;
}

const licences: Plugin = {
  name: "licences",
  generateBundle(_, bundle) {
    for (const part of Object.values(bundle)) {
      if (part.type === "chunk") part.code = notices() + part.code;
    }
  },
};

// One script and one style sheet with fixed names: the page that is saved as one file reads both
// and writes them into itself.
export default defineConfig({
  base: "./",
  plugins: [licences],
  build: {
    outDir: "../src/partnersim/page/static",
    emptyOutDir: true,
    modulePreload: false,
    rollupOptions: {
      output: {
        entryFileNames: "page.js",
        assetFileNames: "page[extname]",
      },
    },
  },
});
