import { digestOfList, linkOf } from "./digest.ts";
import type { Sealed } from "./entry.ts";

/** One day of a chain: what all of its entries come down to. */
export type Day = {
  /** UTC, `2026-11-23`: the day that the entries were sealed on. */
  day: string;
  /** Root of the day before that had entries, from which this one goes on. */
  previousRoot: string;
  firstSequence: number;
  lastSequence: number;
  firstDigest: string;
  lastDigest: string;
  lastLink: string;
  /** Over all of the above. */
  root: string;
};

/** Who vouches for a root: whoever alters the store cannot make such a signature. */
export type Signature = { keyId: string; value: string };

/** Where the chain of one service of one tenant stands. Rewritten by compare-and-set on its version. */
export type ChainDocument = {
  /** `chainId` of the two. */
  _id: string;
  tenant: string;
  service: string;
  version: number;
  /** Rises with every group of entries that arrives. */
  arrivals: number;
  /** When it is to be sealed next. */
  wakeAt?: Date;
  /** Of the last sealed entry. */
  sequence: number;
  /** Of the last day; before the first one, the genesis. */
  root: string;
  /** The day that is not over yet. */
  day?: Day & { signature: Signature };
  /** Entries that are being sealed: noted first, so that whoever goes on does the same. */
  pending?: Pending;
};

/** What a step adds to a day: entries of that day, their sequence rising by one. */
export type Pending = { readonly day: Day; readonly entries: readonly ({ readonly id: string } & Sealed)[] };

/** A day that is over, as kept for as long as the chain goes on from it, whatever becomes of its entries. */
export type SealDocument = Day & {
  /** Chain and day. */
  _id: string;
  tenant: string;
  service: string;
  signature: Signature;
  /** Since when its entries are gone, because the tenant keeps them no longer. */
  purgedAt?: Date;
  /** None of them is left. */
  emptied?: true;
};

export const chainId = (tenant: string, service: string): string => `${tenant}/${service}`;

/** What a chain begins from. */
export const genesis = (tenant: string, service: string): string => digestOfList("genesis", tenant, service);

export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

export const rootOf = (day: Omit<Day, "root">): string =>
  digestOfList(
    "day",
    day.day,
    day.previousRoot,
    day.firstSequence,
    day.lastSequence,
    day.firstDigest,
    day.lastDigest,
    day.lastLink,
  );

/** Chains entries, in the order given, behind what a chain has of today. */
export const extended = (
  chain: Pick<ChainDocument, "sequence" | "root" | "day">,
  today: string,
  entries: readonly { readonly _id: string; readonly digest: string }[],
): Pending | undefined => {
  let link = chain.day?.lastLink ?? chain.root;
  let { sequence } = chain;
  const linked = entries.map(({ _id: id, digest }) => {
    link = linkOf(link, digest);
    sequence += 1;
    return { id, sequence, link, day: today };
  });
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const began = chain.day ?? { previousRoot: chain.root, firstSequence: chain.sequence + 1, firstDigest: first.digest };
  const { previousRoot, firstSequence, firstDigest } = began;
  const day = {
    day: today,
    previousRoot,
    firstSequence,
    lastSequence: sequence,
    firstDigest,
    lastDigest: last.digest,
    lastLink: link,
  };
  return { day: { ...day, root: rootOf(day) }, entries: linked };
};
