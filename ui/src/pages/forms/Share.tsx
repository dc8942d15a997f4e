import { useDeferredValue, useState } from 'react';
import { AutoComplete, Button, Input, QRCode } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useRecords } from '@/api/records';
import { useMay } from '@/api/session';
import type { Condition } from '@/api/types';
import { useCopy } from '@/part/useCopy';
import { addressWith, type Overview, type Utm } from './forms';

interface SnippetProps {
  title: string;
  hint: string;
  code: string;
  /** Between what it is and the words to copy. */
  children?: React.ReactNode;
}

function Snippet({ title, hint, code, children }: SnippetProps) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <section className="section">
      <div className="section-head"><h2>{title}</h2></div>
      <p className="t2 dense">{hint}</p>
      {children}
      <pre className="form-snippet" tabIndex={0} aria-label={title}>{code}</pre>
      <Button size="small" onClick={() => copy(code)}>{t('action.copy')}<span className="visually-hidden"> {title}</span></Button>
    </section>
  );
}

/** The code of an address to be printed: its edges are what scanners look for, so it is black on white in any theme. */
function Code({ address, name }: { address: string; name: string }) {
  const { t } = useTranslation();
  const [canvas, setCanvas] = useState<HTMLDivElement | null>(null);
  const save = () => {
    const link = document.createElement('a');
    link.href = canvas?.querySelector('canvas')?.toDataURL() ?? '';
    link.download = `${name}.png`;
    link.click();
  };
  return (
    <div className="row wrap form-code">
      <div ref={setCanvas}><QRCode value={address} size={160} type="canvas" color="#000" bgColor="#fff" errorLevel="M" aria-label={t('forms.code')} /></div>
      <Button size="small" onClick={save}>{t('forms.code_save')}</Button>
    </div>
  );
}

/** The page, by an address that says where it was put: a poster, an article, an advertisement. */
function PageAddress({ page, slug }: { page: string; slug: string }) {
  const { t } = useTranslation();
  const [utm, setUtm] = useState<Utm>({});
  const typed = useDeferredValue((utm.utm_campaign ?? '').trim());
  const named = typed ? { any: ['name', 'code'].map((field) => ({ field, op: 'contains', value: typed })) } as Condition : null;
  const campaigns = useRecords('campaigns', { sort: '-created_at', where: named });
  const known = (campaigns.data?.data ?? []).map((row) => ({ value: String(row.code || row.name), label: String(row.name) }));
  const address = addressWith(page, utm);
  const set = (name: keyof Utm) => (event: React.ChangeEvent<HTMLInputElement>) => setUtm({ ...utm, [name]: event.target.value });
  return (
    <Snippet title={t('forms.share_page')} hint={t('forms.share_page_hint')} code={address}>
      <div className="form-utm">
        <label><span className="small-text t2">{t('forms.utm_source')}</span><Input value={utm.utm_source} maxLength={60} placeholder={t('forms.utm_source_like')} onChange={set('utm_source')} /></label>
        <label><span className="small-text t2">{t('forms.utm_medium')}</span><Input value={utm.utm_medium} maxLength={60} placeholder={t('forms.utm_medium_like')} onChange={set('utm_medium')} /></label>
        <label><span className="small-text t2">{t('forms.utm_campaign')}</span>
          <AutoComplete aria-label={t('forms.utm_campaign')} className="full-width" value={utm.utm_campaign ?? ''} options={known} onChange={(value: string) => setUtm({ ...utm, utm_campaign: value.slice(0, 120) })} />
        </label>
      </div>
      <Code address={address} name={utm.utm_source ? `${slug}-${utm.utm_source}` : slug} />
    </Snippet>
  );
}

/** Which sites may frame the form: on others a browser leaves the place empty. */
function Sites() {
  const { t } = useTranslation();
  const may = useMay()('settings:manage');
  const { data } = useQuery({ queryKey: ['forms', 'overview'], queryFn: () => api.get<Overview>('/forms/overview') });
  if (!data) return null;
  const settings = may && <Link to="/settings/company">{t('forms.to_company')}</Link>;
  return data.sites
    ? <div className="row wrap dense"><span className="t2">{t('forms.sites', { sites: data.sites.split(' ').join(t('forms.between')) })}</span>{settings}</div>
    : <div className="notice warn"><p>{t(may ? 'forms.no_sites' : 'forms.no_sites_ask')}</p>{settings && <div className="row">{settings}</div>}</div>;
}

/** How the form gets to people: its own page, a place in a page of the site, by a program. */
export function Share({ slug, published }: { slug: string; published: boolean }) {
  const { t } = useTranslation();
  const root = location.origin;
  return (
    <div className="scroll-y forms-body form-share">
      {!published && <div className="notice warn"><p>{t('forms.share_unpublished')}</p></div>}
      <PageAddress page={`${root}/f/${slug}`} slug={slug} />
      <Snippet title={t('forms.share_script')} hint={t('forms.share_script_hint')} code={`<script src="${root}/f.js" data-form="${slug}" async></script>`}><Sites /></Snippet>
      <Snippet title={t('forms.share_frame')} hint={t('forms.share_frame_hint')} code={`<iframe src="${root}/f/${slug}?in=light" title="${slug}" style="width:100%;height:640px;border:0"></iframe>`} />
      <Snippet
        title={t('forms.share_api')} hint={t('forms.share_api_hint')}
        code={`curl -X POST ${root}/api/v1/public/forms/${slug}/submissions \\\n  -H 'Content-Type: application/json' \\\n  -d '{"values": {"name": "…", "phone": "…"}, "utm": {"utm_source": "…"}, "token": "…"}'`}
      />
    </div>
  );
}
