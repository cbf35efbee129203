import type { DomainError } from "@keynode/decider/domain-error";

/** A refusal from deep inside a handler, which its caller is told as if the handler had answered it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly refusal: DomainError;

  constructor(refusal: DomainError, options?: ErrorOptions) {
    super(refusal.reason, options);
    this.refusal = refusal;
  }
}
