import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { Written } from "@keynode/grpc/call";

/** What a read has to have seen of one service: a record at a version, or all that the tenant committed by an instant. */
export type Change =
  | { readonly service: string; readonly id: string; readonly version: number }
  | { readonly service: string; readonly committedBy: Date };

/** Records that a token names one by one; of a larger batch it names the instant. Keeps it within a header field. */
const maxNamed = 12;
/** Changes that a read waits for at once: tokens of several answers may be sent joined by commas. */
const maxChanges = 32;

const changeForm = /^([a-z][a-z0-9-]{0,30}):(?:([a-z][a-z_]{0,62}_[0-9a-z]{26}):([1-9]\d{0,14})|@(\d{13,15}))$/;

/** What a write's answer carries: opaque to callers, and told to nobody but them. Undefined when nothing was written. */
export const consistencyToken = (service: string, written: readonly Written[], now: Date): string | undefined => {
  if (written.length === 0) return undefined;
  if (written.length > maxNamed) return `${service}:@${now.getTime()}`;
  return written.map(({ id, version }) => `${service}:${id}:${version}`).join(",");
};

/** Reads what a caller sent. Errors: INVALID_CONSISTENCY_TOKEN. */
export const readConsistencyToken = (token: string): readonly Change[] | DomainError => {
  const parts = token.split(",");
  const changes = parts.flatMap((part): Change[] => {
    const [, service, id, version, instant] = changeForm.exec(part.trim()) ?? [];
    if (service === undefined) return [];
    if (id !== undefined) return [{ service, id, version: Number(version) }];
    return [{ service, committedBy: new Date(Number(instant)) }];
  });
  const isWhole = changes.length === parts.length && parts.length <= maxChanges;
  return isWhole ? changes : reject("INVALID_CONSISTENCY_TOKEN");
};
