import type { User } from "@keynode/contracts/crm/identity/v1/user";

/** A user as stored: the resource and what only this service needs. */
export type UserState = User & {
  /** Pinyin form of the name, for sorting. */
  nameKey?: string | undefined;
  /** `email:…` and `external:…`, unique within a tenant; absent on deleted users. */
  matchKeys?: string[] | undefined;
  /** Argon2id in PHC form; absent until a password is set. */
  passwordHash?: string | undefined;
  /** Hash of the password that the installation set last, to tell when it sets another. */
  installedHash?: string | undefined;
  /** How often all sessions were ended; those opened under an earlier count are over. */
  sessionEpoch?: number | undefined;
  /** The one that went on when they last were. */
  keptSessionId?: string | undefined;
};
