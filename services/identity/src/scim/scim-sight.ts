import { registry } from "@keynode/contracts/descriptors";
import type { Call } from "@keynode/grpc/call";
import { answerMask } from "@keynode/grpc/masking/answer-mask";
import { planCompiler } from "@keynode/grpc/masking/message-plan";
import type { OnSensitiveRead } from "@keynode/grpc/masking/sensitive-read";
import type { UserState } from "../domain/user/state.ts";

/** Users as a caller of SCIM may see them. */
export type ScimSight = {
  /** Masked as UserService's answers are. What is shown in the clear is on record before this resolves. */
  users(states: readonly UserState[], call: Call): Promise<readonly UserState[]>;
  /** Of a user whom the caller just made: nothing is told that the caller did not write. */
  echoed(state: UserState, call: Call): UserState;
};

const userType = "crm.identity.v1.User";

/** The gate that answers in messages pass on their way out (ADR 0014), for answers in SCIM's JSON. */
export const scimSight = (onSensitiveRead: OnSensitiveRead): ScimSight => {
  const message = registry().getMessage(userType);
  const plan = message && planCompiler()(message);
  if (plan === undefined) throw new TypeError(`${userType} has nothing sensitive`);
  const mask = answerMask(plan, "users");
  return {
    users: async (states, call) => {
      const disclosures = states.map((state) => mask(state, call, true));
      const reads = disclosures.flatMap((each) => each.reads);
      const recordIds = reads.flatMap((read) => read.recordIds);
      const fields = [...new Set(reads.flatMap((read) => read.fields))].toSorted();
      // What one answer shows is one entry.
      if (reads.length > 0) {
        await onSensitiveRead(call, [{ collection: "users", recordIds, fields, count: recordIds.length }]);
      }
      return disclosures.map((each) => each.message as UserState);
    },
    echoed: (state, call) => mask(state, call, false).message as UserState,
  };
};
