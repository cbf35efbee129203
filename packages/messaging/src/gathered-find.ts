import type { Collection, Filter } from "mongodb";
import { gather } from "./gather.ts";

/** Rows of one query; on the engines we run, a hundred cost little more apiece than thirty. */
const maxItems = 100;

/** Queries under way: while the engine works on one, the next gathers. */
const maxRuns = 2;

/** Finds a document of a tenant by its id. */
export type FindById<Row> = (place: { readonly tenant: string; readonly id: string }) => Promise<Row | undefined>;

/** Documents that are asked for at the same moment share a query, which always begins after they were asked for. */
export const gatheredFind = <Row extends { _id: string; tenant: string }>(rows: Collection<Row>): FindById<Row> =>
  gather(
    async (places: readonly { readonly tenant: string; readonly id: string }[]) => {
      const ids = [...new Set(places.map(({ id }) => id))];
      const tenants = [...new Set(places.map(({ tenant }) => tenant))];
      const filter = { _id: oneOf(ids), tenant: oneOf(tenants) } as unknown as Filter<Row>;
      const documents = (await rows.find(filter, { batchSize: ids.length + 1 }).toArray()) as Row[];
      const found = new Map(documents.map((document) => [document._id, document]));
      return places.map(({ tenant, id }) => {
        const document = found.get(id);
        return document?.tenant === tenant ? document : undefined;
      });
    },
    { maxItems, maxRuns },
  );

const oneOf = (values: readonly string[]): unknown => (values.length === 1 ? values[0] : { $in: values });
