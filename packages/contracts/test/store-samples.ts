import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { toBinary, toJsonString } from "@bufbuild/protobuf";
import { registry } from "../src/descriptors.ts";
import { type EventType, eventTypes } from "../src/events.ts";
import { sampleOf } from "../src/sample.ts";

export const samplesFolder = path.join(import.meta.dirname, "fixtures", "events");

/**
 * Stores a sample of every event that has none yet, and answers their types. A sample is what a journal may hold for years, so
 * one that is stored is never written anew; a test decodes them all with today's contract.
 */
export const storeMissingSamples = (): string[] => {
  mkdirSync(samplesFolder, { recursive: true });
  const lacking = eventTypes(registry()).filter(({ type }) => !existsSync(path.join(samplesFolder, `${type}.binpb`)));
  for (const event of lacking) store(event);
  return lacking.map(({ type }) => type);
};

const store = ({ type, message }: EventType): void => {
  const sample = sampleOf(message);
  writeFileSync(path.join(samplesFolder, `${type}.binpb`), toBinary(message, sample));
  const json = toJsonString(message, sample, { registry: registry(), prettySpaces: 2 });
  writeFileSync(path.join(samplesFolder, `${type}.json`), `${json}\n`);
};
