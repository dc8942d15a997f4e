import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { useTranslation } from 'react-i18next';
import { useRecord } from '@/api/records';
import { useFormat } from '@/format/useFormat';
import { Icon } from '@/part/Icon';
import { iconOf } from './describe';
import { portsOf, type GraphNode } from './graph';
import type { MailTotals } from './journey';

export interface CardData extends Record<string, unknown> {
  node: GraphNode;
  name: string;
  detail: string;
  here: number;
  came: number;
  mail: MailTotals | undefined;
  marks: string[];
  replayed: number | undefined;
  ports: string[];
}
export type CardNode = Node<CardData, 'card'>;

function Figures({ data }: { data: CardData }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { mail, here, came, node } = data;
  const rate = mail && mail.sent > 0 ? Math.round((100 * mail.opened) / mail.sent) : 0;
  return (
    <p className="journey-figures">
      {data.replayed !== undefined && <span>{t('journeys.would')} <b>{format.count(data.replayed)}</b></span>}
      {mail ? (
        <>
          <span>{t('journeys.sent')} <b>{format.count(mail.sent)}</b></span>
          <span>{t('journeys.opened')} <b>{rate}%</b></span>
          {mail.not_sent > 0 && <span className="acc">{t('journeys.not_sent')} {format.count(mail.not_sent)}</span>}
        </>
      ) : (
        <>
          {node.type === 'wait' && <span>{t('journeys.here')} <b>{format.count(here)}</b></span>}
          <span>{t(node.type === 'entry' ? 'journeys.entered' : node.type === 'goal' ? 'journeys.reached' : 'journeys.passed')} <b>{format.count(came)}</b></span>
        </>
      )}
    </p>
  );
}

/** The name of the mail a node sends. */
function useMailName({ config: { action, parameters } }: GraphNode): string {
  const { data } = useRecord('mail_templates', action === 'send_mail' && typeof parameters?.template_id === 'string' ? parameters.template_id : null);
  return String(data?.name ?? '');
}

/** A node on the canvas: what it is, what it waits for or sends, how many are there. */
export function NodeCard({ data, selected, isConnectable }: NodeProps<CardNode>) {
  const { node, name, marks } = data;
  const mail = useMailName(node);
  const detail = data.detail || mail;
  const ports = portsOf(node);
  const classes = ['journey-node', node.type, selected ? 'on' : '', marks.length > 0 ? 'wrong' : ''].filter(Boolean).join(' ');
  return (
    <div className={classes}>
      {node.type !== 'entry' && <Handle type="target" position={Position.Top} isConnectable={isConnectable} />}
      <p className="journey-name"><Icon name={iconOf(node)} size={14} /><b className="ellipsis">{name}</b></p>
      {detail && <p className="journey-detail ellipsis" title={detail}>{detail}</p>}
      {marks.length > 0 ? <p className="journey-figures bad">{marks[0]}</p> : <Figures data={data} />}
      {marks.length > 0 && <span className="journey-mark"><Icon name="alert" size={12} />{marks.length}</span>}
      {ports.map((port, index) => (
        <Handle key={port} id={port} type="source" position={Position.Bottom} isConnectable={isConnectable} style={{ left: `${((index + 1) * 100) / (ports.length + 1)}%` }} />
      ))}
    </div>
  );
}
