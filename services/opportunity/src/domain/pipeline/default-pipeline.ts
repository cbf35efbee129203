import type { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";

/** C-048. What a tenant's deals pass until it says otherwise: forward step by step, back to any stage before. */
export const defaultPipeline: Pipeline = {
  id: "",
  ownerId: "",
  teamId: "",
  etag: "",
  name: "销售管道 Sales",
  stages: [
    { key: "prospecting", nameEn: "Prospecting", nameZh: "寻找客户", probability: 10 },
    { key: "engaging", nameEn: "Engaging", nameZh: "接洽", probability: 30 },
    { key: "proposal", nameEn: "Proposal", nameZh: "方案报价", probability: 50 },
    { key: "negotiation", nameEn: "Negotiation", nameZh: "合同谈判", probability: 75 },
  ],
  allowedMoves: [
    { fromKey: "engaging", toKey: "prospecting" },
    { fromKey: "proposal", toKey: "engaging" },
    { fromKey: "proposal", toKey: "prospecting" },
    { fromKey: "negotiation", toKey: "proposal" },
    { fromKey: "negotiation", toKey: "engaging" },
    { fromKey: "negotiation", toKey: "prospecting" },
  ],
  default: true,
};
