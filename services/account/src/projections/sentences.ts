/** One kind of timeline entry: the sentence it reads as, and which fields of the event's message fill it. */
export type Sentence = {
  readonly key: string;
  readonly en: string;
  readonly zh: string;
  readonly fills: readonly string[];
};

/** What a timeline tells, by event type; events that are not here are not told. Paths lead into the event's message. */
export const sentences: Readonly<Record<string, Sentence>> = {
  LeadCaptured: {
    key: "lead.captured",
    en: "Captured as a lead from {source}.",
    zh: "作为线索录入，来源 {source}。",
    fills: ["lead.source"],
  },
  LeadFormSubmitted: {
    key: "lead.formSubmitted",
    en: "Submitted the form {formName}.",
    zh: "提交了表单 {formName}。",
    fills: ["form.formName"],
  },
  LeadInquiryRecorded: {
    key: "lead.inquired",
    en: "Asked about {product} by {channel}.",
    zh: "通过 {channel} 咨询了 {product}。",
    fills: ["inquiry.product", "inquiry.channel"],
  },
  LeadEdited: { key: "lead.edited", en: "The lead's facts were changed.", zh: "线索信息已更新。", fills: [] },
  LeadQualified: { key: "lead.qualified", en: "Found worth pursuing.", zh: "已确认值得跟进。", fills: [] },
  LeadDisqualified: {
    key: "lead.disqualified",
    en: "Given up: {reason}.",
    zh: "已放弃：{reason}。",
    fills: ["qualification.reason"],
  },
  LeadReopened: { key: "lead.reopened", en: "Taken up again.", zh: "已重新跟进。", fills: [] },
  LeadConversionRequested: {
    key: "lead.conversionRequested",
    en: "Conversion into a customer was asked for.",
    zh: "已申请转为客户。",
    fills: [],
  },
  LeadConverted: { key: "lead.converted", en: "Became a customer.", zh: "线索已转化为客户。", fills: [] },
  AccountCreated: { key: "account.created", en: "Entered as a customer.", zh: "客户已录入。", fills: [] },
  AccountLeadJoined: {
    key: "account.leadJoined",
    en: "A lead joined this customer.",
    zh: "一条线索并入该客户。",
    fills: [],
  },
  AccountStageChanged: {
    key: "account.stageChanged",
    en: "Moved from {from} to {to}.",
    zh: "阶段由 {from} 变为 {to}。",
    fills: ["change.from", "change.to"],
  },
  ContactCreated: { key: "contact.created", en: "A contact was entered.", zh: "新增联系人。", fills: [] },
  KeyNodeRecorded: {
    key: "keyNode.recorded",
    en: "Key node {nodeType}.",
    zh: "关键节点 {nodeType}。",
    fills: ["keyNode.nodeType"],
  },
  KeyNodeBecameLate: {
    key: "keyNode.late",
    en: "No response to key node {nodeType} in time.",
    zh: "关键节点 {nodeType} 未按时响应。",
    fills: ["nodeType"],
  },
  KeyNodeResponded: {
    key: "keyNode.responded",
    en: "Responded to key node {nodeType}.",
    zh: "已响应关键节点 {nodeType}。",
    fills: ["snapshot.nodeType"],
  },
  OpportunityOpened: {
    key: "opportunity.opened",
    en: "Opportunity {name} was opened.",
    zh: "商机 {name} 已创建。",
    fills: ["opportunity.name"],
  },
  OpportunityImported: {
    key: "opportunity.imported",
    en: "Opportunity {name} was loaded: {status}.",
    zh: "商机 {name} 已导入：{status}。",
    fills: ["opportunity.name", "opportunity.status"],
  },
  OpportunityStageAdvanced: {
    key: "opportunity.advanced",
    en: "Opportunity {name} moved to {toKey}.",
    zh: "商机 {name} 进入阶段 {toKey}。",
    fills: ["snapshot.name", "change.toKey"],
  },
  OpportunityWon: {
    key: "opportunity.won",
    en: "Opportunity {name} was won.",
    zh: "商机 {name} 赢单。",
    fills: ["snapshot.name"],
  },
  OpportunityLost: {
    key: "opportunity.lost",
    en: "Opportunity {name} was lost: {reason}.",
    zh: "商机 {name} 输单：{reason}。",
    fills: ["snapshot.name", "close.reason"],
  },
  ContractDrafted: {
    key: "contract.drafted",
    en: "Contract {number} was drafted.",
    zh: "合同 {number} 已起草。",
    fills: ["contract.number"],
  },
  ContractClauseAgreed: {
    key: "contract.clauseAgreed",
    en: "The clause {title} was agreed.",
    zh: "条款「{title}」已达成一致。",
    fills: ["title"],
  },
  ContractSigned: {
    key: "contract.signed",
    en: "Contract {number} was signed.",
    zh: "合同 {number} 已签订。",
    fills: ["number"],
  },
  ContractCancelled: {
    key: "contract.cancelled",
    en: "Contract {number} was given up.",
    zh: "合同 {number} 已取消。",
    fills: ["snapshot.number"],
  },
  PurchaseRecorded: { key: "purchase.recorded", en: "A purchase was recorded.", zh: "已记录一笔购买。", fills: [] },
  CaseOpened: {
    key: "case.opened",
    en: "Case {number} was opened.",
    zh: "服务工单 {number} 已创建。",
    fills: ["case.number"],
  },
  CaseAssigned: {
    key: "case.assigned",
    en: "Case {number} was assigned.",
    zh: "服务工单 {number} 已分配。",
    fills: ["snapshot.number"],
  },
  CaseSolved: {
    key: "case.solved",
    en: "Case {number} was solved.",
    zh: "服务工单 {number} 已解决。",
    fills: ["snapshot.number"],
  },
  CaseReopened: {
    key: "case.reopened",
    en: "Case {number} was reopened.",
    zh: "服务工单 {number} 已重新打开。",
    fills: ["snapshot.number"],
  },
  TaskCreated: { key: "task.created", en: "A task was made: {kind}.", zh: "新建任务：{kind}。", fills: ["task.kind"] },
  TaskCompleted: { key: "task.completed", en: "A task was done.", zh: "任务已完成。", fills: [] },
};
