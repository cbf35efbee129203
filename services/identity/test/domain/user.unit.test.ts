import { User } from "@keynode/contracts/crm/identity/v1/user";
import { isDomainError } from "@keynode/decider/domain-error";
import { specify } from "@keynode/decider/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UserCommand } from "../../src/domain/user/command.ts";
import type { UserContext } from "../../src/domain/user/context.ts";
import { decide } from "../../src/domain/user/decide.ts";
import type { UserEvent } from "../../src/domain/user/events.ts";
import { evolve } from "../../src/domain/user/evolve.ts";
import type { UserState } from "../../src/domain/user/state.ts";

const id = "user_wang";
const now = new Date("2026-03-01T08:00:00Z");
const later = new Date("2026-03-01T20:00:00Z");
const context: UserContext = {
  now,
  id,
  actor: "user_li",
  references: {
    roles: new Map([
      ["role_sales", { exceedsCaller: false }],
      ["role_admin", { exceedsCaller: true }],
    ]),
    teams: new Set(["team_east", "team_west"]),
    callerTeams: "all",
    users: new Set(["user_li", "user_gone"]),
    activeUsers: new Set(["user_li"]),
  },
};
const inEast: UserContext = { ...context, references: { ...context.references, callerTeams: ["team_east"] } };
const noEtag = { id, etag: "" };
const user = User.fromPartial({ name: "王芳", email: "wang@demo.example", teamIds: ["team_east"] });
const created: UserEvent = {
  type: "UserCreated",
  user: { ...user, id, ownerId: id, teamId: "team_east", active: true },
};
const passwordSet: UserEvent = { type: "UserPasswordSet", setTime: now, keptSessionId: "", passwordHash: "h1" };
const signIn = (signInTime: Date): UserCommand => ({
  type: "RecordSignIn",
  sessionId: "session_1",
  signInTime,
  expireTime: later,
});
/** What a session opened now, or kept, is held against. */
const epoch = ({ sessionEpoch = 0, keptSessionId }: UserState) => ({ sessionEpoch, keptSessionId });
const update = (changes: Partial<User>, ...updateMask: string[]): UserCommand => ({
  type: "UpdateUser",
  user: User.fromPartial({ id, ...changes }),
  updateMask,
});

const rules = specify({ decide, evolve });

describe("a new user", () => {
  it("is active, their own owner, and of the first of their teams", () => {
    rules
      .given()
      .when({ type: "CreateUser", user: { ...user, teamIds: ["team_west", "team_east"] } }, context)
      .thenTypes(["UserCreated"], (state) => {
        expect(state).toMatchObject({ ownerId: id, teamId: "team_west", active: true });
      });
  });
  it("is refused roles, teams and a manager that the tenant does not have", () => {
    const create = (changes: Partial<User>) =>
      rules.given().when({ type: "CreateUser", user: { ...user, ...changes } }, context);
    create({ roleIds: ["role_sales", "role_none"] }).thenRefused("ROLE_NOT_FOUND", { roleId: "role_none" });
    create({ teamIds: ["team_none"] }).thenRefused("TEAM_NOT_FOUND", { teamId: "team_none" });
    create({ managerId: "user_none" }).thenRefused("MANAGER_NOT_FOUND", { managerId: "user_none" });
  });
  it("is refused a role that grants what the creator may not do", () => {
    rules
      .given()
      .when({ type: "CreateUser", user: { ...user, roleIds: ["role_admin"] } }, context)
      .thenRefused("ROLE_EXCEEDS_CALLER", { roleId: "role_admin" });
  });
  it("is refused a team beyond the creator's own", () => {
    rules
      .given()
      .when({ type: "CreateUser", user: { ...user, teamIds: ["team_west"] } }, inEast)
      .thenRefused("TEAM_NOT_FOUND", { teamId: "team_west" });
  });
});

describe("an update of a user", () => {
  it("moves the user to the first of the new teams", () => {
    rules
      .given(created)
      .when(update({ teamIds: ["team_west"] }, "team_ids"), context)
      .thenTypes(["UserEdited"], (state) => {
        expect(state.teamId).toBe("team_west");
      });
  });
  it("is quiet when nothing changes", () => {
    rules
      .given(created)
      .when(update({ name: user.name }, "name"), context)
      .thenNothing();
  });
  it("looks only at what it adds: roles and teams that the user has may stay", () => {
    const before: UserEvent = {
      type: "UserCreated",
      user: { ...user, roleIds: ["role_admin"], teamIds: ["team_gone"] },
    };
    rules
      .given(before)
      .when(
        update({ roleIds: ["role_admin", "role_sales"], teamIds: ["team_gone", "team_east"] }, "role_ids", "team_ids"),
        context,
      )
      .thenTypes(["UserEdited"]);
    rules
      .given(created)
      .when(update({ roleIds: ["role_admin"] }, "role_ids"), context)
      .thenRefused("ROLE_EXCEEDS_CALLER");
  });
  it("takes no roles from the request that its mask does not name", () => {
    rules
      .given(created)
      .when(update({ name: "W", roleIds: ["role_admin"] }, "name"), context)
      .thenTypes(["UserEdited"], (state) => {
        expect(state).toMatchObject({ name: "W", roleIds: [] });
      });
  });
});

describe("a password", () => {
  const set: UserCommand = { type: "SetUserPassword", passwordHash: "h2", installed: false };
  it("that is set ends every session", () => {
    rules
      .given(created, passwordSet)
      .when(set, context)
      .thenTypes(["UserPasswordSet"], (state) => {
        expect(state.passwordHash).toBe("h2");
        expect(epoch(state)).toEqual({ sessionEpoch: 2, keptSessionId: undefined });
      });
  });
  it("is not set for somebody who may do what the caller may not", () => {
    const admin: UserEvent = { type: "UserCreated", user: { ...user, roleIds: ["role_admin"] } };
    rules.given(admin).when(set, context).thenRefused("ROLE_EXCEEDS_CALLER", { roleId: "role_admin" });
    const western: UserEvent = { type: "UserCreated", user: { ...user, teamIds: ["team_west"] } };
    rules.given(western).when(set, inEast).thenRefused("ROLE_EXCEEDS_CALLER");
  });
  it("that users change themselves ends their other sessions", () => {
    rules
      .given(created, passwordSet)
      .when({ type: "ChangePassword", passwordHash: "h2", verifiedHash: "h1", sessionId: "session_1" }, context)
      .thenTypes(["UserPasswordSet"], (state) => {
        expect(state.passwordHash).toBe("h2");
        expect(epoch(state)).toEqual({ sessionEpoch: 2, keptSessionId: "session_1" });
      });
  });
  it("is not changed by somebody who knew the one before it", () => {
    rules
      .given(created, passwordSet)
      .when({ type: "ChangePassword", passwordHash: "h2", verifiedHash: "h0", sessionId: "" }, context)
      .thenRefused("PASSWORD_WRONG");
  });
  it("of the installation is remembered as such, also when the user chooses another", () => {
    rules
      .given(created, { ...passwordSet, passwordHash: "h0", installedHash: "h0" }, passwordSet)
      .when(signIn(now), context)
      .thenTypes(["UserSignedIn"], (state) => {
        expect(state).toMatchObject({ passwordHash: "h1", installedHash: "h0" });
      });
  });
});

describe("a sign-in", () => {
  it("is remembered as the last one, and not again when it is told late or twice", () => {
    const signedIn = rules.given(created, {
      type: "UserSignedIn",
      sessionId: "session_1",
      signInTime: now,
      expireTime: later,
    });
    signedIn.when(signIn(now), context).thenNothing();
    signedIn.when(signIn(new Date(now.getTime() - 1)), context).thenNothing();
    signedIn.when(signIn(later), context).thenTypes(["UserSignedIn"], (state) => {
      expect(state.lastSignInTime).toEqual(later);
    });
  });
});

describe("ending a user's sessions", () => {
  it("is one write that leaves the one named, and ends that too the next time", () => {
    const end: UserCommand = { type: "EndUserSessions", keptSessionId: "session_1" };
    rules
      .given(created)
      .when(end, context)
      .thenTypes(["UserSessionsEnded"], (state) => {
        expect(epoch(state)).toEqual({ sessionEpoch: 1, keptSessionId: "session_1" });
      });
    rules
      .given(created, { type: "UserSessionsEnded", keptSessionId: "session_1", endedBy: id })
      .when({ ...end, keptSessionId: "" }, context)
      .thenTypes(["UserSessionsEnded"], (state) => {
        expect(epoch(state)).toEqual({ sessionEpoch: 2, keptSessionId: undefined });
      });
  });
});

describe("barring a user", () => {
  it("ends every session; repeating it is quiet", () => {
    const barred = rules.given(created, { ...passwordSet, keptSessionId: "session_1" });
    barred.when({ type: "DeactivateUser", ...noEtag }, context).thenTypes(["UserDeactivated"], (state) => {
      expect(state.active).toBe(false);
      expect(epoch(state)).toEqual({ sessionEpoch: 2, keptSessionId: undefined });
    });
    rules
      .given(created, { type: "UserDeactivated" })
      .when({ type: "DeactivateUser", ...noEtag }, context)
      .thenNothing();
  });
  it("is quiet to undo when the user is active", () => {
    rules
      .given(created)
      .when({ type: "ActivateUser", ...noEtag }, context)
      .thenNothing();
  });
  it("is refused to callers themselves, and so is deleting", () => {
    const self = { ...context, actor: id };
    rules
      .given(created)
      .when({ type: "DeactivateUser", ...noEtag }, self)
      .thenRefused("USER_IS_CALLER");
    rules
      .given(created)
      .when({ type: "DeleteUser", ...noEtag }, self)
      .thenRefused("USER_IS_CALLER");
  });
});

describe("a deleted user", () => {
  it("has no sessions, and none again when brought back", () => {
    rules
      .given(created, passwordSet, { type: "UserDeleted", deleteTime: now })
      .when({ type: "UndeleteUser", ...noEtag }, context)
      .thenTypes(["UserRestored"], (state) => {
        expect(state.deleteTime).toBeUndefined();
        expect(epoch(state).sessionEpoch).toBe(2);
      });
  });
});

describe("whatever is asked of a user", () => {
  const commands: UserCommand[] = [
    signIn(now),
    { type: "EndUserSessions", keptSessionId: "session_1" },
    { type: "SetUserPassword", passwordHash: "h2", installed: false },
    { type: "SetUserPassword", passwordHash: "h1", installed: true },
    { type: "ChangePassword", passwordHash: "h1", verifiedHash: "h2", sessionId: "session_4" },
    { type: "DeactivateUser", ...noEtag },
    { type: "ActivateUser", ...noEtag },
    { type: "DeleteUser", ...noEtag },
    { type: "UndeleteUser", ...noEtag },
  ];
  /** Events after which no session goes on but the one they name. */
  const ending = new Set(["UserPasswordSet", "UserSessionsEnded", "UserDeactivated", "UserDeleted"]);
  it("sessions end with each new password, and when the user is barred or deleted, and never come back", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...commands), { maxLength: 40 }), (sequence) => {
        let state: UserState = evolve(undefined, created);
        for (const command of sequence) {
          const outcome = decide(command, state, context);
          if (isDomainError(outcome)) continue;
          const before = epoch(state).sessionEpoch;
          state = outcome.reduce<UserState>(evolve, state);
          const isEnded = outcome.some(({ type }) => ending.has(type));
          expect(epoch(state).sessionEpoch).toBe(isEnded ? before + 1 : before);
        }
      }),
    );
  });
});

describe("a user whom an identity provider vouches for", () => {
  const identity = { identityProviderId: "identityprovider_1", issuer: "https://login.example", subject: "s1" };
  const linked: UserEvent = { type: "UserIdentityLinked", ...identity, linkTime: now };

  it("is linked once", () => {
    rules.given(created).when({ type: "LinkIdentity", identity }, context).then(linked);
    rules.given(created, linked).when({ type: "LinkIdentity", identity }, context).thenNothing();
  });
  it("is linked to ten identities at most", () => {
    const ten = Array.from({ length: 10 }, (_, at): UserEvent => ({ ...linked, subject: `s${at}` }) as UserEvent);
    const another = { ...identity, subject: "s10" };
    rules
      .given(created, ...ten)
      .when({ type: "LinkIdentity", identity: another }, context)
      .thenRefused("TOO_MANY_IDENTITIES");
  });
});

describe("a user whose roles and teams come from a directory's groups", () => {
  const provision = (source: string, roleIds: string[], teamIds: string[] = []): UserCommand => ({
    type: "ProvisionUser",
    source,
    roleIds,
    teamIds,
  });
  const manual: UserEvent = { ...created, user: { ...user, id, active: true, roleIds: ["role_sales"], teamIds: [] } };
  const all: UserContext = {
    ...context,
    references: {
      ...context.references,
      roles: new Map(["role_sales", "role_admin", "role_lead"].map((role) => [role, { exceedsCaller: false }])),
    },
  };
  const after = (...commands: UserCommand[]): UserState => {
    let state: UserState | undefined = evolve(undefined, manual);
    for (const command of commands) {
      const events = decide(command, state, all);
      if (isDomainError(events)) throw new Error(events.reason);
      state = events.reduce<UserState | undefined>(evolve, state);
    }
    return state as UserState;
  };

  it("gets what the groups give, once, and keeps what people gave", () => {
    const given = provision("scim", ["role_admin"], ["team_east"]);
    expect(after(given)).toMatchObject({
      roleIds: ["role_sales", "role_admin"],
      teamIds: ["team_east"],
      teamId: "team_east",
    });
    expect(decide(given, after(given), all)).toEqual([]);
  });
  it("loses what the groups no longer give, and nothing else", () => {
    const state = after(provision("scim", ["role_admin", "role_lead"]), provision("scim", ["role_lead"]));
    expect(state.roleIds).toEqual(["role_sales", "role_lead"]);
    expect(after(provision("scim", ["role_admin"]), provision("scim", [])).roleIds).toEqual(["role_sales"]);
  });
  it("keeps what another directory still gives", () => {
    const both = [provision("scim", ["role_admin"]), provision("identityprovider_1", ["role_admin"])];
    expect(after(...both, provision("scim", [])).roleIds).toEqual(["role_sales", "role_admin"]);
    expect(after(...both, provision("scim", []), provision("identityprovider_1", [])).roleIds).toEqual(["role_sales"]);
  });
  it("gets nothing that the tenant does not have", () => {
    expect(decide(provision("scim", ["role_none"], ["team_none"]), after(), all)).toEqual([]);
  });
  it("never has more than fifty roles", () => {
    const many = Array.from({ length: 70 }, (_, at) => `role_${at}`);
    const roles = new Map(many.map((role) => [role, { exceedsCaller: false }]));
    const events = decide(provision("scim", many), after(), { ...all, references: { ...all.references, roles } });
    if (isDomainError(events)) throw new Error(events.reason);
    expect(events.reduce<UserState | undefined>(evolve, after())?.roleIds).toHaveLength(50);
  });
});

describe("letting a user go", () => {
  const offboard = (successorId: string): UserCommand => ({ type: "OffboardUser", ...noEtag, successorId, teamId: "" });
  const left: UserEvent = { type: "UserOffboarded", successorId: "user_li", teamId: "", offboardTime: now };

  it("bars them and names who takes over", () => {
    rules
      .given(created)
      .when(offboard("user_li"), context)
      .thenTypes(["UserOffboarded", "UserDeactivated"], (state) => {
        expect(state).toMatchObject({ active: false, successorId: "user_li", offboardTime: now });
      });
  });

  it("is quiet when repeated, and takes another successor for what is left", () => {
    const over = { ...context, references: { ...context.references, activeUsers: new Set(["user_zhao"]) } };
    rules.given(created, left, { type: "UserDeactivated" }).when(offboard("user_li"), over).thenNothing();
    rules
      .given(created, left, { type: "UserDeactivated" })
      .when(offboard("user_zhao"), over)
      .thenTypes(["UserOffboarded"], (state) => expect(state.successorId).toBe("user_zhao"));
  });

  it("needs another active user to take over, and is nobody's to do to themselves", () => {
    rules.given(created).when(offboard("user_gone"), context).thenRefused("SUCCESSOR_NOT_FOUND");
    rules.given(created).when(offboard(id), context).thenRefused("SUCCESSOR_NOT_FOUND");
    rules
      .given(created)
      .when(offboard("user_li"), { ...context, actor: id })
      .thenRefused("USER_IS_CALLER");
  });

  it("is over once they are active again", () => {
    rules
      .given(created, left, { type: "UserDeactivated" })
      .when({ type: "ActivateUser", ...noEtag }, context)
      .thenTypes(["UserActivated"], (state) => expect(state).toMatchObject({ active: true, successorId: "" }));
  });
});

describe("somebody who may do what the caller may not", () => {
  const superior = rules.given({ type: "UserCreated", user: { ...user, roleIds: ["role_admin"], active: true } });
  it.each<[string, UserCommand]>([
    ["their address", update({ email: "mine@demo.example" }, "email")],
    ["their roles", update({ roleIds: [] }, "role_ids")],
    ["their password", { type: "SetUserPassword", passwordHash: "h2", installed: false }],
    ["their access", { type: "DeactivateUser", ...noEtag }],
    ["their record", { type: "DeleteUser", ...noEtag }],
  ])("keeps %s", (_what, command) => {
    superior.when(command, context).thenRefused("ROLE_EXCEEDS_CALLER", { roleId: "role_admin" });
  });
  it("may change their own address", () => {
    superior.when(update({ email: "new@demo.example" }, "email"), { ...context, actor: id }).thenTypes(["UserEdited"]);
  });
  it("may be called by another name", () => {
    superior.when(update({ name: "W" }, "name"), context).thenTypes(["UserEdited"]);
  });
});
