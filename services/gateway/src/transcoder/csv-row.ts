import type { DescMessage } from "@bufbuild/protobuf";

/** RFC 4180: rows end so. */
const ROW_END = "\r\n";

/** The row of a message type's column names: its fields as JSON names them. */
export const csvHeader = ({ fields }: DescMessage): string =>
  `${fields.map(({ jsonName }) => jsonName).join(",")}${ROW_END}`;

/** Writes one message's JSON as a row under its type's header; lists with spaces between, messages as JSON. */
export const csvRow = ({ fields }: DescMessage): ((json: Buffer) => Buffer) => {
  const names = fields.map(({ jsonName }) => jsonName);
  return (json) => {
    const message = JSON.parse(json.toString()) as Readonly<Record<string, unknown>>;
    return Buffer.from(`${names.map((name) => csvCell(textOf(message[name]))).join(",")}${ROW_END}`);
  };
};

const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(textOf).join(" ");
  return typeof value === "string" ? value : JSON.stringify(value);
};

/** A cell that begins so is a formula to spreadsheets, whoever wrote it (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/;
const SPECIAL = /[",\r\n]/;

/** One cell: text that a spreadsheet would run is made to begin with an apostrophe. */
export const csvCell = (text: string): string => {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return SPECIAL.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};
