/** What a call's options hold besides the request's own query fields. */
const CALL_OPTIONS: ReadonlySet<string> = new Set([
  "signal",
  "timeoutMs",
  "requestId",
  "consistency",
  "ifMatch",
  "idempotencyKey",
  "validateOnly",
]);

/** The query of a request, with its question mark; empty for none. Lists repeat their name, messages unfold: `a.b=1`. */
export const queryOf = (options: object): string => {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    if (!CALL_OPTIONS.has(name)) addPairs(pairs, name, value);
  }
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
};

const addPairs = (pairs: string[], name: string, value: unknown): void => {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) addPairs(pairs, name, item);
  } else if (typeof value === "object") {
    for (const [member, inner] of Object.entries(value)) addPairs(pairs, `${name}.${member}`, inner);
  } else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    pairs.push(`${name}=${encodeURIComponent(value)}`);
  }
};
