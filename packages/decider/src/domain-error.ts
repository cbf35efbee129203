/** One wrong field of a request: `field` is the proto path (`contact.email`), `reason` a code from the service's error table. */
export type FieldViolation = { readonly field: string; readonly reason: string; readonly description?: string };

/**
 * A refusal, returned rather than thrown. `reason` is a key of the service's error table, which gives
 * the google.rpc.Code and the message in each language; `metadata` fills the message's placeholders
 * and is shown to the caller, so it holds no personal data.
 */
export type DomainError = {
  readonly kind: "DomainError";
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
};

export const reject = (
  reason: string,
  metadata: Readonly<Record<string, string>> = {},
  violations: readonly FieldViolation[] = [],
): DomainError => ({ kind: "DomainError", reason, metadata, violations });

export const isDomainError = (value: unknown): value is DomainError =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "DomainError";
