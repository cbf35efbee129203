import type { Reference } from "@keynode/decider/reference";
import type { KeyNode } from "@keynode/contracts/crm/account/v1/key_node";
import type {
  KeyNodeBecameLate,
  KeyNodeJoinedAccount,
  KeyNodeReassigned,
  KeyNodeRecorded,
  KeyNodeResponded,
  KeyNodeWaived,
} from "@keynode/contracts/crm/account/v1/key_node_events";
import type {
  CreateKeyNodeRequest,
  ReassignKeyNodeRequest,
  RespondToKeyNodeRequest,
  WaiveKeyNodeRequest,
} from "@keynode/contracts/crm/account/v1/key_node_service";
import type { RecordRule, Tagged } from "@keynode/decider/decider";

export type KeyNodeState = KeyNode;

export type KeyNodeEvent = Tagged<{
  KeyNodeRecorded: KeyNodeRecorded;
  KeyNodeJoinedAccount: KeyNodeJoinedAccount;
  KeyNodeBecameLate: KeyNodeBecameLate;
  KeyNodeResponded: KeyNodeResponded;
  KeyNodeWaived: KeyNodeWaived;
  KeyNodeReassigned: KeyNodeReassigned;
}>;

export type KeyNodeCommand = Tagged<{
  CreateKeyNode: CreateKeyNodeRequest;
  JoinAccount: { accountId: string };
  NoticeLate: object;
  RespondToKeyNode: RespondToKeyNodeRequest;
  WaiveKeyNode: WaiveKeyNodeRequest;
  ReassignKeyNode: ReassignKeyNodeRequest;
}>;

/** All that a decision about a key node may know besides its arguments. */
export type KeyNodeContext = {
  readonly now: Date;
  readonly actor: string;
  /** Whether the account that a command names is there. */
  readonly accountExists: boolean;
  /** What our copy says of the lead that a command names. */
  readonly lead: Reference;
};

/** The rule of one command on an existing key node. */
export type KeyNodeRule<Type extends KeyNodeCommand["type"]> = RecordRule<
  Extract<KeyNodeCommand, { type: Type }>,
  KeyNodeState,
  KeyNodeEvent,
  KeyNodeContext
>;
