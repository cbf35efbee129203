import type { JsonObject } from "@bufbuild/protobuf";
import { grantedScope, type Principal } from "@keynode/auth/principal";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { httpRule } from "@keynode/contracts/descriptors";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Actor, newActor, principalOf } from "./access/actors.ts";
import { type Face, gatewayBearer, grpcFace, type Outcome, restFace, type Result } from "./access/faces.ts";
import { connectAgent, isTool, mcpFace, toolOf } from "./access/mcp-face.ts";
import { requestOn } from "./access/requests.ts";
import { collections, emptyRequest, type Row, rows, sensitiveValues } from "./access/rows.ts";
import { creations, makeSpecimens, type Specimens } from "./access/specimens.ts";
import { staleSurfaces, unprovenSurfaces } from "./access/surfaces.ts";
import { type Api, eventually } from "./api.ts";
import { newTenant } from "./tenant.ts";

/*
 * Every rpc of the contract, by REST, by gRPC and, where it is one, as a tool of agents, as everybody who may and everybody who may not. The rpcs come from the
 * descriptors, so one that is new is tried like all others, or what it lacks here fails.
 */

/** Who tries, by what they hold and how they stand to the specimens. */
const callers = [
  "nobody",
  "rightless",
  "foreigner",
  "owner",
  "stranger",
  "member",
  "manager",
  "outsider",
  "reader",
  "writer",
  "everyone",
  "masked",
] as const;
type Caller = (typeof callers)[number];

type Faces = Readonly<Record<"REST" | "gRPC" | "MCP", Face>>;

let specimens: Specimens;
let ids: Readonly<Record<Caller, string>>;
let faces: Readonly<Record<Caller, Faces>>;
let apis: Readonly<Record<"owner" | "stranger" | "everyone" | "foreigner", Api>>;
let everyonesCredential: string;
/** Who has no role that grants anything. */
let rightless: Principal;
/** Records of resources whose owner never changes, by type. */
let fixed: Readonly<Record<string, string>>;
const closing: (() => void)[] = [];

const named = async (api: Api, collection: string, fields: object): Promise<string> =>
  (await api.post<{ id: string }>(`/v1/${collection}`, fields)).id;

/** Everything, but sensitive values of one's own records only. */
const maskedRights = {
  "*": "ALL",
  ...Object.fromEntries([...collections.values()].map(({ collection }) => [`${collection}.readSensitive`, "OWN"])),
} as const;

beforeAll(async () => {
  const access = inject("access");
  const { baseUrl } = access;
  const [admin, foreign] = await Promise.all([newTenant(), newTenant()]);
  const team = async (name: string, parentTeamId?: string): Promise<string> =>
    (await admin.post<{ id: string }>("/v1/teams", { name, ...(parentTeamId !== undefined && { parentTeamId }) })).id;
  const [north, south] = await Promise.all([team("North"), team("South")]);
  const shop = await team("Shop", north);
  const actor = (rights: Parameters<typeof newActor>[2], teams: readonly string[] = []): Promise<Actor> =>
    newActor(admin, baseUrl, rights, teams);

  const actors = {
    rightless: await actor({}, [shop]),
    owner: await actor({ "*": "OWN" }, [shop]),
    stranger: await actor({ "*": "OWN" }, [south]),
    member: await actor({ "*": "TEAM" }, [shop]),
    manager: await actor({ "*": "TEAM" }, [north]),
    outsider: await actor({ "*": "TEAM" }, [south]),
    reader: await actor({ "*": "OWN" }, [south]),
    writer: await actor({ "*": "OWN" }, [south]),
    everyone: await actor({ "*": "ALL" }),
    masked: await actor(maskedRights),
  };
  rightless = actors.rightless.principal;
  const { principal } = actors.owner;
  fixed = {
    tenant: principal.tenant,
    user: actors.owner.userId,
    session: principal.session ?? "",
    customfield: await named(admin, "customFields", {
      collection: "tasks",
      key: "matrixSize",
      kind: "NUMBER",
      displayName: { en: "Size", zh: "尺码" },
    }),
    templateapplication: (await admin.post<{ id: string }>("/v1/templates/services:apply", {})).id,
    form: await named(admin, "recordForms", {
      collection: "tasks",
      sections: [{ displayName: { en: "Task", zh: "任务" }, entries: [{ field: "subject" }] }],
    }),
    vocabulary:
      (await admin.get<{ vocabularies: readonly { id: string }[] }>("/v1/vocabularies")).vocabularies[0]?.id ?? "",
    apikey: (await admin.post<{ apiKey: { id: string } }>("/v1/apiKeys", { name: "Till", roleIds: principal.roles }))
      .apiKey.id,
    identityprovider: await named(admin, "identityProviders", {
      name: "Okta",
      issuer: "https://id.example.com",
      clientId: "keynode",
      clientSecret: "a secret of the provider's",
    }),
  };
  specimens = await makeSpecimens(admin, { ownerId: actors.owner.userId, teamId: shop });
  await Promise.all([share(admin, actors.reader, "READ"), share(admin, actors.writer, "WRITE")]);

  const facesOf = async (api: Api | undefined, credential: string | undefined): Promise<Faces> => {
    const grpc = grpcFace(access, api && (await gatewayBearer(access, () => principalOf(api))));
    const mcp = mcpFace(baseUrl, credential);
    closing.push(grpc.close, mcp.close);
    return { REST: restFace(baseUrl, credential), gRPC: grpc, MCP: mcp };
  };
  const entries = await Promise.all(
    Object.entries(actors).map(async ([name, { api, credential }]) => [name, await facesOf(api, credential)] as const),
  );
  const foreigner = await newActor(foreign, baseUrl, { "*": "ALL" });
  apis = {
    owner: actors.owner.api,
    stranger: actors.stranger.api,
    everyone: actors.everyone.api,
    foreigner: foreigner.api,
  };
  everyonesCredential = actors.everyone.credential;
  faces = {
    ...Object.fromEntries(entries),
    nobody: await facesOf(undefined, undefined),
    foreigner: await facesOf(foreigner.api, foreigner.credential),
  } as typeof faces;
  ids = {
    ...Object.fromEntries(Object.entries(actors).map(([name, { userId }]) => [name, userId])),
    nobody: "",
    foreigner: foreigner.userId,
  } as typeof ids;
}, 180_000);

afterAll(() => closing.forEach((close) => close()));

/** Copies that follow their parents; only records of their own are shared. */
const unshared: ReadonlySet<string> = new Set(["covers"]);

/** Shares every specimen that can be shared. */
const share = async (admin: Api, { userId }: Actor, access: "READ" | "WRITE"): Promise<void> => {
  for (const [collection, id] of Object.entries(specimens.ids).filter(([name]) => !unshared.has(name))) {
    // Each service hears of a new user by itself.
    await eventually(
      () => admin.send("POST", `/v1/${collection}/${id}/shares`, { body: { granteeUserId: userId, access } }),
      ({ status, body }) => expect(status, JSON.stringify(body)).toBe(200),
    );
  }
};

/** The faces that an rpc has: what only services may call is not routed. */
const facesFor = ({ method }: Row): readonly (keyof Faces)[] => {
  if (httpRule(method) === undefined) return ["gRPC"];
  return isTool(method) ? ["REST", "gRPC", "MCP"] : ["REST", "gRPC"];
};

const specimenOf = (resource: string): string | undefined => specimens.ids[collections.get(resource)?.collection ?? ""];

const subject = (id: string, caller: Caller) => ({ id, callerId: ids[caller], clauseId: specimens.clauseId });

const requestOf = (row: Row, caller: Caller): JsonObject => {
  const { shape } = row;
  if (shape.kind !== "record" && shape.kind !== "update") return emptyRequest(row);
  const id = specimenOf(shape.resource) ?? "none";
  return { ...emptyRequest(row), ...requestOn(row.method, shape, subject(id, caller)) };
};

const tried = async (row: Row, caller: Caller, request = requestOf(row, caller)): Promise<Record<string, Result>> =>
  Object.fromEntries(
    await Promise.all(
      facesFor(row).map(async (face) => [face, await faces[caller][face].call(row.method, request)] as const),
    ),
  );

/** Expects the same of every face; what was said instead shows in the failure. */
const expectEach = (results: Record<string, Result>, outcomes: readonly Outcome[]): void => {
  for (const [face, { outcome, said }] of Object.entries(results)) {
    expect(outcomes, `${face}: ${outcome}, ${said.slice(0, 400)}`).toContain(outcome);
  }
};

describe("without a credential nothing answers but what is public", () => {
  test.for(rows.filter(({ rules }) => !rules.public))("$name", async (row) => {
    expectEach(await tried(row, "nobody"), ["unauthenticated"]);
  });
});

describe("without a right nothing answers but what everybody may about themselves", () => {
  test.for(rows.filter(({ rules }) => !rules.public))("$name", async (row) => {
    const scope = grantedScope(rightless, row.rules.permission);
    if (scope === undefined) expectEach(await tried(row, "rightless"), ["forbidden"]);
    else expect(scope).toBe("own");
  });
});

test("what only services may call is not routed, and refuses a user with every right", async () => {
  for (const row of rows.filter(({ rules }) => rules.internal)) {
    expect(httpRule(row.method), row.name).toBeUndefined();
    expectEach(await tried(row, "everyone"), ["forbidden"]);
  }
});

/** Shares hang on other records, whose rules are theirs. */
const apart = (row: Row): boolean => row.rules.collectionField !== "";
const onRecords = rows.filter((row) => (row.shape.kind === "record" || row.shape.kind === "update") && !apart(row));
const owned = (row: Row): boolean =>
  "resource" in row.shape && collections.get(row.shape.resource)?.owned === true && !apart(row);

test("there is a specimen of every resource that has owners", () => {
  const wanted = [...collections.values()].filter((resource) => resource.owned && isServed(resource.collection));
  expect(
    wanted.map(({ collection }) => collection).filter((collection) => specimens.ids[collection] === undefined),
  ).toEqual([]);
});

/** Whether any rpc takes or answers a collection's records. */
const isServed = (collection: string): boolean =>
  onRecords.some(({ shape }) => "resource" in shape && collections.get(shape.resource)?.collection === collection);

/** What a verb is the owner's alone, however far a share goes. */
const ownersVerbs = new Set(["delete", "undelete", "reassign", "share"]);

/** How each caller fares with an rpc on somebody's record. */
const expected = ({ rules }: Row): Readonly<Partial<Record<Caller, Outcome>>> => {
  const [collection = "", verb = ""] = rules.permission.split(".");
  const shared = !unshared.has(collection);
  return {
    owner: "reached",
    member: "reached",
    manager: "reached",
    everyone: "reached",
    masked: "reached",
    stranger: "unseen",
    outsider: "unseen",
    foreigner: "unseen",
    reader: shared && rules.effect === "READ" ? "reached" : "unseen",
    writer: shared && !ownersVerbs.has(verb) ? "reached" : "unseen",
  };
};

describe("a record is reached by those whom its owner, its team, a share or a right to all lets at it", () => {
  test.for(onRecords.filter(owned))("$name", async (row) => {
    for (const [caller, outcome] of Object.entries(expected(row))) {
      const results = await tried(row, caller as Caller);
      for (const [face, { outcome: found, said }] of Object.entries(results)) {
        expect(`${caller} ${found}`, `${face}: ${said.slice(0, 400)}`).toBe(`${caller} ${outcome}`);
      }
    }
  });
});

describe("a list shows a record to exactly those", () => {
  test.for(rows.filter((row) => row.shape.kind === "list" && owned(row)))("$name", async (row) => {
    if (row.shape.kind !== "list") return;
    const id = specimenOf(row.shape.resource);
    expect(id).toBeDefined();
    for (const [caller, outcome] of Object.entries(expected(row))) {
      const results = await tried(row, caller as Caller, { pageSize: 1000 });
      for (const [face, { response, said }] of Object.entries(results)) {
        const listed = [response?.[row.shape.rows] ?? []].flat() as unknown as readonly { readonly id: string }[];
        expect(response, `${caller} by ${face}: ${said.slice(0, 400)}`).toBeDefined();
        expect(`${caller} ${listed.some((record) => record.id === id)}`, face).toBe(
          `${caller} ${outcome === "reached"}`,
        );
      }
    }
  });
});

describe("a record of another tenant does not exist", () => {
  test.for(onRecords.filter((row) => !owned(row)))("$name", async (row) => {
    const resource = "resource" in row.shape ? row.shape.resource : "";
    const id = fixed[resource];
    if (id === undefined) throw new Error(`there is no specimen of ${resource}`);
    expectEach(await tried(row, "foreigner", requestOn(row.method, row.shape, subject(id, "foreigner"))), ["unseen"]);
  });
});

describe("nobody makes a record for somebody out of reach", () => {
  const made = rows.filter(
    (row) =>
      row.shape.kind === "create" && owned(row) && row.method.input.fields.every(({ name }) => name !== "requests"),
  );
  test.for(made)("$name", async (row) => {
    if (row.shape.kind !== "create") return;
    const { resource } = row.shape;
    const collection = collections.get(resource)?.collection ?? "";
    const holder = { ownerId: ids.owner, teamId: "" };
    const fields = creations(holder, specimens.ids["accounts"] ?? "")[collection];
    const field = row.method.input.fields.find(({ message }) => message !== undefined)?.jsonName ?? "";
    const results = await tried(row, "stranger", { [field]: fields ?? holder });
    for (const { response, said } of Object.values(results)) expect(response, said).toBeUndefined();
  });
});

describe("sensitive values are masked for those who see the record and not them", () => {
  const readers = rows.filter(
    ({ shape, rules }) => (shape.kind === "record" || shape.kind === "list") && rules.effect === "READ",
  );
  test.for(readers.filter(owned))("$name", async (row) => {
    const request = row.shape.kind === "list" ? { pageSize: 1000 } : requestOf(row, "masked");
    const [clear, masked] = [await tried(row, "everyone", request), await tried(row, "masked", request)];
    for (const [face, { response }] of Object.entries(clear)) {
      const shown = masked[face]?.said ?? "";
      expect(masked[face]?.response, shown).toBeDefined();
      for (const value of sensitiveValues(row.method.output, response)) expect(shown, face).not.toContain(value);
    }
  });

  test("there is something to mask", async () => {
    for (const collection of ["leads", "accounts", "contacts"]) {
      const row = rows.find(({ shape, rules }) => shape.kind === "record" && rules.permission === `${collection}.read`);
      if (row === undefined) throw new Error(`no rpc reads ${collection}`);
      const { REST } = await tried(row, "everyone");
      expect(sensitiveValues(row.method.output, REST?.response), collection).not.toEqual([]);
    }
  });
});

describe("what is composed of records shows no more of them than they do", () => {
  type Profile = {
    readonly sections: { readonly opportunities: { readonly items?: readonly { readonly id: string }[] } };
  };

  /** A deal with the owner's account that the owner does not see, lost. */
  let theirs: string;
  const accountPath = () => `/v1/accounts/${specimens.ids["accounts"]}`;

  beforeAll(async () => {
    theirs = await named(apis.stranger, "opportunities", { name: "Theirs", basis: { kind: "CUSTOMER_NEED" } });
    await apis.everyone.patch(`/v1/opportunities/${theirs}`, { accountId: specimens.ids["accounts"] ?? "" });
    await apis.everyone.post(`/v1/opportunities/${theirs}:lose`, { reason: "PRICE" });
  });

  test("the profile is its reader's: the account is seen or not, and of its records those that are", async () => {
    const path = `${accountPath()}:profile`;
    const shown = async (api: Api) =>
      (await api.get<Profile>(path)).sections.opportunities.items?.map(({ id }) => id).toSorted();
    expect((await apis.stranger.send("GET", path)).status).toBe(404);
    expect(await shown(apis.owner)).toEqual([specimens.ids["opportunities"]]);
    expect(await shown(apis.everyone)).toEqual([specimens.ids["opportunities"] ?? "", theirs].toSorted());
  });

  test("the timeline is its reader's: the account is seen or not, and of its records those that are", async () => {
    type Timeline = { readonly timelineEntries?: readonly { readonly recordId: string }[] };
    const path = `${accountPath()}/timeline?pageSize=1000`;
    const told = async (api: Api) =>
      new Set(((await api.get<Timeline>(path)).timelineEntries ?? []).map(({ recordId }) => recordId));
    expect((await apis.stranger.send("GET", path)).status).toBe(404);
    await eventually(
      () => told(apis.everyone),
      (ids) => expect(ids).toContain(theirs),
    );
    const owners = await told(apis.owner);
    expect(owners).toContain(specimens.ids["opportunities"]);
    expect(owners).not.toContain(theirs);
  });

  test("a report counts what its reader sees", async () => {
    type Report = { readonly totals: { readonly openedCount?: string } };
    const opened = async (api: Api) => Number((await api.get<Report>("/v1/reports/sales")).totals.openedCount ?? 0);
    await eventually(
      () => Promise.all([opened(apis.owner), opened(apis.stranger), opened(apis.everyone)]),
      ([owner, stranger, everyone]) =>
        expect({ owner, stranger, everyone }).toEqual({ owner: 1, stranger: 1, everyone: 2 }),
    );
    type Funnel = { readonly subject: string; readonly steps?: readonly { readonly count?: string }[] };
    const captured = async (api: Api) => {
      const { funnels } = await api.get<{ readonly funnels: readonly Funnel[] }>("/v1/reports/funnel");
      return Number(funnels.find(({ subject }) => subject === "LEADS")?.steps?.[0]?.count ?? 0);
    };
    await eventually(
      () => Promise.all([captured(apis.owner), captured(apis.stranger), captured(apis.everyone)]),
      ([owner, stranger, everyone]) =>
        expect({ owner, stranger, everyone }).toEqual({ owner: 1, stranger: 0, everyone: 1 }),
    );
  });

  test("how far a user's off-boarding is, is told to who sees the user", async () => {
    const path = `/v1/users/${ids.owner}/offboarding`;
    expect((await apis.stranger.send("GET", path)).status).toBe(404);
    expect((await apis.foreigner.send("GET", path)).status).toBe(404);
    expect((await apis.everyone.send<{ code: string }>("GET", path)).body?.code).toBe("USER_NOT_OFFBOARDED");
  });

  test("a dead letter of another tenant does not exist", async () => {
    const mongo = mongoClient(inject("access").below.mongoUrl);
    const _id = `matrix:${ids.owner}`;
    const letters = mongo.db("keynode_lead").collection<{ _id: string; tenant: string }>("deadLetters");
    const at = new Date();
    const letter = { _id, tenant: rightless.tenant, subscription: "matrix", subject: "", error: "Tried", attempts: 1 };
    try {
      await letters.insertOne({ ...letter, firstAt: at, lastAt: at } as typeof letter);
      const [path, replay] = ["/v1/services/lead/deadLetters", `/v1/services/lead/deadLetters/${_id}:replay`];
      const listed = async (api: Api) =>
        ((await api.get<{ deadLetters?: readonly { id: string }[] }>(path)).deadLetters ?? []).map(({ id }) => id);
      expect(await listed(apis.everyone)).toContain(_id);
      expect(await listed(apis.foreigner)).not.toContain(_id);
      expect((await apis.foreigner.send("POST", replay, { body: {} })).status).toBe(404);
      // It holds no event, which is told to those whom it concerns alone.
      expect((await apis.everyone.send<{ code: string }>("POST", replay, { body: {} })).body?.code).toBe(
        "LETTER_NOT_REPLAYABLE",
      );
    } finally {
      await letters.deleteOne({ _id });
      await mongo.close();
    }
  });
});

test("what is served besides the rpcs has an entry that says what proves it", async () => {
  type Document = { readonly paths: Readonly<Record<string, object>> };
  const { paths } = await apis.everyone.get<Document>("/openapi.json");
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((verb) => `${verb.toUpperCase()} ${path}`),
  );
  const routes = rows.flatMap(({ method }) => {
    const rules = httpRule(method);
    return rules === undefined ? [] : [rules, ...rules.additional].map(({ verb, path }) => `${verb} ${path}`);
  });
  const agent = await connectAgent(inject("access").baseUrl, everyonesCredential);
  closing.push(() => void agent.close());
  const tools = (await agent.listTools()).tools.map(({ name }) => `tool ${name}`);
  const served = [...operations, ...tools];
  const ofRpcs = [...routes, ...rows.map(({ method }) => `tool ${toolOf(method)}`)];
  expect(served.length).toBeGreaterThan(150);
  expect(unprovenSurfaces(served, ofRpcs)).toEqual([]);
  expect(staleSurfaces(rows, served)).toEqual([]);
});
