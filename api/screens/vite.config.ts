import { readdirSync } from "node:fs";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { phone } from "./build/phone";

/** Every page is a file here, and the server serves it by that name. */
const pages = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".html"));

export default defineConfig({
  plugins: [svelte(), phone()],
  build: {
    outDir: "../static",
    emptyOutDir: true,
    // a duty screen may be an old machine with an old browser, but never one without modules
    target: "es2022",
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        ...Object.fromEntries(pages.map((page) => [page.replace(".html", ""), page])),
        "phone-worker": "src/phone/worker.ts",
      },
      // the server hands out names of letters, digits and dashes only
      output: {
        chunkFileNames: ({ name }) => `assets/${name.replaceAll(".", "-")}-[hash].js`,
        // a worker is known to browsers by its address, and governs what lies beside and below it
        entryFileNames: ({ name }) => (name === "phone-worker" ? "phone-worker.js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
