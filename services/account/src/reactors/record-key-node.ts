import type { Attempt } from "@keynode/aggregate/store";
import { derivedId } from "@keynode/aggregate/type-id";
import { reactionScope, settled } from "@keynode/api/reaction";
import { KeyNode } from "@keynode/contracts/crm/account/v1/key_node";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Recorded } from "@keynode/messaging/recorded";
import type { CustomersChildren } from "@keynode/runtime/customers-children";
import type { ServiceTools } from "@keynode/runtime/service-definition";
import type { Filter } from "mongodb";
import type { AccountStore } from "../account.ts";
import type { AccountState } from "../domain/account/state.ts";
import type { KeyNodeContext } from "../domain/key-node/state.ts";
import type { KeyNodeStore } from "../key-node.ts";

/** A reaction knows its customer from the event. */
export const reactionContext = ({ actor, now }: Attempt): KeyNodeContext => ({
  now,
  actor,
  accountExists: true,
  lead: "KNOWN",
});

/** What key nodes are recorded with. */
export type KeyNodeStores = {
  readonly keyNodes: KeyNodeStore;
  readonly accounts: AccountStore;
  readonly followed: CustomersChildren;
};

/** Records the key node of a moment, which is its customer's owner's; the moment's own id names it, so that it is recorded once (C-002). */
export const recordKeyNode = async (
  { keyNodes, accounts, followed }: KeyNodeStores,
  { name, now, log }: ServiceTools,
  event: Recorded,
  moment: { readonly naturalKey: readonly string[]; readonly keyNode: Partial<KeyNode> },
): Promise<void> => {
  const id = derivedId("keynode", event.tenant, ...moment.naturalKey);
  const given = KeyNode.fromPartial({ ...moment.keyNode, triggerEventId: event.id });
  const keyNode = { ...given, ...(await followed.belonging(event.tenant, given)) };
  const scope = reactionScope(name, event, now());
  settled(await keyNodes.create({ type: "CreateKeyNode", keyNode }, scope, reactionContext, id), event, log);
  await followed.settle(id, keyNode, keyNode.ownerId, event);
  // The lead may have become an account before its moment was heard of.
  if (keyNode.accountId !== "") return;
  const byLead: Filter<AggregateDocument<AccountState>> = { tenant: event.tenant, "state.leadIds": keyNode.leadId };
  const account = await accounts.collection.findOne(byLead, { projection: { _id: 1 } });
  if (account === null) return;
  const join = { type: "JoinAccount", accountId: account._id } as const;
  const joined = settled(await keyNodes.execute(id, join, scope, reactionContext), event, log);
  if (joined !== undefined) await followed.settle(id, joined.state, keyNode.ownerId, event);
};
