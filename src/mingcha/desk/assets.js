// Copies the few front-end files the desk uses from node_modules to static/vendor, with a compressed twin for the web server,
// and puts the icons used into one sprite. Run by `npm run assets`; nothing of it is kept in git.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "../../../node_modules");
const vendor = join(here, "static/vendor");

const files = {
  "@alpinejs/csp/dist/cdn.min.js": "alpine-csp.min.js",
  "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
  "echarts/dist/echarts.common.min.js": "echarts.common.min.js",
};

// Icon names stand in templates as {% icon "name" %}: the sprite is made from what is found there.
function iconsUsed(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => /\.(html|py)$/.test(name))
    .flatMap((name) => [...readFileSync(join(folder, name), "utf8").matchAll(/icon[ =(]+"([a-z0-9-]+)"/g)].map((hit) => hit[1]));
}

function symbol(name) {
  const svg = readFileSync(join(modules, "@tabler/icons/icons/outline", `${name}.svg`), "utf8");
  const body = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "").replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
}

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });
for (const [from, to] of Object.entries(files)) {
  copyFileSync(join(modules, from), join(vendor, to));
}
const icons = [...new Set(iconsUsed(here))].sort();
writeFileSync(join(vendor, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${icons.map(symbol).join("")}</svg>\n`);
for (const name of readdirSync(vendor)) {
  writeFileSync(join(vendor, `${name}.gz`), gzipSync(readFileSync(join(vendor, name)), { level: 9 }));
}
console.log(`${readdirSync(vendor).length / 2} files and ${icons.length} icons in static/vendor`);
