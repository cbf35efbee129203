import type { ContextFor } from "@keynode/aggregate/store";
import { command, commandScope, refusing, shown } from "@keynode/api/command";
import { withValues } from "@keynode/api/custom-fields";
import { inputOf } from "@keynode/api/input";
import { ownedBy } from "@keynode/api/owner";
import { get, list } from "@keynode/api/read";
import { KeyNode } from "@keynode/contracts/crm/account/v1/key_node";
import type { KeyNodeServiceService } from "@keynode/contracts/crm/account/v1/key_node_service";
import { maySee } from "@keynode/auth/visibility";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import { dryRunnable } from "@keynode/grpc/dry-run";
import type { Handlers } from "@keynode/grpc/implement";
import type { CustomersChildren } from "@keynode/runtime/customers-children";
import type { KeyNodeCommand, KeyNodeContext, KeyNodeState } from "../domain/key-node/state.ts";
import type { KeyNodeStore } from "../key-node.ts";
import { keyNodeListing } from "./list.ts";

const shape = { typeName: "crm.account.v1.KeyNode", fromPartial: KeyNode.fromPartial };
const input = inputOf<KeyNode>(shape, "key_node.");

/** One entry per rpc of KeyNodeService. */
export const keyNodeApi = (
  keyNodes: KeyNodeStore,
  followed: Pick<CustomersChildren, "belonging">,
  context: ContextFor<KeyNodeState, KeyNodeContext, KeyNodeCommand>,
): Handlers<typeof KeyNodeServiceService> => ({
  createKeyNode: dryRunnable(async (request, call) => {
    const given = input.ofCreate(request.keyNode ?? KeyNode.fromPartial({}));
    const customer = await followed.belonging(call.tenant, given);
    // Nobody writes into the ledger of a customer that the right to write does not reach.
    const customerId = given.accountId || given.leadId;
    const isReached = customer === undefined || maySee(call.visibility, { id: customerId, ...customer });
    const [reason, field] =
      given.accountId === "" ? ["LEAD_NOT_FOUND", "lead_id"] : ["ACCOUNT_NOT_FOUND", "account_id"];
    const refusal = isReached ? undefined : reject(reason, {}, [{ field: `key_node.${field}`, reason }]);
    const owned = await withValues(keyNodes, ownedBy(call, given, customer), call, "key_node.");
    if (isDomainError(owned)) return owned;
    const scope = commandScope(call);
    if (isDomainError(scope)) return scope;
    const outcome = await keyNodes.create({ type: "CreateKeyNode", keyNode: owned }, refusing(scope, refusal), context);
    return isDomainError(outcome) ? outcome : shown(outcome);
  }),
  getKeyNode: get(keyNodes, shape),
  listKeyNodes: list(keyNodes, shape, keyNodeListing, "keyNodes"),
  respondToKeyNode: command(keyNodes, "RespondToKeyNode", context),
  waiveKeyNode: command(keyNodes, "WaiveKeyNode", context),
  reassignKeyNode: command(keyNodes, "ReassignKeyNode", context),
});
