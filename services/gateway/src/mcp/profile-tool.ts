import { isRefusal } from "../exchange.ts";
import { PROFILE_TEXT, profileSchema } from "../openapi/document.ts";
import { createProfileComposer, type Profile } from "../profile.ts";
import { refuse } from "../problem.ts";
import { readDelimitedField } from "../transcoder/codec/wire-reader.ts";
import type { EndpointTools } from "../transcoder/endpoint.ts";
import { type Answered, createMethodCall, type MethodCall } from "./method-call.ts";
import { isGranted, type ServedTool } from "./served-tool.ts";
import type { Tool } from "./tool.ts";
import { answeredResult, MAX_ANSWER_LENGTH, refusedResult } from "./tool-result.ts";
import type { ToolSchemas } from "./tool-schema.ts";

/** Rows of a section: enough to see what there is, the section's own tool lists the rest. */
const SECTION_ROWS = 5;

/** Reads profiles as the other tools read records; `get` is the tool that shows the subject alone. */
export const createProfileReader = (
  profile: Profile,
  get: Tool,
  calls: Pick<EndpointTools, "codec" | "invoker">,
): MethodCall => {
  const { encode } = createMethodCall(get, calls);
  const idField = profile.get.variables[0]?.[0];
  const compose = createProfileComposer(profile, calls, SECTION_ROWS);
  return {
    encode,
    send: async (visit, message) => {
      const id = idField === undefined ? undefined : readDelimitedField(message, idField.number);
      const composed = await compose(visit.exchange, visit, { id: id?.toString() ?? "", message });
      if (typeof composed !== "string") return composed;
      return { json: JSON.parse(composed) as Answered["json"], text: composed, consistency: undefined };
    },
  };
};

/** The tool that shows a profile. */
export const profileTool = (profile: Profile, get: Tool, schemas: ToolSchemas, reader: MethodCall): ServedTool => {
  const name = `${get.name}_profile`;
  const { summary: title, description } = PROFILE_TEXT;
  return {
    name,
    isRead: true,
    isOffered: (visit) => isGranted(visit, get.route.rules.permission),
    definition: () => ({
      name,
      title,
      description,
      inputSchema: schemas.input(get),
      outputSchema: schemas.closeAnswer(profileSchema(profile, schemas.messages)),
      annotations: { title, readOnlyHint: true, openWorldHint: false },
    }),
    run: async (visit, given) => {
      const message = reader.encode(visit, given);
      if (!Buffer.isBuffer(message)) return refusedResult(visit, message);
      const answer = await reader.send(visit, message);
      if (isRefusal(answer)) return refusedResult(visit, answer);
      if (answer.text.length <= MAX_ANSWER_LENGTH) return answeredResult(answer);
      const metadata = { limitCharacters: String(MAX_ANSWER_LENGTH) };
      return refusedResult(visit, refuse("ANSWER_TOO_LARGE", visit.exchange.locale, { metadata }));
    },
  };
};
