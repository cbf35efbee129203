import type {
  TemplateApplication,
  TemplateApplication_Part,
} from "@keynode/contracts/crm/identity/v1/template_application";
import type {
  TemplateApplicationPartsSettled,
  TemplateApplicationRequested,
} from "@keynode/contracts/crm/identity/v1/template_application_events";
import type { Template } from "@keynode/contracts/crm/identity/v1/template";
import { type Decider, decideBy, onRecord, type Tagged } from "@keynode/decider/decider";
import { isSame } from "@keynode/decider/record";

export type TemplateApplicationCommand = Tagged<{
  /** Has every part made that is still to be made; `parts` is how each stands in the tenant now. */
  ApplyTemplate: { readonly template: Template; readonly parts: readonly TemplateApplication_Part[] };
  /** Tells what has become of parts; those that are settled stay as they are. */
  SettleTemplateParts: { readonly parts: readonly TemplateApplication_Part[] };
}>;

export type TemplateApplicationEvent = Tagged<{
  TemplateApplicationRequested: TemplateApplicationRequested;
  TemplateApplicationPartsSettled: TemplateApplicationPartsSettled;
}>;

export type TemplateApplicationContext = { readonly now: Date };

/** One part's name within its template. */
export const partName = ({ kind, key }: Pick<TemplateApplication_Part, "kind" | "key">): string => `${kind} ${key}`;

/** What was made or kept once is the tenant's business from then on; only a conflict may be gone when it is tried again. */
const isSettled = ({ outcome }: TemplateApplication_Part): boolean => outcome === "CREATED" || outcome === "KEPT";

const isPending = ({ outcome }: TemplateApplication_Part): boolean => outcome === "PENDING";

/** C-019. Applying a template that is complete yields []; one that was cut short is asked for again. */
export const templateApplicationDecider: Decider<
  TemplateApplicationCommand,
  TemplateApplication,
  TemplateApplicationEvent,
  TemplateApplicationContext
> = {
  decide: decideBy<
    TemplateApplicationCommand,
    TemplateApplication,
    TemplateApplicationEvent,
    TemplateApplicationContext
  >({
    ApplyTemplate: ({ template: { key, revision, pipelines, views }, parts: standing }, state, { now }) => {
      const settled = new Map((state?.parts ?? []).filter(isSettled).map((part) => [partName(part), part]));
      const parts = standing.map((part) => settled.get(partName(part)) ?? part);
      const isDone = state?.state === "COMPLETE" && state.revision === revision;
      if (isDone && isSame(state.parts, parts)) return [];
      return [
        {
          type: "TemplateApplicationRequested",
          templateKey: key,
          revision,
          parts,
          pipelines,
          views,
          applyTime: now,
        },
      ];
    },
    SettleTemplateParts: onRecord(({ parts }, state, { now }) => {
      const pending = new Set(state.parts.filter(isPending).map(partName));
      const settled = parts.filter((part) => !isPending(part) && pending.has(partName(part)));
      if (settled.length === 0) return [];
      const completeTime = settled.length === pending.size ? now : undefined;
      return [{ type: "TemplateApplicationPartsSettled", parts: settled, completeTime }];
    }),
  }),
  evolve: (before, event) => {
    switch (event.type) {
      case "TemplateApplicationRequested": {
        const { templateKey, revision, parts, applyTime } = event;
        const isComplete = !parts.some(isPending);
        return {
          ...(before ?? unmade),
          templateKey,
          revision,
          parts,
          applyTime,
          state: isComplete ? "COMPLETE" : "APPLYING",
          completeTime: isComplete ? (before?.completeTime ?? applyTime) : undefined,
        };
      }
      case "TemplateApplicationPartsSettled": {
        const state = before ?? unmade;
        const now = new Map(event.parts.map((part) => [partName(part), part]));
        const parts = state.parts.map((part) => now.get(partName(part)) ?? part);
        return {
          ...state,
          parts,
          state: parts.some(isPending) ? "APPLYING" : "COMPLETE",
          completeTime: event.completeTime,
        };
      }
    }
  },
};

const unmade: TemplateApplication = {
  id: "",
  ownerId: "",
  teamId: "",
  etag: "",
  templateKey: "",
  revision: 0,
  state: "APPLYING",
  parts: [],
};
