import { useDeferredValue } from 'react';
import { Input } from 'antd';
import { Link, Route, Routes, useParams, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/part/Empty';
import { Icon } from '@/part/Icon';
import { NotThere } from '@/part/Refusal';
import { ApprovalProcesses } from './ApprovalProcesses';
import { Assignment } from './Assignment';
import { AuditLog } from './AuditLog';
import { Automations } from './Automations';
import { Company } from './Company';
import { ConversionRules } from './ConversionRules';
import { Departments } from './Departments';
import { GradeRules } from './GradeRules';
import { LeadPools } from './LeadPools';
import { WorkCalendar } from './WorkCalendar';
import { MailAccount } from './MailAccount';
import { MyMailbox } from './Mailbox';
import { Mailboxes } from './Mailboxes';
import { Modules } from './Modules';
import { Pipelines } from './Pipelines';
import { RecordSection } from './RecordSection';
import { RoleRights } from './RoleRights';
import { groups, useSections, type Section } from './sections';
import { Sample } from './Sample';
import { Tokens } from './Tokens';
import { Tracking } from './Tracking';
import { WebhookPage } from './WebhookPage';
import { Webhooks } from './Webhooks';
import './settings.css';

/** All that can be set up, found by a word. */
function Index() {
  const { t } = useTranslation();
  const sections = useSections();
  const [search, setSearch] = useSearchParams();
  const words = useDeferredValue(search.get('q') ?? '').trim().toLowerCase();
  const fits = (section: Section) => [section.label, section.hint, ...(section.entity?.fields.map(({ label }) => label) ?? [])].some((text) => text.toLowerCase().includes(words));
  const found = words ? sections.filter(fits) : sections;
  return (
    <div className="page">
      <header className="page-head"><h1>{t('frame.settings')}</h1></header>
      <div className="settings-body">
        <Input
          className="settings-search" allowClear prefix={<Icon name="search" size={14} />} aria-label={t('settings.search')} placeholder={t('settings.search')}
          value={search.get('q') ?? ''} onChange={(event) => setSearch(event.target.value ? { q: event.target.value } : {}, { replace: true })}
        />
        {found.length === 0 && <Empty title={t('settings.nothing')} hint={t('settings.nothing_hint')} />}
        {groups.filter((group) => found.some((section) => section.group === group)).map((group) => (
          <section key={group}>
            <h2>{t(`settings.group_${group}`)}</h2>
            <ul className="settings-index">
              {found.filter((section) => section.group === group).map(({ key, label, hint }) => (
                <li key={key}><Link to={`/settings/${key}`}><b>{label}</b><span className="t2 dense">{hint}</span></Link></li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}

function Content({ section }: { section: Section }) {
  if (section.key === 'company') return <Company />;
  if (section.key === 'modules') return <Modules />;
  if (section.key === 'tokens') return <Tokens />;
  if (section.key === 'sample') return <Sample />;
  if (section.key === 'tracking') return <Tracking />;
  if (section.key === 'mail') return <MailAccount />;
  if (section.key === 'mailbox') return <MyMailbox />;
  if (section.key === 'mailboxes') return <Mailboxes />;
  if (section.key === 'webhooks') return <Webhooks />;
  if (section.key === 'audit') return <AuditLog />;
  if (section.key === 'departments' && section.entity) return <Departments entity={section.entity} />;
  if (section.key === 'pipelines' && section.entity) return <Pipelines entity={section.entity} />;
  if (section.key === 'conversion' && section.entity) return <ConversionRules entity={section.entity} />;
  if (section.key === 'grades' && section.entity) return <GradeRules entity={section.entity} />;
  if (section.key === 'lead-pools' && section.entity) return <LeadPools entity={section.entity} />;
  if (section.key === 'assignment' && section.entity) return <Assignment entity={section.entity} />;
  if (section.key === 'approvals' && section.entity) return <ApprovalProcesses entity={section.entity} />;
  if (section.key === 'calendar' && section.entity) return <WorkCalendar entity={section.entity} />;
  if (section.key === 'automations' && section.entity) return <Automations entity={section.entity} />;
  return section.entity ? <RecordSection key={section.key} entity={section.entity} /> : null;
}

function SectionPage() {
  const { t } = useTranslation();
  const { key } = useParams();
  const section = useSections().find((candidate) => candidate.key === key);
  if (!section) return <NotThere />;
  return (
    <div className="page">
      <header className="page-head"><Link to="/settings" className="t2">{t('frame.settings')}</Link><span className="t3">/</span><h1>{section.label}</h1></header>
      <div className="settings-body">
        <p className="t2 settings-hint">{section.hint}</p>
        <Content section={section} />
      </div>
    </div>
  );
}

export default function SettingsPages() {
  return (
    <Routes>
      <Route index element={<Index />} />
      <Route path="roles/:id" element={<RoleRights />} />
      <Route path="webhooks/:id" element={<WebhookPage />} />
      <Route path=":key" element={<SectionPage />} />
    </Routes>
  );
}
