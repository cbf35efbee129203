import { recordTypes } from "@keynode/contracts/record-types";

/** The services that keep records, those that every service keeps aside. */
export const recordServices = (): ReadonlySet<string> =>
  new Set([...recordTypes().values()].flatMap(({ service }) => service ?? []));
