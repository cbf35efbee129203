import { Case } from "@keynode/contracts/crm/service/v1/case";
import { specify } from "@keynode/decider/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CaseCommand } from "../../src/domain/case/command.ts";
import type { CaseContext } from "../../src/domain/case/context.ts";
import { decide } from "../../src/domain/case/decide.ts";
import type { CaseEvent } from "../../src/domain/case/events.ts";
import { evolve } from "../../src/domain/case/evolve.ts";
import type { CaseState } from "../../src/domain/case/state.ts";

const now = new Date("2026-03-01T03:00:00Z");
const li = { id: "user_li", teamId: "team_care" };
const wang = { id: "user_wang", teamId: "team_care" };
const context: CaseContext = {
  now,
  actor: "user_li",
  number: "CS-000001",
  timeZone: "Asia/Shanghai",
  covers: [],
  references: { account: "KNOWN", contact: "KNOWN", product: "KNOWN", assignee: "KNOWN" },
  assignee: undefined,
};
const request = Case.fromPartial({
  ownerId: "apikey_site",
  teamId: "team_site",
  accountId: "account_1",
  subject: "The printer is silent",
  channel: "CHAT",
});
const noEtag = { id: "case_1", etag: "" };
const create = (partial: Partial<Case> = {}): CaseCommand => ({ type: "CreateCase", case: { ...request, ...partial } });
const assign: CaseCommand = { type: "AssignCase", ...noEtag, assigneeId: wang.id, note: "knows the model" };
const solve = (solution = "New cable"): CaseCommand => ({ type: "SolveCase", ...noEtag, solution });
const confirm: CaseCommand = { type: "ConfirmCase", ...noEtag, note: "works" };
const reopen: CaseCommand = { type: "ReopenCase", ...noEtag, note: "still broken" };
const close: CaseCommand = { type: "CloseCase", ...noEtag, note: "withdrawn" };
const checkCover: CaseCommand = { type: "CheckCover" };
const edit: CaseCommand = {
  type: "UpdateCase",
  case: Case.fromPartial({ contactId: "contact_1", subject: "Silent again" }),
  updateMask: ["subject", "contact_id"],
};
const until2025 = {
  contractId: "contract_1",
  fromDate: { year: 2025, month: 1, day: 1 },
  untilDate: { year: 2025, month: 12, day: 31 },
};

const step = (status: CaseState["status"], note = "", assigneeId = li.id) => ({
  status,
  time: now,
  actor: "user_li",
  note,
  assigneeId,
});
const opened: CaseEvent = {
  type: "CaseOpened",
  case: {
    ...request,
    number: "CS-000001",
    kind: "SERVICE_REQUEST",
    urgency: "NORMAL",
    status: "OPEN",
    coverStatus: "OUT_OF_COVER",
    receiveTime: now,
    acknowledgeTime: now,
    history: [step("OPEN", "", "")],
  },
};
const assigned: CaseEvent = { type: "CaseAssigned", step: step("ASSIGNED"), teamId: li.teamId };
const solved: CaseEvent = {
  type: "CaseSolved",
  step: step("SOLVED"),
  solution: "New cable",
  accountId: "account_1",
};
const confirmed: CaseEvent = { type: "CaseConfirmed", step: step("CONFIRMED", "works"), accountId: "account_1" };
const reopened: CaseEvent = { type: "CaseReopened", step: step("REOPENED", "still broken"), accountId: "account_1" };
const closed: CaseEvent = { type: "CaseClosed", step: step("CLOSED", "withdrawn"), accountId: "account_1" };

const rules = specify({ decide, evolve });

describe("a request (C-060, C-064)", () => {
  it("is numbered and acknowledged at once, whatever the hour", () => {
    rules.given().when(create(), context).then(opened);
  });
  it("is given to whoever's turn it is, who owns it from then on", () => {
    rules
      .given()
      .when(create(), { ...context, assignee: li })
      .thenTypes(["CaseOpened", "CaseAssigned"], (state) => {
        expect(state).toMatchObject({
          status: "ASSIGNED",
          assigneeId: li.id,
          assignTime: now,
          ownerId: li.id,
          teamId: li.teamId,
          history: [
            {
              status: "OPEN",
              assigneeId: "",
            },
            {
              status: "ASSIGNED",
              assigneeId: li.id,
            },
          ],
        });
      });
  });
  it("keeps the kind, the urgency and the time it came with", () => {
    const receiveTime = new Date("2026-02-27T18:00:00Z");
    rules
      .given()
      .when(create({ kind: "COMPLAINT", urgency: "URGENT", receiveTime }), context)
      .thenTypes(["CaseOpened"], (state) => {
        expect(state).toMatchObject({ kind: "COMPLAINT", urgency: "URGENT", receiveTime, acknowledgeTime: now });
      });
  });
  it("names records that are there", () => {
    const reasons = {
      account: "ACCOUNT_NOT_FOUND",
      contact: "CONTACT_NOT_FOUND",
      product: "PRODUCT_NOT_FOUND",
      assignee: "ASSIGNEE_NOT_FOUND",
    } as const;
    for (const [name, reason] of Object.entries(reasons)) {
      const knowing = (reference: "MISSING" | "UNSURE") => ({
        ...context,
        references: { ...context.references, [name]: reference },
      });
      rules.given().when(create(), knowing("MISSING")).thenRefused(reason);
      rules.given().when(create(), knowing("UNSURE")).thenRefused("PROJECTION_LAGGING");
    }
  });
});

describe("cover (C-057)", () => {
  const covering = { ...context, covers: [until2025] };
  const coverOf = (receiveTime: string) => {
    let cover: Pick<CaseState, "coverStatus" | "coverContractId"> | undefined;
    rules
      .given()
      .when(create({ receiveTime: new Date(receiveTime) }), covering)
      .thenTypes(["CaseOpened"], ({ coverStatus, coverContractId }) => {
        cover = { coverStatus, coverContractId };
      });
    return cover;
  };
  const inCover = { coverStatus: "IN_COVER", coverContractId: "contract_1" };
  const outOfCover = { coverStatus: "OUT_OF_COVER", coverContractId: "" };

  it("goes from the first moment of its first day to the last one of its last, in the tenant's zone", () => {
    expect(coverOf("2024-12-31T15:59:59Z")).toEqual(outOfCover);
    expect(coverOf("2024-12-31T16:00:00Z")).toEqual(inCover);
    expect(coverOf("2025-12-31T15:59:59Z")).toEqual(inCover);
    expect(coverOf("2025-12-31T16:00:00Z")).toEqual(outOfCover);
  });
  it("is by the contract that lasts longest, if several cover the day", () => {
    const longer = { ...until2025, contractId: "contract_2", untilDate: { year: 2027, month: 6, day: 30 } };
    for (const covers of [
      [until2025, longer],
      [longer, until2025],
    ]) {
      rules
        .given()
        .when(create({ receiveTime: new Date("2025-05-01T00:00:00Z") }), { ...context, covers })
        .thenTypes(["CaseOpened"], (state) => {
          expect(state.coverContractId).toBe("contract_2");
        });
    }
  });
  it("is found later when the contract is heard of later, once", () => {
    const spanning = { ...until2025, untilDate: { year: 2026, month: 12, day: 31 } };
    const found: CaseEvent = { type: "CaseCoverFound", contractId: "contract_1", accountId: "account_1" };
    rules
      .given(opened)
      .when(checkCover, { ...context, covers: [spanning] })
      .then(found);
    rules
      .given(opened, found)
      .when(checkCover, { ...context, covers: [spanning] })
      .thenNothing();
    rules.given(opened).when(checkCover, covering).thenNothing();
  });
});

describe("a case that nobody has (C-060)", () => {
  const route: CaseCommand = { type: "RouteCase" };
  const turnOfLi = { ...context, assignee: li };
  it("goes to whoever is there, once", () => {
    rules.given(opened).when(route, turnOfLi).then(assigned);
    rules
      .given(opened, assigned)
      .when(route, { ...context, assignee: wang })
      .thenNothing();
  });
  it("waits while nobody is there", () => {
    rules.given(opened).when(route, context).thenNothing();
  });
  it("waits no more once it is closed, but does when it is opened again", () => {
    rules.given(opened, closed).when(route, turnOfLi).thenNothing();
    rules.given(opened, closed, reopened).when(route, turnOfLi).then(assigned);
  });
});

describe("assigning (C-061)", () => {
  const toWang = { ...context, assignee: wang };
  it("gives the case to another, with a note", () => {
    rules
      .given(opened, assigned)
      .when(assign, toWang)
      .thenTypes(["CaseAssigned"], (state) => {
        expect(state).toMatchObject({ status: "ASSIGNED", assigneeId: wang.id, ownerId: wang.id });
        expect(state.history.at(-1)).toMatchObject({ note: "knows the model", assigneeId: wang.id });
      });
  });
  it("leaves a solved case solved", () => {
    rules
      .given(opened, assigned, solved)
      .when(assign, toWang)
      .thenTypes(["CaseAssigned"], (state) => {
        expect(state.status).toBe("SOLVED");
      });
  });
  it("is quiet for the present assignee", () => {
    rules
      .given(opened, assigned)
      .when({ ...assign, assigneeId: li.id }, { ...context, assignee: li })
      .thenNothing();
  });
  it("is refused to nobody, and of a case that is over", () => {
    const unknown = { ...context, references: { ...context.references, assignee: "MISSING" as const } };
    rules.given(opened).when(assign, unknown).thenRefused("ASSIGNEE_NOT_FOUND", { assigneeId: wang.id });
    rules.given(opened, assigned, solved, confirmed).when(assign, toWang).thenRefused("CASE_CLOSED", {
      status: "CONFIRMED",
    });
    rules.given(opened, closed).when(assign, toWang).thenRefused("CASE_CLOSED", { status: "CLOSED" });
  });
});

describe("a solution (C-061)", () => {
  it("is recorded by who works on the case", () => {
    rules.given(opened, assigned).when(solve(), context).then(solved);
    rules.given(opened).when(solve(), context).thenRefused("CASE_NOT_ASSIGNED");
  });
  it("may be replaced; the same one again changes nothing", () => {
    rules.given(opened, assigned, solved).when(solve(), context).thenNothing();
    rules
      .given(opened, assigned, solved)
      .when(solve("New printer"), context)
      .thenTypes(["CaseSolved"], (state) => {
        expect(state.solution).toBe("New printer");
      });
  });
  it("is confirmed by the customer, once", () => {
    rules.given(opened, assigned, solved).when(confirm, context).then(confirmed);
    rules.given(opened, assigned, solved, confirmed).when(confirm, context).thenNothing();
  });
  it("is needed before it is confirmed", () => {
    rules.given(opened, assigned).when(confirm, context).thenRefused("CASE_NOT_SOLVED", { status: "ASSIGNED" });
    rules.given(opened, assigned, solved, reopened).when(confirm, context).thenRefused("CASE_NOT_SOLVED");
    rules.given(opened, assigned, closed).when(confirm, context).thenRefused("CASE_CLOSED", { status: "CLOSED" });
  });
  it("is refused for a case that is over", () => {
    rules.given(opened, assigned, solved, confirmed).when(solve("x"), context).thenRefused("CASE_CLOSED");
    rules.given(opened, assigned, closed).when(solve(), context).thenRefused("CASE_CLOSED");
  });
});

describe('"still broken" (C-061)', () => {
  it("reopens a solved case, with its history and its assignee", () => {
    rules
      .given(opened, assigned, solved)
      .when(reopen, context)
      .thenTypes(["CaseReopened"], (state) => {
        expect(state).toMatchObject({ status: "REOPENED", assigneeId: li.id, reopenCount: 1, solution: "New cable" });
        expect(state.history.map(({ status }) => status)).toEqual(["OPEN", "ASSIGNED", "SOLVED", "REOPENED"]);
        expect(state.history.at(-1)?.note).toBe("still broken");
      });
  });
  it("takes the end back", () => {
    for (const end of [confirmed, closed]) {
      rules
        .given(opened, assigned, solved, end)
        .when(reopen, context)
        .thenTypes(["CaseReopened"], (state) => {
          expect([state.confirmTime, state.closeTime]).toEqual([undefined, undefined]);
        });
    }
  });
  it("is quiet while the case is worked on", () => {
    rules.given(opened).when(reopen, context).thenNothing();
    rules.given(opened, assigned, solved, reopened).when(reopen, context).thenNothing();
  });
});

describe("closing (C-061)", () => {
  it("ends a case without the customer, once", () => {
    rules.given(opened, assigned).when(close, context).then(closed);
    rules.given(opened, assigned, closed).when(close, context).thenNothing();
  });
  it("is refused when the customer confirmed", () => {
    rules.given(opened, assigned, solved, confirmed).when(close, context).thenRefused("CASE_CONFIRMED");
  });
});

describe("an edit", () => {
  it("changes the facts of an open case", () => {
    rules
      .given(opened)
      .when(edit, context)
      .thenTypes(["CaseEdited"], (state) => {
        expect(state).toMatchObject({ subject: "Silent again", contactId: "contact_1" });
      });
  });
  it("is refused for a case that is over, and for records that are not there", () => {
    rules.given(opened, closed).when(edit, context).thenRefused("CASE_CLOSED");
    rules
      .given(opened)
      .when(edit, { ...context, references: { ...context.references, contact: "MISSING" } })
      .thenRefused("CONTACT_NOT_FOUND", { contactId: "contact_1" });
  });
});

describe("any sequence of commands", () => {
  const commands: fc.Arbitrary<CaseCommand> = fc.constantFrom(
    create(),
    assign,
    { ...assign, assigneeId: li.id } as const,
    solve(),
    solve("New printer"),
    confirm,
    reopen,
    close,
    checkCover,
    edit,
  );
  it("keeps what status, times and history say in step", () => {
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 60 }), (sequence) => {
        const start = evolve(undefined, opened);
        const end = sequence.reduce((state, command) => {
          if (command.type === "CreateCase") return state;
          const assignee =
            command.type === "AssignCase" ? [li, wang].find(({ id }) => id === command.assigneeId) : undefined;
          const outcome = decide(command, state, { ...context, assignee });
          return "kind" in outcome ? state : outcome.reduce<CaseState>(evolve, state);
        }, start);
        expect(end.history.at(-1)?.status).toBe(end.status);
        expect(end.history.length).toBeLessThanOrEqual(50);
        expect(end.closeTime !== undefined).toBe(end.status === "CONFIRMED" || end.status === "CLOSED");
        expect(end.confirmTime !== undefined).toBe(end.status === "CONFIRMED");
        if (end.status === "SOLVED") expect(end.solution).not.toBe("");
      }),
    );
  });
});
