import type { DescMethod, JsonObject } from "@bufbuild/protobuf";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { httpRule, methodRules } from "@keynode/contracts/descriptors";
import type { Face, Outcome, Result } from "./faces.ts";

/** Whether agents find the method as a tool. */
export const isTool = (method: DescMethod): boolean => methodRules(method)?.tool === true;

/** `GetKeyNode` → `get_key_node`, as agents know it. */
export const toolOf = (method: DescMethod): string =>
  method.name.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/** A client of the protocol's own library at the gateway. */
export const connectAgent = async (
  baseUrl: string,
  credential: string | undefined,
  { path = "/mcp", headers = {} }: { readonly path?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Client> => {
  const client = new Client({ name: "keynode-e2e", version: "1" });
  const authorization = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(baseUrl + path), {
      requestInit: { headers: { ...authorization, ...headers } },
    }),
  );
  return client;
};

/** The problem that a refused tool answered; undefined where it was not refused. */
export const problemIn = (result: Awaited<ReturnType<Client["callTool"]>>) => {
  const [content] = result.content;
  if (result.isError !== true || content?.type !== "text") return undefined;
  return JSON.parse(content.text) as {
    status: number;
    code: string;
    metadata?: Record<string, string>;
    errors?: { pointer?: string; parameter?: string; code: string }[];
  };
};

/** The agents' face. Tools that write are tried only: what lets them try is what lets them do. */
export const mcpFace = (baseUrl: string, credential: string | undefined): Face & { close(): void } => {
  let connected: Promise<Client> | undefined;
  return {
    call: async (method, request) => {
      try {
        const client = await (connected ??= connectAgent(baseUrl, credential));
        const result = await client.callTool({ name: toolOf(method), arguments: argumentsOf(method, request) });
        return resultOf(result);
      } catch (error) {
        connected = undefined;
        const said = String(error);
        return { outcome: /401|unauthori[sz]ed/i.test(said) ? "unauthenticated" : "broken", said, response: undefined };
      }
    },
    close: () => void connected?.then((client) => client.close()),
  };
};

/** A tool takes what REST takes in path, query and body in one: the record of an update is not a member of its own. */
const argumentsOf = (method: DescMethod, asked: JsonObject): JsonObject => {
  const request = Object.fromEntries(Object.entries(asked).filter(([name]) => name !== "updateMask"));
  const body = method.input.fields.find(({ name }) => name === httpRule(method)?.body)?.jsonName ?? "";
  const { [body]: carried, ...rest } = request;
  return isObject(carried) ? { ...rest, ...carried } : request;
};

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const outcomesOfStatus: Readonly<Record<number, Outcome>> = {
  400: "invalid",
  401: "unauthenticated",
  403: "forbidden",
  404: "unseen",
};

const resultOf = (result: Awaited<ReturnType<Client["callTool"]>>): Result => {
  const problem = problemIn(result);
  if (problem !== undefined) {
    const { status } = problem;
    const outcome = outcomesOfStatus[status] ?? (status >= 500 ? "broken" : "reached");
    return { outcome, said: JSON.stringify(problem), response: undefined };
  }
  const response = result.structuredContent as JsonObject;
  return { outcome: "reached", said: JSON.stringify(response), response };
};
