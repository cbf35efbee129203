import {
  create,
  type DescMessage,
  equals,
  fromBinary,
  fromJson,
  type JsonValue,
  type Registry,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { Edition } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSyntaxError, parseJson } from "../../src/transcoder/codec/json-text.ts";
import { createJsonCodec } from "../../src/transcoder/json-codec.ts";
import type { Violation } from "../../src/violation.ts";
import { jsonOf } from "../fixtures/arbitrary.ts";
import { fixtureRegistry } from "../fixtures/registry.ts";

const registry = fixtureRegistry();
const codec = createJsonCodec(registry);

/** All but descriptors and options, which are proto2 and never travel. */
const messagesOf = (known: Registry): DescMessage[] =>
  [...known].filter((type) => type.kind === "message").filter((type) => type.file.edition === Edition.EDITION_PROTO3);

const message = (name: string): DescMessage => {
  const desc = registry.getMessage(`fixture.v1.${name}`);
  if (!desc) throw new Error(`no message ${name}`);
  return desc;
};

/** What our writer makes of a JSON text; throws on a syntax error. */
const written = (desc: DescMessage, text: string): Buffer | readonly Violation[] => {
  const parsed = parseJson(text);
  if (isSyntaxError(parsed)) throw new Error(`syntax error at ${parsed.offset}`);
  if (parsed.violations.length > 0) return parsed.violations;
  return codec.writer(desc)(parsed.value);
};

const bytesOf = (desc: DescMessage, text: string): Buffer => {
  const outcome = written(desc, text);
  if (!Buffer.isBuffer(outcome)) throw new Error(JSON.stringify(outcome));
  return outcome;
};

const violationsOf = (name: string, text: string): string[] => {
  const outcome = written(message(name), text);
  if (Buffer.isBuffer(outcome)) return [];
  return outcome.map(({ path, code }) => `${path.join(".")} ${code}`);
};

const rendered = (desc: DescMessage, wire: Uint8Array): JsonValue =>
  JSON.parse(codec.renderer(desc)(Buffer.from(wire)).toString());

/** Through text and back, as a client sees it: -0 becomes 0. */
const throughText = (json: JsonValue): JsonValue => JSON.parse(JSON.stringify(json));

describe("every message type, against @bufbuild/protobuf", () => {
  for (const desc of messagesOf(registry)) {
    it(`${desc.typeName}: our bytes hold the same message, our JSON is the same`, () => {
      fc.assert(
        fc.property(jsonOf(desc), (json) => {
          const text = JSON.stringify(json);
          const reference = fromJson(desc, JSON.parse(text), { registry });
          const wire = bytesOf(desc, text);
          const expected = throughText(toJson(desc, reference, { registry }));
          expect(throughText(toJson(desc, fromBinary(desc, wire), { registry }))).toEqual(expected);
          expect(rendered(desc, toBinary(desc, reference))).toEqual(expected);
          expect(rendered(desc, wire)).toEqual(expected);
        }),
        { numRuns: desc.typeName.startsWith("fixture.") ? 300 : 25 },
      );
    });
  }
});

describe("bytes that no generated encoder writes", () => {
  for (const name of ["Scalars", "Lists", "Maps", "Oneofs", "WellKnown", "Tree", "Odd", "Optionals"]) {
    it(`${name}: two encodings one after the other are merged as the reference merges them`, () => {
      const desc = message(name);
      fc.assert(
        fc.property(jsonOf(desc), jsonOf(desc), (first, second) => {
          const wire = Buffer.concat([first, second].map((json) => toBinary(desc, fromJson(desc, json, { registry }))));
          let expected: JsonValue;
          try {
            expected = throughText(toJson(desc, fromBinary(desc, wire), { registry }));
          } catch {
            expect(() => rendered(desc, wire)).toThrow();
            return;
          }
          expect(rendered(desc, wire)).toEqual(expected);
        }),
      );
    });
  }

  it("damaged bytes throw or answer as the reference does, and never hang", () => {
    const desc = message("Lists");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (wire) => {
        let expected: JsonValue;
        try {
          expected = throughText(toJson(desc, fromBinary(desc, wire), { registry }));
        } catch {
          return;
        }
        expect(rendered(desc, wire)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("a truncated message throws", () => {
    const desc = message("Scalars");
    const wire = bytesOf(desc, '{"stringValue":"hello","doubleValue":1.5}');
    for (let length = 1; length < wire.length; length++) {
      const cut = wire.subarray(0, length);
      let isWhole = true;
      try {
        fromBinary(desc, cut);
      } catch {
        isWhole = false;
      }
      if (!isWhole) expect(() => rendered(desc, cut)).toThrow();
    }
  });

  it("fields and enum values newer than the contract are passed over, or kept as numbers", () => {
    const wire = Buffer.concat([
      bytesOf(message("Scalars"), '{"stringValue":"a"}'),
      Buffer.from([0xf8, 0x3f, 0x01, 0x80, 0x01, 0x63]),
    ]);
    expect(rendered(message("Scalars"), wire)).toEqual({ stringValue: "a", colour: 99 });
  });

  it("an Any of an unknown type shows its bytes", () => {
    const desc = message("WellKnown");
    const url = Buffer.from("type.example/unknown.Type");
    const any = Buffer.concat([Buffer.from([0x0a, url.length]), url, Buffer.from([0x12, 2, 1, 2])]);
    expect(rendered(desc, Buffer.concat([Buffer.from([0x3a, any.length]), any]))).toEqual({
      any: { "@type": "type.example/unknown.Type", value: "AQI=" },
    });
  });
});

describe("renderers", () => {
  it("lists at the top are there even when empty, if asked for", () => {
    const render = codec.renderer(message("Tree"), { emptyLists: true });
    expect(JSON.parse(render(Buffer.alloc(0)).toString())).toEqual({ children: [] });
    expect(JSON.parse(render(bytesOf(message("Tree"), '{"left":{}}')).toString())).toEqual({ left: {}, children: [] });
  });

  it("one field alone, or its default", () => {
    const desc = message("Tree");
    const field = (name: string) => {
      const found = desc.fields.find((candidate) => candidate.name === name);
      if (!found) throw new Error(name);
      return codec.fieldRenderer(found);
    };
    const wire = bytesOf(desc, '{"name":"root","children":[{"name":"a"},{}],"named":{"x":{}}}');
    expect(field("children")(wire).toString()).toBe('[{"name":"a"},{}]');
    expect(field("name")(wire).toString()).toBe('"root"');
    expect(field("named")(wire).toString()).toBe('{"x":{}}');
    const empty = Buffer.alloc(0);
    expect(["children", "name", "named", "left"].map((name) => field(name)(empty).toString())).toEqual([
      "[]",
      '""',
      "{}",
      "{}",
    ]);
  });

  it("a list that ends with its message is told from a field of the same number behind it", () => {
    const desc = registry.getMessage("crm.fixture.v1.UploadPictureRequest");
    if (!desc) throw new Error("no such message");
    const money = { "@type": "type.googleapis.com/google.type.Money", currencyCode: "CNY" };
    const json = { picture: { extensions: [money] }, title: "front" };
    expect(rendered(desc, bytesOf(desc, JSON.stringify(json)))).toEqual(json);
  });

  it("large messages outgrow the buffer and come out whole", () => {
    const children = Array.from({ length: 5_000 }, (_, index) => ({ name: `child "${index}" ${"\n".repeat(10)}` }));
    const text = JSON.stringify({ children });
    expect(
      JSON.parse(
        codec
          .renderer(message("Tree"))(bytesOf(message("Tree"), text))
          .toString(),
      ),
    ).toEqual({ children });
  });
});

describe("writers name everything that is wrong", () => {
  it("unknown, mistyped and out-of-range fields at once, at any depth", () => {
    expect(
      violationsOf(
        "Tree",
        '{"name":5,"nam":"x","left":{"name":"ok","colour":1},"children":[{"name":[]},null,7],"named":{"a":{"b":1}}}',
      ),
    ).toEqual([
      "name EXPECTED_STRING",
      "left.colour UNKNOWN_FIELD",
      "children.0.name EXPECTED_STRING",
      "children.1 NULL_NOT_ALLOWED",
      "children.2 EXPECTED_OBJECT",
      "named.a.b UNKNOWN_FIELD",
      "nam UNKNOWN_FIELD",
    ]);
  });

  it.each([
    ['{"int32Value":2147483648}', "int32Value OUT_OF_RANGE"],
    ['{"int32Value":1.5}', "int32Value EXPECTED_INTEGER"],
    ['{"int32Value":"x"}', "int32Value EXPECTED_INTEGER"],
    ['{"int32Value":""}', "int32Value EXPECTED_INTEGER"],
    ['{"int32Value":true}', "int32Value EXPECTED_INTEGER"],
    ['{"int32Value":"5"}', "int32Value EXPECTED_INTEGER"],
    ['{"int32Value":null}', "int32Value NULL_NOT_ALLOWED"],
    ['{"uint32Value":-1}', "uint32Value OUT_OF_RANGE"],
    ['{"int64Value":5}', "int64Value EXPECTED_INTEGER_TEXT"],
    ['{"int64Value":9223372036854775808}', "int64Value EXPECTED_INTEGER_TEXT"],
    ['{"int64Value":"1e3"}', "int64Value EXPECTED_INTEGER_TEXT"],
    ['{"int64Value":"9223372036854775808"}', "int64Value OUT_OF_RANGE"],
    ['{"uint64Value":"-1"}', "uint64Value OUT_OF_RANGE"],
    ['{"floatValue":3.5e38}', "floatValue OUT_OF_RANGE"],
    ['{"doubleValue":1e309}', "doubleValue OUT_OF_RANGE"],
    ['{"doubleValue":"1.5"}', "doubleValue EXPECTED_NUMBER"],
    ['{"boolValue":"true"}', "boolValue EXPECTED_BOOLEAN"],
    ['{"bytesValue":"%%"}', "bytesValue EXPECTED_BASE64"],
    ['{"bytesValue":"AAAAA"}', "bytesValue EXPECTED_BASE64"],
    ['{"colour":"GREEN"}', "colour EXPECTED_ENUM"],
    ['{"colour":1}', "colour EXPECTED_ENUM"],
    ['{"stringValue":"\\ud800"}', "stringValue INVALID_UNICODE"],
    ['{"stringValue":"a","string_value":"b"}', "string_value DUPLICATE_FIELD"],
    ['{"stringValue":"a","stringValue":"b"}', "stringValue DUPLICATE_FIELD"],
    ['{"__proto__":{"stringValue":"a"}}', "__proto__ UNKNOWN_FIELD"],
    ["[]", " EXPECTED_OBJECT"],
    ["null", " EXPECTED_OBJECT"],
  ])("%s: %s", (text, expected) => {
    expect(violationsOf("Scalars", text)).toEqual([expected]);
  });

  it.each([
    ['{"time":"2026-02-30T00:00:00Z"}', "time EXPECTED_TIMESTAMP"],
    ['{"time":"2026-02-03"}', "time EXPECTED_TIMESTAMP"],
    ['{"time":5}', "time EXPECTED_TIMESTAMP"],
    ['{"duration":"5"}', "duration EXPECTED_DURATION"],
    ['{"mask":"a_b"}', "mask EXPECTED_FIELD_MASK"],
    ['{"any":{"@type":"nobody/knows"}}', "any EXPECTED_ANY"],
    ['{"struct":[]}', "struct EXPECTED_OBJECT"],
    ['{"list":{}}', "list EXPECTED_ARRAY"],
    ['{"struct":{"a":[1e999]}}', "struct.a.0 OUT_OF_RANGE"],
  ])("%s: %s", (text, expected) => {
    expect(violationsOf("WellKnown", text)).toEqual([expected]);
  });

  it("two members of a oneof conflict", () => {
    expect(violationsOf("Oneofs", '{"text":"a","number":1,"yes":true}')).toEqual(["number ONEOF_CONFLICT"]);
    expect(violationsOf("Oneofs", '{"text":"a","number":null}')).toEqual(["number NULL_NOT_ALLOWED"]);
  });

  it("map keys that are none, or the same twice", () => {
    expect(violationsOf("Maps", '{"byInt32":{"x":"a"},"byInt64":{"1":"1","01":"2"},"byBool":{"yes":"RED"}}')).toEqual([
      "byInt32.x EXPECTED_INTEGER",
      "byInt64.1 DUPLICATE_FIELD",
      "byBool.yes EXPECTED_BOOLEAN",
    ]);
  });

  it("a hundred are told, not a million", () => {
    expect(
      violationsOf("Lists", JSON.stringify({ int32Values: Array.from({ length: 5_000 }, () => "x") })),
    ).toHaveLength(100);
  });
});

describe("equal requests are equal bytes", () => {
  it("whatever the order of members and map keys, and whichever name a field is given by", () => {
    const first = bytesOf(message("Maps"), '{"strings":{"a":"1","b":"2"},"byInt32":{"5":"x"}}');
    const second = bytesOf(message("Maps"), '{"by_int32":{"5":"x"},"strings":{"b":"2","a":"1"}}');
    expect(first.equals(second)).toBe(true);
  });

  it("a default given and a default left out", () => {
    expect(bytesOf(message("Scalars"), '{"int32Value":0,"stringValue":"","colour":"COLOUR_UNSPECIFIED"}')).toHaveLength(
      0,
    );
  });

  it("64-bit integers keep every digit", () => {
    const desc = message("Scalars");
    for (const digits of ["9007199254740993", "-9223372036854775808"]) {
      expect(rendered(desc, bytesOf(desc, `{"int64Value":"${digits}"}`))).toEqual({ int64Value: digits });
    }
  });

  it("an empty message is written where presence counts", () => {
    const desc = message("Optionals");
    const wire = bytesOf(desc, '{"scalars":{},"stringValue":"","int32Value":0}');
    expect(equals(desc, fromBinary(desc, wire), create(desc))).toBe(false);
    expect(rendered(desc, wire)).toEqual({ scalars: {}, stringValue: "", int32Value: 0 });
  });
});
