import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { ListMailsRequest, MailboxServiceService } from "@keynode/contracts/crm/identity/v1/mailbox_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserInvited } from "@keynode/contracts/crm/identity/v1/user_events";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import type { GrpcClient } from "@keynode/grpc/client";
import type { AggregateDocument, JournalRow } from "@keynode/messaging/entry";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import type { UserState } from "../src/domain/user/state.ts";
import { identityService } from "../src/service.ts";
import { tenantIdOf } from "../src/tenant.ts";
import { installation, mailsOf, refusal, required, resolve, startIdentity, stranger, tokenIn } from "./start.ts";

const tenant = tenantIdOf(installation.SEED_TENANT);
const admin = stranger({ tenant });
const chosen = "another orchard 8";

let under: ServiceUnderTest;
let users: GrpcClient<typeof UserServiceService>;
let auth: GrpcClient<typeof AuthServiceService>;
beforeAll(async () => {
  under = await startIdentity();
  users = under.client(UserServiceService, admin);
  auth = under.client(AuthServiceService);
});

let counter = 0;
const named = (more: Partial<User> = {}) =>
  User.fromPartial({ name: "王芳", email: `link.${counter++}@demo.example`, ...more });
const person = async (more: Partial<User> = {}) => {
  const user = await users.createUser({ user: named(more) });
  return await users.setUserPassword({ id: user.id, etag: "", password: "lantern orchard 7" });
};
const mailTo = async ({ id }: User) => (await mailsOf(under, admin, [id]))[0] ?? "";
const mailsTo = async ({ id }: User) =>
  (
    await under
      .client(MailboxServiceService, admin)
      .listMails(ListMailsRequest.fromPartial({ filter: `userId = "${id}"` }))
  ).mails;
const reset = (token: string, newPassword = chosen) => auth.resetPassword({ token, newPassword });
const signIn = (user: User, password: string) => auth.signIn({ tenant, email: user.email, password });
const request = (email: string) => auth.requestPasswordReset({ tenant: "demo", email });

describe("an invitation", () => {
  it("makes a user and lets them choose a password, once", async () => {
    const user = await users.inviteUser({ user: named() });
    const token = tokenIn(await mailTo(user));
    await reset(token);
    await signIn(user, chosen);
    expect(await refusal(reset(token, "yet another orchard 9"))).toMatchObject({ reason: "LINK_INVALID" });
    await signIn(user, chosen);
  });
  it("is written in the user's language", async () => {
    const [chinese, english] = [
      await users.inviteUser({ user: named({ language: "zh" }) }),
      await users.inviteUser({ user: named({ language: "en" }) }),
    ];
    expect(await mailTo(chinese)).toContain("设置密码");
    expect(await mailTo(english)).toContain("Choose your password here");
  });
  it("takes the place of the one before, and is not for those who have a password", async () => {
    const user = await users.inviteUser({ user: named() });
    const first = tokenIn(await mailTo(user));
    await users.inviteUserAgain({ id: user.id, etag: "" });
    expect(await refusal(reset(first))).toMatchObject({ reason: "LINK_INVALID" });
    await expect.poll(async () => (await mailsTo(user)).length, { timeout: 10_000 }).toBe(2);
    await reset(tokenIn(await mailTo(user)));
    expect(await refusal(users.inviteUserAgain({ id: user.id, etag: "" }))).toMatchObject({
      reason: "USER_HAS_PASSWORD",
    });
  });
  it("repeated under its key is one invitation and one mail", async () => {
    const user = named();
    const [one, other] = [
      await users.inviteUser({ user }, { idempotencyKey: "invite-1" }),
      await users.inviteUser({ user }, { idempotencyKey: "invite-1" }),
    ];
    expect(other.id).toBe(one.id);
    await mailTo(one);
    await under.service.drained();
    await under.service.caughtUp();
    expect(await mailsTo(one)).toHaveLength(1);
  });
  it("that the bus delivers again, or too late, sends nothing more", async () => {
    const user = await users.inviteUser({ user: named() });
    await mailTo(user);
    await under.service.drained();
    const row = await under.db
      .collection<JournalRow>("journal")
      .findOne({ tenant, aggregate: user.id, type: "UserInvited" });
    if (row === null) throw new Error("no invitation in the journal");
    const { invitationId, expireTime } = UserInvited.decode(row.data.buffer);
    const event = under.event({
      context: "identity",
      type: "UserInvited",
      kind: "user",
      tenant,
      recordId: user.id,
      codec: UserInvited,
      message: { invitationId, expireTime, invitedBy: admin.actor },
      id: row._id,
    });
    await under.publish(event, event);
    expect(await mailsTo(user)).toHaveLength(1);
    await reset(tokenIn(await mailTo(user)));
    await under.publish({ ...event, id: "00000000-0000-4000-8000-000000000000" });
    expect(await mailsTo(user)).toHaveLength(1);
  });
});

describe("a reset", () => {
  it("sets a password by the link that was sent, ends every session and unlocks the account", async () => {
    const user = await person();
    const { accessToken } = await signIn(user, "lantern orchard 7");
    await Promise.all(Array.from({ length: 6 }, () => refusal(signIn(user, "something else"))));
    await request(user.email.toUpperCase());
    await reset(tokenIn(await mailTo(user)));
    expect(await refusal(resolve(under, accessToken))).toMatchObject({ reason: "UNAUTHENTICATED" });
    await signIn(user, chosen);
  });
  it("is answered alike whether anybody has the address, and sends nothing to those who may not sign in", async () => {
    const [barred, deleted] = [await person(), await person()];
    await users.deactivateUser({ id: barred.id, etag: "" });
    await users.deleteUser({ id: deleted.id, etag: "" });
    const active = await person();
    const answers = await Promise.all(
      ["nobody@demo.example", barred.email, deleted.email, active.email].map((email) => request(email)),
    );
    expect(answers).toEqual([{}, {}, {}, {}]);
    expect(await auth.requestPasswordReset({ tenant: "elsewhere", email: active.email })).toEqual({});
    await mailTo(active);
    await under.service.drained();
    await under.service.caughtUp();
    for (const user of [barred, deleted]) expect(await mailsTo(user)).toEqual([]);
  });
  it("is refused when its link has ended, and leaves it good when the password is weak", async () => {
    const user = await person();
    await request(user.email);
    const token = tokenIn(await mailTo(user));
    expect(await refusal(reset(token, "password1"))).toMatchObject({ reason: "PASSWORD_TOO_WEAK" });
    const documents = under.db.collection<AggregateDocument<UserState>>("users");
    const link = (await documents.findOne({ _id: user.id }))?.state.link;
    await documents.updateOne({ _id: user.id }, { $set: { "state.link.expireTime": new Date(Date.now() - 1) } });
    expect(await refusal(reset(token))).toMatchObject({ reason: "LINK_INVALID" });
    await documents.updateOne({ _id: user.id }, { $set: { "state.link.expireTime": link?.expireTime ?? new Date() } });
    await reset(token);
  });
  it.each(["nonsense", `knl_${"0".repeat(26)}_${"a".repeat(43)}`])(
    "by a token that is none is refused: %s",
    async (token) => {
      expect(await refusal(reset(token))).toMatchObject({ code: "INVALID_ARGUMENT", reason: "LINK_INVALID" });
    },
  );
  it("by another user's token is refused", async () => {
    const [one, other] = [await person(), await person()];
    await request(one.email);
    const secretPart = tokenIn(await mailTo(one)).slice(-43);
    const forged = `knl_${other.id.slice(5)}_${secretPart}`;
    expect(await refusal(reset(forged))).toMatchObject({ reason: "LINK_INVALID" });
  });
});

describe("the mailbox", () => {
  it("is the tenant's own, and only for those who see all of it", async () => {
    const user = await users.inviteUser({ user: named() });
    await mailTo(user);
    const elsewhere = under.client(MailboxServiceService, stranger());
    expect((await elsewhere.listMails(ListMailsRequest.fromPartial({}))).mails).toEqual([]);
    const narrow = under.client(MailboxServiceService, stranger({ tenant, grants: { "mails.read": "team" } }));
    expect(await refusal(narrow.listMails(ListMailsRequest.fromPartial({})))).toMatchObject({
      code: "PERMISSION_DENIED",
    });
    const without = under.client(MailboxServiceService, stranger({ tenant, grants: { "users.*": "all" } }));
    expect(await refusal(without.listMails(ListMailsRequest.fromPartial({})))).toMatchObject({
      code: "PERMISSION_DENIED",
    });
  });
  it("keeps two hundred mails of a tenant", async () => {
    const rows = under.db.collection<{ _id: string; tenant: string; sendTime: Date }>("mails");
    const old = Array.from({ length: 210 }, (_, index) => ({
      _id: `old_${index}`,
      tenant,
      userId: "user_none",
      sendTime: new Date(Date.now() - 1_000 * (index + 1)),
    }));
    await rows.insertMany(old);
    await mailTo(await users.inviteUser({ user: named() }));
    expect(await rows.countDocuments({ tenant })).toBe(200);
  });
});

it("without an address that links lead to nobody is invited, and no user is made", async () => {
  const { PUBLIC_URL: _none, ...without } = required;
  const bare = await startForTest(identityService, { ...without, ...installation });
  const bareUsers = bare.client(UserServiceService, admin);
  const user = named();
  expect(await refusal(bareUsers.inviteUser({ user }))).toMatchObject({ reason: "MAIL_UNAVAILABLE" });
  expect(await bare.db.collection("users").countDocuments({ "state.email": user.email })).toBe(0);
  const asked = bare.client(AuthServiceService).requestPasswordReset({ tenant, email: user.email });
  expect(await refusal(asked)).toMatchObject({ reason: "MAIL_UNAVAILABLE" });
});
