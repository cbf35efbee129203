import type { Vocabulary, Vocabulary_Value } from "@keynode/contracts/crm/identity/v1/vocabulary";

/** A vocabulary as every tenant has it before anybody changes it. */
export type BuiltInVocabulary = Pick<Vocabulary, "key" | "open"> & {
  readonly displayName: { readonly en: string; readonly zh: string };
  readonly values: readonly Vocabulary_Value[];
};

type Names = Readonly<Record<string, readonly [en: string, zh: string]>>;

const vocabulary = (
  key: string,
  [en, zh]: readonly [string, string],
  names: Names,
  open = false,
): BuiltInVocabulary => ({
  key,
  displayName: { en, zh },
  open,
  values: Object.entries(names).map(([value, [valueEn, valueZh]]) => ({
    key: value,
    displayName: { en: valueEn, zh: valueZh },
    color: "",
    retired: false,
  })),
});

/**
 * What the contract's fields name by their option `vocabulary`. Open are those whose fields took any text before, so that
 * what is stored stays as it is; a tenant may close them.
 */
const all: readonly BuiltInVocabulary[] = [
  vocabulary("leadSource", ["Lead sources", "线索来源"], {
    officialSite: ["Own website", "官网"],
    baidu: ["Baidu search", "百度搜索"],
    google: ["Google search", "谷歌搜索"],
    wechatOfficial: ["WeChat official account", "微信公众号"],
    wechatGroup: ["WeChat group", "微信社群"],
    wecom: ["WeCom", "企业微信"],
    douyin: ["Douyin", "抖音"],
    xiaohongshu: ["Xiaohongshu", "小红书"],
    weibo: ["Weibo", "微博"],
    linkedin: ["LinkedIn", "领英"],
    tradeShow: ["Trade show", "展会"],
    seminar: ["Seminar", "研讨会"],
    webinar: ["Webinar", "线上直播"],
    customerReferral: ["Recommended by a customer", "老客户介绍"],
    partner: ["Partner", "渠道伙伴"],
    coldCall: ["Cold call", "陌生拜访"],
    hotline: ["Hotline", "客服热线"],
    walkIn: ["Walk-in", "自然到店"],
  }),
  vocabulary("disqualificationReason", ["Reasons for giving a lead up", "线索无效原因"], {
    outsideRegion: ["Outside our region", "不在服务区域"],
    tooSmall: ["Too small for what we sell", "规模不符"],
    wrongContact: ["Not the person who decides, and leads to nobody", "非决策人且无法引荐"],
    student: ["Student or researcher", "学生或研究用途"],
    competitor: ["Works for a competitor", "竞争对手"],
    jobSeeker: ["Looks for a job", "求职者"],
    supplier: ["Wants to sell to us", "供应商推销"],
    wrongNumber: ["Number or address does not exist", "空号或错误地址"],
    askedNotToBeContacted: ["Asked not to be contacted", "明确拒绝联系"],
  }),
  vocabulary("lossReason", ["Reasons for losing a deal", "输单原因"], {
    priceTooHigh: ["Price above the budget", "价格超出预算"],
    paymentTerms: ["Payment terms", "付款条件"],
    missingFunction: ["A function is missing", "功能不满足"],
    deliveryTime: ["Delivery takes too long", "交付周期过长"],
    incumbent: ["Stayed with the present supplier", "沿用现有供应商"],
    builtInHouse: ["Built it themselves", "客户自研"],
    projectCancelled: ["The project was cancelled", "项目取消"],
    sponsorLeft: ["Whoever wanted it has left", "关键决策人离职"],
    tenderLost: ["The tender was lost", "投标未中"],
    trialFailed: ["The trial did not convince", "试用未通过"],
  }),
  vocabulary("keyNodeKind", ["Kinds of key nodes", "关键节点类型"], {
    firstVisit: ["First visit", "首次拜访"],
    quotation: ["Quotation", "报价"],
    siteInspection: ["Site inspection", "实地考察"],
    contractTalk: ["Contract talks", "合同谈判"],
    delivery: ["Delivery", "交付"],
    installation: ["Installation", "安装"],
    training: ["Training", "培训"],
    acceptance: ["Acceptance", "验收"],
    returnVisit: ["Return visit", "回访"],
    executiveMeeting: ["Meeting of executives", "高层会晤"],
    anniversary: ["Anniversary", "合作周年"],
    winBackTalk: ["Win-back talk", "挽回沟通"],
  }),
  vocabulary("caseCategory", ["Categories of cases", "工单类别"], {
    productDefect: ["Product defect", "产品质量"],
    delivery: ["Delivery", "物流配送"],
    installation: ["Installation", "安装调试"],
    usage: ["How to use it", "使用咨询"],
    billing: ["Bill and payment", "账单与付款"],
    invoice: ["Invoice", "发票"],
    returnExchange: ["Return or exchange", "退换货"],
    repair: ["Repair", "维修"],
    account: ["Account and access", "账号与权限"],
    staff: ["Conduct of staff", "人员服务态度"],
    suggestion: ["Suggestion", "建议"],
  }),
  vocabulary(
    "industry",
    ["Industries", "行业"],
    {
      retail: ["Retail", "零售"],
      manufacturing: ["Manufacturing", "制造业"],
      technology: ["Technology", "信息技术"],
      software: ["Software", "软件"],
      telecommunications: ["Telecommunications", "通信"],
      finance: ["Finance", "金融"],
      medical: ["Medical", "医疗"],
      education: ["Education", "教育"],
      realEstate: ["Real estate", "房地产"],
      construction: ["Construction", "建筑工程"],
      energy: ["Energy", "能源"],
      logistics: ["Logistics", "物流"],
      hospitality: ["Hotels and restaurants", "酒店餐饮"],
      entertainment: ["Entertainment", "文化娱乐"],
      services: ["Business services", "商务服务"],
      marketing: ["Marketing", "营销广告"],
      employment: ["Employment", "人力资源"],
      agriculture: ["Agriculture", "农业"],
      government: ["Government", "政府与公共事业"],
    },
    true,
  ),
  vocabulary("need", ["Needs", "需求"], {}, true),
  vocabulary("interest", ["Interests", "兴趣"], {}, true),
  vocabulary("productSeries", ["Product series", "产品系列"], {}, true),
];

/** The built-in vocabularies by their keys. */
export const builtInVocabularies: ReadonlyMap<string, BuiltInVocabulary> = new Map(all.map((each) => [each.key, each]));
