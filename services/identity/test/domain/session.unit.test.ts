import { Session } from "@keynode/contracts/crm/identity/v1/session";
import { specify } from "@keynode/decider/testing";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/domain/session/decide.ts";
import { evolve } from "../../src/domain/session/evolve.ts";
import type { Sent, SessionCommand, SessionContext, SessionEvent } from "../../src/domain/session/session.ts";

const start = new Date("2026-03-01T08:10:00Z");
const after = (seconds: number) => new Date(start.getTime() + seconds * 1_000);
const end = after(3_600);
const context = (now: Date, sent: Sent = "latest"): SessionContext => ({ now, actor: "user_li", sent });
const opened: SessionEvent = {
  type: "SessionOpened",
  session: Session.fromPartial({ id: "session_1", ownerId: "user_li", active: true, expireTime: end, network: "n0" }),
  epoch: 0,
  familyDigest: "family",
  tokenDigest: "d0",
};
const refreshedAt = (seconds: number, tokenDigest: string): SessionEvent => ({
  type: "SessionRefreshed",
  refreshTime: after(seconds),
  expireTime: end,
  network: "n1",
  tokenDigest,
});
const refresh = (digest: string, nextDigest: string): SessionCommand => ({
  type: "RefreshSession",
  digest,
  nextDigest,
  expireTime: after(7_200),
  network: "n2",
});

const rules = specify({ decide, evolve });

describe("a session's latest refresh token", () => {
  it("is changed for the next one, which carries the session on", () => {
    rules
      .given(opened)
      .when(refresh("d0", "d1"), context(after(600)))
      .thenTypes(["SessionRefreshed"], (state) => {
        expect(state).toMatchObject({
          tokenDigest: "d1",
          usedDigest: "d0",
          expireTime: after(7_200),
          network: "n2",
          lastSeenTime: new Date("2026-03-01T08:00:00Z"),
        });
      });
  });
  it("of a session that has run out, or ended, is good for nothing", () => {
    rules.given(opened).when(refresh("d0", "d1"), context(end)).thenRefused("REFRESH_FAILED");
    rules
      .given(opened, { type: "SessionEnded", endTime: start, endReason: "REVOKED", endedBy: "user_li" })
      .when(refresh("d0", "d1"), context(after(1)))
      .thenRefused("REFRESH_FAILED");
  });
  it("is changed sixty times in ten minutes and no more, until they have passed", () => {
    const many = Array.from({ length: 60 }, (_, number) => refreshedAt(number, `d${number + 1}`));
    const given = rules.given(opened, ...many);
    given.when(refresh("d60", "d61"), context(after(60))).thenRefused("TOO_MANY_ATTEMPTS", { retryAfterMs: "540000" });
    given.when(refresh("d60", "d61"), context(after(600))).thenTypes(["SessionRefreshed"]);
  });
});

describe("a refresh token that was used", () => {
  const used = rules.given(opened, refreshedAt(0, "d1"));
  it("gets the same answer again within ten seconds, without a further change", () => {
    used.when(refresh("d0", "d1"), context(after(10), "used")).thenNothing();
  });
  it("ends the session later, for whoever holds the latest token too", () => {
    used.when(refresh("d0", "d1"), context(after(11), "used")).thenTypes(["SessionEnded"], (state) => {
      expect(state).toMatchObject({ active: false, endReason: "TOKEN_REUSED", endTime: after(11) });
      expect([state.familyDigest, state.tokenDigest, state.usedDigest]).toEqual([undefined, undefined, undefined]);
    });
  });
  it("ends the session at once when another was used since", () => {
    rules
      .given(opened, refreshedAt(0, "d1"), refreshedAt(1, "d2"))
      .when(refresh("d0", "d1"), context(after(2), "older"))
      .thenTypes(["SessionEnded"]);
  });
  it("is refused, and ends nothing, where the next one would be another than was given", () => {
    used.when(refresh("d0", "other"), context(after(1), "used")).thenRefused("REFRESH_FAILED");
  });
});

describe("a session's end", () => {
  it.each<[SessionCommand, string]>([
    [{ type: "RevokeSession", id: "session_1", etag: "" }, "REVOKED"],
    [{ type: "EndSession", reason: "SIGNED_OUT" }, "SIGNED_OUT"],
  ])("comes once: %o", (command, endReason) => {
    rules
      .given(opened)
      .when(command, context(after(1)))
      .then({ type: "SessionEnded", endTime: after(1), endReason: endReason as never, endedBy: "user_li" });
    rules
      .given(opened, { type: "SessionEnded", endTime: start, endReason: "REVOKED", endedBy: "user_li" })
      .when(command, context(after(1)))
      .thenNothing();
  });
  it("comes by itself when its time has come, not before", () => {
    rules
      .given(opened)
      .when({ type: "ExpireSession" }, context(after(3_599)))
      .thenNothing();
    rules
      .given(opened)
      .when({ type: "ExpireSession" }, context(end))
      .thenTypes(["SessionEnded"], (state) => {
        expect(state.endReason).toBe("EXPIRED");
      });
  });
});
