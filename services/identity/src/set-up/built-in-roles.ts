import { derivedId } from "@keynode/aggregate/type-id";
import { Role, type Role_Grant } from "@keynode/contracts/crm/identity/v1/role";

type Scope = Exclude<Role_Grant["scope"], "SCOPE_UNSPECIFIED" | "UNRECOGNIZED">;

const granting = (scope: Scope, ...permissions: readonly string[]): Role_Grant[] =>
  permissions.map((permission) => ({ permission, scope }));

/** Records that belong to those who work on them. */
const worked = ["accounts", "contacts", "keyNodes", "leads", "opportunities", "tasks", "behaviours"];
const sold = ["contracts", "purchases", "rounds"];
const served = ["cases", "covers"];
/** What everybody who works here looks things up in. */
const shared = [
  "events.stream",
  "users.read",
  "teams.read",
  "products.read",
  "pipelines.read",
  "tenants.read",
  "customFields.read",
  "vocabularies.read",
  "recordForms.read",
  "recordForms.resolve",
  "templates.read",
];

const all = (collections: readonly string[]): string[] => collections.map((collection) => `${collection}.*`);
const reading = (collections: readonly string[]): string[] => collections.map((collection) => `${collection}.read`);
/** Telephone numbers and addresses in the clear; `<collection>.*` has it, `<collection>.read` has not. */
const reaching = (collections: readonly string[]): string[] =>
  collections.map((collection) => `${collection}.readSensitive`);

/** Who may do what when nobody has decided otherwise: every tenant begins with these. */
const definitions = {
  admin: {
    name: "Administrator",
    description: "Everything, users and roles included.",
    grants: granting("ALL", "*"),
  },
  manager: {
    name: "Manager",
    description: "Works on all records of the own teams, hands them over and reads the reports.",
    grants: [
      ...granting("TEAM", ...all([...worked, ...sold, ...served])),
      ...granting("TEAM", "savedViews.*", "shares.*", ...reaching(["users"])),
      ...granting("ALL", ...shared, "reports.read", "roles.read", "pipelines.update", "forms.submit"),
    ],
  },
  sales: {
    name: "Sales",
    description: "Works on the own leads, accounts, opportunities and contracts.",
    grants: [
      ...granting("OWN", ...all([...worked, ...sold]), "savedViews.*", "shares.*", "reports.read"),
      ...granting("OWN", ...reading(served)),
      ...granting("ALL", ...shared, "forms.submit"),
    ],
  },
  serviceAgent: {
    name: "Service agent",
    description: "Works on the own cases and tasks, and reads all about the customers they are for.",
    grants: [
      ...granting("OWN", "cases.*", "tasks.*", "keyNodes.respond", "savedViews.*", "shares.*"),
      ...granting("ALL", "cases.create", ...reading(["accounts", "contacts", "keyNodes", "purchases", "covers"])),
      ...granting("ALL", ...shared, ...reaching(["accounts", "contacts"])),
    ],
  },
  marketing: {
    name: "Marketing",
    description: "Reads who asks and buys, without how to reach them; sees no contracts and brings leads in by forms.",
    grants: [
      ...granting("OWN", "savedViews.*", "tasks.*"),
      ...granting("ALL", ...reading(["leads", "accounts", "contacts", "opportunities", "keyNodes", "behaviours"])),
      ...granting("ALL", ...shared, "reports.read", "forms.submit"),
    ],
  },
  viewer: {
    name: "Viewer",
    description: "Reads everything of the customers' but how to reach them, and changes nothing.",
    grants: granting("ALL", ...reading([...worked, ...sold, ...served, "savedViews", "shares", "reports"]), ...shared),
  },
  integration: {
    name: "Integration",
    description: "Lets another system bring and take the customers' data.",
    grants: [
      ...granting("ALL", ...all([...worked, ...sold, ...served, "products", "pipelines", "shares"])),
      ...granting("ALL", ...shared, "reports.read", "forms.submit", "users.create", "teams.create"),
      ...granting("ALL", ...reaching(["users"])),
    ],
  },
  directory: {
    name: "Directory",
    description: "Lets an identity provider keep users and teams by SCIM; users get what its groups are mapped to.",
    grants: granting("ALL", "scim.*", ...reaching(["users"])),
  },
  auditor: {
    name: "Auditor",
    description: "Reads, checks and takes out the audit trail, and sees who there is; none of the customers' records.",
    grants: granting(
      "ALL",
      "auditEntries.*",
      "users.read",
      "teams.read",
      "roles.read",
      "apiKeys.read",
      "tenants.read",
      "customFields.read",
    ),
  },
} satisfies Readonly<Record<string, { name: string; description: string; grants: Role_Grant[] }>>;

export type BuiltInRole = keyof typeof definitions;

export const builtInRoleId = (tenant: string, role: BuiltInRole): string => derivedId("role", tenant, role);

/** The roles that a tenant begins with, by the ids they have there. */
export const builtInRoles = (tenant: string): ReadonlyMap<string, Role> =>
  new Map(
    (Object.keys(definitions) as BuiltInRole[]).map((role) => [
      builtInRoleId(tenant, role),
      Role.fromPartial({ ...definitions[role], builtIn: true }),
    ]),
  );
