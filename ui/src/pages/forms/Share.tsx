import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { message } from '@/app/say';

function Snippet({ title, hint, code }: { title: string; hint: string; code: string }) {
  const { t } = useTranslation();
  const copy = async () => {
    await navigator.clipboard?.writeText(code);
    message.info(t('forms.copied'));
  };
  return (
    <section className="section">
      <div className="section-head"><h2>{title}</h2></div>
      <p className="t2 dense">{hint}</p>
      <pre className="form-snippet" tabIndex={0} aria-label={title}>{code}</pre>
      <Button size="small" onClick={() => void copy()}>{t('action.copy')}</Button>
    </section>
  );
}

/** How the form gets to people: its own page, a place in a page of the site, by a program. */
export function Share({ slug, published }: { slug: string; published: boolean }) {
  const { t } = useTranslation();
  const root = location.origin;
  return (
    <div className="scroll-y forms-body form-share">
      {!published && <div className="notice warn"><p>{t('forms.share_unpublished')}</p></div>}
      <Snippet title={t('forms.share_page')} hint={t('forms.share_page_hint')} code={`${root}/f/${slug}?utm_source=&utm_campaign=`} />
      <Snippet title={t('forms.share_script')} hint={t('forms.share_script_hint')} code={`<script src="${root}/f.js" data-form="${slug}" async></script>`} />
      <Snippet title={t('forms.share_frame')} hint={t('forms.share_frame_hint')} code={`<iframe src="${root}/f/${slug}?in=1" title="${slug}" style="width:100%;height:640px;border:0"></iframe>`} />
      <Snippet
        title={t('forms.share_api')} hint={t('forms.share_api_hint')}
        code={`curl -X POST ${root}/api/v1/public/forms/${slug}/submissions \\\n  -H 'Content-Type: application/json' \\\n  -d '{"values": {"name": "…", "phone": "…"}, "utm": {"utm_source": "…"}, "token": "…"}'`}
      />
    </div>
  );
}
