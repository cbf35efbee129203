/** One request of a page and the answer that the page shows for it. */
export type HttpExample = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
};

const BLOCK = /^```http\n([\s\S]*?)^```$/gm;
const REQUEST_LINE = /^([A-Z]+) (\/\S*)$/;
const STATUS_LINE = /^HTTP\/1\.1 (\d{3})\b/;

/** The `http` blocks of a page, a request and its answer by turns. Throws, quoting it, at one that is neither. */
export const httpExamples = (page: string): HttpExample[] => {
  const blocks = [...page.matchAll(BLOCK)].map(([, text = ""]) => text);
  const examples: HttpExample[] = [];
  for (let at = 0; at < blocks.length; at += 2) {
    const request = parsed(blocks[at] ?? "");
    const answer = parsed(blocks[at + 1] ?? "");
    const [, method = "", path = ""] = REQUEST_LINE.exec(request.first) ?? [];
    const [, status = ""] = STATUS_LINE.exec(answer.first) ?? [];
    if (method === "" || status === "") throw new Error(`no request and answer: ${request.first} / ${answer.first}`);
    examples.push({
      method,
      path,
      headers: request.headers,
      body: request.body,
      answer: {
        status: Number(status),
        headers: answer.headers,
        body: answer.body === undefined ? undefined : JSON.parse(answer.body),
      },
    });
  }
  return examples;
};

const parsed = (text: string) => {
  const [head = "", ...rest] = text.split("\n\n");
  const [first = "", ...fields] = head.trimEnd().split("\n");
  const body = rest.join("\n\n").trim();
  const headers = Object.fromEntries(
    fields.map((field) => [
      field.slice(0, field.indexOf(":")).toLowerCase(),
      field.slice(field.indexOf(":") + 1).trim(),
    ]),
  );
  return { first, headers, body: body === "" ? undefined : body };
};

/** Values that answers gave, by the name that the page has for them. */
export type Known = Map<string, string>;

export const filledIn = (text: string, known: Known): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => known.get(name) ?? whole);

/**
 * What an answer lacks of what a page shows, by its place: fields that the page leaves out are no matter, `…` stands
 * for any text, and `{name}` for a value that is remembered the first time and must be the same later.
 */
export const differences = (shown: unknown, actual: unknown, known: Known, place = ""): string[] => {
  if (Array.isArray(shown)) {
    if (!Array.isArray(actual) || actual.length !== shown.length) return [`${place}: ${JSON.stringify(actual)}`];
    return shown.flatMap((item, index) => differences(item, actual[index], known, `${place}/${index}`));
  }
  if (typeof shown === "object" && shown !== null) {
    if (typeof actual !== "object" || actual === null) return [`${place}: ${JSON.stringify(actual)}`];
    return Object.entries(shown).flatMap(([name, value]) =>
      differences(value, Reflect.get(actual, name), known, `${place}/${name}`),
    );
  }
  if (typeof shown === "string" && typeof actual === "string" && isLike(shown, actual, known)) return [];
  return Object.is(shown, actual) ? [] : [`${place}: ${JSON.stringify(actual)} instead of ${JSON.stringify(shown)}`];
};

const isLike = (shown: string, actual: string, known: Known): boolean => {
  const [, name] = /^\{(\w+)\}$/.exec(shown) ?? [];
  if (name !== undefined && !known.has(name)) {
    known.set(name, actual);
    return true;
  }
  const pattern = filledIn(shown, known)
    .split("…")
    .map((part) => RegExp.escape(part))
    .join(".+");
  return new RegExp(`^${pattern}$`, "s").test(actual);
};
