import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import {
  applyNodeChanges, Background, BackgroundVariant, Controls, MarkerType, MiniMap, ReactFlow, useReactFlow,
  type Connection, type Edge, type EdgeChange, type NodeChange, type OnBeforeDelete,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useTranslation } from 'react-i18next';
import { useDark, useSize } from '@/app/preferences';
import { useFormat } from '@/format/useFormat';
import { detailOf, nameOf, portName, type Words } from './describe';
import { freePlace, portsOf, withEdge, withNode, withoutEdge, withoutNode, type Graph } from './graph';
import { totalOf, type Figures, type Mark, type Replay } from './journey';
import { NodeCard, type CardNode } from './NodeCard';

const nodeKinds = { card: NodeCard };
export const dragType = 'application/x-journey-node';

interface Props {
  graph: Graph;
  words: Words;
  figures: Figures | undefined;
  marks: Mark[];
  replay: Replay | undefined;
  chosen: string | null;
  editable: boolean;
  onChange: (graph: Graph, key?: string) => void;
  onChoose: (id: string | null) => void;
}

/** A node that was just chosen or put there is in view, beside what lies over the canvas, also when it was added by the palette or by a key. */
function useBringIntoView(box: React.RefObject<HTMLDivElement | null>, chosen: string | null, graph: Graph) {
  const flow = useReactFlow();
  useEffect(() => {
    const node = graph.nodes.find(({ id }) => id === chosen);
    const frame = box.current?.getBoundingClientRect();
    if (!node || !frame) return;
    const side = box.current?.parentElement?.querySelector('.journey-side')?.getBoundingClientRect();
    const covered = side && side.left > frame.left ? Math.max(0, frame.right - side.left) : 0;
    const at = flow.flowToScreenPosition({ x: node.x, y: node.y });
    const zoom = flow.getZoom();
    const inside = at.x >= frame.left && at.y >= frame.top && at.x + 216 * zoom <= frame.right - covered && at.y + 90 * zoom <= frame.bottom;
    if (!inside) void flow.setCenter(node.x + 108 + covered / 2 / zoom, node.y + 45, { zoom });
  }, [chosen]);
}

/** The journey as it is drawn: nodes dragged, connected and chosen; everything goes through onChange. */
export function Canvas({ graph, words, figures, marks, replay, chosen, editable, onChange, onChoose }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const dark = useDark();
  const roomy = useSize() === 'wide';
  const flow = useReactFlow();
  const latest = useRef(graph);
  latest.current = graph;
  const [line, setLine] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useBringIntoView(box, chosen, graph);
  // Of a node and a line only one is chosen, so that Delete removes what was meant.
  useEffect(() => { if (chosen) setLine(null); }, [chosen]);
  const nodes = useMemo<CardNode[]>(() => graph.nodes.map((node) => ({
    id: node.id, type: 'card', position: { x: node.x, y: node.y }, selected: node.id === chosen, ariaLabel: nameOf(node, words),
    width: 216, initialHeight: 72,
    data: {
      node, name: nameOf(node, words), detail: detailOf(node, graph, words), here: figures?.here[node.id] ?? 0, came: totalOf(figures, node.id, 'in'),
      mail: figures?.mails[node.id], marks: marks.filter((mark) => mark.node === node.id).map(({ message }) => message),
      replayed: replay?.nodes[node.id], ports: portsOf(node),
    },
  })), [graph, words, figures, marks, replay, chosen]);
  const edges = useMemo<Edge[]>(() => graph.edges.map(({ from, port, to }) => {
    const node = graph.nodes.find(({ id }) => id === from);
    const passed = totalOf(figures, from, `port:${port}`);
    const name = node ? portName(node, port, words) : '';
    return {
      id: `${from}:${port}`, selected: line === `${from}:${port}`, source: from, sourceHandle: port, target: to, type: 'smoothstep', markerEnd: { type: MarkerType.ArrowClosed },
      label: name ? `${name}${passed > 0 ? ` ${format.count(passed)}` : ''}` : undefined,
    };
  }), [graph, words, figures, line]);

  const onEdgesChange = useCallback((changes: EdgeChange[]) => {
    const picked = changes.findLast((change) => change.type === 'select');
    if (picked?.type !== 'select') return;
    setLine((before) => (picked.selected ? picked.id : before === picked.id ? null : before));
    if (picked.selected) onChoose(null);
  }, [onChoose]);
  const onNodesChange = useCallback((changes: NodeChange<CardNode>[]) => {
    const picked = changes.find((change) => change.type === 'select' && change.selected);
    if (picked?.type === 'select') onChoose(picked.id);
    const moves = changes.filter((change) => change.type === 'position');
    if (moves.length === 0) return;
    const moved = applyNodeChanges(moves, nodes);
    const at = new Map(moved.map(({ id, position }) => [id, position]));
    const put = moves.length === 1 && moves[0]!.type === 'position' && moves[0]!.dragging === false ? moves[0]!.id : undefined;
    const dropped = put === undefined ? undefined : at.get(put);
    if (put && dropped) at.set(put, freePlace(moved.filter(({ id }) => id !== put).map(({ position }) => position), dropped));
    onChange({ ...latest.current, nodes: latest.current.nodes.map((node) => ({ ...node, x: Math.round(at.get(node.id)?.x ?? node.x), y: Math.round(at.get(node.id)?.y ?? node.y) })) }, `move ${moves[0]!.id}`);
  }, [nodes, onChange, onChoose]);
  // What goes together goes in one change, so that one undo brings all of it back.
  const onBeforeDelete = useCallback<OnBeforeDelete<CardNode>>(({ nodes: gone, edges: cut }) => {
    const ids = gone.map(({ id }) => id);
    const alone = cut.filter(({ source, target }) => !ids.includes(source) && !ids.includes(target));
    const kept = alone.reduce((next, { source, sourceHandle }) => withoutEdge(next, { from: source, port: sourceHandle ?? 'next' }), latest.current);
    onChange(ids.reduce(withoutNode, kept));
    if (ids.length > 0) onChoose(null);
    return Promise.resolve(false);
  }, [onChange, onChoose]);
  const onConnect = useCallback(({ source, sourceHandle, target }: Connection) => {
    onChange(withEdge(latest.current, { from: source, port: sourceHandle ?? 'next', to: target }));
  }, [onChange]);
  const onDrop = (event: React.DragEvent) => {
    const [kind, action] = event.dataTransfer.getData(dragType).split(' ');
    if (!kind) return;
    event.preventDefault();
    const { x, y } = flow.screenToFlowPosition({ x: event.clientX - 108, y: event.clientY - 20 });
    const next = withNode(latest.current, kind, { x: Math.round(x), y: Math.round(y) }, action);
    onChange(next);
    onChoose(next.nodes.at(-1)?.id ?? null);
  };
  return (
    <div className="journey-canvas" ref={box} onDrop={editable ? onDrop : undefined} onDragOver={(event) => event.preventDefault()}>
      <ReactFlow<CardNode>
        nodes={nodes} edges={edges} nodeTypes={nodeKinds} colorMode={dark ? 'dark' : 'light'} fitView fitViewOptions={{ maxZoom: 1, padding: 0.15 }} minZoom={0.2} maxZoom={1.5}
        nodesDraggable={editable} nodesConnectable={editable} edgesReconnectable={false} deleteKeyCode={editable ? ['Delete', 'Backspace'] : null}
        onNodesChange={onNodesChange} onEdgesChange={onEdgesChange} onBeforeDelete={onBeforeDelete} onConnect={onConnect}
        onNodeClick={(_, { id }) => onChoose(id)} onEdgeClick={() => onChoose(null)} onPaneClick={() => onChoose(null)}
        proOptions={{ hideAttribution: true }} aria-label={t('journeys.canvas')}
      >
        <Background variant={BackgroundVariant.Dots} gap={16} size={1} />
        <Controls showInteractive={false} position="bottom-left" aria-label={t('journeys.zoom')} />
        {roomy && <MiniMap style={{ width: 136, height: 96 }} pannable zoomable position="bottom-right" ariaLabel={t('journeys.minimap')} nodeColor="var(--line-3)" maskColor="transparent" />}
      </ReactFlow>
      {graph.nodes.length === 0 && <p className="journey-hint t2">{t(editable ? 'journeys.empty' : 'journeys.empty_read')}</p>}
    </div>
  );
}
