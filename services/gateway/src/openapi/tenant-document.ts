import { createHash } from "node:crypto";
import { boundedCache } from "@keynode/auth/bounded-cache";
import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { ListCustomFieldsResponse } from "@keynode/contracts/crm/identity/v1/custom_field_service";
import type { Locale } from "@keynode/decider/error-table";
import { mayRead } from "@keynode/fields/viewer";
import { type Exchange, isRefusal, sendRefusal } from "../exchange.ts";
import { type KeptContent, kept, sendKept } from "../kept-content.ts";
import { type Refusal, refusalOfStatus } from "../problem.ts";
import { admitCall, type AdmittedCall, type Endpoint, type EndpointTools } from "../transcoder/endpoint.ts";
import type { Route } from "../transcoder/routes.ts";
import { type CustomValuesSchema, customValuesOf } from "./custom-values.ts";
import { LIST_FIELDS, TENANT_DOCUMENT_PATH } from "./tenant-document-operation.ts";

/** As many as a page takes, and as many pages as a tenant can fill. */
const PAGE_SIZE = 1_000;
const MAX_PAGES = 10;
/** Each is some 700 KB, and its codings. */
const MAX_DOCUMENTS = 32;

export type TenantDocumentOptions = {
  readonly routes: readonly Route[];
  readonly tools: Pick<EndpointTools, "codec" | "invoker" | "admit" | "deadlineMs" | "streamLimitMs">;
  /** The document with what is known of custom values. */
  readonly document: (values: CustomValuesSchema) => object;
};

/**
 * Serves the document of the API as the caller's tenant has it: its custom fields, as far as the caller's roles see them,
 * are typed properties. It is made once for each version of those fields. Undefined where the contract has no such fields.
 */
export const createTenantDocument = ({ routes, tools, document }: TenantDocumentOptions): Endpoint | undefined => {
  const list = routes.find(({ name }) => name === LIST_FIELDS);
  if (list === undefined) return undefined;
  const write = tools.codec.writer(list.method.input);
  const made = boundedCache<KeptContent>(MAX_DOCUMENTS);

  const request = (pageToken: string): Buffer => {
    const message = write(
      new Map<string, string | number>([
        ["pageSize", PAGE_SIZE],
        ["pageToken", pageToken],
      ]),
    );
    if (!Buffer.isBuffer(message)) throw new Error(`${list.name} does not take a page's size and token`);
    return message;
  };

  const fieldsOf = async (exchange: Exchange, call: AdmittedCall): Promise<readonly CustomField[] | Refusal> => {
    const fields: CustomField[] = [];
    let pageToken = "";
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const message = request(pageToken);
      const answer = await tools.invoker.unary(exchange, { ...call, service: "identity", method: list.name, message });
      if (answer.kind !== "answer") return refusalOfStatus(answer.status, exchange.locale, (field) => ({ field }));
      const { customFields, nextPageToken } = ListCustomFieldsResponse.decode(answer.message);
      fields.push(...customFields);
      if (nextPageToken === "") break;
      pageToken = nextPageToken;
    }
    return fields;
  };

  return {
    template: TENANT_DOCUMENT_PATH,
    serve: async (exchange) => {
      const { request: asked, response, headers, locale } = exchange;
      const call = await admitCall(list, exchange, tools);
      if (isRefusal(call)) return sendRefusal(exchange, call);
      const fields = await fieldsOf(exchange, call);
      if ("reason" in fields) return sendRefusal(exchange, fields);
      const roles = call.caller === "anonymous" ? [] : call.caller.principal.roles;
      const seen = fields.filter((field) => mayRead(field, { roles, isService: false }));
      const version = versionOf(seen, locale);
      const text = made.get(version) ?? kept(Buffer.from(JSON.stringify(document(customValuesOf(seen, locale)))));
      made.set(version, text);
      response.set(headers).vary("authorization, accept-language");
      await sendKept(asked, response, text, {
        "content-type": "application/json",
        "cache-control": "private, no-cache",
      });
    },
  };
};

/** What the document depends on: the fields that somebody sees, as they are now, and the language. */
const versionOf = (fields: readonly CustomField[], locale: Locale): string => {
  const versions = fields.map(({ id, etag }) => `${id} ${etag}`).toSorted();
  return createHash("sha256")
    .update([locale, ...versions].join("\n"))
    .digest("base64url");
};
