import { randomUUID } from "node:crypto";
import type { DescMethod, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { httpRule, resourceRules } from "@keynode/contracts/descriptors";
import { type HttpRequest, httpRequest } from "../access/faces.ts";
import { commandOn } from "../access/requests.ts";
import { collections, type Row, rows } from "../access/rows.ts";
import { creations } from "../access/specimens.ts";
import { type Answer, type Api, newEmail } from "../api.ts";
import { agreeAll, draftContract, newAccount } from "../steps.ts";
import type { Stage } from "./stage.ts";

/** A write that can be carried out, once. */
export type Trial = {
  readonly sent: HttpRequest;
  /** The same with other content; undefined where there is none, or where a secret is all that differs. */
  readonly other?: HttpRequest;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whose call it is; the stage's own unless told. */
  readonly caller?: Api;
  /** The record that it changes, where the answer does not say. */
  readonly recordId?: string;
};

/** Writes that are not tried, and where they are. */
export const elsewhere: Readonly<Record<string, string>> = {
  ExchangeSignOnCode: "takes an identity provider: e2e/sign-on",
  ReplayDeadLetter: "takes a dead letter, and repeats nothing by what its consumer is: e2e/faults.long",
  SignOut: "ends its caller's session, so a repeat has no caller: services/identity, auth.contract",
};

/** Commands that record no event: nothing remembers their keys, and a repeat comes to the same. */
export const unremembered: ReadonlySet<string> = new Set(["RebuildProjection", "UnlockUser"]);

/** A refresh token's successor follows from it, so that two tabs may refresh at once; nothing secret is kept for it. */
export const derivedSecrets: ReadonlySet<string> = new Set(["RefreshSession"]);

/** Every rpc that writes and is tried. */
export const tried: readonly Row[] = rows.filter(
  ({ method, rules }) => rules.effect !== "READ" && httpRule(method) !== undefined && !(method.name in elsewhere),
);

/** Carries a trial out under a key. */
export const send = (
  { api }: Stage,
  { sent, headers, caller = api }: Trial,
  key: string,
): Promise<Answer<JsonObject>> =>
  caller.send<JsonObject>(sent.verb, sent.path, {
    headers: { ...headers, "idempotency-key": key },
    ...(sent.body !== undefined && { body: sent.body }),
  });

/** An answer in one line. */
export const told = ({ status, body }: Answer<JsonObject>): string => `${status} ${JSON.stringify(body)}`;

type Made = { readonly id: string };

/** The trial of an rpc, on records of its own. Throws when nothing here tells how it is tried. */
export const trialOf = async (row: Row, stage: Stage): Promise<Trial> => {
  const { method, shape } = row;
  const own = special[method.name];
  if (own !== undefined) return await own(stage, method);
  switch (shape.kind) {
    case "create":
      return await creation(row, collectionOf(shape.resource), stage);
    case "update": {
      const id = await fresh(stage, collectionOf(shape.resource));
      const changing = (text: string): HttpRequest =>
        httpRequest(method, { [shape.field]: { id, [shape.changed]: text }, updateMask: shape.changed });
      return { sent: changing("Tried"), other: changing("Tried otherwise") };
    }
    case "record": {
      const subject = await (prepared[method.name] ?? standing(method.name))(stage, collectionOf(shape.resource));
      const sent = commandOn(method, { clauseId: "", ...subject, callerId: stage.helperId });
      return { sent: httpRequest(method, sent), other: httpRequest(method, { ...sent, etag: "1" }) };
    }
    default:
      throw new Error(`nothing tells how ${row.name} is tried`);
  }
};

const collectionOf = (resource: string): string => collections.get(resource)?.collection ?? "";

/** The fields of a new record, of no account that another trial touches. */
const fieldsOf = async ({ api, holder, roleId }: Stage, collection: string): Promise<JsonObject> => {
  const { id: accountId } = await newAccount(api);
  const more: Readonly<Record<string, JsonObject>> = {
    apiKeys: { name: "Till", roleIds: [roleId] },
    customFields: { collection: "leads", key: newKey(), kind: "NUMBER", displayName: { en: "Size", zh: "尺码" } },
    identityProviders: {
      name: "Okta",
      issuer: `https://${randomUUID()}.example.com`,
      clientId: "keynode",
      clientSecret: "a secret of the provider's",
    },
    purchases: { ...holder, accountId, amount: { currencyCode: "CNY", units: "12000" } },
    users: { name: "Li Wei", email: newEmail(), roleIds: [] },
    vocabularies: { key: newKey(), displayName: { en: "Size", zh: "尺码" } },
  };
  const fields = { ...creations(holder, accountId), contracts: { ...holder, accountId, title: "Seats" }, ...more };
  if (collection === "recordForms") return { collection: unformed.next().value ?? "", sections: drawn("A form") };
  const found = (fields as Readonly<Record<string, JsonObject>>)[collection];
  if (found === undefined) throw new Error(`nothing tells what a record of ${collection} is made from`);
  return found;
};

/** Collections that no template has a form for, each for one trial: a collection has one form. */
const unformed = ["accounts", "contacts", "contracts", "keyNodes", "products", "purchases", "tasks"].values();

const drawn = (en: string): JsonObject[] => [{ displayName: { en, zh: "表单" }, entries: [] }];

/** A key that nothing else of the tenant has. */
const newKey = (): string => `k${randomUUID().replaceAll("-", "")}`;

/** A new record of a collection. */
const fresh = async (stage: Stage, collection: string): Promise<string> => {
  const answer = await stage.api.post<Made & { readonly apiKey?: Made }>(
    `/v1/${collection}`,
    await fieldsOf(stage, collection),
  );
  return answer.apiKey?.id ?? answer.id;
};

/** Fields that can be another while the record is the same, the first that a resource has. */
const changes: Readonly<Record<string, JsonValue>> = {
  name: "Tried otherwise",
  title: "Tried otherwise",
  subject: "Tried otherwise",
  displayName: { en: "Tried otherwise" },
};

const creation = async ({ method }: Row, collection: string, stage: Stage): Promise<Trial> => {
  const batch = method.input.fields.find(({ name }) => name === "requests");
  const request = batch?.message ?? method.input;
  const carried = request.fields.find(({ message }) => message !== undefined && resourceRules(message) !== undefined);
  if (carried === undefined) throw new Error(`${method.name} carries no resource`);
  const fields = [await fieldsOf(stage, collection), await fieldsOf(stage, collection)];
  const changed = Object.entries(changes).find(([word]) =>
    carried.message?.fields.some(({ jsonName }) => jsonName === word),
  );
  const change: JsonObject = Object.fromEntries([changed ?? ["ownerId", stage.helperId]]);
  const making = (more: JsonObject): HttpRequest => {
    const items = fields.map((one) => ({ [carried.jsonName]: { ...one, ...more } }));
    return httpRequest(method, batch === undefined ? (items[0] ?? {}) : { requests: items });
  };
  return { sent: making({}), other: making(change) };
};

type Prepare = (stage: Stage, collection: string) => Promise<{ readonly id: string; readonly clauseId?: string }>;

/** A record as it was made, or deleted for what brings it back. */
const standing =
  (name: string): Prepare =>
  async (stage, collection) => {
    const id = await fresh(stage, collection);
    if (name.startsWith("Undelete")) await stage.api.delete(`/v1/${collection}/${id}`);
    return { id };
  };

/** A record after these commands. */
const after =
  (...verbs: readonly (readonly [verb: string, body?: JsonObject])[]): Prepare =>
  async (stage, collection) => {
    const id = await fresh(stage, collection);
    for (const [verb, body = {}] of verbs) await stage.api.post(`/v1/${collection}/${id}:${verb}`, body);
    return { id };
  };

const withClause: Prepare = async ({ api, holder }) => {
  const { id, clauses = [] } = await draftContract(api, { ...holder, accountId: (await newAccount(api)).id }, [
    "Price",
  ]);
  return { id, clauseId: clauses[0]?.id ?? "" };
};

const assigned: Prepare = async (stage, collection) =>
  await after(["assign", { assigneeId: stage.helperId }])(stage, collection);

const solved: Prepare = async (stage, collection) => {
  const { id } = await assigned(stage, collection);
  await stage.api.post(`/v1/cases/${id}:solve`, { solution: "Restarted" });
  return { id };
};

/** Records in the state that a command takes, where a new one is not. */
const prepared: Readonly<Record<string, Prepare>> = {
  AcceptClause: withClause,
  UnretireCustomField: after(["retire"]),
  ActivateUser: after(["deactivate"]),
  ConfirmCase: solved,
  ConvertLead: after(["qualify"]),
  InviteUserAgain: async ({ api }) =>
    await api.post<Made>("/v1/users:invite", { name: "Li Wei", email: newEmail(), roleIds: [] }),
  ProposePosition: withClause,
  RemoveClause: withClause,
  ReopenCase: solved,
  ReopenLead: after(["disqualify", { reason: "NO_NEED" }]),
  ReopenOpportunity: after(["lose", { reason: "PRICE" }]),
  RevokeSession: async (stage) => ({ id: (await stage.signIn()).sessionId }),
  SignContract: async (stage, collection) => {
    const { id } = await withClause(stage, collection);
    return await agreeAll(stage.api, await stage.api.get(`/v1/contracts/${id}`));
  },
  SolveCase: assigned,
};

type Special = (stage: Stage, method: DescMethod) => Promise<Trial>;

/** A change of what is called in several languages. */
const displayed =
  (collection: string, field: string): Special =>
  async (stage, method) => {
    const id = await fresh(stage, collection);
    const naming = (en: string): JsonObject => ({
      [field]: { id, displayName: { en, zh: "试" } },
      updateMask: "displayName",
    });
    return both(method, naming("Tried"), naming("Tried otherwise"));
  };

/** Two requests of one method that differ in what is told. */
const both = (method: DescMethod, sent: JsonObject, change: JsonObject): Trial => ({
  sent: httpRequest(method, sent),
  other: httpRequest(method, { ...sent, ...change }),
});

const scim = (kind: "User" | "Group"): JsonObject => {
  const schemas = [`urn:ietf:params:scim:schemas:core:2.0:${kind}`];
  return kind === "User"
    ? { schemas, userName: newEmail(), displayName: "Li Wei" }
    : { schemas, displayName: randomUUID() };
};

const renamed = { displayName: "Tried otherwise" };
const scimHeaders = { "content-type": "application/scim+json" };
const patchOf = (value: JsonObject): JsonObject => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations: [{ op: "replace", value }],
});

/** Makes what a SCIM method is about, and sends to it: a resource, a change of it, or nothing. */
const onScim =
  (kind: "User" | "Group", verb: "POST" | "PUT" | "PATCH" | "DELETE"): Special =>
  async ({ api }) => {
    const body = scim(kind);
    const path = `/scim/v2/${kind}s`;
    if (verb === "POST") {
      return { sent: { verb, path, body }, other: { verb, path, body: { ...body, ...renamed } }, headers: scimHeaders };
    }
    const made = await api.send<Made>("POST", path, { headers: scimHeaders, body });
    const sending = (content: JsonObject): HttpRequest => ({
      verb,
      path: `${path}/${made.body.id}`,
      body: { PUT: { ...body, ...content }, PATCH: patchOf(content), DELETE: undefined }[verb],
    });
    return {
      sent: sending({ displayName: "Tried" }),
      ...(verb !== "DELETE" && { other: sending(renamed) }),
      headers: scimHeaders,
      recordId: made.body.id,
    };
  };

/** What is neither made of a resource nor a verb of one, or takes another caller. */
const special: Readonly<Record<string, Special>> = {
  AddScimGroup: onScim("Group", "POST"),
  AddScimUser: onScim("User", "POST"),
  PatchScimGroup: onScim("Group", "PATCH"),
  PatchScimUser: onScim("User", "PATCH"),
  RemoveScimGroup: onScim("Group", "DELETE"),
  RemoveScimUser: onScim("User", "DELETE"),
  ReplaceScimGroup: onScim("Group", "PUT"),
  ReplaceScimUser: onScim("User", "PUT"),
  ApplyTemplate: async (_stage, method) => ({ sent: httpRequest(method, { key: "services" }) }),
  ChangePassword: async (stage, method) => {
    const { api, userId, password } = await stage.signIn();
    const sent = httpRequest(method, { currentPassword: password, newPassword: randomUUID() });
    return { sent, caller: api, recordId: userId };
  },
  CreateApiKey: async ({ roleId }, method) => {
    const apiKey = { name: "Till", roleIds: [roleId] };
    return both(method, { apiKey }, { apiKey: { ...apiKey, name: "Tried otherwise" } });
  },
  CreateShare: async (stage, method) => {
    const share = { granteeUserId: stage.helperId, access: "READ" };
    const place = { collection: "leads", recordId: await fresh(stage, "leads") };
    return both(method, { ...place, share }, { share: { ...share, access: "WRITE" } });
  },
  ImportOpportunities: async (stage, method) => {
    const opportunity = await fieldsOf(stage, "opportunities");
    const importing = (name: string): JsonObject => ({ requests: [{ opportunity: { ...opportunity, name } }] });
    return both(method, importing("Imported"), importing("Tried otherwise"));
  },
  InviteUser: async (stage, method) => {
    const user = await fieldsOf(stage, "users");
    return both(method, { user }, { user: { ...user, name: "Tried otherwise" } });
  },
  RebuildProjection: async (_stage, method) =>
    both(method, { service: "contract", name: "accounts" }, { name: "opportunities" }),
  RefreshSession: async (stage, method) => {
    const { refreshToken } = await stage.signIn();
    return { sent: httpRequest(method, { refreshToken }) };
  },
  // Whether anybody has the address is not told, so neither is that a key was used for another.
  RequestPasswordReset: async ({ tenantKey, makeUser }, method) => {
    const { email, userId } = await makeUser();
    return { sent: httpRequest(method, { tenant: tenantKey, email }), recordId: userId };
  },
  ResetPassword: async (stage, method) => {
    const { token, userId } = await stage.invite();
    return { sent: httpRequest(method, { token, newPassword: randomUUID() }), recordId: userId };
  },
  RevokeSessions: async (stage, method) => {
    const { userId } = await stage.signIn();
    return { sent: httpRequest(method, { userId }), recordId: userId };
  },
  RevokeShare: async (stage, method) => {
    const place = { collection: "leads", recordId: await fresh(stage, "leads") };
    const share = { granteeUserId: stage.helperId, access: "READ" };
    const { id } = await stage.api.post<Made>(`/v1/leads/${place.recordId}/shares`, share);
    return both(method, { ...place, id }, { etag: "1" });
  },
  SetUserPassword: async (stage, method) => {
    const id = await fresh(stage, "users");
    return { sent: httpRequest(method, { id, password: randomUUID() }) };
  },
  SignIn: async ({ tenantKey, makeUser }, method) => {
    const { email, password } = await makeUser();
    return both(method, { tenant: tenantKey, email, password }, { email: newEmail() });
  },
  SubmitForm: async (_stage, method) =>
    both(method, { formName: "contact-us", name: "王芳", email: newEmail() }, { name: "Li Wei" }),
  UpdateCustomField: displayed("customFields", "customField"),
  UpdateForm: async (stage, method) => {
    const id = await fresh(stage, "recordForms");
    const drawing = (en: string): JsonObject => ({ form: { id, sections: drawn(en) }, updateMask: "sections" });
    return both(method, drawing("Tried"), drawing("Tried otherwise"));
  },
  UpdateSecuritySettings: async (_stage, method) => {
    const setting = (minLength: number): JsonObject => ({
      securitySettings: { passwordPolicy: { minLength, maxLength: 128 } },
      updateMask: "passwordPolicy",
    });
    return both(method, setting(11), setting(12));
  },
  UpdateTenant: async ({ tenantId }, method) => {
    const naming = (name: string): JsonObject => ({ tenant: { id: tenantId, name }, updateMask: "name" });
    return both(method, naming("Tried"), naming("Tried otherwise"));
  },
  UpdateVocabulary: displayed("vocabularies", "vocabulary"),
};
