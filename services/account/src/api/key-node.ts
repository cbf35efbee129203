import type { ContextFor } from "@keynode/aggregate/store";
import { command, commandScope, shown } from "@keynode/api/command";
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
import type { AccountStore } from "../account.ts";
import type { KeyNodeCommand, KeyNodeContext, KeyNodeState } from "../domain/key-node/state.ts";
import type { KeyNodeStore } from "../key-node.ts";
import { keyNodeListing } from "./list.ts";

const shape = { typeName: "crm.account.v1.KeyNode", fromPartial: KeyNode.fromPartial };
const input = inputOf<KeyNode>(shape, "key_node.");

/** One entry per rpc of KeyNodeService. */
export const keyNodeApi = (
  keyNodes: KeyNodeStore,
  accounts: AccountStore,
  context: ContextFor<KeyNodeState, KeyNodeContext, KeyNodeCommand>,
): Handlers<typeof KeyNodeServiceService> => ({
  createKeyNode: dryRunnable(async (request, call) => {
    const given = input.ofCreate(request.keyNode ?? KeyNode.fromPartial({}));
    const account = await accounts.get(call.tenant, given.accountId, { kind: "all" });
    // One that the caller does not see does not exist: nobody writes into its ledger, or finds out that it is there.
    if (account !== undefined && !maySee(call.visibility, account.state)) {
      const reason = "ACCOUNT_NOT_FOUND";
      return reject(reason, {}, [{ field: "key_node.account_id", reason }]);
    }
    const owned = await withValues(keyNodes, ownedBy(call, given, account?.state), call, "key_node.");
    if (isDomainError(owned)) return owned;
    const scope = commandScope(call);
    if (isDomainError(scope)) return scope;
    const outcome = await keyNodes.create({ type: "CreateKeyNode", keyNode: owned }, scope, context);
    return isDomainError(outcome) ? outcome : shown(outcome);
  }),
  getKeyNode: get(keyNodes, shape),
  listKeyNodes: list(keyNodes, shape, keyNodeListing, "keyNodes"),
  respondToKeyNode: command(keyNodes, "RespondToKeyNode", context),
  waiveKeyNode: command(keyNodes, "WaiveKeyNode", context),
  reassignKeyNode: command(keyNodes, "ReassignKeyNode", context),
});
