import type { Resource } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import type { Typed } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { Paths } from "@keynode/decider/record";
import { heldAt } from "@keynode/grpc/brought";
import type { Call } from "@keynode/grpc/call";
import { camelCase } from "@keynode/query/field";

/**
 * Refuses an update that would give a record a value which its vocabulary has retired; one that the record has already may
 * be sent back. `field` carries the record in the request, `paths` are the fields that the update changes. Errors:
 * INVALID_REQUEST naming each field.
 */
export const refuseRetired = async <State extends Resource, Command extends Typed, Event extends Typed, Context>(
  store: Pick<Store<State, Command, Event, Context>, "get">,
  field: string,
  { id, paths }: { readonly id: string; readonly paths: Paths },
  { retiredValues, tenant, visibility }: Pick<Call, "retiredValues" | "tenant" | "visibility">,
): Promise<DomainError | undefined> => {
  const changed = new Set(paths.map((path) => camelCase(path.split(".", 1)[0] ?? "")));
  const touched = retiredValues.filter(
    ({ path: [carrier, first = ""] }) => carrier === camelCase(field) && changed.has(first),
  );
  if (touched.length === 0) return undefined;
  const found = await store.get(tenant, id, visibility);
  // A record that is not there, or not seen, is told so by the command itself.
  if (found === undefined) return undefined;
  const added = touched.filter(({ path, value }) => !heldAt(found.state, path.slice(1)).includes(value));
  if (added.length === 0) return undefined;
  return reject(
    "INVALID_REQUEST",
    {},
    added.map(({ violation }) => violation),
  );
};
