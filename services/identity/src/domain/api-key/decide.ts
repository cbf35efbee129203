import { edited } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { refuseRoles, refuseTeams } from "../references.ts";
import type { ApiKeyCommand, ApiKeyContext, ApiKeyEvent, ApiKeyState } from "./api-key.ts";

const hourMs = 3_600_000;

/** Errors: ROLE_NOT_FOUND, ROLE_EXCEEDS_CALLER, TEAM_NOT_FOUND, EXPIRY_PASSED. Revoking and using again yield []. */
export const decide = decideBy<ApiKeyCommand, ApiKeyState, ApiKeyEvent, ApiKeyContext>({
  CreateApiKey: ({ apiKey, secretDigest }, _state, { now, references }) =>
    refuseRoles({ ids: apiKey.roleIds, field: "api_key.role_ids" }, references) ??
    refuseTeams({ ids: apiKey.teamIds, field: "api_key.team_ids" }, references) ??
    refuseExpired(apiKey, now) ?? [{ type: "ApiKeyCreated", apiKey, secretDigest }],
  UpdateApiKey: onRecord(({ apiKey, updateMask = [] }, state, context) =>
    apiKey === undefined ? [] : edited("ApiKey", state, apiKey, updateMask, context),
  ),
  RevokeApiKey: onRecord((_command, { revokeTime }, { now, actor }) =>
    revokeTime === undefined ? [{ type: "ApiKeyRevoked", revokeTime: now, revokedBy: actor }] : [],
  ),
  RecordApiKeyUse: onRecord((_command, { lastUseTime, revokeTime }, { now }) => {
    const useTime = new Date(Math.floor(now.getTime() / hourMs) * hourMs);
    const known = lastUseTime !== undefined && lastUseTime >= useTime;
    return known || revokeTime !== undefined ? [] : [{ type: "ApiKeyUsed", useTime }];
  }),
});

const refuseExpired = ({ expireTime }: ApiKeyState, now: Date): DomainError | undefined => {
  if (expireTime === undefined || expireTime > now) return undefined;
  const reason = "EXPIRY_PASSED";
  return reject(reason, {}, [{ field: "api_key.expire_time", reason }]);
};
