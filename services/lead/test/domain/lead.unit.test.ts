import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { specify } from "@keynode/decider/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LeadCommand } from "../../src/domain/lead/command.ts";
import type { LeadContext } from "../../src/domain/lead/context.ts";
import { decide } from "../../src/domain/lead/decide.ts";
import type { LeadEvent } from "../../src/domain/lead/events.ts";
import { evolve } from "../../src/domain/lead/evolve.ts";
import type { LeadState } from "../../src/domain/lead/state.ts";

const id = "lead_1";
const context: LeadContext = {
  now: new Date("2026-03-01T08:00:00Z"),
  actor: "user_li",
  conversionIds: { accountId: "account_1", contactId: "contact_1", opportunityId: "opportunity_1" },
};
const lead = Lead.fromPartial({
  ownerId: "user_li",
  teamId: "team_east",
  name: "王芳",
  company: "Acme",
  email: "wang.fang@acme.example",
  source: "TRADE_SHOW",
  needs: ["ink"],
});
const noEtag = { id, etag: "" };
const reason = "REASON_UNSPECIFIED" as const;
const by = { decideTime: context.now, decidedBy: "user_li" };

const captured: LeadEvent = { type: "LeadCaptured", lead };
const qualified: LeadEvent = { type: "LeadQualified", qualification: { reason, note: "", ...by } };
const disqualified: LeadEvent = {
  type: "LeadDisqualified",
  qualification: { reason: "NO_BUDGET", note: "next year", ...by },
};
const requested: LeadEvent = {
  type: "LeadConversionRequested",
  ...context.conversionIds,
  joinsAccount: false,
  opportunityName: "Acme",
  pipelineId: "",
  requestTime: context.now,
};
const advanced = (part: "ACCOUNT" | "CONTACT" | "OPPORTUNITY"): LeadEvent => ({ type: "LeadConversionAdvanced", part });
const converted: LeadEvent = { type: "LeadConverted", ...context.conversionIds, completeTime: context.now };
const convert: LeadCommand = { type: "ConvertLead", ...noEtag, accountId: "", opportunityName: "", pipelineId: "" };
const inquire = (product: string): LeadCommand => ({
  type: "RecordInquiry",
  ...noEtag,
  inquiry: { product, question: "How much?", channel: "CHAT" },
});
const form = { formName: "contact-us", pageUrl: "", message: "", visitorId: "v1", submitTime: context.now };
const submit: LeadCommand = { type: "SubmitForm", form, described: lead, phoneTaken: false };

const rules = specify({ decide, evolve });

describe("a form (C-025)", () => {
  it("captures a lead the first time", () => {
    rules
      .given()
      .when(submit, context)
      .thenTypes(["LeadCaptured", "LeadFormSubmitted"], (state) => {
        expect(state).toMatchObject({ status: "NEW", stage: "POTENTIAL", formSubmissionCount: 1, lastForm: form });
      });
  });
  it("is one more submission of the lead it meets", () => {
    rules
      .given(captured)
      .when(submit, context)
      .thenTypes(["LeadFormSubmitted"], (state) => {
        expect(state.formSubmissionCount).toBe(1);
        expect(state.needs).toEqual(["ink"]);
      });
  });
  it("fills empty fields and overwrites none", () => {
    const described = Lead.fromPartial({
      name: "W. Fang",
      email: "other@acme.example",
      phone: "+8613800000000",
      needs: ["paper"],
    });
    rules
      .given(captured)
      .when({ ...submit, described }, context)
      .thenTypes(["LeadFormSubmitted"], (state) => {
        expect(state).toMatchObject({
          name: "王芳",
          email: lead.email,
          phone: "+8613800000000",
          needs: ["ink", "paper"],
        });
      });
  });
  it("does not take over a telephone number that is another lead's", () => {
    const described = Lead.fromPartial({ email: lead.email, phone: "+8613800000000" });
    rules
      .given(captured)
      .when({ ...submit, described, phoneTaken: true }, context)
      .thenTypes(["LeadFormSubmitted"], (state) => {
        expect(state.phone).toBe("");
      });
  });
});

describe("an inquiry (C-029)", () => {
  it("shows intent and puts a new lead to work", () => {
    rules
      .given(captured)
      .when(inquire("GTX Pro"), context)
      .thenTypes(["LeadInquiryRecorded"], (state) => {
        expect(state).toMatchObject({
          status: "WORKING",
          stage: "INTENT",
          inquiryCount: 1,
          firstInquiryTime: context.now,
        });
        expect(state.stageChanges).toEqual([{ from: "POTENTIAL", to: "INTENT", time: context.now }]);
      });
  });
  it("is first only once", () => {
    const inquiry = { product: "GTX Pro", question: "How much?", channel: "CHAT" as const, inquireTime: context.now };
    rules.given(captured).when(inquire("GTX Pro"), context).then({ type: "LeadInquiryRecorded", inquiry, first: true });
    rules
      .given(captured, { type: "LeadInquiryRecorded", inquiry, first: true })
      .when(inquire("GTX Pro"), context)
      .then({ type: "LeadInquiryRecorded", inquiry, first: false });
  });
  it("is refused on a lead that was given up", () => {
    rules
      .given(captured, disqualified)
      .when(inquire("GTX Pro"), context)
      .thenRefused("LEAD_DISQUALIFIED", { reason: "NO_BUDGET" });
  });
});

describe("qualification (C-027)", () => {
  it("records who decided, when and why", () => {
    rules
      .given(captured)
      .when({ type: "QualifyLead", ...noEtag, note: "has budget" }, context)
      .then({
        type: "LeadQualified",
        qualification: { reason, note: "has budget", ...by },
      });
  });
  it("is quiet on a qualified lead", () => {
    rules
      .given(captured, qualified)
      .when({ type: "QualifyLead", ...noEtag, note: "" }, context)
      .thenNothing();
  });
  it("takes a lead that was given up off the worklist, with its reason", () => {
    rules
      .given(captured)
      .when({ type: "DisqualifyLead", ...noEtag, reason: "NO_BUDGET", note: "next year" }, context)
      .then(disqualified);
  });
  it("is quiet when given up again for the same reason, refused for another", () => {
    const again = rules.given(captured, disqualified);
    again.when({ type: "DisqualifyLead", ...noEtag, reason: "NO_BUDGET", note: "" }, context).thenNothing();
    again
      .when({ type: "DisqualifyLead", ...noEtag, reason: "NO_NEED", note: "" }, context)
      .thenRefused("LEAD_DISQUALIFIED");
  });
  it("is refused on a lead that was given up, until it is reopened", () => {
    rules
      .given(captured, disqualified)
      .when({ type: "QualifyLead", ...noEtag, note: "" }, context)
      .thenRefused("LEAD_DISQUALIFIED");
    rules
      .given(captured, disqualified, { type: "LeadReopened", note: "" })
      .when({ type: "QualifyLead", ...noEtag, note: "" }, context)
      .thenTypes(["LeadQualified"]);
  });
  it("is not undone while the lead is being converted", () => {
    rules
      .given(captured, qualified, requested)
      .when({ type: "DisqualifyLead", ...noEtag, reason: "NO_NEED", note: "" }, context)
      .thenRefused("CONVERSION_PENDING");
  });
});

describe("conversion (C-028)", () => {
  it("names the three records to come and carries all the lead holds", () => {
    rules
      .given(captured, qualified)
      .when(convert, context)
      .thenTypes(["LeadConversionRequested"], (state) => {
        expect(state.conversion).toMatchObject({ state: "PENDING", ...context.conversionIds });
      });
  });
  it("joins an account that exists", () => {
    rules
      .given(captured, qualified)
      .when({ ...convert, accountId: "account_9" }, context)
      .thenTypes(["LeadConversionRequested"], (state) => {
        expect(state.conversion?.accountId).toBe("account_9");
      });
  });
  it("is refused before the lead is qualified", () => {
    rules.given(captured).when(convert, context).thenRefused("LEAD_NOT_QUALIFIED", { status: "NEW" });
  });
  it("is quiet on repeat, pending or complete", () => {
    rules.given(captured, qualified, requested).when(convert, context).thenNothing();
    rules.given(captured, qualified, requested, converted).when(convert, context).thenNothing();
  });
  it("is complete when the last of the three records exists, in any order", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(["ACCOUNT", "CONTACT", "OPPORTUNITY"] as const, { minLength: 3 }),
        ([a, b, c]) => {
          if (a === undefined || b === undefined || c === undefined) return;
          rules
            .given(captured, qualified, requested, advanced(a), advanced(b))
            .when({ type: "ConfirmConversion", part: c }, context)
            .then(advanced(c), converted);
        },
      ),
    );
  });
  it("counts a record once, however often it is confirmed", () => {
    rules
      .given(captured, qualified, requested, advanced("ACCOUNT"))
      .when({ type: "ConfirmConversion", part: "ACCOUNT" }, context)
      .thenNothing();
    rules
      .given(captured, qualified, requested, converted)
      .when({ type: "ConfirmConversion", part: "ACCOUNT" }, context)
      .thenNothing();
  });
  it("settles the lead's facts", () => {
    rules
      .given(captured, qualified, requested, converted)
      .when({ type: "UpdateLead", lead, updateMask: ["name"] }, context)
      .thenRefused("LEAD_CONVERTED", { accountId: "account_1" });
  });
});

describe("tracking (C-026)", () => {
  it("keeps every change of the purchase intent", () => {
    const set = (purchaseIntent: "LOW" | "HIGH"): LeadEvent => ({
      type: "LeadEdited",
      changes: { ...lead, purchaseIntent },
      changedFields: ["purchase_intent"],
      editTime: context.now,
    });
    const state = [captured, set("LOW"), set("HIGH")].reduce<LeadState | undefined>(evolve, undefined);
    expect(state?.purchaseIntentChanges).toEqual([
      { from: "PURCHASE_INTENT_UNSPECIFIED", to: "LOW", time: context.now },
      { from: "LOW", to: "HIGH", time: context.now },
    ]);
  });
});

describe("whatever is asked of a lead", () => {
  const commands: LeadCommand[] = [
    submit,
    inquire("GTX Pro"),
    convert,
    { type: "QualifyLead", ...noEtag, note: "" },
    { type: "DisqualifyLead", ...noEtag, reason: "NO_NEED", note: "" },
    { type: "ReopenLead", ...noEtag, note: "" },
    { type: "ConfirmConversion", part: "ACCOUNT" },
    { type: "ConfirmConversion", part: "CONTACT" },
    { type: "ConfirmConversion", part: "OPPORTUNITY" },
    { type: "DeleteLead", ...noEtag },
    { type: "UndeleteLead", ...noEtag },
    { type: "ReassignLead", ...noEtag, ownerId: "user_zhao", teamId: "" },
  ];
  it("a converted lead stays converted under the ids first named", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...commands), { maxLength: 40 }), (sequence) => {
        let state: LeadState = evolve(undefined, captured);
        let ids: string | undefined;
        for (const command of sequence) {
          const outcome = decide(command, state, context);
          if ("kind" in outcome) continue;
          state = outcome.reduce<LeadState>(evolve, state);
          ids ??= state.conversion?.accountId;
          expect(state.conversion?.accountId).toBe(ids);
          if (state.status === "CONVERTED") expect(state.conversion?.state).toBe("COMPLETE");
        }
      }),
    );
  });
});
