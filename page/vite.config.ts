import { defineConfig } from "vite";

// One script and one style sheet with fixed names: the page that is saved as one file reads both
// and writes them into itself.
export default defineConfig({
  base: "./",
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
