/** What makes two pages apps on a phone: the list of files their worker keeps, their manifests, their icons. */
import { createHash } from "node:crypto";
import type { Plugin } from "vite";
import { png, svg } from "./icon";

const PAGES = {
  leader: { name: "FireGrid 网格长", short: "网格长", ground: "#f4f2ec" },
  member: { name: "FireGrid 消防站队员", short: "站队员", ground: "#f4f2ec" },
} as const;

const ICONS = [
  { file: "icon-192.png", size: 192, purpose: "any", inset: 0 },
  { file: "icon-512.png", size: 512, purpose: "any", inset: 0 },
  // a launcher may cut a circle out of it: what matters lies within its middle 80 %
  { file: "icon-mask-512.png", size: 512, purpose: "maskable", inset: 0.16 },
] as const;
const APPLE = { file: "icon-apple-180.png", size: 180, inset: 0.06 };

interface Made {
  type: string;
  fileName: string;
  imports?: string[];
  dynamicImports?: string[];
  facadeModuleId?: string | null;
  viteMetadata?: { importedCss: Set<string>; importedAssets: Set<string> };
  code?: string;
}

export function phone(): Plugin {
  return {
    name: "firegrid-phone",
    enforce: "post",
    generateBundle(_, bundle) {
      const made = Object.values(bundle) as unknown as Made[];
      for (const { file, size, inset } of [...ICONS, APPLE]) {
        this.emitFile({ type: "asset", fileName: file, source: png(size, inset, inset > 0) });
      }
      this.emitFile({ type: "asset", fileName: "icon.svg", source: svg() });
      for (const [page, about] of Object.entries(PAGES)) {
        this.emitFile({ type: "asset", fileName: `${page}.webmanifest`, source: JSON.stringify(manifest(page, about)) });
      }
      const files = Object.fromEntries(Object.keys(PAGES).map((page) => [`/${page}`, shellOf(page, made)]));
      const version = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 12);
      const worker = made.find(({ fileName }) => fileName === "phone-worker.js");
      if (worker?.code === undefined) throw new Error("the phone pages' worker was not built");
      if ((worker.imports ?? []).length > 0) throw new Error("the phone pages' worker must be one file");
      worker.code = worker.code.replaceAll("__SHELL__", JSON.stringify({ version, files }));
    },
  };
}

function manifest(page: string, about: (typeof PAGES)[keyof typeof PAGES]): object {
  return {
    id: `/${page}`,
    name: about.name,
    short_name: about.short,
    start_url: `/${page}`,
    scope: `/${page}`,
    display: "standalone",
    orientation: "portrait",
    lang: "zh-CN",
    background_color: about.ground,
    theme_color: about.ground,
    icons: [
      ...ICONS.map(({ file, size, purpose }) => ({ src: `/${file}`, sizes: `${size}x${size}`, type: "image/png", purpose })),
      { src: "/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" },
    ],
  };
}

/** Every file that the page can come to need, whenever it is loaded. */
function shellOf(page: string, made: readonly Made[]): string[] {
  const chunks = new Map(made.map((one) => [one.fileName, one]));
  const entry = made.find(({ facadeModuleId }) => facadeModuleId?.endsWith(`/${page}.html`));
  if (entry === undefined) throw new Error(`the page ${page} was not built`);
  const found = new Set<string>();
  const todo = [entry.fileName];
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const chunk = chunks.get(name);
    todo.push(...(chunk?.imports ?? []), ...(chunk?.dynamicImports ?? []));
    for (const css of chunk?.viteMetadata?.importedCss ?? []) found.add(css);
    for (const asset of chunk?.viteMetadata?.importedAssets ?? []) found.add(asset);
  }
  return [...found].sort().map((file) => `/${file}`);
}
