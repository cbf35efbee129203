import type { Role_Grant, Role_Grant_Scope } from "@keynode/contracts/crm/identity/v1/role";

type Reach = 0 | 1 | 2 | 3;
type Scope = Exclude<Role_Grant_Scope, "SCOPE_UNSPECIFIED" | "UNRECOGNIZED">;

const reaches: Readonly<Record<string, Reach>> = { OWN: 1, TEAM: 2, ALL: 3 };
const scopes: Readonly<Record<Exclude<Reach, 0>, Scope>> = { 1: "OWN", 2: "TEAM", 3: "ALL" };

/** How far each permission reaches; of several that fit, the most specific one counts. */
export type Rights = ReadonlyMap<string, Reach>;

/** A permission named twice reaches as far as the farther of the two. */
export const rightsOf = (grants: readonly Role_Grant[]): Rights => {
  const rights = new Map<string, Reach>();
  for (const { permission, scope } of grants) {
    const reach = reaches[scope] ?? 0;
    if (reach > (rights.get(permission) ?? 0)) rights.set(permission, reach);
  }
  return rights;
};

export const grantsOf = (rights: Rights): Role_Grant[] =>
  [...rights].flatMap(([permission, reach]) => (reach === 0 ? [] : [{ permission, scope: scopes[reach] }]));

/**
 * What several roles grant together: they add up, so a role's narrow `leads.delete` takes nothing from another's wide
 * `leads.*`. Looking at the permissions that any of them names is enough: no role tells apart what lies between them.
 */
export const joined = (all: readonly Rights[]): Rights =>
  new Map(
    [...new Set(all.flatMap((rights) => [...rights.keys()]))].map((permission) => [
      permission,
      Math.max(...all.map((rights) => reachOf(rights, permission))) as Reach,
    ]),
  );

/** What is left of rights that reach no farther than others do. */
export const limited = (rights: Rights, bound: Rights): Rights =>
  new Map(
    [...new Set([...rights.keys(), ...bound.keys()])].map((permission) => [
      permission,
      Math.min(reachOf(rights, permission), reachOf(bound, permission)) as Reach,
    ]),
  );

/** Who may read a record of these collections sees its sensitive fields, too. */
export const shownInFull = (rights: Rights, collections: readonly string[]): Rights =>
  new Map([
    ...rights,
    ...collections.map((collection) => {
      const permission = `${collection}.readSensitive`;
      const reach = Math.max(reachOf(rights, permission), reachOf(rights, `${collection}.read`)) as Reach;
      return [permission, reach] as const;
    }),
  ]);

/** Whether there is anything that `asked` lets do and `held` does not. */
export const exceeds = (asked: Rights, held: Rights): boolean =>
  [...asked.keys(), ...held.keys()].some((permission) => reachOf(asked, permission) > reachOf(held, permission));

/** `leads.convert` is covered by itself, `leads.*` and `*`, in this order. */
const reachOf = (rights: Rights, permission: string): Reach => {
  const [collection = ""] = permission.split(".");
  return rights.get(permission) ?? rights.get(`${collection}.*`) ?? rights.get("*") ?? 0;
};
