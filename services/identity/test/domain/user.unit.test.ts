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
import type { Session, UserState } from "../../src/domain/user/state.ts";

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
    users: new Set(["user_li"]),
  },
};
const inEast: UserContext = { ...context, references: { ...context.references, callerTeams: ["team_east"] } };
const noEtag = { id, etag: "" };
const user = User.fromPartial({ name: "王芳", email: "wang@demo.example", teamIds: ["team_east"] });
const created: UserEvent = {
  type: "UserCreated",
  user: { ...user, id, ownerId: id, teamId: "team_east", active: true },
};
const passwordSet: UserEvent = { type: "UserPasswordSet", setTime: now, passwordHash: "h1" };
const session = (number: number): Session => ({
  id: `session_${number}`,
  tokenDigest: `d${number}`,
  expireTime: later,
});
const signedIn = (number: number): UserEvent => {
  const { id: sessionId, tokenDigest, expireTime } = session(number);
  return { type: "UserSignedIn", sessionId, signInTime: now, expireTime, tokenDigest };
};
const signIn = (number: number, verifiedHash = "h1"): UserCommand => ({
  type: "SignIn",
  session: session(number),
  verifiedHash,
});
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
      .given(created, passwordSet, signedIn(1), signedIn(2))
      .when(set, context)
      .thenTypes(["UserPasswordSet"], (state) => {
        expect(state).toMatchObject({ passwordHash: "h2", sessions: [] });
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
      .given(created, passwordSet, signedIn(1), signedIn(2))
      .when({ type: "ChangePassword", passwordHash: "h2", verifiedHash: "h1", sessionId: "session_1" }, context)
      .thenTypes(["UserPasswordSet"], (state) => {
        expect(state.passwordHash).toBe("h2");
        expect(state.sessions).toEqual([session(1)]);
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
      .given(created, { type: "UserPasswordSet", setTime: now, passwordHash: "h0", installedHash: "h0" }, passwordSet)
      .when(signIn(1), context)
      .thenTypes(["UserSignedIn"], (state) => {
        expect(state).toMatchObject({ passwordHash: "h1", installedHash: "h0" });
      });
  });
});

describe("a sign-in", () => {
  it("opens a session that ends by itself", () => {
    rules
      .given(created, passwordSet)
      .when(signIn(1), context)
      .thenTypes(["UserSignedIn"], (state) => {
        expect(state.sessions).toEqual([session(1)]);
        expect(state.lastSignInTime).toEqual(now);
      });
  });
  it("is refused with a password that was changed since it was looked at", () => {
    rules.given(created, passwordSet).when(signIn(1, "h0"), context).thenRefused("SIGN_IN_FAILED");
  });
  it("is refused to a user who is barred, until they are let in again", () => {
    rules
      .given(created, passwordSet, { type: "UserDeactivated" })
      .when(signIn(1), context)
      .thenRefused("SIGN_IN_FAILED");
    rules
      .given(created, passwordSet, { type: "UserDeactivated" }, { type: "UserActivated" })
      .when(signIn(1), context)
      .thenTypes(["UserSignedIn"]);
  });
  it("is quiet when it has happened, and refused when another token belongs to the session", () => {
    const again = rules.given(created, passwordSet, signedIn(1));
    again.when(signIn(1), context).thenNothing();
    again
      .when({ type: "SignIn", session: { ...session(1), tokenDigest: "other" }, verifiedHash: "h1" }, context)
      .thenRefused("ALREADY_EXISTS", { id: "session_1" });
  });
  it("forgets sessions that have ended", () => {
    const old: UserEvent = {
      type: "UserSignedIn",
      sessionId: "session_0",
      signInTime: now,
      expireTime: now,
      tokenDigest: "d0",
    };
    rules
      .given(created, passwordSet, old)
      .when(signIn(1), context)
      .thenTypes(["UserSignedIn"], (state) => {
        expect(state.sessions).toEqual([session(1)]);
      });
  });
  it("beyond the fiftieth ends the oldest session", () => {
    rules
      .given(created, passwordSet, ...Array.from({ length: 50 }, (_, index) => signedIn(index)))
      .when(signIn(50), context)
      .thenTypes(["UserSignedIn"], ({ sessions = [] }) => {
        expect(sessions).toHaveLength(50);
        expect([sessions[0], sessions[49]]).toEqual([session(1), session(50)]);
      });
  });
});

describe("a sign-out", () => {
  it("ends its session and no other", () => {
    rules
      .given(created, passwordSet, signedIn(1), signedIn(2))
      .when({ type: "SignOut", sessionId: "session_1" }, context)
      .thenTypes(["UserSignedOut"], (state) => {
        expect(state.sessions).toEqual([session(2)]);
      });
  });
  it("is quiet when the session has ended", () => {
    rules.given(created).when({ type: "SignOut", sessionId: "session_1" }, context).thenNothing();
  });
});

describe("barring a user", () => {
  it("ends every session; repeating it is quiet", () => {
    const barred = rules.given(created, passwordSet, signedIn(1));
    barred.when({ type: "DeactivateUser", ...noEtag }, context).thenTypes(["UserDeactivated"], (state) => {
      expect(state).toMatchObject({ active: false, sessions: undefined });
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
      .given(created, passwordSet, signedIn(1), { type: "UserDeleted", deleteTime: now })
      .when({ type: "UndeleteUser", ...noEtag }, context)
      .thenTypes(["UserRestored"], (state) => {
        expect(state).toMatchObject({ deleteTime: undefined, sessions: undefined });
      });
  });
});

describe("whatever is asked of a user", () => {
  const commands: UserCommand[] = [
    ...[1, 2, 3].map((number) => signIn(number)),
    signIn(4, "h2"),
    { type: "SignOut", sessionId: "session_1" },
    { type: "SetUserPassword", passwordHash: "h2", installed: false },
    { type: "SetUserPassword", passwordHash: "h1", installed: true },
    { type: "ChangePassword", passwordHash: "h1", verifiedHash: "h2", sessionId: "session_4" },
    { type: "DeactivateUser", ...noEtag },
    { type: "ActivateUser", ...noEtag },
    { type: "DeleteUser", ...noEtag },
    { type: "UndeleteUser", ...noEtag },
  ];
  it("sessions are of active users only, opened with the present password or kept through its change", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...commands), { maxLength: 40 }), (sequence) => {
        let state: UserState = evolve(undefined, created);
        for (const command of sequence) {
          const outcome = decide(command, state, context);
          if (isDomainError(outcome)) continue;
          state = outcome.reduce<UserState>(evolve, state);
          const { sessions = [], active, deleteTime } = state;
          if (!active || deleteTime !== undefined) expect(sessions).toEqual([]);
          if (command.type === "SetUserPassword") expect(sessions).toEqual([]);
          if (command.type === "ChangePassword") expect(sessions.map((each) => each.id)).not.toContain("session_1");
          expect(new Set(sessions.map((each) => each.id)).size).toBe(sessions.length);
        }
      }),
    );
  });
});
