import { useState } from 'react';
import { NavLink } from 'react-router';
import { Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import { useClouds } from '@/app/clouds';
import { Icon } from '@/part/Icon';
import { useFootLinks } from './footLinks';

/** What one goes to on the way: whoever grabs leads does it on the phone, others see to paths and forms, or approve. */
const grabbing = ['/leads', '/pool', '/accounts'];
const others = ['/leads', '/journeys', '/forms', '/opportunities', '/approvals', '/accounts'];

/** The phone's places: home, the three a person needs most of those he may see, and the rest. */
export function BottomBar() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const sections = useClouds();
  const foot = useFootLinks();
  const links = sections.flatMap((section) => section.links);
  const grabs = links.some(({ to }) => to === '/pool');
  const wanted = (grabs ? grabbing : others).flatMap((to) => links.find((link) => link.to === to) ?? []);
  const places = [...new Set([...wanted, ...links])].slice(0, 3);
  return (
    <nav className="bottom-bar" aria-label={t('frame.navigation')}>
      <NavLink to="/" end className={({ isActive }) => (isActive ? 'on' : '')}>
        <Icon name="home" size={20} /><span>{t('frame.home')}</span>
      </NavLink>
      {places.map((place) => (
        <NavLink key={place.to} to={place.to} className={({ isActive }) => (isActive ? 'on' : '')}>
          <Icon name={place.icon} size={20} /><span>{place.label}</span>
        </NavLink>
      ))}
      <button type="button" onClick={() => setOpen(true)}>
        <Icon name="list" size={20} /><span>{t('frame.more')}</span>
      </button>
      <Drawer open={open} onClose={() => setOpen(false)} placement="bottom" size="large" title={t('frame.more')}>
        <div className="nav touch" onClick={() => setOpen(false)}>
          {sections.map((section) => (
            <section key={section.cloud}>
              <h3>{section.label}</h3>
              {section.links.map((link) => (
                <NavLink key={link.to} to={link.to}><Icon name={link.icon} />{link.label}</NavLink>
              ))}
            </section>
          ))}
          <hr />
          {foot.map((link) => <NavLink key={link.to} to={link.to}><Icon name={link.icon} />{link.label}</NavLink>)}
        </div>
      </Drawer>
    </nav>
  );
}
