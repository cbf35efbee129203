import type { LeadCommand } from "../command.ts";
import type { LeadEvent } from "../events.ts";
import type { LeadState } from "../state.ts";

type SubmitForm = Extract<LeadCommand, { type: "SubmitForm" }>;

/** C-025. Every submission is a fact of its own; the first one of an unknown person captures a lead. */
export const submitForm = (
  { form, described, phoneTaken }: SubmitForm,
  state: LeadState | undefined,
): readonly LeadEvent[] => [
  ...(state === undefined ? [{ type: "LeadCaptured" as const, lead: described }] : []),
  {
    type: "LeadFormSubmitted",
    form,
    name: described.name,
    email: described.email,
    phone: phoneTaken ? "" : described.phone,
    company: described.company,
    need: described.needs[0] ?? "",
  },
];
