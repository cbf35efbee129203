import { newId } from "@keynode/aggregate/type-id";
import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { ListSessionsRequest, SessionServiceService } from "@keynode/contracts/crm/identity/v1/session_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import type { GrpcClient } from "@keynode/grpc/client";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { createLocalJWKSet, jwtVerify } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import type { SessionState } from "../src/domain/session/session.ts";
import { callerOf, installation, refusal, resolve, startIdentity, stranger } from "./start.ts";
import { tenantIdOf } from "../src/tenant.ts";

const password = "lantern orchard 7";
const tenant = tenantIdOf(installation.SEED_TENANT);

let under: ServiceUnderTest;
let auth: GrpcClient<typeof AuthServiceService>;
let users: GrpcClient<typeof UserServiceService>;
let admin: GrpcClient<typeof SessionServiceService>;

beforeAll(async () => {
  under = await startIdentity();
  auth = under.client(AuthServiceService);
  users = under.client(UserServiceService, stranger({ tenant }));
  admin = under.client(SessionServiceService, stranger({ tenant }));
});

let counter = 0;
const person = async (): Promise<User> => {
  const user = await users.createUser({
    user: User.fromPartial({ name: "王芳", email: `session.${counter++}@demo.example` }),
  });
  return await users.setUserPassword({ id: user.id, etag: "", password });
};
const signIn = (user: User) => auth.signIn({ tenant: "demo", email: user.email, password });
const refresh = (refreshToken: string) => auth.refreshSession({ refreshToken });
const isOut = async (accessToken: string) => (await refusal(resolve(under, accessToken))).code === "UNAUTHENTICATED";
/** The rpcs of sessions as the holder of an access token has them. */
const own = async (accessToken: string) =>
  under.client(SessionServiceService, { ...callerOf(await resolve(under, accessToken)), policyVersion: 1e6 });
const list = (client: typeof admin, filter = "") => client.listSessions(ListSessionsRequest.fromPartial({ filter }));

describe("a refresh", () => {
  it("answers the next refresh token and an access token of the same session", async () => {
    const signedIn = await signIn(await person());
    const next = await refresh(signedIn.refreshToken);
    expect(next.sessionId).toBe(signedIn.sessionId);
    expect(next.refreshToken).not.toBe(signedIn.refreshToken);
    expect((await resolve(under, next.accessToken)).sessionId).toBe(signedIn.sessionId);
    expect((await refresh(next.refreshToken)).sessionId).toBe(signedIn.sessionId);
  });
  it("asked for twice at once, or again after a lost answer, is answered alike", async () => {
    const { refreshToken } = await signIn(await person());
    const answers = await Promise.all([refresh(refreshToken), refresh(refreshToken), refresh(refreshToken)]);
    const again = await refresh(refreshToken);
    expect(new Set([...answers, again].map((answer) => answer.refreshToken)).size).toBe(1);
    await refresh(again.refreshToken);
  });
  it("with a token that was used before ends the session for everybody", async () => {
    const user = await person();
    const stolen = await signIn(user);
    const other = await signIn(user);
    const second = await refresh(stolen.refreshToken);
    const third = await refresh(second.refreshToken);
    expect(await refusal(refresh(stolen.refreshToken))).toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "REFRESH_FAILED",
    });
    expect(await refusal(refresh(third.refreshToken))).toMatchObject({ reason: "REFRESH_FAILED" });
    expect(await isOut(third.accessToken)).toBe(true);
    expect(await admin.getSession({ id: stolen.sessionId })).toMatchObject({
      active: false,
      endReason: "TOKEN_REUSED",
    });
    await refresh(other.refreshToken);
  });
  it("with a token that never was one ends nothing, even if it names the session", async () => {
    const { refreshToken } = await signIn(await person());
    const [, session = ""] = refreshToken.split("_");
    const madeUp = [
      `knr_${session}_${"A".repeat(22)}_${"A".repeat(43)}`,
      `knr_${session}_${"A".repeat(22)}_${refreshToken.slice(-43)}`,
      `knr_${"0".repeat(26)}_${refreshToken.slice(31)}`,
      refreshToken.slice(0, -1),
      "nonsense",
    ];
    for (const token of madeUp) expect(await refusal(refresh(token))).toMatchObject({ reason: "REFRESH_FAILED" });
    await refresh(refreshToken);
  });
  it.each<[string, (user: User) => Promise<unknown>]>([
    ["is barred", ({ id }) => users.deactivateUser({ id, etag: "" })],
    ["is deleted", ({ id }) => users.deleteUser({ id, etag: "" })],
    ["got a new password", ({ id }) => users.setUserPassword({ id, etag: "", password: "another orchard 8" })],
  ])("is refused once the user %s", async (_case, change) => {
    const user = await person();
    const { refreshToken, accessToken } = await signIn(user);
    await change(user);
    expect(await isOut(accessToken)).toBe(true);
    expect(await refusal(refresh(refreshToken))).toMatchObject({ reason: "REFRESH_FAILED" });
  });
  it("is refused to a user who was let in again, whose sessions had ended", async () => {
    const user = await person();
    const { refreshToken, accessToken } = await signIn(user);
    await users.deactivateUser({ id: user.id, etag: "" });
    await users.activateUser({ id: user.id, etag: "" });
    expect(await isOut(accessToken)).toBe(true);
    expect(await refusal(refresh(refreshToken))).toMatchObject({ reason: "REFRESH_FAILED" });
  });
});

describe("an access token", () => {
  it("is signed by a key that is published", async () => {
    const { accessToken, sessionId, user } = await signIn(await person());
    const { keys } = await auth.getJsonWebKeySet({});
    const { payload, protectedHeader } = await jwtVerify(accessToken, createLocalJWKSet({ keys }), {
      issuer: "keynode",
      audience: "keynode-api",
      typ: "at+jwt",
    });
    expect(payload).toMatchObject({ sub: user?.id, tenant, sid: sessionId });
    expect(protectedHeader).toMatchObject({ alg: "EdDSA", kid: keys[0]?.kid });
    expect(Object.keys(keys[0] ?? {}).toSorted()).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
  });
  it("of one tenant names no session of another", async () => {
    const { user, sessionId } = await signIn(await person());
    const gateway = under.client(AuthServiceService, { actor: "service:gateway", tenant: "*" });
    const asked = gateway.resolveSession({ tenant: stranger().tenant, userId: user?.id ?? "", sessionId });
    expect(await refusal(asked)).toMatchObject({ reason: "UNAUTHENTICATED" });
  });
  it("of one user names no session of another", async () => {
    const [one, other] = [await signIn(await person()), await signIn(await person())];
    const gateway = under.client(AuthServiceService, { actor: "service:gateway", tenant: "*" });
    const asked = gateway.resolveSession({ tenant, userId: one.user?.id ?? "", sessionId: other.sessionId });
    expect(await refusal(asked)).toMatchObject({ reason: "UNAUTHENTICATED" });
  });
});

describe("a user's sessions", () => {
  it("are listed to the user, with where they came from, and nobody else's are", async () => {
    const user = await person();
    await signIn(await person());
    const { accessToken, sessionId } = await signIn(user);
    const mine = await own(accessToken);
    const { sessions } = await list(mine, "active = true");
    expect(sessions.map(({ id }) => id)).toEqual([sessionId]);
    expect(sessions[0]).toMatchObject({ ownerId: user.id, provider: "PASSWORD", active: true });
    const seen = sessions[0]?.lastSeenTime?.getTime() ?? Number.NaN;
    expect(seen % 3_600_000).toBe(0);
    expect(Object.keys(sessions[0] ?? {}).filter((name) => /digest|epoch/i.test(name))).toEqual([]);
  });
  it("are ended one by one by the user, and nobody else's are", async () => {
    const user = await person();
    const [one, other] = [await signIn(user), await signIn(user)];
    const mine = await own(one.accessToken);
    expect(await mine.revokeSession({ id: other.sessionId, etag: "" })).toMatchObject({
      active: false,
      endReason: "REVOKED",
    });
    expect(await isOut(other.accessToken)).toBe(true);
    await resolve(under, one.accessToken);
    const stranger_ = await signIn(await person());
    expect(await refusal(mine.revokeSession({ id: stranger_.sessionId, etag: "" }))).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await refusal(mine.getSession({ id: stranger_.sessionId }))).toMatchObject({ code: "NOT_FOUND" });
    const asked = mine.revokeSessions({ userId: stranger_.user?.id ?? "" });
    expect(await refusal(asked)).toMatchObject({ code: "NOT_FOUND" });
  });
  it("are ended all at once but the one that asks", async () => {
    const user = await person();
    const [one, ...others] = [await signIn(user), await signIn(user), await signIn(user)];
    const mine = await own(one.accessToken);
    await mine.revokeSessions({ userId: "" });
    await resolve(under, one.accessToken);
    for (const { accessToken } of others) expect(await isOut(accessToken)).toBe(true);
    await expect
      .poll(async () => (await list(mine, "active = true")).sessions.map(({ id }) => id), { timeout: 10_000 })
      .toEqual([one.sessionId]);
    await refresh(one.refreshToken);
  });
  it("are listed and ended by an administrator", async () => {
    const user = await person();
    const { accessToken, sessionId } = await signIn(user);
    expect((await list(admin, `ownerId = "${user.id}"`)).sessions.map(({ id }) => id)).toEqual([sessionId]);
    await admin.revokeSessions({ userId: user.id });
    expect(await isOut(accessToken)).toBe(true);
  });
  it("are fifty at most: a further one ends the oldest", async () => {
    const user = await person();
    const first = await signIn(user);
    const sessions = under.db.collection<AggregateDocument<SessionState>>("sessions");
    const kept = await sessions.findOne({ _id: first.sessionId });
    if (kept === null) throw new Error("no session");
    const older = Array.from({ length: 49 }, (_, index) => {
      const id = newId("session");
      const createTime = new Date(Date.now() - 1_000 * (index + 1));
      return { ...kept, _id: id, outbox: [], state: { ...kept.state, id, createTime } };
    });
    await sessions.insertMany(older);
    await signIn(user);
    const oldest = await sessions.findOne({ _id: older.at(-1)?._id ?? "" });
    expect(oldest?.state).toMatchObject({ active: false, endReason: "DISPLACED" });
    await resolve(under, first.accessToken);
  });
});
