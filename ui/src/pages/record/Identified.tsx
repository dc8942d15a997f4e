import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { useFormat } from '@/format/useFormat';
import { useErrorText } from '@/part/ErrorNotice';
import { deviceNamed, identifiedBy, type VisitorLink } from '@/record/visitor';

function useJoins(person: RecordRow) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const change = async (id: string, verb: 'part' | 'rejoin') => {
    await api.post(`/visitor_links/${id}/${verb}`, {});
    await Promise.all([['visitor_links', person.id], ['timeline']].map((queryKey) => client.invalidateQueries({ queryKey })));
  };
  return useMutation({
    mutationFn: ({ id, verb }: { id: string; verb: 'part' | 'rejoin' }) => change(id, verb),
    onSuccess: (_, { id, verb }) => {
      if (verb === 'part') offerUndo(t('visitor.was_parted'), () => change(id, 'rejoin'));
    },
    onError: (error) => message.error(errorText(error)),
  });
}

/** Which browsers are this person's, how that is known, and the taking back of what is wrong. */
export function Identified({ person }: { person: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery({
    queryKey: ['visitor_links', person.id],
    queryFn: () => api.get<{ data: VisitorLink[] }>(`/people/${person.id}/visitor_links`),
  });
  const { mutate, isPending } = useJoins(person);
  const links = data?.data ?? [];
  const mayUpdate = person._rights?.update !== false;
  if (links.length === 0) return null;
  return (
    <section className="section">
      <div className="section-head"><h2>{t('visitor.title')}</h2></div>
      <ul className="related">
        {links.map((link) => (
          <li key={link.id} className={link.removed_at ? 't3' : undefined}>
            <div className="grow">
              <div>{t(identifiedBy(link.how))} · {t(deviceNamed(link.device))}</div>
              <div className="t3 small-text">
                {link.removed_at ? t('visitor.parted', { at: format.instant(link.removed_at) }) : t(link.whole ? 'visitor.whole' : 'visitor.since', { at: format.instant(link.at) })}
              </div>
            </div>
            {mayUpdate && (
              <button type="button" className="link small-text" disabled={isPending} onClick={() => mutate({ id: link.id, verb: link.removed_at ? 'rejoin' : 'part' })}>
                {t(link.removed_at ? 'visitor.rejoin' : 'visitor.part')}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
