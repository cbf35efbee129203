import { documentation } from "@keynode/contracts/documentation";
import { type Contract, nameOf } from "../contract.ts";
import type { Rules } from "./rule.ts";

const snakeCase = (name: string): string => name.replaceAll(/(?<!^)([A-Z])/g, "_$1").toLowerCase();

/** All that bears a name, with what the contract says of it. */
const described = ({ services, methods, messages, fields, enums }: Contract) => [
  ...services.map((each) => ({ name: each.typeName, text: documentation(each) })),
  ...[...methods, ...messages, ...enums, ...fields].map((each) => ({ name: nameOf(each), text: documentation(each) })),
  ...enums
    .flatMap(({ values }) => values)
    .map((each) => ({ name: `${nameOf(each.parent)}.${each.name}`, text: documentation(each) })),
];

export const ofNames = {
  "tells an instant from a day": ({ fields }) =>
    fields
      .filter((field) => {
        const type = field.message?.typeName;
        if (type === "google.protobuf.Timestamp") return !/(^|_)time$|^as_of$/.test(field.name);
        return type === "google.type.Date" && !field.name.endsWith("_date");
      })
      .map(nameOf),

  "belongs to a message when it is an enum's": ({ enums }) =>
    enums.filter(({ parent }) => parent === undefined).map(nameOf),

  "of a service's file is the service's": ({ services }) =>
    services.filter(({ file, name }) => !file.name.endsWith(`/${snakeCase(name)}`)).map(({ typeName }) => typeName),

  "of one context stands in its own folder": ({ files }) =>
    files
      .filter(({ name, proto }) => !name.startsWith(`${proto.package.replaceAll(".", "/")}/`))
      .map(({ name }) => name),

  "is explained in whole sentences": (contract) =>
    described(contract)
      .filter(({ text }) => !/^[A-Z0-9`].*\.$/s.test(text))
      .map(({ name }) => name),
} as const satisfies Rules;
