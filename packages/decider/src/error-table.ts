/** The names of google.rpc.Code that a refusal may carry. */
export type RefusalCode =
  | "INVALID_ARGUMENT"
  | "FAILED_PRECONDITION"
  | "OUT_OF_RANGE"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "ABORTED"
  | "PERMISSION_DENIED"
  | "UNAUTHENTICATED"
  | "RESOURCE_EXHAUSTED"
  | "UNAVAILABLE"
  | "UNIMPLEMENTED"
  | "DEADLINE_EXCEEDED";

/** What a caller sees of a refusal; `{name}` in a message is replaced by that entry of the metadata. */
export type Refusal = { readonly code: RefusalCode; readonly message: { readonly en: string; readonly zh: string } };

/** Every reason a service can refuse with. */
export type ErrorTable = Readonly<Record<string, Refusal>>;

/** Refuses a command that names a record by `idName` in the metadata, of which there is none. */
export const missingRecord = (en: string, zh: string, idName: string): Refusal => ({
  code: "FAILED_PRECONDITION",
  message: { en: `There is no ${en} {${idName}}.`, zh: `${zh} {${idName}} 不存在。` },
});

export type Locale = "en" | "zh";

/** The refusal's message in one language, placeholders filled. */
export const refusalMessage = (refusal: Refusal, locale: Locale, metadata: Readonly<Record<string, string>>): string =>
  refusal.message[locale].replace(/\{(\w+)\}/g, (placeholder, name: string) => metadata[name] ?? placeholder);
