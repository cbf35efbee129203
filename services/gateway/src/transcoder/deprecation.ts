import type { Route } from "./routes.ts";

/**
 * Header fields of a method that others replace: Deprecation (RFC 9745), Sunset (RFC 8594), Link. Empty for all others.
 * Throws when the contract gives no day where it must.
 */
export const deprecationFields = ({ name, rules: { deprecation } }: Route): Readonly<Record<string, string>> => {
  if (deprecation === undefined) return {};
  const { since, sunset, link } = deprecation;
  const relations = sunset === "" ? ["deprecation"] : ["deprecation", "sunset"];
  return {
    deprecation: `@${dayOf(name, since).getTime() / 1_000}`,
    ...(sunset !== "" && { sunset: dayOf(name, sunset).toUTCString() }),
    ...(link !== "" && { link: relations.map((relation) => `<${link}>; rel="${relation}"`).join(", ") }),
  };
};

const dayOf = (name: string, day: string): Date => {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) {
    throw new Error(`${name} is deprecated since or until ${JSON.stringify(day)}, which is no day`);
  }
  return date;
};
