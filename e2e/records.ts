/** What journeys read of the API's answers: the fields they use, as proto3 JSON has them. */

export type Page<Rows extends string, Row> = { readonly [Name in Rows]?: readonly Row[] } & {
  readonly nextPageToken?: string;
};

export type Money = { readonly currencyCode: string; readonly units?: string; readonly nanos?: number };

export type Lead = {
  readonly id: string;
  readonly etag: string;
  readonly status: string;
  readonly stage: string;
  readonly email?: string;
  readonly phone?: string;
  readonly formSubmissionCount?: number;
  readonly qualification?: { readonly reason?: string; readonly note?: string };
  readonly conversion?: {
    readonly state: string;
    readonly accountId: string;
    readonly contactId: string;
    readonly opportunityId: string;
  };
};

export type Account = {
  readonly id: string;
  readonly name: string;
  readonly stage: string;
  readonly phone?: string;
  readonly convertTime?: string;
  readonly needs?: readonly string[];
  readonly purchaseCount?: number;
  readonly purchaseTotals?: readonly Money[];
  readonly stageChanges?: readonly { readonly to: string }[];
  readonly origin?: { readonly kind: string; readonly detail?: string };
};

export type Contact = {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
  readonly jobTitle?: string;
};

export type Opportunity = {
  readonly id: string;
  readonly etag: string;
  readonly status: string;
  readonly stageKey: string;
  readonly contractId?: string;
  readonly close?: { readonly outcome: string; readonly reason?: string; readonly value?: Money };
};

export type Clause = { readonly id: string; readonly title: string; readonly status: string; readonly round?: number };

export type Contract = {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly clauses?: readonly Clause[];
};

export type Case = {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly assigneeId?: string;
  readonly acknowledgeTime?: string;
  readonly coverStatus?: string;
};

export type Task = { readonly id: string; readonly kind: string; readonly dueTime: string; readonly status: string };
export type KeyNode = { readonly id: string; readonly nodeType: string; readonly status: string };
export type Behaviour = { readonly id: string; readonly type: string };
export type TimelineEntry = { readonly eventType: string; readonly context: string; readonly time: string };

export type SalesReport = {
  readonly rows?: readonly ReportRow[];
  readonly totals: ReportRow;
  readonly asOf?: string;
  readonly complete?: boolean;
};

export type ReportRow = {
  readonly key?: string;
  readonly label?: string;
  readonly openedCount?: string;
  readonly openCount?: string;
  readonly wonCount?: string;
  readonly lostCount?: string;
  readonly wonValue?: Money;
  readonly successRate?: number;
};

export type Problem = {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly errors?: readonly {
    readonly field?: string;
    readonly pointer?: string;
    readonly parameter?: string;
    readonly header?: string;
    readonly code: string;
  }[];
};
