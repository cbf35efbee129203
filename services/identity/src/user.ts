import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/identity/v1/user_events";
import { listIndexes } from "@keynode/query/listing";
import { sortKey } from "@keynode/query/sort-key";
import type { IndexDescription } from "mongodb";
import { userListing } from "./api/user-list.ts";
import type { UserCommand } from "./domain/user/command.ts";
import type { UserContext } from "./domain/user/context.ts";
import { decide } from "./domain/user/decide.ts";
import type { UserEvent } from "./domain/user/events.ts";
import { evolve } from "./domain/user/evolve.ts";
import type { Identity, UserState } from "./domain/user/state.ts";
import { matchKeysIndex, matchKeysOf } from "./match-keys.ts";

const identityKeysIndex: IndexDescription = {
  name: "identityKeys",
  key: { tenant: 1, "state.identityKeys": 1 },
  partialFilterExpression: { "state.identityKeys": { $exists: true } },
};

export const userAggregate = defineAggregate<UserState, UserCommand, UserEvent, UserContext>({
  name: "user",
  collection: "users",
  decider: { decide, evolve },
  events: codecs,
  derive: (user) => ({
    nameKey: sortKey(user.name, "person"),
    matchKeys: userMatchKeys(user),
    identityKeys: user.identities?.map(identityKeyOf),
  }),
  onDeleted: ["DeleteUser", "UndeleteUser"],
  indexes: [...listIndexes(userListing), matchKeysIndex, identityKeysIndex],
  uniqueReasons: { matchKeys: "USER_EXISTS" },
});

export const userMatchKeys = (
  user: Pick<UserState, "email" | "externalKey" | "identities" | "deleteTime">,
): string[] | undefined => {
  const keys = matchKeysOf({ email: user.email, external: user.externalKey }, user) ?? [];
  const identities = user.deleteTime === undefined ? (user.identities ?? []).map(identityKeyOf) : [];
  return keys.length + identities.length === 0 ? undefined : [...keys, ...identities];
};

/** How an identity is found again: an issuer has no space in it. */
export const identityKeyOf = ({ issuer, subject }: Pick<Identity, "issuer" | "subject">): string =>
  `identity:${issuer} ${subject}`;

export type UserStore = Store<UserState, UserCommand, UserEvent, UserContext>;
