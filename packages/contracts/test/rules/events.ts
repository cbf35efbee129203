import { nameOf } from "../contract.ts";
import type { Rules } from "./rule.ts";

export const ofEvents = {
  "is named after its record and carries the record's snapshot in field 15": ({ events, resources }) =>
    events
      .filter((event) => {
        const snapshot = event.fields.find(({ number }) => number === 15);
        const record = resources.find((resource) => resource === snapshot?.message);
        return snapshot?.name !== "snapshot" || record === undefined || !event.name.startsWith(record.name);
      })
      .map(nameOf),

  "keeps its own facts below the snapshot": ({ events }) =>
    events.filter((event) => event.fields.some(({ number }) => number > 15)).map(nameOf),
} as const satisfies Rules;
