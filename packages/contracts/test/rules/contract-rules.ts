import { ofEvents } from "./events.ts";
import { ofInputs } from "./inputs.ts";
import { ofMethods } from "./methods.ts";
import { ofNames } from "./names.ts";
import { ofFields } from "./personal-fields.ts";
import { ofReferences } from "./references.ts";
import { ofResources } from "./resources.ts";
import type { Rules } from "./rule.ts";
import { ofStandardMethods } from "./standard-methods.ts";

/** All that a contract has to keep. Each rule has sabotages that it finds: `sabotages.ts` does not compile without. */
export const contractRules = {
  "every method": ofMethods,
  "a standard method": ofStandardMethods,
  "every resource": ofResources,
  "every event": ofEvents,
  "every field that a caller may send": ofInputs,
  "every id of another record that a command takes": ofReferences,
  "every field": ofFields,
  "every name": ofNames,
} as const satisfies Readonly<Record<string, Rules>>;
