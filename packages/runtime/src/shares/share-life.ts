import { reactionScope, settled } from "@keynode/api/reaction";
import type { Alarm } from "@keynode/api/alarm";
import { onWake } from "@keynode/api/alarm";
import { eachChild } from "../children.ts";
import type { KeptResource } from "../resources.ts";
import type { Reactor, ServiceTools } from "../service-definition.ts";
import type { ShareStore } from "./share.ts";

/** How late an expired share may be noted as such; it counts for nothing from the moment on that it expires. */
const expiryPollMs = 30_000;

/** Records the end of shares that have expired. */
export const expireShares = (shares: ShareStore): Alarm =>
  onWake(shares, { type: "ExpireShare" }, ({ now }) => ({ now }), { pollMs: expiryPollMs });

/** A deleted record is shared with nobody; shares do not come back with it. */
export const onRecordDeleted = (
  shares: ShareStore,
  resources: ReadonlyMap<string, KeptResource>,
  { name, now, log }: Pick<ServiceTools, "name" | "now" | "log">,
): Reactor => ({
  name: "share-life",
  from: { [name]: [...resources.values()].map((resource) => `${resource.name}Deleted`) },
  handle: async (event) => {
    const ofRecord = { "state.recordId": event.recordId, "state.deleteTime": null };
    await eachChild(shares.collection, event.tenant, ofRecord, async (id) => {
      const outcome = await shares.execute(
        id,
        { type: "RevokeShare" },
        reactionScope(name, event, now()),
        ({ now: at }) => ({
          now: at,
        }),
      );
      settled(outcome, event, log);
    });
  },
});
