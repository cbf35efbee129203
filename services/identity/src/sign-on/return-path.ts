import { type DomainError, reject } from "@keynode/decider/domain-error";

/** Any origin will do: a path that leaves it leaves ours. */
const origin = "https://keynode.invalid";

/**
 * The path that a browser goes back to, as browsers read it. What leads to another place is refused: `//evil.example`,
 * a backslash, a tab or a newline in front; so is a fragment, which is where the code goes. Errors: RETURN_TO_REFUSED.
 */
export const returnPathOf = (text: string): string | DomainError => {
  if (text === "") return "/";
  const url = text.startsWith("/") && !/[\\#\s\p{Cc}]/u.test(text) ? URL.parse(text, origin) : null;
  if (url !== null && url.origin === origin && !url.pathname.startsWith("//")) return url.pathname + url.search;
  const reason = "RETURN_TO_REFUSED";
  return reject(reason, {}, [{ field: "return_to", reason }]);
};
