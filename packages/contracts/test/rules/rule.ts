import type { Contract } from "../contract.ts";

/** A rule of the contract: names what breaks it; nothing where all keep it. */
export type Rule = (contract: Contract) => readonly string[];

/** Rules by what completes "Every method …". */
export type Rules = Readonly<Record<string, Rule>>;
