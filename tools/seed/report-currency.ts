import { z } from "zod";
import { type ApiOptions, openApi } from "./api-client.ts";
import { currency } from "./plan.ts";

const meSchema = z.object({ tenant: z.object({ id: z.string(), currency: z.string().optional() }) });

/** Has the tenant's reports count in the currency of its sales history; a repeat changes nothing. */
export const reportInHistoryCurrency = async (options: ApiOptions): Promise<void> => {
  const api = openApi(options);
  const { tenant } = meSchema.parse(await api.get("/v1/me"));
  if (tenant.currency === currency) return;
  await api.patch(`/v1/tenants/${tenant.id}?updateMask=currency`, { currency }, `${tenant.id}/currency/${currency}`);
};
