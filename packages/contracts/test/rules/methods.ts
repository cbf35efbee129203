import type { DescMethod } from "@bufbuild/protobuf";
import { type HttpRule, methodRules } from "@keynode/contracts/descriptors";
import { fieldOf, nameOf, variables } from "../contract.ts";
import type { Rules } from "./rule.ts";

/** Questions whose words do not belong in a URL, and so in logs. */
const askedByPost = ["ExplainPermission"];

const standardVerbs: Readonly<Record<string, string>> = {
  GET: "read",
  POST: "create",
  PUT: "update",
  PATCH: "update",
  DELETE: "delete",
};

const customVerb = (rule: HttpRule): string | undefined => rule.path.match(/:([a-zA-Z]+)$/)?.[1];

const segments = (rule: HttpRule): readonly string[] =>
  rule.path
    .replace(/:[a-zA-Z]+$/, "")
    .split("/")
    .slice(1);

const reaches = (method: DescMethod, path: string): boolean => {
  const [first = "", ...rest] = path.split(".");
  const found = fieldOf(method.input, first);
  if (found === undefined || rest.length === 0) return found !== undefined;
  return found.message?.fields.some((inner) => inner.name === rest.join(".")) ?? false;
};

/** A method's route, whatever its variables are called. */
const routeOf = (rule: HttpRule): string => `${rule.verb} ${rule.path.replaceAll(/\{[^}]+\}/g, "{}")}`;

const day = /^\d{4}-\d{2}-\d{2}$/;
const halfAYearMs = 180 * 24 * 3_600_000;

export const ofMethods = {
  "declares what it does to data, and either a permission or that it is public": ({ methods }) =>
    methods.flatMap((method) => {
      try {
        return methodRules(method) === undefined ? [nameOf(method)] : [];
      } catch {
        return [nameOf(method)];
      }
    }),

  "is reached over HTTP exactly when it is not internal": ({ methods, routed }) =>
    methods
      .filter((method) => routed.every((each) => each.method !== method) !== (methodRules(method)?.internal ?? false))
      .map(nameOf),

  "reads by GET and by nothing else": ({ routed }) =>
    routed
      .filter(
        ({ method, rule }) =>
          (rule.verb === "GET") !== (methodRules(method)?.effect === "READ") && !askedByPost.includes(method.name),
      )
      .map(({ name }) => name),

  "has a route of its own": ({ routed }) =>
    routed
      .filter(({ rule }, index) => routed.findIndex((each) => routeOf(each.rule) === routeOf(rule)) !== index)
      .map(({ name }) => name),

  "asks for a permission named after its collection and what it does": ({ routed }) =>
    routed
      .filter(({ method, rule }) => {
        const permission = methodRules(method)?.permission ?? "";
        if (permission === "") return false;
        const verb = customVerb(rule)?.replace("batchCreate", "create") ?? standardVerbs[rule.verb];
        return !segments(rule).some((segment) => permission === `${segment}.${verb}`);
      })
      .map(({ name }) => name),

  "binds its path and its body to fields that its request has": ({ routed }) =>
    routed
      .filter(
        ({ method, rule }) =>
          !variables(rule).every((path) => reaches(method, path)) ||
          (["GET", "DELETE"].includes(rule.verb) ? rule.body !== "" : rule.body === "") ||
          (rule.body !== "" && rule.body !== "*" && !reaches(method, rule.body)),
      )
      .map(({ name }) => name),

  "names the service, or a collection that one keeps, in its path when every service has it": ({ routed }) =>
    routed
      .filter(({ name }) => name.startsWith("crm.chassis."))
      .filter(({ method, rule }) => {
        const { serviceField = "", collectionField = "", everyService = false } = methodRules(method) ?? {};
        // Of what every service has a part of, the gateway makes one stream.
        return everyService
          ? method.methodKind !== "server_streaming" || method.output.fields[0]?.name !== "cursor"
          : !variables(rule).includes(serviceField || collectionField);
      })
      .map(({ name }) => name),

  "that is deprecated says since when, and stays for half a year at least": ({ methods }) =>
    methods
      .filter((method) => {
        const deprecation = methodRules(method)?.deprecation;
        if (deprecation === undefined) return method.proto.options?.deprecated === true;
        const { since, sunset, link } = deprecation;
        const staysMs = sunset === "" ? halfAYearMs : Date.parse(sunset) - Date.parse(since);
        return !method.proto.options?.deprecated || !day.test(since) || link === "" || !(staysMs >= halfAYearMs);
      })
      .map(nameOf),
} as const satisfies Rules;
