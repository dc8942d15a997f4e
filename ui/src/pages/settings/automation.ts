export interface ActionParameter {
  name: string;
  label: string;
  type: 'text' | 'integer' | 'boolean' | 'user' | 'users' | 'field' | 'value';
  required: boolean;
}

/** An action the server knows; `entity` is empty where it suits every record type. */
export interface ActionKind {
  name: string;
  label: string;
  entity: string;
  parameters: ActionParameter[];
}

export interface RuleAction {
  action: string;
  parameters: Record<string, unknown>;
}

/** What happens to a record type that rules can wait for. */
export function triggersOf(entity: string): string[] {
  const own: Record<string, string[]> = {
    lead: ['assigned', 'converted', 'disqualified', 'touched'], opportunity: ['moved'],
  };
  return ['created', 'updated', ...(own[entity] ?? [])].map((name) => `${entity}.${name}`);
}
