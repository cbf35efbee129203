/** Writes the generated part of docs/architecture.md: `node --conditions=source tools/architecture/write-map.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { discoverServices } from "../launch/services.ts";
import { eventChart, eventMap, eventTable } from "./event-map.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
export const page = path.join(root, "docs", "architecture.md");

const begin = "<!-- generated: who consumes what -->";
const end = "<!-- end of generated -->";

/** The page with its generated part made anew. */
export const withMap = async (text: string): Promise<string> => {
  const names = discoverServices(root).map(({ name }) => name);
  const map = await eventMap(root, names);
  const generated = `${begin}\n\n\`\`\`mermaid\n${eventChart(map)}\n\`\`\`\n\n${eventTable(map)}\n\n${end}`;
  const from = text.indexOf(begin);
  const until = text.indexOf(end);
  if (from < 0 || until < from) throw new Error("docs/architecture.md has no place for the map");
  return text.slice(0, from) + generated + text.slice(until + end.length);
};

if (import.meta.main) writeFileSync(page, await withMap(readFileSync(page, "utf8")));
