import { type DescField, type DescMethod, type JsonObject, ScalarType } from "@bufbuild/protobuf";
import type { HttpRule, Mask } from "@keynode/contracts/descriptors";
import { fieldBehavior, fieldRules, httpRule, methodRules, resourceRules } from "@keynode/contracts/descriptors";
import { documentation } from "@keynode/contracts/documentation";
import { describe, expect, it } from "vitest";
import {
  enums,
  events,
  files,
  inputFields,
  messages,
  methods,
  nameOf,
  resources,
  services,
  validationOf,
} from "./contract.ts";

/** A service has few projections: the one list that is never paged. */
const unpaged = ["ListProjections"];
/** Questions whose words do not belong in a URL, and so in logs. */
const askedByPost = ["ExplainPermission"];
const customVerb = (rule: HttpRule): string | undefined => rule.path.match(/:([a-zA-Z]+)$/)?.[1];
const segments = (rule: HttpRule): string[] =>
  rule.path
    .replace(/:[a-zA-Z]+$/, "")
    .split("/")
    .slice(1);
const variables = (rule: HttpRule): string[] =>
  [...rule.path.matchAll(/\{([^}]+)\}/g)].flatMap(([, name]) => name ?? []);

const routed = methods.flatMap((method) => {
  const rule = httpRule(method);
  return rule === undefined ? [] : [{ method, rule, name: nameOf(method) }];
});
const resourceOf = (method: DescMethod) => resources.find((resource) => resource === method.output);
const field = (message: DescMethod["input"], name: string) => message.fields.find((each) => each.name === name);

const reaches = (method: DescMethod, path: string): boolean => {
  const [first = "", ...rest] = path.split(".");
  const found = field(method.input, first);
  if (found === undefined || rest.length === 0) return found !== undefined;
  return found.message?.fields.some((inner) => inner.name === rest.join(".")) ?? false;
};

describe("every method", () => {
  it("declares what it does to data, and either a permission or that it is public", () => {
    expect(methods.length).toBeGreaterThan(100);
    expect(methods.filter((method) => methodRules(method) === undefined).map(nameOf)).toEqual([]);
  });

  it("is reached over HTTP exactly when it is not internal", () => {
    const wrong = methods.filter((method) => (httpRule(method) === undefined) !== methodRules(method)?.internal);
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it("reads by GET and by nothing else", () => {
    const wrong = routed.filter(
      ({ method, rule }) =>
        (rule.verb === "GET") !== (methodRules(method)?.effect === "READ") && !askedByPost.includes(method.name),
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it("has a route of its own", () => {
    const routes = routed.map(({ rule }) => `${rule.verb} ${rule.path.replaceAll(/\{[^}]+\}/g, "{}")}`);
    expect(routes.filter((route, index) => routes.indexOf(route) !== index)).toEqual([]);
  });

  it("asks for a permission named after its collection and what it does", () => {
    const standard: Record<string, string> = {
      GET: "read",
      POST: "create",
      PUT: "update",
      PATCH: "update",
      DELETE: "delete",
    };
    const wrong = routed.filter(({ method, rule }) => {
      const permission = methodRules(method)?.permission ?? "";
      if (permission === "") return false;
      const verb = customVerb(rule)?.replace("batchCreate", "create") ?? standard[rule.verb];
      return !segments(rule).some((segment) => permission === `${segment}.${verb}`);
    });
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it("binds its path and its body to fields that its request has", () => {
    const wrong = routed.filter(
      ({ method, rule }) =>
        !variables(rule).every((path) => reaches(method, path)) ||
        (["GET", "DELETE"].includes(rule.verb) ? rule.body !== "" : rule.body === "") ||
        (rule.body !== "" && rule.body !== "*" && !reaches(method, rule.body)),
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it("names the service, or a collection that one keeps, in its path when every service has it", () => {
    const chassis = routed.filter(({ name }) => name.startsWith("crm.chassis."));
    const wrong = chassis.filter(({ method, rule }) => {
      const { serviceField = "", collectionField = "", everyService = false } = methodRules(method) ?? {};
      // Of what every service has a part of, the gateway makes one stream.
      return everyService
        ? method.methodKind !== "server_streaming" || method.output.fields[0]?.name !== "cursor"
        : !variables(rule).includes(serviceField || collectionField);
    });
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

describe("a deprecated method", () => {
  const day = /^\d{4}-\d{2}-\d{2}$/;
  const halfAYearMs = 180 * 24 * 3_600_000;

  it("says since when, and stays for half a year at least", () => {
    const wrong = methods.filter((method) => {
      const deprecation = methodRules(method)?.deprecation;
      if (deprecation === undefined) return method.proto.options?.deprecated === true;
      const { since, sunset, link } = deprecation;
      const staysMs = sunset === "" ? halfAYearMs : Date.parse(sunset) - Date.parse(since);
      return !method.proto.options?.deprecated || !day.test(since) || link === "" || !(staysMs >= halfAYearMs);
    });
    expect(wrong.map(nameOf)).toEqual([]);
  });
});

describe("a standard method", () => {
  const named = (prefix: string) =>
    methods.filter((method) => method.name.startsWith(prefix) && methodRules(method)?.internal === false);

  it("lists by pages, with a filter, and answers one repeated field and a token", () => {
    const wrong = named("List")
      .filter((method) => !unpaged.includes(method.name))
      .filter(
        ({ input, output }) =>
          !["page_size", "page_token", "filter"].every((name) => field(input, name) !== undefined) ||
          field(output, "next_page_token") === undefined ||
          output.fields.filter((each) => each.fieldKind === "list").length !== 1 ||
          output.fields.length !== 2,
      );
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it("gets with a mask of the fields to read", () => {
    const wrong = named("Get").filter((method) => resourceOf(method) && field(method.input, "read_mask") === undefined);
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it("creates and updates by carrying the resource first", () => {
    const carriers = [...named("Create"), ...named("Update")];
    const wrong = carriers.filter(({ input }) => {
      const [carried] = input.fields;
      return carried?.number !== 1 || !resources.some((resource) => resource === carried.message);
    });
    expect(carriers.length).toBeGreaterThan(30);
    expect(wrong.map(nameOf)).toEqual([]);
    expect(named("Update").filter(({ input }) => field(input, "update_mask")?.number !== 2)).toEqual([]);
  });

  it("creates in batches of at most 1,000, with one result for each request", () => {
    const wrong = named("BatchCreate").filter(({ input, output }) => {
      const requests = field(input, "requests");
      const bounds = requests && (validationOf(requests).repeated as JsonObject | undefined);
      const result = field(output, "results")?.message;
      return bounds?.maxItems !== "1000" || result?.fields[1]?.message?.typeName !== "google.rpc.Status";
    });
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it("acts on one record by its id and, if sent, its version, and answers the record", () => {
    const acts = routed.filter(
      ({ rule, name }) => rule.verb !== "GET" && variables(rule)[0] === "id" && !name.startsWith("crm.chassis."),
    );
    const wrong = acts.filter(
      ({ method }) =>
        field(method.input, "id")?.number !== 1 ||
        field(method.input, "etag")?.number !== 2 ||
        resourceOf(method) === undefined,
    );
    expect(acts.length).toBeGreaterThan(50);
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it("lists by account where its rows belong on a customer's profile", () => {
    const sections = methods.flatMap((method) => methodRules(method)?.profile ?? []);
    expect(sections.map(({ section }) => section).sort()).toEqual(
      ["behaviours", "cases", "contacts", "contracts", "keyNodes", "opportunities", "purchases", "tasks"].sort(),
    );
    const wrong = methods.filter((method) => {
      const profile = methodRules(method)?.profile;
      const rows = method.output.fields[0]?.message;
      return profile !== undefined && !rows?.fields.some((each) => each.jsonName === profile.accountField);
    });
    expect(wrong.map(nameOf)).toEqual([]);
  });
});

describe("every resource", () => {
  /** What the tenant has added to them stands in one place for all. */
  const isCustomFields = (name: string, number: number): boolean => name === "custom_fields" && number === 8;
  const standardFields = ["id", "owner_id", "team_id", "create_time", "update_time", "delete_time", "etag"];

  it("begins with the seven standard fields and numbers its own from 10 on", () => {
    const wrong = resources.filter(
      ({ fields }) =>
        !standardFields.every((name, index) => fields[index]?.name === name && fields[index].number === index + 1) ||
        fields.slice(standardFields.length).some(({ number, name }) => number < 10 && !isCustomFields(name, number)),
    );
    expect(resources.length).toBeGreaterThan(15);
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it("has a type and a collection that no other has", () => {
    const rules = resources.map((resource) => resourceRules(resource));
    expect(new Set(rules.map((rule) => rule?.type)).size).toBe(resources.length);
    expect(new Set(rules.map((rule) => rule?.collection)).size).toBe(resources.length);
    expect(rules.filter((rule) => !/^[a-z]+$/.test(rule?.type ?? ""))).toEqual([]);
    expect(rules.filter((rule) => !/^[a-z][A-Za-z]+$/.test(rule?.collection ?? ""))).toEqual([]);
  });

  it("says whose its records are: resourceRules throws for one that does not", () => {
    const owned = Map.groupBy(resources, (resource) => resourceRules(resource)?.ownership);
    expect(owned.get("PARENT")?.map(nameOf).toSorted()).toEqual([
      "crm.account.v1.Contact",
      "crm.contract.v1.Round",
      "crm.service.v1.Cover",
    ]);
    const parents = new Set(resources.map((resource) => `${resourceRules(resource)?.type}_id`));
    const strays = resources.flatMap((resource) => resourceRules(resource)?.parentFields ?? []);
    expect(strays.filter((name) => !parents.has(name))).toEqual([]);
  });

  it("can be handed over where somebody owns it, so that a user who leaves leaves nothing behind", () => {
    // A cover is a row of a projection: it follows the contract's own events.
    const projected = ["crm.service.v1.Cover"];
    const stuck = resources.filter(
      (resource) =>
        resourceRules(resource)?.ownership !== "FIXED" &&
        !projected.includes(resource.typeName) &&
        !events.some(({ name }) => name === `${resource.name}Reassigned`),
    );
    expect(stuck.map(nameOf)).toEqual([]);
  });

  it("takes ids of its own type only", () => {
    const wrong = resources.filter((resource) => {
      const id = field(resource, "id");
      const pattern = id && (validationOf(id).string as JsonObject | undefined)?.pattern;
      return typeof pattern !== "string" || !pattern.startsWith(`^${resourceRules(resource)?.type}_[0-7]`);
    });
    expect(wrong.map(nameOf)).toEqual([]);
  });
});

describe("a resource that can be deleted", () => {
  const rpc = (prefix: string, resource: (typeof resources)[number]) =>
    methods.find(({ name, output }) => name === `${prefix}${resource.name}` && output === resource);
  const listOf = (resource: (typeof resources)[number]) =>
    methods.find(
      ({ name, output, input }) =>
        name.startsWith("List") &&
        output.fields.some(({ message }) => message === resource) &&
        field(input, "page_size") !== undefined,
    );
  const deletable = resources.filter((resource) => rpc("Delete", resource) !== undefined);

  it("can be had back, and is listed among the deleted on demand", () => {
    expect(deletable.length).toBeGreaterThan(10);
    const wrong = deletable.filter((resource) => {
      const list = listOf(resource);
      return rpc("Undelete", resource) === undefined || !list || field(list.input, "show_deleted") === undefined;
    });
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it("is deleted and had back under its own path, softly", () => {
    const wrong = deletable.flatMap((resource) => {
      const collection = `/v1/${resourceRules(resource)?.collection}`;
      return [rpc("Delete", resource), rpc("Undelete", resource)].filter((method) => {
        const rule = method && httpRule(method);
        const path = method?.name.startsWith("Delete") ? `${collection}/{id}` : `${collection}/{id}:undelete`;
        return rule === undefined || rule.path !== path || (rule.verb === "DELETE") !== (path === `${collection}/{id}`);
      });
    });
    expect(wrong.map((method) => method && nameOf(method))).toEqual([]);
  });
});

describe("a resource that can change hands", () => {
  it("does so by its owner and its team, and answers itself", () => {
    const reassigns = methods.filter(({ name }) => name.startsWith("Reassign"));
    expect(reassigns.length).toBeGreaterThan(5);
    const wrong = reassigns.filter(
      (method) =>
        resourceOf(method) === undefined ||
        httpRule(method)?.path !== `/v1/${resourceRules(method.output)?.collection}/{id}:reassign` ||
        !["owner_id", "team_id"].every((name) => field(method.input, name) !== undefined),
    );
    expect(wrong.map(nameOf)).toEqual([]);
  });
});

describe("every event", () => {
  it("is named after its record and carries the record's snapshot in field 15", () => {
    const wrong = events.filter((event) => {
      const snapshot = event.fields.find(({ number }) => number === 15);
      const record = resources.find((resource) => resource === snapshot?.message);
      return snapshot?.name !== "snapshot" || record === undefined || !event.name.startsWith(record.name);
    });
    expect(events.length).toBeGreaterThan(80);
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it("keeps its own facts below the snapshot", () => {
    const wrong = events.filter((event) => event.fields.some(({ number }) => number > 15));
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it("has a name that no other event of its context has", () => {
    expect(new Set(events.map(nameOf)).size).toBe(events.length);
  });
});

describe("every field that a caller may send", () => {
  const inputs = inputFields();
  const rulesFor = (each: DescField, rules: JsonObject): JsonObject => {
    const scope = each.fieldKind === "list" ? (((rules.repeated as JsonObject)?.items as JsonObject) ?? {}) : rules;
    return (scope.string as JsonObject | undefined) ?? {};
  };

  it("says whether it is required", () => {
    const carriers = new Set(inputs.map(({ parent }) => parent));
    const silent = [...carriers]
      .flatMap((message) => message.fields)
      .filter((each) => !each.parent.name.endsWith("Cursor") && fieldBehavior(each).length === 0);
    expect(silent.map(nameOf)).toEqual([]);
  });

  it("is bounded: texts in length, lists in number", () => {
    const unbounded = inputs.filter((each) => {
      const rules = validationOf(each);
      const text = rulesFor(each, rules);
      const boundedText = "maxLen" in text || "pattern" in text;
      const boundedList = each.fieldKind !== "list" || "maxItems" in ((rules.repeated as JsonObject | undefined) ?? {});
      const { maxPairs, keys } = (rules.map as JsonObject | undefined) ?? {};
      const boundedMap = each.fieldKind !== "map" || (maxPairs !== undefined && keys !== undefined);
      return (isText(each) && !boundedText) || !boundedList || !boundedMap;
    });
    expect(unbounded.map(nameOf)).toEqual([]);
  });

  it("has patterns that hold from the first character to the last", () => {
    const patterns = inputs
      .map((each) => rulesFor(each, validationOf(each)).pattern)
      .filter((pattern) => typeof pattern === "string");
    expect(patterns.filter((pattern) => !/^\^.*\$$/.test(pattern))).toEqual([]);
    expect(patterns.map((pattern) => new RegExp(pattern, "u")).length).toBeGreaterThan(100);
  });

  it("takes declared enum values only", () => {
    const open = inputs.filter(
      (each) => each.fieldKind === "enum" && (validationOf(each).enum as JsonObject | undefined)?.definedOnly !== true,
    );
    expect(open.map(nameOf)).toEqual([]);
  });

  it("demands presence by a rule where it is required, outside of resources", () => {
    const lax = inputs
      .filter((each) => fieldBehavior(each).includes("REQUIRED") && !resources.includes(each.parent))
      .filter((each) => {
        const rules = validationOf(each);
        const { minLen, pattern, email } = (rules.string as JsonObject | undefined) ?? {};
        const ofEnum = (rules.enum as JsonObject | undefined) ?? {};
        const ofNumber = (rules.int32 as JsonObject | undefined) ?? {};
        const ofList = (rules.repeated as JsonObject | undefined) ?? {};
        const demands = rules.required ?? minLen ?? pattern ?? email ?? ofEnum.notIn ?? ofNumber.gte ?? ofList.minItems;
        return demands === undefined || rules.ignore !== undefined;
      });
    expect(lax.map(nameOf)).toEqual([]);
  });

  it("demands no presence inside a resource, of which an update may name any part", () => {
    const demanding = resources
      .flatMap((resource) => resource.fields)
      .filter((each) => {
        const rules = validationOf(each);
        const text = (rules.string as JsonObject | undefined) ?? {};
        const strict = "pattern" in text || "minLen" in text || "email" in text || "uri" in text;
        return rules.required === true || (strict && rules.ignore !== "IGNORE_IF_ZERO_VALUE");
      });
    expect(demanding.map(nameOf)).toEqual([]);
  });
});

describe("every name", () => {
  it("tells an instant from a day", () => {
    const wrong = messages
      .flatMap((message) => message.fields)
      .filter((each) => {
        const type = each.message?.typeName;
        if (type === "google.protobuf.Timestamp") return !/(^|_)time$|^as_of$/.test(each.name);
        return type === "google.type.Date" && !each.name.endsWith("_date");
      });
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it("belongs to a message when it is an enum's", () => {
    expect(enums.filter(({ parent }) => parent === undefined).map(nameOf)).toEqual([]);
  });

  it("of a service's file is the resource's", () => {
    const odd = services.filter(({ file, name }) => !file.name.endsWith(`/${snakeCase(name)}`));
    expect(odd.map(({ typeName }) => typeName)).toEqual([]);
  });
});

/** What the names and the rules of fields tell of what they hold, and the mask that it needs. */
const kinds: readonly { names: RegExp; rule?: string; mask: Mask }[] = [
  { names: /(^|_)e?mail(_address)?$/, rule: "email", mask: "EMAIL" },
  { names: /(^|_)(phone|mobile|telephone|fax)(_number)?$/, mask: "PHONE" },
  { names: /(^|_)(id_number|identity_number|passport|bank_account|iban|tax_number)(_number)?$/, mask: "ID_NUMBER" },
  { names: /(^|_)(birth|birthday|birth_date|margin|cost|discount_floor|salary)$/, mask: "HIDDEN" },
  { names: /(^|_)(password|secret|credential|access_token|refresh_token|private_key)$/, mask: "SECRET" },
];
const fields = messages.flatMap((message) => message.fields);
const isText = ({ scalar }: DescField) => scalar === ScalarType.STRING || scalar === ScalarType.BYTES;
const hasTextRule = (each: DescField, rule: string | undefined): boolean =>
  rule !== undefined && rule in ((validationOf(each).string as JsonObject | undefined) ?? {});
const isReachable = (each: DescField): boolean => ["EMAIL", "PHONE"].includes(fieldRules(each).mask ?? "");

const snakeCase = (name: string): string => name.replaceAll(/(?<!^)([A-Z])/g, "_$1").toLowerCase();

describe("everything", () => {
  it("is documented in whole sentences", () => {
    const described = [
      ...services.map((each) => ({ name: each.typeName, text: documentation(each) })),
      ...[...methods, ...messages, ...enums].map((each) => ({ name: nameOf(each), text: documentation(each) })),
      ...messages.flatMap(({ fields }) => fields).map((each) => ({ name: nameOf(each), text: documentation(each) })),
      ...enums
        .flatMap(({ values }) => values)
        .map((each) => ({ name: `${nameOf(each.parent)}.${each.name}`, text: documentation(each) })),
    ];
    expect(described.length).toBeGreaterThan(1500);
    expect(described.filter(({ text }) => !/^[A-Z0-9`].*\.$/s.test(text)).map(({ name }) => name)).toEqual([]);
  });

  it("that reaches a person, or lets somebody in, is sensitive, and says how it is masked", () => {
    const wrong = fields.filter((each) => {
      const kind = kinds.find(({ names, rule }) => names.test(each.name) || hasTextRule(each, rule));
      if (kind === undefined || fieldRules(each).mask === kind.mask) return false;
      return isText(each) || each.message !== undefined;
    });
    expect(fields.filter((each) => fieldRules(each).mask === "PHONE").length).toBeGreaterThan(4);
    expect(fields.filter((each) => fieldRules(each).mask === "SECRET").length).toBeGreaterThan(5);
    expect(wrong.map(nameOf)).toEqual([]);
    expect(fields.filter((each) => fieldRules(each).mask && !fieldRules(each).sensitive).map(nameOf)).toEqual([]);
  });

  it("that says who or where a person is, is personal; so are contact data", () => {
    const isPersonal = (each: DescField): boolean => fieldRules(each).personal;
    const wrong = fields.filter(
      (each) =>
        (/(^|_)(address|birth|birthday|city|street|visitor_id)($|_)/.test(each.name) || isReachable(each)) &&
        !isPersonal(each) &&
        !each.message?.fields.some(isPersonal),
    );
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it("of an answer has a shape that masking sees through", () => {
    const opaque = [
      "google.protobuf.Any",
      "google.protobuf.Struct",
      "google.protobuf.Value",
      "google.protobuf.ListValue",
    ];
    const wrong = fields.filter(
      (each) =>
        (opaque.includes(each.message?.typeName ?? "") || each.scalar === ScalarType.BYTES) &&
        // What an event says is masked before it is put into it (packages/runtime/src/events/view.ts).
        nameOf(each) !== "crm.chassis.v1.CloudEvent.data" &&
        !fieldRules(each).sensitive,
    );
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it("of one context stands in its own folder", () => {
    expect(files.filter(({ name, proto }) => !name.startsWith(`${proto.package.replaceAll(".", "/")}/`))).toEqual([]);
  });
});
