/** Floor (b), the HTTP half: Express that asks a bare gRPC service. */
import { createServer } from "node:http";
import { Client, credentials, type MethodDefinition } from "@grpc/grpc-js";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { serve, upstream } from "./announce.ts";
import { leadRoutes } from "./rest.ts";

const client = new Client(upstream, credentials.createInsecure());

const call = <Request, Response>(
  { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
  request: Request,
): Promise<Response> =>
  new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) => {
      if (response === undefined) reject(error ?? new Error("no answer"));
      else resolve(response);
    });
  });

const { createLead, getLead, listLeads, updateLead } = LeadServiceService;

const app = leadRoutes({
  create: (lead) => call(createLead, { lead }),
  get: (id) => call(getLead, { id, readMask: undefined }),
  newest: async (filter, pageSize) => {
    const request = { filter, pageSize, pageToken: "", orderBy: "", readMask: undefined, showDeleted: false };
    return (await call(listLeads, request)).leads;
  },
  setCompany: (id, version, company) =>
    call(updateLead, { lead: Lead.fromPartial({ id, etag: String(version), company }), updateMask: ["company"] }),
});

await serve(createServer(app));
