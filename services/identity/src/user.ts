import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/identity/v1/user_events";
import { listIndexes } from "@keynode/query/listing";
import { sortKey } from "@keynode/query/sort-key";
import { userListing } from "./api/user-list.ts";
import type { UserCommand } from "./domain/user/command.ts";
import type { UserContext } from "./domain/user/context.ts";
import { decide } from "./domain/user/decide.ts";
import type { UserEvent } from "./domain/user/events.ts";
import { evolve } from "./domain/user/evolve.ts";
import type { UserState } from "./domain/user/state.ts";
import { matchKeysIndex, matchKeysOf } from "./match-keys.ts";

export const userAggregate = defineAggregate<UserState, UserCommand, UserEvent, UserContext>({
  name: "user",
  collection: "users",
  decider: { decide, evolve },
  events: codecs,
  derive: (user) => ({ nameKey: sortKey(user.name, "person"), matchKeys: userMatchKeys(user) }),
  onDeleted: ["DeleteUser", "UndeleteUser"],
  indexes: [...listIndexes(userListing), matchKeysIndex],
  uniqueReasons: { matchKeys: "USER_EXISTS" },
});

export const userMatchKeys = (user: Pick<UserState, "email" | "externalKey" | "deleteTime">): string[] | undefined =>
  matchKeysOf({ email: user.email, external: user.externalKey }, user);

export type UserStore = Store<UserState, UserCommand, UserEvent, UserContext>;
