import { channel } from "node:diagnostics_channel";

/** One answer as it leaves: the method (`crm.lead.v1.LeadService/GetLead`) and the bytes of request and answer. */
export type Answered = { readonly method: string; readonly request: Uint8Array; readonly answer: Uint8Array };

/** Told of every successful answer; nobody listens but tests, from whose calls the document's examples are taken. */
const answers = channel("keynode:grpc:answered");

export const tellAnswered = (method: string, request: Uint8Array, answer: Uint8Array): void => {
  if (answers.hasSubscribers) answers.publish({ method, request, answer } satisfies Answered);
};

export const onAnswered = (listener: (answered: Answered) => void): void => {
  answers.subscribe((message) => listener(message as Answered));
};
