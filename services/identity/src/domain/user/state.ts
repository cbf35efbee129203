import type { User } from "@keynode/contracts/crm/identity/v1/user";

/** Somebody as an identity provider knows them: `subject` is theirs for good. */
export type Identity = { readonly identityProviderId: string; readonly issuer: string; readonly subject: string };

/** What a directory's groups give a user: `source` is the id of an identity provider, or `scim`. */
export type Provision = {
  readonly source: string;
  readonly roleIds: readonly string[];
  readonly teamIds: readonly string[];
};

/** A link that lets the user choose a password, once. */
export type Link = {
  readonly id: string;
  /** SHA-256 of its token, which is kept nowhere. */
  readonly digest: string;
  readonly expireTime: Date;
};

/** A user as stored: the resource and what only this service needs. */
export type UserState = User & {
  /** Pinyin form of the name, for sorting. */
  nameKey?: string | undefined;
  /** `email:…`, `external:…` and `identity:…`, unique within a tenant; absent on deleted users. */
  matchKeys?: string[] | undefined;
  /** Who the user is with identity providers. */
  identities?: readonly Identity[] | undefined;
  /** `identity:…` of all identities, on deleted users too: those stay barred. */
  identityKeys?: string[] | undefined;
  /** What directories gave, to tell it from what people gave by hand. */
  provisions?: readonly Provision[] | undefined;
  /** Argon2id in PHC form; absent until a password is set. */
  passwordHash?: string | undefined;
  /** Hash of the password that the installation set last, to tell when it sets another. */
  installedHash?: string | undefined;
  /** The one that was sent last, until it is used. */
  link?: Link | undefined;
  /** How often all sessions were ended; those opened under an earlier count are over. */
  sessionEpoch?: number | undefined;
  /** The one that went on when they last were. */
  keptSessionId?: string | undefined;
};
