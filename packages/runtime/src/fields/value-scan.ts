import { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { tokenOf } from "@keynode/fields/tokens";
import { tokenPath } from "@keynode/query/listing";
import type { Document, Filter } from "mongodb";
import type { AnyStore } from "../resources.ts";

/** A record's value of one custom field, and whose the record is. */
export type FoundValue = {
  readonly id: string;
  readonly ownerId: string;
  readonly teamId: string;
  readonly value: CustomValue;
};

/** Values fetched at once. */
const pageValues = 200;

type Row = {
  readonly _id: string;
  readonly state: Pick<FoundValue, "ownerId" | "teamId"> & { customFields: Document };
};

/**
 * The values that a tenant's records have in a field, deleted records' too, a page at a time; `match` narrows them further.
 * The index of all custom values finds the records.
 */
export async function* valuesOf(
  { stored, aggregate }: AnyStore,
  tenant: string,
  key: string,
  match: Document = {},
): AsyncGenerator<readonly FoundValue[]> {
  const index = aggregate.indexes?.find((each) => Object.hasOwn(each.key, tokenPath))?.name;
  const cursor = stored.find<Row>({ tenant, [tokenPath]: tokenOf(key), ...match } as Filter<Document> as never, {
    projection: { "state.ownerId": 1, "state.teamId": 1, [`state.customFields.${key}`]: 1 },
    batchSize: pageValues,
    ...(index !== undefined && { hint: index }),
  });
  try {
    let page: FoundValue[] = [];
    for await (const { _id: id, state } of cursor) {
      const { ownerId, teamId, customFields } = state;
      page.push({ id, ownerId, teamId, value: CustomValue.fromPartial(customFields[key] as CustomValue) });
      if (page.length < pageValues) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  } finally {
    await cursor.close();
  }
}
