import { useTranslation } from 'react-i18next';
import { useMay } from '@/api/session';
import { pageRoutes } from '@/app/registry';
import type { CloudLink } from '@/app/clouds';

/** Pages offered at the foot of the rail (settings). */
export function useFootLinks(): CloudLink[] {
  const { t } = useTranslation();
  const may = useMay();
  return pageRoutes.flatMap(({ path, nav }) =>
    nav?.place === 'foot' && (!nav.permission || may(nav.permission))
      ? [{ to: `/${path.replace(/\/\*$/, '')}`, label: t(nav.label), icon: nav.icon }]
      : []);
}
