import type { User } from "@keynode/contracts/crm/identity/v1/user";

/** One sign-in that still holds. */
export type Session = {
  readonly id: string;
  /** SHA-256 of the access token, which is kept nowhere. */
  readonly tokenDigest: string;
  readonly expireTime: Date;
};

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
  /** The latest ones, oldest first. */
  sessions?: readonly Session[] | undefined;
};
