import { methodRules, registry } from "@keynode/contracts/descriptors";
import type { Implementation } from "@keynode/grpc/implement";
import { describedMethod } from "@keynode/grpc/served-method";
import { vocabularyPlaces } from "@keynode/grpc/vocabularies";

/** Whether any of a service's methods takes values of vocabularies; one that takes none needs no copy of them. */
export const takesVocabularies = (implementations: readonly Implementation[]): boolean =>
  implementations.flat().some(({ name }) => {
    const method = describedMethod(registry(), name);
    const rules = method && methodRules(method);
    return rules !== undefined && vocabularyPlaces(method as never, rules, undefined) !== undefined;
  });
