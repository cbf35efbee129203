/** Floor (b), the gRPC half: grpc-js with ts-proto's code and the driver; nothing is checked. */
import { type sendUnaryData, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { LeadServiceService, type LeadServiceServer } from "@keynode/contracts/crm/lead/v1/lead_service";
import type { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { announce, collection, database, mongoUrl } from "./announce.ts";
import { leadCollection } from "./lead-collection.ts";

const leads = await leadCollection(mongoUrl, database, collection);

const reply = <Response>(respond: sendUnaryData<Response>, answer: Promise<Response | undefined>): void => {
  answer.then(
    (response) => (response === undefined ? respond({ code: status.NOT_FOUND }) : respond(null, response)),
    (error: Error) => respond(error),
  );
};

const served = {
  createLead: ({ request: { lead } }, respond) =>
    reply(respond, lead ? leads.create(lead) : Promise.resolve(undefined)),
  getLead: ({ request: { id } }, respond) => reply(respond, leads.get(id)),
  listLeads: ({ request: { filter, pageSize } }, respond) =>
    reply(
      respond,
      leads.newest(filter as Lead["status"], pageSize).then((found) => ({ leads: found, nextPageToken: "" })),
    ),
  updateLead: ({ request: { lead } }, respond) =>
    reply(respond, leads.setCompany(lead?.id ?? "", Number(lead?.etag), lead?.company ?? "")),
} satisfies Partial<LeadServiceServer>;

const { createLead, getLead, listLeads, updateLead } = LeadServiceService;
const server = new Server();
server.addService({ createLead, getLead, listLeads, updateLead }, served);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  announce(port);
});
