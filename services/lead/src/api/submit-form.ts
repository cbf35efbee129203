import type { CommandScope } from "@keynode/aggregate/command-scope";
import type { Committed } from "@keynode/aggregate/store";
import { commandScope } from "@keynode/api/command";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import type { SubmitFormRequest, SubmitFormResponse } from "@keynode/contracts/crm/lead/v1/lead_service";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call, Handler } from "@keynode/grpc/call";
import { maskedText } from "@keynode/grpc/masking/masked-text";
import type { LeadState } from "../domain/lead/state.ts";
import { holderOf, type LeadStore, matchKeys } from "../lead.ts";
import { withContactPoints } from "@keynode/api/contact-point";
import { leadContext } from "./context.ts";

/** How often a form is tried again when others capture or change the same person at the same moment. */
const attempts = 5;

/** C-025. Meets the lead with the form's e-mail address, else the one with its telephone number, else captures one. */
export const submitForm =
  (leads: LeadStore, now: () => Date): Handler<SubmitFormRequest, SubmitFormResponse> =>
  async (request, call) => {
    if (request.email === "" && request.phone === "") {
      const reason = "FORM_WITHOUT_CONTACT";
      return reject(reason, {}, [
        { field: "email", reason },
        { field: "phone", reason },
      ]);
    }
    const described = withContactPoints(describedBy(request, call), "phone");
    if (isDomainError(described)) return described;
    const scope = commandScope(call);
    if (isDomainError(scope)) return scope;
    const { formName, pageUrl, message, visitorId } = request;
    const form = { formName, pageUrl, message, visitorId, submitTime: now() };
    const outcome = await meet(leads, form, described, scope);
    return isDomainError(outcome) ? outcome : { leadId: outcome.state.id };
  };

const meet = async (
  leads: LeadStore,
  form: NonNullable<LeadState["lastForm"]>,
  described: Lead,
  scope: CommandScope,
): Promise<Committed<LeadState> | DomainError> => {
  const byEmail = matchKeys({ ...described, phone: "" });
  const byPhone = matchKeys({ ...described, email: "" });
  let outcome: Committed<LeadState> | DomainError = reject("CONFLICT");
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const [emailHolder, phoneHolder] = await Promise.all([
      holderOf(leads, scope.tenant, byEmail),
      holderOf(leads, scope.tenant, byPhone),
    ]);
    const met = emailHolder ?? phoneHolder;
    const phoneTaken = phoneHolder !== undefined && phoneHolder !== met;
    const command = { type: "SubmitForm", form, described, phoneTaken } as const;
    // A form is not its sender's to read: whoever may submit it meets any lead of the tenant.
    const unseen: CommandScope = { ...scope, visibility: { kind: "all" }, takesNoValues: true };
    outcome =
      met === undefined
        ? await leads.create(command, unseen, leadContext)
        : await leads.execute(met, command, unseen, leadContext);
    if (!isDomainError(outcome) || outcome.reason !== "LEAD_EXISTS") return outcome;
  }
  return outcome;
};

/** The lead that a form describes, in case it is the first of its person. */
const describedBy = ({ name, email, phone, company, need }: SubmitFormRequest, { actor, principal }: Call): Lead =>
  Lead.fromPartial({
    ownerId: actor,
    teamId: principal.teams[0] ?? "",
    // The name is shown to all who see the lead, the address and the number to few.
    name: name || maskedText("EMAIL", email, principal.maskRules) || maskedText("PHONE", phone, principal.maskRules),
    email,
    phone,
    company,
    needs: need === "" ? [] : [need],
    source: "WEBSITE",
  });
