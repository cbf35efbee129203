import {
  type DescMethod,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { protoCamelCase } from "@bufbuild/protobuf/reflect";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { createMinter } from "@keynode/auth/minter";
import type { Principal } from "@keynode/auth/principal";
import { httpRule, registry } from "@keynode/contracts/descriptors";
import { codeName } from "@keynode/grpc/status";
import { type Answer, sender } from "../api.ts";
import type { Access } from "../stack.ts";

/**
 * How far a call came. `reached` is all that lies behind the doors: an answer, or a refusal that only those hear who may
 * do it, such as an etag that does not match.
 */
export type Outcome = "unauthenticated" | "forbidden" | "unseen" | "invalid" | "reached" | "broken";

export type Result = {
  readonly outcome: Outcome;
  /** What was answered, for the message of a failing test. */
  readonly said: string;
  /** The response as proto3 JSON; none for a refusal. */
  readonly response: JsonObject | undefined;
};

/** A way into the system, as one caller. Requests are proto3 JSON. */
export type Face = { call(method: DescMethod, request: JsonObject): Promise<Result> };

const timeoutMs = 15_000;

/**
 * The gateway's face: requests are put together from each method's http rule, as a generated client does it; `headers` go
 * along with each.
 */
export const restFace = (
  baseUrl: string,
  credential: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Face => {
  const send = sender({ baseUrl, apiKey: credential ?? "" });
  return {
    call: async (method, request) => {
      const { verb, path, body } = httpRequest(method, request);
      return resultOf(
        await send<JsonObject>(verb, path, {
          headers: { ...headers, ...(credential === undefined && { authorization: "" }) },
          ...(body !== undefined && { body }),
        }),
      );
    },
  };
};

/** A request as the method's http rule sends it; `body` is undefined where there is none. */
export type HttpRequest = { readonly verb: string; readonly path: string; readonly body: JsonValue | undefined };

/** Puts a request together from its method's http rule. */
export const httpRequest = (method: DescMethod, request: JsonObject): HttpRequest => {
  const rule = httpRule(method);
  if (rule === undefined) throw new Error(`${method.name} has no route`);
  const left = structuredClone(request);
  const path = rule.path.replaceAll(/\{([\w.]+)\}/g, (_, field: string) =>
    take(left, field.split(".").map(protoCamelCase)),
  );
  const body = rule.body === "*" ? left : left[protoCamelCase(rule.body)];
  const query = rule.body === "*" ? {} : left;
  if (rule.body !== "" && rule.body !== "*") delete left[protoCamelCase(rule.body)];
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, textOf(value)]),
  );
  return {
    verb: rule.verb,
    path: search.size === 0 ? path : `${path}?${search.toString()}`,
    body: rule.body === "" ? undefined : (body ?? {}),
  };
};

const take = (request: JsonObject, [name = "", ...rest]: readonly string[]): string => {
  if (rest.length > 0) return take(request[name] as JsonObject, rest);
  const value = request[name];
  delete request[name];
  return encodeURIComponent(textOf(value));
};

const textOf = (value: JsonValue | undefined): string => (typeof value === "string" ? value : JSON.stringify(value));

const outcomesOfStatus: Readonly<Record<number, Outcome>> = {
  400: "invalid",
  401: "unauthenticated",
  403: "forbidden",
  404: "unseen",
};

const resultOf = ({ status, body }: Answer<JsonObject>): Result => ({
  outcome: outcomesOfStatus[status] ?? (status >= 500 ? "broken" : "reached"),
  said: `${status} ${JSON.stringify(body)}`,
  response: status < 300 ? (body ?? {}) : undefined,
});

/** The services' own face, past the gateway: what a caller inside the network could ask them for. */
export const grpcFace = (access: Access, bearer: Bearer | undefined): Face & { close(): void } => {
  const clients = new Map<string, Client>();
  const clientOf = (service: string): Client => {
    const known =
      clients.get(service) ?? new Client(access.below.addresses[service] ?? "", credentials.createInsecure());
    clients.set(service, known);
    return known;
  };
  const once = async (method: DescMethod, request: JsonObject): Promise<Result> => {
    const service = servingOne(method.parent.typeName);
    const metadata = new Metadata();
    if (bearer !== undefined) metadata.set("authorization", `Bearer ${await bearer.token(service)}`);
    const message = Buffer.from(toBinary(method.input, fromJson(method.input, request, { registry: registry() })));
    const path = `/${method.parent.typeName}/${method.name}`;
    const options = { deadline: Date.now() + timeoutMs };
    const client = clientOf(service);
    return await new Promise<Result>((resolve) => {
      const settle = (error: ServiceError | null, bytes?: Buffer): void => resolve(grpcResult(method, error, bytes));
      if (method.methodKind === "unary") {
        client.makeUnaryRequest(path, asIs, asIs, message, metadata, options, settle);
        return;
      }
      const stream = client.makeServerStreamRequest(path, asIs, asIs, message, metadata, options);
      stream.on("error", settle);
      stream.on("end", () => settle(null, Buffer.alloc(0)));
      stream.once("data", (bytes: Buffer) => {
        settle(null, bytes);
        stream.cancel();
      });
    });
  };
  return {
    // Rights that changed since make tokens of before worthless: the gateway asks anew once, too.
    call: async (method, request) => {
      const result = await once(method, request);
      if (bearer === undefined || result.outcome !== "unauthenticated") return result;
      await bearer.renew();
      return await once(method, request);
    },
    close: () => clients.forEach((client) => client.close()),
  };
};

/** Every service has what is the chassis's, and each that keeps records has what is asked about custom values: one stands for all. */
const servingOne = (typeName: string): string => {
  const [, context = ""] = typeName.split(".");
  return context === "chassis" || typeName === "crm.identity.v1.CustomValueService" ? "lead" : context;
};

const asIs = (bytes: Buffer): Buffer => bytes;

const outcomesOfCode: Readonly<Record<string, Outcome>> = {
  UNAUTHENTICATED: "unauthenticated",
  PERMISSION_DENIED: "forbidden",
  NOT_FOUND: "unseen",
  INVALID_ARGUMENT: "invalid",
  FAILED_PRECONDITION: "reached",
  ABORTED: "reached",
  ALREADY_EXISTS: "reached",
};

const grpcResult = (method: DescMethod, error: ServiceError | null, bytes: Buffer | undefined): Result => {
  if (error !== null || bytes === undefined) {
    const code = codeName(error?.code ?? 2);
    return { outcome: outcomesOfCode[code] ?? "broken", said: `${code} ${error?.details}`, response: undefined };
  }
  const response = toJson(method.output, fromBinary(method.output, bytes), { registry: registry() }) as JsonObject;
  return { outcome: "reached", said: JSON.stringify(response), response };
};

/** Internal tokens of one caller. */
export type Bearer = { token(audience: string): Promise<string>; renew(): Promise<void> };

/** Signs for a caller as the gateway does. */
export const gatewayBearer = async (access: Access, ask: () => Promise<Principal>): Promise<Bearer> => {
  const { gatewayKey: privateJwk } = access.below;
  const mint = createMinter({ issuer: "gateway", privateJwk, keyId: privateJwk.kid ?? "" });
  let principal = await ask();
  return {
    token: (audience) => mint(principal, audience),
    renew: async () => {
      principal = await ask();
    },
  };
};
