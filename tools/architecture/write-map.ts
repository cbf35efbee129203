/** Writes the generated parts of docs/: `node --conditions=source tools/architecture/write-map.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { discoverServices } from "../launch/services.ts";
import { eventChart, eventMap, eventTable } from "./event-map.ts";
import { knownReasons, reasonTable } from "./reasons.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const services = () => discoverServices(root).map(({ name }) => name);

/** A page with one part that is generated, between two comments. */
type Page = { readonly file: string; readonly title: string; readonly generate: () => Promise<string> };

export const pages: readonly Page[] = [
  {
    file: path.join(root, "docs", "architecture.md"),
    title: "who consumes what",
    generate: async () => {
      const map = await eventMap(root, services());
      return `\`\`\`mermaid\n${eventChart(map)}\n\`\`\`\n\n${eventTable(map)}`;
    },
  },
  {
    file: path.join(root, "docs", "errors.md"),
    title: "every reason",
    generate: async () => reasonTable(await knownReasons(root, services())),
  },
];

/** The page's text with its generated part made anew. */
export const renewed = async (text: string, { file, title, generate }: Page): Promise<string> => {
  const begin = `<!-- generated: ${title} -->`;
  const end = "<!-- end of generated -->";
  const from = text.indexOf(begin);
  const until = text.indexOf(end);
  if (from < 0 || until < from) throw new Error(`${path.basename(file)} has no place for ${title}`);
  return `${text.slice(0, from)}${begin}\n\n${await generate()}\n\n${end}${text.slice(until + end.length)}`;
};

if (import.meta.main) {
  for (const page of pages) writeFileSync(page.file, await renewed(readFileSync(page.file, "utf8"), page));
}
