import type { CustomField, CustomField_Conversion } from "@keynode/contracts/crm/identity/v1/custom_field";
import type {
  CustomFieldConverted,
  CustomFieldCreated,
  CustomFieldDeleted,
  CustomFieldEdited,
  CustomFieldKindChanged,
  CustomFieldRestored,
  CustomFieldRetired,
  CustomFieldUnretired,
} from "@keynode/contracts/crm/identity/v1/custom_field_events";
import type {
  ChangeCustomFieldKindRequest,
  CreateCustomFieldRequest,
  DeleteCustomFieldRequest,
  RetireCustomFieldRequest,
  UndeleteCustomFieldRequest,
  UnretireCustomFieldRequest,
  UpdateCustomFieldRequest,
} from "@keynode/contracts/crm/identity/v1/custom_field_service";
import type { Tagged } from "@keynode/decider/decider";

/** A field as stored: the resource and what only this service needs. */
export type CustomFieldState = CustomField & {
  /** `leads/shoeSize`, unique within a tenant and never given up. */
  place?: string | undefined;
  /** `leads/3`, the order that a sortable field has for itself; kept by deleted ones. */
  order?: string | undefined;
};

export type CustomFieldCommand = Tagged<{
  CreateCustomField: CreateCustomFieldRequest;
  UpdateCustomField: UpdateCustomFieldRequest;
  ChangeCustomFieldKind: ChangeCustomFieldKindRequest;
  /** What the service that keeps the records says of the latest change of kind. */
  ConcludeConversion: { readonly conversion: CustomField_Conversion };
  RetireCustomField: RetireCustomFieldRequest;
  UnretireCustomField: UnretireCustomFieldRequest;
  DeleteCustomField: DeleteCustomFieldRequest;
  UndeleteCustomField: UndeleteCustomFieldRequest;
}>;

export type CustomFieldEvent = Tagged<{
  CustomFieldCreated: CustomFieldCreated;
  CustomFieldEdited: CustomFieldEdited;
  CustomFieldKindChanged: CustomFieldKindChanged;
  CustomFieldConverted: CustomFieldConverted;
  CustomFieldRetired: CustomFieldRetired;
  CustomFieldUnretired: CustomFieldUnretired;
  CustomFieldDeleted: CustomFieldDeleted;
  CustomFieldRestored: CustomFieldRestored;
}>;

/** All that a decision about a field may know besides its arguments. */
export type CustomFieldContext = {
  readonly now: Date;
  /** The collection's other fields, but for deleted ones. */
  readonly others: readonly CustomField[];
  /** How many other fields the collection has, deleted ones too. */
  readonly held: number;
  /** The orders that fields have or had: values of deleted ones are in them still. */
  readonly slots: ReadonlySet<number>;
  /** Those of the roles named that the tenant has. */
  readonly roles: ReadonlySet<string>;
};
