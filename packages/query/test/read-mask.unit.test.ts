import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { isDomainError } from "@keynode/decider/domain-error";
import { describe, expect, it } from "vitest";
import { applyReadMask, readMask } from "../src/read-mask.ts";

const message = {
  name: "lead.proto",
  package: "crm.lead.v1",
  options: { javaPackage: "crm", deprecated: false },
  messageType: [
    { name: "Lead", field: [{ name: "id", number: 1 }] },
    { name: "Pool", field: [] },
  ],
};
const shown = (...paths: string[]) => {
  const mask = readMask(FileDescriptorProtoSchema, paths);
  if (isDomainError(mask)) throw new Error(JSON.stringify(mask.violations));
  return applyReadMask(message, mask);
};

describe("a read mask shows", () => {
  it("everything without paths, and with *", () => {
    expect(shown()).toBe(message);
    expect(shown("*")).toBe(message);
    expect(readMask(FileDescriptorProtoSchema, undefined)).toBe("whole");
  });

  it("the named fields only, in either spelling", () => {
    expect(shown("name", "package")).toEqual({ name: "lead.proto", package: "crm.lead.v1" });
    expect(shown("message_type")).toEqual({ messageType: message.messageType });
    expect(shown("messageType")).toEqual({ messageType: message.messageType });
  });

  it("a part of a message, also of each in a list", () => {
    expect(shown("options.java_package")).toEqual({ options: { javaPackage: "crm" } });
    expect(shown("message_type.field.number", "messageType.name")).toEqual({
      messageType: [
        { name: "Lead", field: [{ number: 1 }] },
        { name: "Pool", field: [] },
      ],
    });
  });

  it("the whole where a whole and its part are named", () => {
    expect(shown("options", "options.java_package")).toEqual({ options: message.options });
    expect(shown("options.java_package", "options")).toEqual({ options: message.options });
  });

  it("nothing of a field that is not set", () => {
    expect(shown("syntax")).toEqual({});
  });
});

it("every path that is no field is named", () => {
  const paths = ["name", "nope", "options.nope", "name.length", "__proto__", ""];
  expect(readMask(FileDescriptorProtoSchema, paths, "zh")).toEqual({
    kind: "DomainError",
    reason: "INVALID_FIELD_MASK",
    metadata: { detail: "nope 不是有效字段", field: "nope, options.nope, name.length, __proto__, " },
    violations: ["nope", "options.nope", "name.length", "__proto__", ""].map((path) => ({
      field: "read_mask",
      reason: "MASK_UNKNOWN_FIELD",
      description: `${path} 不是有效字段`,
    })),
  });
});
