import type { Session } from "@keynode/contracts/crm/identity/v1/session";
import type { Call } from "@keynode/grpc/call";

/** What is kept of where a sign-in came from: enough to recognise it, too little to follow anybody. */
export type ClientTraits = Pick<Session, "client" | "device" | "network">;

export const clientTraits = ({ origin, clientDevice }: Pick<Call, "origin" | "clientDevice">): ClientTraits => ({
  client: clientOf(origin.agent),
  device: clientDevice ?? "",
  network: origin.network ?? "",
});

/** Of the classes that the gateway tells apart. */
const clientOf = (agent: string | undefined): Session["client"] => {
  switch (agent) {
    case undefined:
    case "other":
      return "CLIENT_UNSPECIFIED";
    case "browser":
      return "BROWSER";
    case "mobile":
      return "MOBILE";
    default:
      return "PROGRAM";
  }
};
