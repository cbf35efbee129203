import type { Field } from "./field.ts";

/** Who asks. Services see and set everything: what they do for somebody was judged before. */
export type Viewer = { readonly roles: readonly string[]; readonly isService: boolean };

/** To whoever may not, there is no such field. */
export const mayRead = ({ readerRoleIds }: Field, viewer: Viewer): boolean => isAmong(readerRoleIds, viewer);

export const mayWrite = (field: Field, viewer: Viewer): boolean =>
  mayRead(field, viewer) && isAmong(field.writerRoleIds, viewer);

const isAmong = (roleIds: readonly string[], { roles, isService }: Viewer): boolean =>
  roleIds.length === 0 || isService || roleIds.some((id) => roles.includes(id));
