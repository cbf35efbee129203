import type { DescField } from "@bufbuild/protobuf";
import { resourceRules } from "@keynode/contracts/descriptors";
import { type Exchange, isRefusal, sendRefusal } from "./exchange.ts";
import { problemOf, type Refusal, refusalOfStatus, refuse } from "./problem.ts";
import { readDelimitedField } from "./transcoder/codec/wire-reader.ts";
import {
  type AdmittedCall,
  admitCall,
  decodedValues,
  type Endpoint,
  type EndpointTools,
  invalidRequest,
} from "./transcoder/endpoint.ts";
import { locateField } from "./transcoder/field-location.ts";
import type { JsonRenderer } from "./transcoder/codec/message-to-json.ts";
import type { JsonCodec } from "./transcoder/json-codec.ts";
import { type PathTemplate, parsePathTemplate } from "./transcoder/path-template.ts";
import { createRequestReader } from "./transcoder/request-message.ts";
import type { Route } from "./transcoder/routes.ts";
import type { Answer } from "./upstream/call.ts";

/** The resource whose profile it is. */
const SUBJECT = "account";
const PAGE_SIZE = 20;
/** A service that is slow must not hold up what the others have to say. */
const SECTION_DEADLINE_MS = 3_000;

/** One section: the List method that fills it, and where in its answer the rows and the next page's token are. */
export type ProfileSection = {
  readonly name: string;
  readonly list: Route;
  /** Field of the filter that holds the subject's id, as JSON has it. */
  readonly filterField: string;
  readonly rows: DescField;
  readonly nextPageToken: DescField | undefined;
};

/** The customer's profile as the contract composes it. */
export type Profile = {
  readonly template: PathTemplate;
  /** Gets the subject itself. */
  readonly get: Route;
  readonly sections: readonly ProfileSection[];
};

/** The profile that List methods opted into; undefined when the contract has no such subject. Throws when one cannot fill a section. */
export const contractProfile = (routes: readonly Route[]): Profile | undefined => {
  const get = routes.find(
    ({ verb, isPrimary, method, variables }) =>
      verb === "GET" && isPrimary && variables.length === 1 && resourceRules(method.output)?.type === SUBJECT,
  );
  if (get === undefined) return undefined;
  const sections = routes.flatMap((list) =>
    list.isPrimary && list.rules.profile ? [sectionOf(list, list.rules.profile)] : [],
  );
  return { template: parsePathTemplate(`${get.template.text}:profile`), get, sections };
};

const sectionOf = (
  list: Route,
  { section, accountField }: { section: string; accountField: string },
): ProfileSection => {
  const { input, output } = list.method;
  const rows = output.fields.find((field) => field.fieldKind === "list" && field.listKind === "message");
  const takes = (name: string): boolean => input.fields.some((field) => field.name === name);
  if (rows === undefined || !takes("filter") || !takes("page_size") || typeof list.service !== "string") {
    throw new Error(`${list.name} is no List method and cannot fill the profile's section ${section}`);
  }
  const filterField = accountField.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
  const nextPageToken = output.fields.find(({ name }) => name === "next_page_token");
  return { name: section, list, filterField, rows, nextPageToken };
};

/** A part of the profile: its JSON, or why it is missing. */
type Part = { readonly json: string } | Refusal;

type ProfileCall = Pick<AdmittedCall, "caller" | "forwarded" | "deadlineMs">;

/** The JSON of one subject's profile, or why there is none. `message` asks for the subject. */
type Compose = (
  exchange: Exchange,
  call: ProfileCall,
  asked: { readonly id: string; readonly message: Buffer },
) => Promise<string | Refusal>;

/**
 * Composes the profile: the subject and the first page of each section, asked for in parallel. A
 * section that is refused, or whose service is down, holds its problem instead of rows.
 */
export const createProfileComposer = (
  { get, sections }: Profile,
  tools: Pick<EndpointTools, "codec" | "invoker">,
  pageSize = PAGE_SIZE,
): Compose => {
  const renderSubject = tools.codec.renderer(get.method.output);
  const parts = sections.map((section) => createPart(section, tools.codec, pageSize));

  const ask = (exchange: Exchange, { name, service }: Route, call: ProfileCall, message: Buffer): Promise<Answer> => {
    const deadlineMs = Math.min(call.deadlineMs, Date.now() + SECTION_DEADLINE_MS);
    return tools.invoker.unary(exchange, { ...call, deadlineMs, service: String(service), method: name, message });
  };

  const partOf = ({ locale }: Exchange, route: Route, answer: Answer, render: (message: Buffer) => string): Part =>
    answer.kind === "answer"
      ? { json: render(answer.message) }
      : refusalOfStatus(answer.status, locale, (field) => (route === get ? locateField(get, field) : { field }));

  return async (exchange, call, { id, message }) => {
    const [subject, ...filled] = await Promise.all([
      ask(exchange, get, call, message).then((answer) =>
        partOf(exchange, get, answer, (it) => renderSubject(it).toString()),
      ),
      ...parts.map(async ({ section, request, render }) => {
        const answer = await ask(exchange, section.list, call, request(id));
        return partOf(exchange, section.list, answer, render);
      }),
    ]);
    // Without the subject's service the sections are still worth reading; a subject that is not there has none.
    if (isRefusal(subject) && subject.status < 500) return subject;
    const shown = sections.map(({ name }, index) => jsonMember(name, jsonOf(exchange, filled[index])));
    return `{${jsonMember(SUBJECT, jsonOf(exchange, subject))},"sections":{${shown.join(",")}}}`;
  };
};

/** Serves the profile. */
export const createProfileEndpoint = (profile: Profile, tools: EndpointTools): Endpoint => {
  const { template, get } = profile;
  const readSubject = createRequestReader(get, tools.codec);
  const compose = createProfileComposer(profile, tools);

  return {
    template: template.text,
    serve: async (exchange, segments) => {
      const { locale, query } = exchange;
      const call = await admitCall(get, exchange, tools);
      if (isRefusal(call)) return sendRefusal(exchange, call);
      const values = decodedValues(get, segments);
      if (values === undefined) return sendRefusal(exchange, refuse("INVALID_PATH", locale));
      const message = readSubject({ pathValues: values, query, body: undefined });
      if (!Buffer.isBuffer(message)) return sendRefusal(exchange, invalidRequest(get, message, locale));
      const composed = await compose(exchange, call, { id: values[0] ?? "", message });
      if (typeof composed !== "string") return sendRefusal(exchange, composed);
      const body = Buffer.from(composed);
      const { response, headers } = exchange;
      const fields = { "content-type": "application/json", "content-length": body.length, "cache-control": "no-store" };
      response.writeHead(200, { ...headers, ...fields }).end(body);
    },
  };
};

const jsonMember = (name: string, json: string): string => `${JSON.stringify(name)}:${json}`;

const jsonOf = ({ requestId, path }: Exchange, part: Part | undefined): string => {
  if (part === undefined) return "{}";
  return isRefusal(part) ? JSON.stringify({ error: problemOf(part, requestId, path) }) : part.json;
};

const createPart = (section: ProfileSection, codec: JsonCodec, pageSize: number) => {
  const write = codec.writer(section.list.method.input);
  const renderRows = codec.fieldRenderer(section.rows);
  return {
    section,
    request: (id: string): Buffer => {
      const filter = `${section.filterField} = ${JSON.stringify(id)}`;
      const message = write(
        new Map<string, string | number>([
          ["filter", filter],
          ["pageSize", pageSize],
        ]),
      );
      if (!Buffer.isBuffer(message)) throw new Error(`${section.list.name} does not take a filter and a page size`);
      return message;
    },
    render: (message: Buffer): string => sectionJson(message, section, renderRows),
  };
};

const sectionJson = (message: Buffer, { nextPageToken }: ProfileSection, renderRows: JsonRenderer): string => {
  const token = nextPageToken && readDelimitedField(message, nextPageToken.number)?.toString();
  return `{${jsonMember("items", renderRows(message).toString())}${token ? `,${jsonMember("nextPageToken", JSON.stringify(token))}` : ""}}`;
};
