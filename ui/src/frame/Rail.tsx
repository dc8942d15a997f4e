import { lazy, Suspense } from 'react';
import { NavLink, useLocation } from 'react-router';
import { Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { setPreferences, usePreferences, useSize } from '@/app/preferences';
import { useClouds, type CloudSection } from '@/app/clouds';
import { Icon } from '@/part/Icon';
import type { IconName } from '@/part/icons';
import { useFootLinks } from './footLinks';
import { SampleNote } from './SampleNote';

const SlimSection = lazy(async () => ({ default: (await import('./SlimSection')).SlimSection }));

interface LinkProps {
  to: string;
  label: string;
  icon: IconName;
  slim: boolean;
  active?: boolean;
}

function RailLink({ to, label, icon, slim, active }: LinkProps) {
  const link = (
    <NavLink
      to={to}
      end={to === '/'}
      className={({ isActive }) => ((active ?? isActive) ? 'on' : '')}
      aria-label={slim ? label : undefined}
    >
      <Icon name={icon} />
      {!slim && label}
    </NavLink>
  );
  return slim ? <Tooltip title={label} placement="right">{link}</Tooltip> : link;
}

function isWithin(pathname: string, section: CloudSection): boolean {
  return section.links.some(({ to }) => pathname === to || pathname.startsWith(`${to}/`));
}

function Section({ section, slim }: { section: CloudSection; slim: boolean }) {
  const { pathname } = useLocation();
  const within = isWithin(pathname, section);
  if (slim) return <Suspense fallback={<span className="rail-button" />}><SlimSection section={section} within={within} /></Suspense>;
  return (
    <>
      <RailLink to={section.links[0]?.to ?? '/'} label={section.label} icon={section.icon} slim={false} active={false} />
      {within && (
        <div className="sub">
          {section.links.map((link) => (
            <NavLink key={link.to} to={link.to} className={({ isActive }) => (isActive ? 'on' : '')}>
              {link.label}
            </NavLink>
          ))}
        </div>
      )}
    </>
  );
}

/** Left: where one can go. Folds to icons by choice and on narrow windows. */
export function Rail() {
  const { t } = useTranslation();
  const { railCollapsed } = usePreferences();
  const { company } = useSession();
  const sections = useClouds();
  const foot = useFootLinks();
  const slim = useSize() === 'narrow' || railCollapsed;
  const fold = slim ? t('frame.expand') : t('frame.collapse');
  return (
    <nav className={slim ? 'rail slim' : 'rail'} aria-label={t('frame.navigation')}>
      <div className="brand">
        <Tooltip title={fold} placement="right" mouseEnterDelay={0.6}>
          <button type="button" aria-label={fold} onClick={() => setPreferences({ railCollapsed: !railCollapsed })}>
            <Icon name="brand" size={20} className="acc" />
          </button>
        </Tooltip>
        {!slim && <>{t('app.name')} <small className="ellipsis">{company.name}</small></>}
      </div>
      <div className="nav grow-y">
        <RailLink to="/" label={t('frame.home')} icon="home" slim={slim} />
        {sections.map((section) => <Section key={section.cloud} section={section} slim={slim} />)}
      </div>
      <div className="nav">
        <SampleNote slim={slim} />
        {foot.map((link) => <RailLink key={link.to} {...link} slim={slim} />)}
      </div>
    </nav>
  );
}
