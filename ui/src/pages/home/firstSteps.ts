import type { Model } from '@/api/meta';
import type { Entity, EntityAction, HomeView } from '@/api/types';

type Code = 'colleagues' | 'stages' | 'import' | 'lead' | 'form' | 'campaign' | 'journey' | 'target' | 'pool' | 'assignment' | 'task' | 'convert';

export interface FirstStep {
  code: Code;
  to: string;
  /** Opens the form for a new record instead. */
  create?: string;
  /** It is done when there are so many of these. */
  made?: { entity: string; atLeast: number };
  /** Rights that must be there, each. */
  permission?: string;
  needs?: [entity: string, action?: EntityAction];
}

const steps: Record<Code, FirstStep> = {
  colleagues: { code: 'colleagues', to: '/settings/users', made: { entity: 'user', atLeast: 2 }, permission: 'users:manage' },
  stages: { code: 'stages', to: '/settings/pipelines', permission: 'settings:manage', needs: ['opportunity'] },
  import: { code: 'import', to: '/imports?entity=lead', made: { entity: 'lead', atLeast: 1 }, permission: 'import:run', needs: ['lead', 'import'] },
  lead: { code: 'lead', to: '/leads', create: 'lead', made: { entity: 'lead', atLeast: 1 }, needs: ['lead', 'create'] },
  form: { code: 'form', to: '/forms', made: { entity: 'form', atLeast: 1 }, permission: 'sources:manage', needs: ['form', 'create'] },
  campaign: { code: 'campaign', to: '/campaigns', create: 'campaign', made: { entity: 'campaign', atLeast: 1 }, needs: ['campaign', 'create'] },
  journey: { code: 'journey', to: '/journeys?new=', made: { entity: 'journey', atLeast: 1 }, permission: 'marketing:manage', needs: ['journey', 'create'] },
  target: { code: 'target', to: '/performance?view=targets', made: { entity: 'target', atLeast: 1 }, permission: 'reports:read', needs: ['target', 'create'] },
  pool: { code: 'pool', to: '/pool', permission: 'leads:grab', needs: ['lead'] },
  assignment: { code: 'assignment', to: '/settings/assignment', made: { entity: 'assignment_rule', atLeast: 1 }, permission: 'pools:manage', needs: ['assignment_rule', 'create'] },
  task: { code: 'task', to: '/tasks', create: 'task', made: { entity: 'task', atLeast: 1 }, needs: ['task', 'create'] },
  convert: { code: 'convert', to: '/leads', needs: ['opportunity', 'create'] },
};

const order: Record<HomeView, Code[]> = {
  team: ['colleagues', 'stages', 'import', 'lead', 'assignment', 'target'],
  sources: ['form', 'import', 'campaign', 'journey'],
  deals: ['stages', 'lead', 'convert', 'import'],
  today: ['lead', 'pool', 'task'],
};

const has = (entity: Entity | undefined, action?: EntityAction) => !!entity && (!action || entity.actions[action]);

/** What somebody may do first on one of the homes, in the order in which one thing needs the other. */
export function stepsOf(view: HomeView, may: (permission: string) => boolean, model: Pick<Model, 'named'>): FirstStep[] {
  return order[view].map((code) => steps[code])
    .filter(({ permission, needs }) => (!permission || may(permission)) && (!needs || has(model.named(needs[0]), needs[1])));
}
