import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const pages = ["station", "leader", "command", "login"];

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "../static",
    emptyOutDir: true,
    // a duty screen may be an old machine with an old browser, but never one without modules
    target: "es2022",
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: Object.fromEntries(pages.map((page) => [page, `${page}.html`])),
      // the server hands out names of letters, digits and dashes only
      output: { chunkFileNames: ({ name }) => `assets/${name.replaceAll(".", "-")}-[hash].js` },
    },
  },
});
